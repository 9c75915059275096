/* vendor: methods of a vendor's own, "X_ACME_Foo", passed through as they are (TR-069 3.4.4).
 * Nothing is known of them, so none is ever sent again by itself. */
#include "rpc/method.h"

#include <ctype.h>
#include <string.h>

#include "rpc/secrets.h"

enum { NAME_MAX_BYTES = 64 };

/* An XML name without colon, of the characters that vendors use. */
bool vendor_name_is_valid(const char *name)
{
	const size_t length = strlen(name);
	if (strncmp(name, "X_", 2) != 0 || length < 3 || length > NAME_MAX_BYTES)
		return false;
	for (const char *c = name; *c; c++)
		if (!isalnum((unsigned char)*c) && !strchr("_-.", *c))
			return false;
	return true;
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	static const char *const fields[] = { "xml", NULL };
	if (!arguments_known(arena, arguments, fields, why) ||
		!argument_text(arena, arguments, "xml", SIZE_MAX, false, why))
		return false;
	if (cwmp_xml_is_content(argument(arguments, "xml")))
		return true;
	*why = "xml: must be well-formed content of an element";
	return false;
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	(void)why;
	turn->out.method_name = task->name;
	turn->out.request.xml = argument(task->arguments, "xml");
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	(void)task;
	end->result = json_pack("{s:s}", "xml",
		secrets_xml(turn->arena, turn->in->response.xml, turn->settings->secret_names));
}

/* Of every name that vendor_name_is_valid(). */
const struct rpc_task_method vendor_task = {
	.method = CWMP_UNKNOWN_METHOD,
	.check = check,
	.request = request,
	.respond = respond,
};
