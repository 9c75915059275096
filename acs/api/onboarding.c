/* onboarding: the tasks that a device gets at BOOTSTRAP.
 * GET|PUT /onboarding. */
#include <stdlib.h>

#include "acs/api/call.h"
#include "db/settings.h"
#include "rpc/secrets.h"
#include "rpc/task.h"

static const char setting[] = "onboarding";

static void on_document(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "onboarding");
}

void onboarding_get(struct api_call *call)
{
	struct db_question question = db_question(call->arena);
	settings_get(&question, setting);
	api_ask(call, &question, on_document);
}

static const char *to_text(struct arena *arena, const json_t *document)
{
	char *json = json_dumps(document, JSON_COMPACT);
	const char *text = arena_strdup(arena, json);
	free(json);
	return text;
}

/* As the audit shows it. Takes ownership of the document. */
static const char *without_secrets(const struct api_call *call, json_t *document)
{
	secrets_hide(document, call->loop->server->rpc.secret_names, NULL);
	const char *text = to_text(call->arena, document);
	json_decref(document);
	return text;
}

static void on_known(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	struct setting_change change = {
		.document = to_text(call->arena, call->body),
		.after = without_secrets(call, json_deep_copy(call->body)),
	};
	if (db_row_count(rows) > 0) {
		change.known = db_get_text(rows, 0, 0);
		change.before = without_secrets(call, json_loads(change.known, 0, NULL));
	}
	const struct audit_note note = api_note(call, NULL);
	struct db_question question = db_question(call->arena);
	settings_put(&question, &note, setting, &change);
	api_ask(call, &question, on_document);
}

void onboarding_put(struct api_call *call)
{
	const char *why = "";
	if (!onboarding_check(call->arena, call->body, &why)) {
		api_problem_why(call, why);
		return;
	}
	struct db_question question = db_question(call->arena);
	settings_get(&question, setting);
	api_ask(call, &question, on_known);
}
