/* change_du_state: installs, updates and removes software modules (TR-069 A.4.1.10).
 * The response says only that the device will try; DUStateChangeComplete tells how each operation went. */
#include "rpc/transfer.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

enum { OPERATIONS_MAX = 16, VERSION_MAX = 32, REFERENCE_MAX = 256 };

/* What an operation may say, as its struct in the schema has it. */
static const struct operation {
	const char *name;
	enum cwmp_du_operation_kind kind;
	const char *required; /* or NULL */
	const char *fields[8];
} operations[] = {
	{ "Install", CWMP_DU_INSTALL, "url",
		{ "operation", "url", "uuid", "username", "password", "execution_env_ref" } },
	{ "Update", CWMP_DU_UPDATE, NULL,
		{ "operation", "url", "uuid", "username", "password", "version" } },
	{ "Uninstall", CWMP_DU_UNINSTALL, "uuid",
		{ "operation", "uuid", "version", "execution_env_ref" } },
};

static const struct {
	const char *name;
	size_t max;
} texts[] = {
	{ "url", CWMP_LONG_URL_MAX },
	{ "uuid", 36 },
	{ "username", 256 },
	{ "password", 256 },
	{ "version", VERSION_MAX },
	{ "execution_env_ref", REFERENCE_MAX },
};

static const struct operation *find_operation(const json_t *item)
{
	for (size_t i = 0; i < LENGTH_OF(operations); i++)
		if (strcmp(operations[i].name, argument(item, "operation")) == 0)
			return &operations[i];
	return NULL;
}

static bool is_uuid(const char *text)
{
	static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	if (strlen(text) != strlen(form))
		return false;
	for (size_t i = 0; form[i]; i++)
		if (form[i] == 'x' ? !isxdigit((unsigned char)text[i]) : text[i] != '-')
			return false;
	return true;
}

static bool check_operation(struct arena *arena, const json_t *item, const char **why)
{
	const struct operation *operation = find_operation(item);
	if (!operation) {
		*why = "operation: must be Install, Update or Uninstall";
		return false;
	}
	if (!arguments_known(arena, item, operation->fields, why))
		return false;
	for (size_t i = 0; i < LENGTH_OF(texts); i++) {
		const bool is_required = operation->required &&
					 strcmp(operation->required, texts[i].name) == 0;
		if (!argument_text(arena, item, texts[i].name, texts[i].max, is_required, why))
			return false;
	}
	if (*argument(item, "url") && !transfer_check_url(arena, item, CWMP_LONG_URL_MAX, why))
		return false;
	if (!*argument(item, "uuid") || is_uuid(argument(item, "uuid")))
		return true;
	*why = "uuid: must have the form 01234567-89ab-cdef-0123-456789abcdef";
	return false;
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "operations", NULL };
	return arguments_known(arena, arguments, fields, why) &&
	       argument_list(arena, arguments, "operations", OPERATIONS_MAX, why) &&
	       argument_items(arena, arguments, "operations", check_operation, why);
}

static struct cwmp_du_operation read_operation(const json_t *item)
{
	const struct operation *operation = find_operation(item);
	assert(operation); /* check_operation saw it */
	return (struct cwmp_du_operation){
		.kind = operation->kind,
		.url = argument(item, "url"),
		.uuid = argument(item, "uuid"),
		.username = argument(item, "username"),
		.password = argument(item, "password"),
		.version = argument(item, "version"),
		.execution_env_ref = argument(item, "execution_env_ref"),
	};
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const json_t *list = json_object_get(task->arguments, "operations");
	struct cwmp_change_du_state *out = &turn->out.request.change_du_state;
	(void)why;
	*out = (struct cwmp_change_du_state){
		.operations = arena_array(
			turn->arena, json_array_size(list), sizeof(*out->operations)),
		.count = json_array_size(list),
		.command_key = task->command_key,
	};
	for (size_t i = 0; i < out->count; i++)
		out->operations[i] = read_operation(json_array_get(list, i));
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)turn, (void)task;
	end->outcome = TASK_AWAITS_TRANSFER;
}

const struct rpc_task_method change_du_state_task = {
	.name = "ChangeDUState",
	.method = CWMP_CHANGE_DU_STATE,
	.check = check,
	.request = request,
	.respond = respond,
};
