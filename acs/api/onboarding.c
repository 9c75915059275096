/* onboarding: the tasks that a device gets at BOOTSTRAP.
 * GET|PUT /onboarding. */
#include <stdlib.h>

#include "acs/api/call.h"
#include "db/settings.h"
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

void onboarding_put(struct api_call *call)
{
	const char *why = "";
	if (!onboarding_check(call->arena, call->body, &why)) {
		api_problem_why(call, why);
		return;
	}
	const struct audit_note note = api_note(call, NULL);
	struct db_question question = db_question(call->arena);
	char *json = json_dumps(call->body, JSON_COMPACT);
	settings_put(&question, &note, setting, json);
	free(json);
	api_ask(call, &question, on_document);
}
