/* misbehave_methods: devices that take a method, or its arguments, otherwise than TR-069 says.
 * Each mode looks at the request before it is executed, or at the answer before it is sent. */
#include <string.h>

#include "cpe/model/datamodel.h"
#include "cpe/misbehave/mode.h"
#include "cwmp/cwmp.h"

static bool is_asked(const struct misbehave_turn *turn, enum cwmp_method method)
{
	return turn->request.kind == CWMP_REQUEST && turn->request.method == method;
}

static bool is_answered(const struct misbehave_turn *turn, enum cwmp_method method)
{
	return is_asked(turn, method) && !turn->fault;
}

/* GetParameterNames */

static void refuse_empty_path(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_NAMES) &&
		!*turn->request.request.get_parameter_names.path)
		turn->fault = 9005;
}

static void skip_deep_names(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_NAMES) &&
		!turn->request.request.get_parameter_names.next_level)
		turn->act = MISBEHAVE_EMPTY;
}

static void refuse_level_names(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_NAMES) &&
		turn->request.request.get_parameter_names.next_level)
		turn->fault = 9002;
}

static void ignore_next_level(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_NAMES))
		turn->request.request.get_parameter_names.next_level = false;
}

/* Appends a name to a GetParameterNamesResponse. */
static void add_name(struct misbehave_turn *turn, const char *name)
{
	struct cwmp_names *names = &turn->answer.response.names;
	struct cwmp_name *items = arena_array(turn->arena, names->count + 1, sizeof(*items));
	memcpy(items, names->items, names->count * sizeof(*items));
	items[names->count] = (struct cwmp_name){ .name = name };
	names->items = items;
	names->count++;
}

/* Reading the name faults 9005, as the tree has none of that kind. */
static void list_ghost(struct misbehave_turn *turn)
{
	const char *path = turn->request.request.get_parameter_names.path;
	if (is_answered(turn, CWMP_GET_PARAMETER_NAMES) && cwmp_path_is_partial(path))
		add_name(turn, arena_printf(turn->arena, "%sX_Ghost", path));
}

static void list_passing_row(struct misbehave_turn *turn)
{
	const char *path = turn->request.request.get_parameter_names.path;
	if (!is_answered(turn, CWMP_GET_PARAMETER_NAMES) || !cwmp_path_is_partial(path))
		return;
	add_name(turn, arena_printf(turn->arena, "%sX_Guest.%u.", path, turn->number));
	add_name(turn, arena_printf(turn->arena, "%sX_Guest.%u.Address", path, turn->number));
}

static void list_read_only(struct misbehave_turn *turn)
{
	struct cwmp_names *names = &turn->answer.response.names;
	for (size_t i = 0; is_answered(turn, CWMP_GET_PARAMETER_NAMES) && i < names->count; i++)
		names->items[i].writable = false;
}

static void omit_objects(struct misbehave_turn *turn)
{
	struct cwmp_names *names = &turn->answer.response.names;
	size_t kept = 0;
	if (!is_answered(turn, CWMP_GET_PARAMETER_NAMES) ||
		turn->request.request.get_parameter_names.next_level)
		return;
	for (size_t i = 0; i < names->count; i++)
		if (!cwmp_path_is_partial(names->items[i].name))
			names->items[kept++] = names->items[i];
	names->count = kept;
}

static void leave_out_name(struct misbehave_turn *turn)
{
	struct cwmp_names *names = &turn->answer.response.names;
	size_t kept = 0;
	if (!is_answered(turn, CWMP_GET_PARAMETER_NAMES))
		return;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i].name, turn->choice->text) != 0)
			names->items[kept++] = names->items[i];
	names->count = kept;
}

/* GetParameterValues */

static void limit_names(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_VALUES) &&
		turn->request.request.parameter_names.count > turn->choice->number)
		turn->fault = 9002;
}

static void crash_on_names(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_VALUES) &&
		turn->request.request.parameter_names.count > turn->choice->number)
		turn->act = MISBEHAVE_DROP;
}

static void limit_values(struct misbehave_turn *turn)
{
	if (is_answered(turn, CWMP_GET_PARAMETER_VALUES) &&
		turn->answer.response.values.count > turn->choice->number)
		turn->fault = 9004;
}

static void refuse_bad_name(struct misbehave_turn *turn)
{
	const struct cwmp_strings *names = &turn->request.request.parameter_names;
	if (!is_asked(turn, CWMP_GET_PARAMETER_VALUES))
		return;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], turn->choice->text) == 0)
			turn->fault = 9005;
}

/* A partial path passes a bad name over in silence. */
static void leave_out_bad_name(struct misbehave_turn *turn)
{
	struct cwmp_values *values = &turn->answer.response.values;
	size_t kept = 0;
	if (!is_answered(turn, CWMP_GET_PARAMETER_VALUES))
		return;
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->items[i].name, turn->choice->text) != 0)
			values->items[kept++] = values->items[i];
	values->count = kept;
}

/* How many of the names asked for the tree has; *known gets them, from the arena. */
static size_t known_names(const struct misbehave_turn *turn, struct cwmp_strings *known)
{
	const struct cwmp_strings *names = &turn->request.request.parameter_names;
	*known = (struct cwmp_strings){ 0 };
	known->items = arena_array(turn->arena, names->count, sizeof(*known->items));
	for (size_t i = 0; i < names->count; i++)
		if (datamodel_find(turn->model, names->items[i]))
			known->items[known->count++] = names->items[i];
	return known->count;
}

static bool has_unknown_name(const struct misbehave_turn *turn)
{
	struct cwmp_strings known;
	return is_asked(turn, CWMP_GET_PARAMETER_VALUES) &&
	       known_names(turn, &known) < turn->request.request.parameter_names.count;
}

static void read_known_names(struct misbehave_turn *turn)
{
	struct cwmp_strings known;
	if (is_asked(turn, CWMP_GET_PARAMETER_VALUES) && known_names(turn, &known) > 0)
		turn->request.request.parameter_names = known;
}

static void answer_empty_list(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_GET_PARAMETER_VALUES) && turn->fault == 9005) {
		turn->answer.response.values = (struct cwmp_values){ 0 };
		turn->fault = 0;
	}
}

static void crash_on_unknown(struct misbehave_turn *turn)
{
	if (has_unknown_name(turn))
		turn->act = MISBEHAVE_DROP;
}

/* A partial path is answered by the path itself, without a value. */
static void echo_paths(struct misbehave_turn *turn)
{
	const struct cwmp_strings *names = &turn->request.request.parameter_names;
	struct cwmp_values *values = &turn->answer.response.values;
	if (!is_answered(turn, CWMP_GET_PARAMETER_VALUES) || names->count != 1 ||
		!cwmp_path_is_partial(names->items[0]))
		return;
	values->items[0] = (struct cwmp_value){ .name = names->items[0], .value = "" };
	values->count = 1;
}

/* SetParameterValues */

static bool sets_boolean_as(const struct misbehave_turn *turn, const char *no, const char *yes)
{
	const struct cwmp_values *values = &turn->request.request.set_parameter_values.parameters;
	if (!is_asked(turn, CWMP_SET_PARAMETER_VALUES))
		return false;
	for (size_t i = 0; i < values->count; i++) {
		const struct node *node = datamodel_find(turn->model, values->items[i].name);
		const char *value = values->items[i].value;
		if (node && !node->is_object && strcmp(node->type, "xsd:boolean") == 0 &&
			(strcmp(value, no) == 0 || strcmp(value, yes) == 0))
			return true;
	}
	return false;
}

static void want_digits(struct misbehave_turn *turn)
{
	if (sets_boolean_as(turn, "false", "true"))
		turn->fault = 9007;
}

static void want_words(struct misbehave_turn *turn)
{
	if (sets_boolean_as(turn, "0", "1"))
		turn->fault = 9007;
}

static void answer_status_1(struct misbehave_turn *turn)
{
	if (is_answered(turn, CWMP_SET_PARAMETER_VALUES))
		turn->answer.response.status = 1;
}

/* Any method */

static void lack_method(struct misbehave_turn *turn)
{
	if (turn->request.method_name && strcmp(turn->request.method_name, turn->choice->text) == 0)
		turn->fault = 9000;
}

static void hide_method(struct misbehave_turn *turn)
{
	struct cwmp_strings *methods = &turn->answer.response.methods;
	size_t kept = 0;
	if (!is_answered(turn, CWMP_GET_RPC_METHODS))
		return;
	for (size_t i = 0; i < methods->count; i++)
		if (strcmp(methods->items[i], turn->choice->text) != 0)
			methods->items[kept++] = methods->items[i];
	methods->count = kept;
}

static void crash_on_method(struct misbehave_turn *turn)
{
	if (turn->request.method_name && strcmp(turn->request.method_name, turn->choice->text) == 0)
		turn->act = MISBEHAVE_DROP;
}

/* The windows of a ScheduleDownload, looked for in a plain Download. */
static void want_window(struct misbehave_turn *turn)
{
	if (is_asked(turn, CWMP_DOWNLOAD) && turn->number_in_session <= turn->choice->number)
		turn->fault = 9017;
}

static const struct misbehave_mode modes[] = {
	{ "refuse-empty-path", "faults 9005 on an empty ParameterPath", "Sagemcom F@st 2764",
		.on_request = refuse_empty_path },
	{ "no-deep-names", "posts nothing when asked for all names at once", "Yeacomm P11",
		.on_request = skip_deep_names },
	{ "bad-level-names", "faults 9002 when asked for the names of one level", "Zhone ZNID",
		.on_request = refuse_level_names },
	{ "full-tree-levels", "gives all names when asked for one level", "honeyclient",
		.on_request = ignore_next_level },
	{ "ghost-name", "lists a name and faults 9005 on reading it", "SimulaTR69, ZTE",
		.on_answer = list_ghost },
	{ "unlisted", "leaves the name TEXT out of names, though it can be read", "ZTE", MODE_TEXT,
		.on_answer = leave_out_name },
	{ "passing-rows", "lists in each answer a row that is gone at the next", "host tables",
		.on_answer = list_passing_row },
	{ "read-only-names", "says of every name that it is not writable", "several",
		.on_answer = list_read_only },
	{ "no-objects", "leaves objects out of the names of a tree", "several",
		.on_answer = omit_objects },
	{ "names-limit", "faults 9002 on reading more than N names", "Grandstream", MODE_NUMBER,
		.on_request = limit_names },
	{ "crash-on-names", "hangs up on being asked for more than N names", "several", MODE_NUMBER,
		.on_request = crash_on_names },
	{ "gpv-limit", "faults 9004 on reading more than N values", "Cisco 867VAE", MODE_NUMBER,
		.on_answer = limit_values },
	{ "bad-name", "faults 9005 on reading the name TEXT", "SimulaTR69", MODE_TEXT,
		.on_request = refuse_bad_name, .on_answer = leave_out_bad_name },
	{ "unknown-skipped", "leaves unknown names out of the values", "honeyclient, cwmp-sim",
		.on_request = read_known_names },
	{ "unknown-empty", "gives no values when a name is unknown", "netcwmp, cwmp-sim",
		.on_answer = answer_empty_list },
	{ "unknown-crash", "hangs up when a name is unknown", "genieacs-sim",
		.on_request = crash_on_unknown },
	{ "echo-path", "answers a partial path by the path, without values", "netcwmp",
		.on_answer = echo_paths },
	{ "boolean-digits", "faults 9007 on true and false", "TP-Link TD-W9970",
		.on_request = want_digits },
	{ "boolean-words", "faults 9007 on 1 and 0", "several", .on_request = want_words },
	{ "set-status-1", "answers SetParameterValues with Status 1", "easycwmp, tr069tc",
		.on_answer = answer_status_1 },
	{ "method-missing", "faults 9000 on the method TEXT and does not list it", "genieacs-sim",
		MODE_TEXT, .on_request = lack_method, .on_answer = hide_method },
	{ "crash-on-method", "hangs up on the method TEXT", "anlix", MODE_TEXT,
		.on_request = crash_on_method },
	{ "no-window", "faults 9017 on a Download among the first N requests of a session",
		"genieacs#325", MODE_NUMBER, .on_request = want_window },
};

const struct misbehave_group misbehave_methods_group = { "methods", modes, LENGTH_OF(modes) };
