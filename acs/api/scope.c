/* scope: holds what a call names against the devices that its caller reaches.
 * What he does not reach is not there for him: 404, as for any other name. */
#include <stdlib.h>
#include <string.h>

#include "acs/api/internal.h"

struct passage {
	const char *what;
	void (*passed)(struct api_call *call);
};

static void on_found(struct api_call *call, const struct db_answer *answer)
{
	const struct passage *passage = call->state;
	call->state = NULL;
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such %s", passage->what);
	else
		passage->passed(call);
}

void api_scope_check(struct api_call *call, void (*passed)(struct api_call *call))
{
	const enum api_scope scope = call->route->scope;
	if (!call->scope.tags || (scope != SCOPE_DEVICE && scope != SCOPE_TASK)) {
		passed(call);
		return;
	}
	struct passage *passage = ARENA_NEW(call->arena, struct passage);
	struct db_question question = db_question(call->arena);
	*passage = (struct passage){ scope == SCOPE_TASK ? "task" : "device", passed };
	if (scope == SCOPE_TASK)
		scope_find_task(&question, &call->scope, strtoll(call->segments[0], NULL, 10));
	else
		scope_find_device(&question, &call->scope, call->device_id);
	call->state = passage;
	api_ask(call, &question, on_found);
}
