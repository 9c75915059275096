/* task: what may be queued for a device, method by method.
 * The admin API checks with it; the queue's statements stand in db/tasks.h and db/queue.h. */
#ifndef RPC_TASK_H
#define RPC_TASK_H

#include <stdbool.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/keyring.h"

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
/* Does it hold the mark that stands for a secret, from a document that was shown? */
bool onboarding_has_hidden(const json_t *document);
/* Seals what is secret in its tasks, in place; more: see rpc/secrets.h. */
void onboarding_seal(
	struct arena *arena, struct keyring *ring, json_t *document, const char *more);
/* The opposite. False: no key opens it. */
bool onboarding_unseal(
	struct arena *arena, struct keyring *ring, json_t *document) MUST_CHECK;
/* The stored text as operators may see it. */
const char *onboarding_shown(struct arena *arena, const char *json, const char *more);
/* Where the sealed arguments of its tasks stand, for base/keyring.h: the same for all devices. */
const char *onboarding_place(struct arena *arena, const char *method);

#endif
