/* secrets: what tasks and devices' words look like to people: without what only devices may know.
 * more: further names of secret parameters, as cwmp/secret_names.h takes them. */
#ifndef RPC_SECRETS_H
#define RPC_SECRETS_H

#include <stdbool.h>

#include <jansson.h>

#include "base/arena.h"

/* Stands for a secret. */
#define SECRET_SHOWN "********"

/* The text with SECRET_SHOWN for user info and query of each URL in it; the text itself when it has none. */
const char *secrets_text(struct arena *arena, const char *text);
/* The same for a parameter's value, whose query is part of what it tells. */
const char *secrets_value(struct arena *arena, const char *value);
/* XML content with SECRET_SHOWN for what elements and attributes with such names hold. */
const char *secrets_xml(struct arena *arena, const char *xml, const char *more);

/* Hides in a document, at whatever depth: members "password" (left out), values beside secret names, vouchers, and what
 * URLs carry. found: NULL, or a list that gets the texts that were hidden. */
void secrets_hide(json_t *document, const char *more, json_t *found);
/* Hides a vendor's arguments too, of which nobody knows what they are. True when anything was hidden. */
bool secrets_hide_arguments(json_t *arguments, const char *more);
/* The same in a task of the onboarding document, whose {words} are no secrets yet. */
bool secrets_hide_onboarding(json_t *task, const char *more);
/* A document as JSON text, with that hidden in it. */
const char *secrets_document(struct arena *arena, const char *json, const char *more);
/* A task as JSON text, with that hidden in its arguments and its result. */
const char *secrets_task(struct arena *arena, const char *json, const char *more);
/* The secrets among a task's arguments: a list of texts. The caller frees it. */
json_t *secrets_of(const json_t *arguments, const char *more);
/* The text without these, which a device's fault may quote. */
const char *secrets_unquoted(struct arena *arena, const char *text, const json_t *secrets);

#endif
