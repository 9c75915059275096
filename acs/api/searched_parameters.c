/* searched_parameters: parameters by whose values devices are found through an index.
 * GET /searched-parameters, PUT|DELETE /searched-parameters/{name}. */
#include <string.h>

#include "acs/api/call.h"
#include "db/searched_parameters.h"
#include "http/url.h"

enum { MOST_NAME = 1024 };

static void on_list(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	json_t *parameters = json_array();
	for (size_t i = 0; i < db_row_count(rows); i++)
		json_array_append_new(parameters, json_loads(db_get_text(rows, i, 0), 0, NULL));
	api_reply_document(call, 200,
		json_pack("{s:o, s:i}", "searched_parameters", parameters, "limit",
			(int)call->loop->server->config->admin.searched_parameters));
}

void searched_parameters_get_list(struct api_call *call)
{
	struct db_question question = db_question(call->arena);
	searched_parameters_list(&question);
	api_ask(call, &question, on_list);
}

/* Of the path. NULL: answered with 404, as one that no device can have told. */
static const char *read_name(struct api_call *call)
{
	const char *name = http_percent_decode(call->arena, call->segments[0]);
	if (name && db_text_is_storable(name, strlen(name), MOST_NAME))
		return name;
	api_problem(call, 404, NULL, "no such parameter");
	return NULL;
}

static void on_put(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0)
		api_problem(call, 404, NULL, "no device has told a parameter of this name");
	else if (db_is_null(rows, 0, 0))
		api_problem(call, 409, NULL,
			"there are %u searched parameters already, as many as there may be",
			call->loop->server->config->admin.searched_parameters);
	else if (db_get_bool(rows, 0, 1))
		api_reply_created(call, 201, call->request->path, db_get_text(rows, 0, 0));
	else
		api_reply_json(call, 200, db_get_text(rows, 0, 0));
}

void searched_parameters_put_one(struct api_call *call)
{
	const char *name = read_name(call);
	if (!name)
		return;
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	searched_parameters_put(
		&question, &note, name, call->loop->server->config->admin.searched_parameters);
	api_ask(call, &question, on_put);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such searched parameter");
	else
		api_reply_nothing(call);
}

void searched_parameters_remove(struct api_call *call)
{
	const char *name = read_name(call);
	if (!name)
		return;
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	searched_parameters_drop(&question, &note, name);
	api_ask(call, &question, on_removed);
}
