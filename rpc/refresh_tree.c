/* refresh_tree: a Refresh compares what the device tells with what is stored, and writes what differs.
 * Only this session writes the device's parameters while its epoch lasts, so what was read once stays true. */
#include "rpc/refresh_tree.h"

#include <string.h>

#include "db/tree.h"
#include "rpc/inform_known.h"

/* Held rows: as many as fit into one statement of moderate size. */
enum { HELD_MAX = 2000, HELD_BYTES_MAX = 512 * 1024 };

enum name_status {
	NAME_UNCOMPARED, /* whether it is stored is not known: the database compares */
	NAME_NEW,        /* not stored */
	NAME_STORED,
};

/* What is stored of a name that was told. */
struct name_state {
	enum name_status status;
	int64_t path_id;          /* of a stored one */
	uint64_t value, type;     /* hashes */
	size_t held;              /* its place among the held ones, from 1 */
	bool is_listed, writable; /* as stored */
};

struct refresh_tree {
	struct name_state *states; /* of r->names */
	uint32_t *slots;           /* places in r->names, from 1, by hash; a power of 2 */
	size_t slot_count;
	enum parameters_unlisted unlisted;
	size_t reading; /* its result in the question, from 1; 0: none under way */
	struct tree_change *held;
	size_t held_count, held_room, held_bytes;
	int64_t *gone;
	size_t gone_count;
};

static uint64_t hash_of(const char *text)
{
	return inform_hash_text(0, text);
}

/* Where name is, or where it belongs. */
static uint32_t *slot_of(const struct refresh *r, const char *name)
{
	const struct refresh_tree *tree = r->tree;
	size_t at = hash_of(name) & (tree->slot_count - 1);
	while (tree->slots[at] && strcmp(r->names[tree->slots[at] - 1].name, name) != 0)
		at = (at + 1) & (tree->slot_count - 1);
	return &tree->slots[at];
}

/* Names that were told twice count once, as they were told last. */
static void index_names(struct rpc_task *task, struct refresh *r)
{
	struct refresh_tree *tree = r->tree;
	const size_t told = r->name_count;
	for (tree->slot_count = 64; tree->slot_count < 2 * told;)
		tree->slot_count *= 2;
	tree->slots = arena_array(task->arena, tree->slot_count, sizeof(*tree->slots));
	tree->states = arena_array(task->arena, told, sizeof(*tree->states));
	r->name_count = 0;
	for (size_t i = 0; i < told; i++) {
		uint32_t *slot = slot_of(r, r->names[i].name);
		if (!*slot)
			*slot = (uint32_t)++r->name_count;
		r->names[*slot - 1] = r->names[i];
	}
}

void refresh_tree_ask(
	struct rpc_turn *turn, struct rpc_task *task, enum parameters_unlisted unlisted)
{
	struct refresh *r = task->progress;
	struct refresh_tree *tree = r->tree = ARENA_NEW(task->arena, struct refresh_tree);
	tree->unlisted = unlisted;
	index_names(task, r);
	tree_read(&turn->question, turn->session->device_id, r->path, r->name_count);
	tree->reading = turn->question.count;
}

/* Holding. */

static struct tree_change *hold(struct rpc_task *task, struct refresh *r, size_t name)
{
	struct refresh_tree *tree = r->tree;
	struct name_state *state = &tree->states[name];
	if (!state->held) {
		tree->held = refresh_grown(task->arena, tree->held, tree->held_count,
			&tree->held_room, sizeof(*tree->held));
		state->held = ++tree->held_count;
		tree->held[state->held - 1] = (struct tree_change){ .path_id = state->path_id,
			.name = r->names[name].name,
			.writable = r->names[name].writable };
	}
	return &tree->held[state->held - 1];
}

/* Types are static texts, as decoding normalises them. */
static void hold_value(
	struct rpc_task *task, struct refresh *r, size_t name, const char *value, const char *type)
{
	struct tree_change *change = hold(task, r, name);
	change->value = arena_strdup(task->arena, value);
	change->type = type;
	r->tree->held_bytes += strlen(value);
}

/* Learning what is stored. */

static void learn_row(struct refresh *r, const struct tree_row *row)
{
	struct refresh_tree *tree = r->tree;
	const uint32_t place = *slot_of(r, row->name);
	if (place)
		tree->states[place - 1] = (struct name_state){
			.status = NAME_STORED,
			.path_id = row->path_id,
			.value = hash_of(row->value),
			.type = hash_of(row->type),
			.is_listed = row->is_listed,
			.writable = row->writable,
		};
	else if (tree->unlisted == UNLISTED_GO ||
		 (tree->unlisted == UNLISTED_GO_IF_ONCE_LISTED && row->is_listed))
		tree->gone[tree->gone_count++] = row->path_id;
}

/* Parameters that are new wait for their values. */
static void hold_names(struct rpc_turn *turn, struct rpc_task *task, struct refresh *r)
{
	for (size_t i = 0; i < r->name_count; i++) {
		struct name_state *state = &r->tree->states[i];
		const struct cwmp_name *told = &r->names[i];
		if (state->status == NAME_STORED) {
			if (!state->is_listed || state->writable != told->writable)
				hold(task, r, i);
		} else if (store_takes_name(turn, told->name, i)) {
			state->status = NAME_NEW;
			if (cwmp_path_is_partial(told->name))
				hold(task, r, i);
		}
	}
}

void refresh_tree_learn(
	struct rpc_turn *turn, struct rpc_task *task, const struct db_answer *answer)
{
	struct refresh *r = task->progress;
	struct refresh_tree *tree = r ? r->tree : NULL;
	if (!tree || !tree->reading)
		return;
	const struct db_rows *rows = answer->results[tree->reading - 1];
	const size_t count = db_row_count(rows);
	tree->reading = 0;
	tree->gone = arena_array(task->arena, count, sizeof(*tree->gone));
	for (size_t i = 0; i < count; i++) {
		const struct tree_row row = tree_row(rows, i);
		learn_row(r, &row);
	}
	hold_names(turn, task, r);
}

/* Values. */

/* From what is stored, or held by a value of the same name that was told before. */
static bool differs(const struct refresh_tree *tree, const struct name_state *state,
	const char *value, const char *type)
{
	return state->status == NAME_NEW || state->value != hash_of(value) ||
	       (type && state->type != hash_of(type)) ||
	       (state->held && tree->held[state->held - 1].value);
}

/* False: the database has to compare. */
static bool compare(
	struct rpc_turn *turn, struct rpc_task *task, const struct cwmp_value *told)
{
	struct refresh *r = task->progress;
	const uint32_t place = r->tree ? *slot_of(r, told->name) : 0;
	const struct name_state *state = place ? &r->tree->states[place - 1] : NULL;
	if (!state || state->status == NAME_UNCOMPARED)
		return false;
	const char *value = store_value_to_keep(turn, told);
	if (differs(r->tree, state, value, told->type))
		hold_value(task, r, place - 1, value, told->type);
	return true;
}

void refresh_tree_values(
	struct rpc_turn *turn, struct rpc_task *task, const struct cwmp_values *values)
{
	struct cwmp_values others = { .items = arena_array(
					      turn->arena, values->count, sizeof(*values->items)) };
	for (size_t i = 0; i < values->count; i++)
		if (!compare(turn, task, &values->items[i]))
			others.items[others.count++] = values->items[i];
	store_values(turn, &others, TELLER_ANSWER);
}

/* Writing. */

/* What was written is not compared any more: a device that tells it again is rare. */
static void forget_held(struct refresh *r)
{
	struct refresh_tree *tree = r->tree;
	for (size_t i = 0; i < r->name_count; i++)
		if (tree->states[i].held)
			tree->states[i] = (struct name_state){ .status = NAME_UNCOMPARED };
	tree->held_count = tree->held_bytes = tree->gone_count = 0;
}

static void write_held(struct rpc_turn *turn, struct refresh *r)
{
	struct refresh_tree *tree = r->tree;
	const int64_t device_id = turn->session->device_id;
	tree_forget(&turn->question, device_id, tree->gone, tree->gone_count);
	tree_store(
		&turn->question, device_id, tree->held, tree->held_count, &turn->settings->limits);
	forget_held(r);
}

void refresh_tree_write_many(struct rpc_turn *turn, struct rpc_task *task)
{
	struct refresh *r = task->progress;
	const struct refresh_tree *tree = r->tree;
	if (tree && (tree->held_count >= HELD_MAX || tree->held_bytes >= HELD_BYTES_MAX))
		write_held(turn, r);
}

void refresh_tree_end(struct rpc_turn *turn, struct rpc_task *task)
{
	struct refresh *r = task->progress;
	const struct cwmp_names all = { .items = r->names, .count = r->name_count };
	if (!r->tree)
		return;
	if (r->tree->reading) {
		store_names(turn, r->path, &all, r->tree->unlisted);
		return;
	}
	for (size_t i = 0; i < r->name_count; i++)
		if (r->tree->states[i].status == NAME_NEW)
			hold(task, r, i);
	write_held(turn, r);
}
