/* task: what may be queued for a device, method by method.
 * The admin API checks with it; the queue's statements stand in db/tasks.h and db/queue.h. */
#ifndef RPC_TASK_H
#define RPC_TASK_H

#include <stdbool.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/compiler.h"

/* A task as an operator gives it: {"method": …, its arguments, "expires_in"?, "not_before"?}. */
struct task_order {
	const char *method;
	const char *needs_version; /* of CWMP, "1.2" */
	char *arguments; /* JSON text, without method, expires_in and not_before; values as texts */
	int64_t expires_in;     /* seconds, -1: not given */
	const char *not_before; /* RFC 3339 or NULL */
	const char *file;       /* catalogue name that must exist (Download {"file"}), or NULL */
};

/* False when body is no task that we can send; why then names the field: "parameters[0].name: is empty". */
bool task_order_read(struct arena *arena, const json_t *body, struct task_order *out,
	const char **why) MUST_CHECK;

/* The onboarding document: {"tasks": [orders]} whose texts may hold {root} and the like. */
bool onboarding_check(struct arena *arena, const json_t *document, const char **why) MUST_CHECK;

#endif
