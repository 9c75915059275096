/* refresh: learns names and values of a device's tree, in portions that the device can bear.
 * First the names (GetParameterNames of the whole tree; level by level where that is too much), then the
 * values in batches. A batch that is refused is split until the culprit stands alone. */
#include "rpc/refresh_tree.h"

#include <string.h>

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "path", NULL };
	if (!arguments_known(arena, arguments, fields, why) ||
		!argument_text(arena, arguments, "path", CWMP_NAME_MAX, false, why))
		return false;
	const char *path = argument(arguments, "path");
	if (!*path || (cwmp_path_is_valid(path) && cwmp_path_is_partial(path)))
		return true;
	*why = "path: must be an object's path, ending in '.'";
	return false;
}

static void begin_levels(struct rpc_task *task, struct refresh *r)
{
	r->by_level = true;
	refresh_push_object(task, r, r->path);
}

/* As much as is configured or the device's quirks tell, and no more than it was seen to bear. */
static unsigned batch_size(const struct rpc_turn *turn, const struct rpc_task *task)
{
	const unsigned quirk = turn->session->quirks.names_per_request;
	const unsigned most = quirk ? quirk : turn->settings->refresh_batch;
	return task->refresh_batch && task->refresh_batch < most ? task->refresh_batch : most;
}

static struct refresh *begin(struct rpc_turn *turn, struct rpc_task *task)
{
	struct refresh *r = ARENA_NEW(task->arena, struct refresh);
	r->path = argument(task->arguments, "path");
	if (!*r->path)
		r->path = task->root ? task->root : "";
	r->batch = batch_size(turn, task);
	/* Freed with the arguments that it becomes a part of. */
	json_object_set_new(task->arguments, "skipped", json_array());
	r->skipped = json_object_get(task->arguments, "skipped");
	if (task->saved && refresh_load(task, r, task->saved))
		return r;
	if (turn->session->quirks.names == NAMES_BY_LEVELS)
		begin_levels(task, r);
	return r;
}

static void ask_names(struct rpc_turn *turn, const struct refresh *r)
{
	turn->out.method = CWMP_GET_PARAMETER_NAMES;
	turn->out.request.get_parameter_names = (struct cwmp_get_parameter_names){
		.path = r->by_level ? r->objects[r->object_count - 1] : r->path,
		.next_level = r->by_level,
	};
}

static void ask_values(struct rpc_turn *turn, struct refresh *r)
{
	const struct range *next = &r->todo[r->todo_count - 1];
	struct cwmp_strings *names = &turn->out.request.parameter_names;
	r->asked = next->end - next->first;
	if (r->asked > r->batch)
		r->asked = r->batch;
	turn->out.method = CWMP_GET_PARAMETER_VALUES;
	names->count = r->asked;
	names->items = arena_array(turn->arena, r->asked, sizeof(*names->items));
	for (size_t i = 0; i < r->asked; i++)
		names->items[i] = r->names[r->parameters[next->first + i]].name;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	if (!task->progress)
		task->progress = begin(turn, task);
	struct refresh *r = task->progress;
	if (!*r->path) {
		*why = "path: the device's root object is not known, name it";
		return false;
	}
	if (r->has_names)
		ask_values(turn, r);
	else
		ask_names(turn, r);
	return true;
}

/* Does the answer to NextLevel hold more than one level below path? Some devices tell the whole
 * tree. */
static bool is_whole_tree(const char *path, const struct cwmp_names *told)
{
	const size_t length = strlen(path);
	for (size_t i = 0; i < told->count; i++) {
		const char *name = told->items[i].name;
		if (strncmp(name, path, length) != 0)
			continue;
		const char *dot = strchr(name + length, '.');
		if (dot && dot[1])
			return true;
	}
	return false;
}

/* An object below path, whose own level is still to be asked. */
static bool is_to_be_asked(const char *path, const char *name)
{
	const size_t length = strlen(path);
	return cwmp_path_is_partial(name) && strncmp(name, path, length) == 0 && name[length];
}

static void add_names(struct rpc_turn *turn, struct rpc_task *task, const struct cwmp_names *told)
{
	struct refresh *r = task->progress;
	const char *path = r->by_level ? r->objects[--r->object_count] : r->path;
	const bool goes_deeper = r->by_level && !is_whole_tree(path, told);
	for (size_t i = 0; i < told->count && r->name_count < turn->settings->limits.of_device;
		i++) {
		const char *name = arena_strdup(task->arena, told->items[i].name);
		refresh_add_name(task, r, name, told->items[i].writable);
		if (goes_deeper && is_to_be_asked(path, name))
			refresh_push_object(task, r, name);
	}
}

/* Of objects that were skipped nothing was told, so what is known of them stays. */
static enum parameters_unlisted unlisted_ones(const struct rpc_turn *turn, const struct refresh *r)
{
	if (json_array_size(r->skipped) > 0)
		return UNLISTED_STAY;
	return turn->session->quirks.names_incomplete ? UNLISTED_GO_IF_ONCE_LISTED : UNLISTED_GO;
}

/* All names are known: what is stored of them is read, and reading the values begins. */
static void end_names(struct rpc_turn *turn, struct rpc_task *task)
{
	struct refresh *r = task->progress;
	r->told = r->name_count;
	refresh_tree_ask(turn, task, unlisted_ones(turn, r));
	refresh_find_parameters(task, r);
	if (r->parameter_count)
		refresh_push_range(task, r, 0, r->parameter_count);
}

static void finish_if_done(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	struct refresh *r = task->progress;
	if (!r->has_names || r->todo_count) {
		end->outcome = TASK_MORE;
		refresh_tree_write_many(turn, task);
		return;
	}
	refresh_tree_end(turn, task);
	end->outcome = TASK_DONE;
	end->result = json_pack("{s:I, s:I, s:O}", "names", (json_int_t)r->told, "values",
		(json_int_t)r->values, "skipped", r->skipped);
}

/* The request under way is settled: what it asked for is taken off the stack. */
static void advance(struct refresh *r)
{
	struct range *top = &r->todo[r->todo_count - 1];
	top->first += r->asked;
	if (top->first == top->end)
		r->todo_count--;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	struct refresh *r = task->progress;
	if (r->has_names) {
		refresh_tree_values(turn, task, &turn->in->response.values);
		r->values += turn->in->response.values.count;
		advance(r);
	} else {
		add_names(turn, task, &turn->in->response.names);
		if (!r->by_level || r->object_count == 0)
			end_names(turn, task);
	}
	finish_if_done(turn, task, end);
}

static void skip(struct refresh *r, const char *name)
{
	json_array_append_new(r->skipped, json_string(name));
}

static void names_fault(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	struct refresh *r = task->progress;
	if (r->by_level && r->name_count == 0)
		return; /* the first object of all: there is no tree to go on with */
	if (r->by_level) {
		/* One object that the device names and then does not know is not worth the whole tree. */
		skip(r, r->objects[--r->object_count]);
		if (r->object_count == 0)
			end_names(turn, task);
		finish_if_done(turn, task, end);
	} else if (turn->in->fault.code != 9005 && turn->session->quirks.names != NAMES_WHOLE) {
		begin_levels(task, r);
		end->outcome = TASK_MORE;
	}
}

static void values_fault(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	struct refresh *r = task->progress;
	const struct range asked = r->todo[r->todo_count - 1];
	const size_t half = r->asked / 2;
	if (r->asked == 1) {
		skip(r, r->names[r->parameters[asked.first]].name);
		advance(r);
	} else if (turn->in->fault.code == 9004) {
		r->batch = (unsigned)half;
		devices_set_refresh_batch(&turn->question, turn->session->device_id, r->batch);
	} else {
		const size_t end_asked = asked.first + r->asked;
		advance(r);
		refresh_push_range(task, r, asked.first + half, end_asked);
		refresh_push_range(task, r, asked.first, asked.first + half);
	}
	finish_if_done(turn, task, end);
}

/* Without the method itself there is nothing to halve or to skip. */
enum { METHOD_NOT_SUPPORTED = 9000 };

static void on_fault(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	const struct refresh *r = task->progress;
	if (turn->in->fault.code == METHOD_NOT_SUPPORTED)
		refresh_tree_end(turn, task);
	else if (r->has_names)
		values_fault(turn, task, end);
	else
		names_fault(turn, task, end);
}

/* A device that broke off over a batch gets a smaller one next time. */
static bool on_lost(
	struct rpc_session *session, struct rpc_task *task, struct db_question *question)
{
	const struct refresh *r = task->progress;
	if (!r || !r->has_names || r->asked < 2)
		return false;
	devices_set_refresh_batch(question, session->device_id, (unsigned)(r->asked / 2));
	return true;
}

static json_t *save(struct rpc_turn *turn, struct rpc_task *task)
{
	refresh_tree_end(turn, task);
	return refresh_save(task->progress);
}

const struct rpc_task_method refresh_task = {
	.name = "Refresh",
	.check = check,
	.request = request,
	.respond = respond,
	.learn = refresh_tree_learn,
	.on_fault = on_fault,
	.on_lost = on_lost,
	.save = save,
};
