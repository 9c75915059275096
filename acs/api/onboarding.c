/* onboarding: the tasks that a device gets at BOOTSTRAP.
 * GET|PUT /onboarding. */
#include <stdlib.h>

#include "acs/api/call.h"
#include "db/settings.h"
#include "rpc/secrets.h"
#include "rpc/task.h"

static const char setting[] = "onboarding";

static const char *secret_names(const struct api_call *call)
{
	return call->loop->server->config->secrets.parameters;
}

static void on_document(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0)
		api_problem(call, 404, NULL, "no such onboarding");
	else
		api_reply_json(call, 200,
			onboarding_shown(call->arena, db_get_text(rows, 0, 0), secret_names(call)));
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

/* Older servers read no sealed document: as long as there may be one it is stored as it is. */
static void seal_secrets(struct api_call *call)
{
	struct keyring *secrets = call->loop->server->secrets;
	if (!keyring_seals_in_old_form(secrets))
		onboarding_seal(call->arena, secrets, call->body, secret_names(call));
}

static void on_known(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	seal_secrets(call);
	struct setting_change change = { .document = to_text(call->arena, call->body) };
	change.after = onboarding_shown(call->arena, change.document, secret_names(call));
	if (db_row_count(rows) > 0) {
		change.known = db_get_text(rows, 0, 0);
		change.before = onboarding_shown(call->arena, change.known, secret_names(call));
	}
	const struct audit_note note = api_note(call, NULL);
	struct db_question question = db_question(call->arena);
	settings_put(&question, &note, setting, &change);
	api_ask(call, &question, on_document);
}

static bool is_good(struct api_call *call)
{
	const char *why = "";
	if (onboarding_has_hidden(call->body))
		api_problem(call, 400, "tasks", "holds " SECRET_SHOWN ": give the secret itself");
	else if (!onboarding_check(call->arena, call->body, &why))
		api_problem_why(call, why);
	else
		return true;
	return false;
}

void onboarding_put(struct api_call *call)
{
	if (!is_good(call))
		return;
	struct db_question question = db_question(call->arena);
	settings_get(&question, setting);
	api_ask(call, &question, on_known);
}
