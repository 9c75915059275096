/* onboarding_secrets: what is secret in the onboarding document, the same for every device that gets it.
 * In the document a task with secrets shows none of them, and has its arguments sealed beside, as "sealed" in base64;
 * so do the tasks that are queued from it. */
#include "rpc/task.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "rpc/method.h"
#include "rpc/secrets.h"

static const char member[] = "sealed";

const char *onboarding_place(struct arena *arena, const char *method)
{
	return arena_printf(arena, "onboarding %s", method);
}

/* The arguments as text: all but method and seal. */
static const char *arguments_text(struct arena *arena, const json_t *task)
{
	json_t *arguments = json_copy((json_t *)task);
	json_object_del(arguments, "method");
	json_object_del(arguments, member);
	const char *text = json_text(arena, arguments);
	json_decref(arguments);
	return text;
}

static void seal_task(struct arena *arena, struct keyring *ring, json_t *task, const char *more)
{
	size_t length;
	const char *text = arguments_text(arena, task);
	if (!secrets_hide_onboarding(task, more))
		return;
	const char *place = onboarding_place(arena, argument(task, "method"));
	const uint8_t *sealed = keyring_seal(ring, arena, place, text, strlen(text), &length);
	json_object_set_new(task, member, json_string(base64_encode(arena, sealed, length)));
}

void onboarding_seal(
	struct arena *arena, struct keyring *ring, json_t *document, const char *more)
{
	size_t i;
	json_t *task;
	json_array_foreach (json_object_get(document, "tasks"), i, task)
		seal_task(arena, ring, task, more);
}

static bool unseal_task(struct arena *arena, struct keyring *ring, json_t *task)
{
	size_t sealed_length, length;
	const char *text = json_string_value(json_object_get(task, member));
	if (!text)
		return true;
	const char *sealed = base64_decode(arena, text, &sealed_length);
	const char *place = onboarding_place(arena, argument(task, "method"));
	const char *clear = sealed ? keyring_unseal(
					     ring, arena, place, sealed, sealed_length, &length)
				   : NULL;
	json_t *arguments = clear ? json_loadb(clear, length, 0, NULL) : NULL;
	if (!arguments)
		return false;
	json_object_del(task, member);
	json_object_update(task, arguments);
	json_decref(arguments);
	return true;
}

bool onboarding_unseal(struct arena *arena, struct keyring *ring, json_t *document)
{
	size_t i;
	json_t *task;
	json_array_foreach (json_object_get(document, "tasks"), i, task)
		if (!unseal_task(arena, ring, task))
			return false;
	return true;
}

const char *onboarding_shown(struct arena *arena, const char *json, const char *more)
{
	size_t i;
	json_t *task, *document = json_loads(json, 0, NULL);
	json_array_foreach (json_object_get(document, "tasks"), i, task) {
		json_object_del(task, member);
		secrets_hide_onboarding(task, more);
	}
	const char *shown = json_text(arena, document);
	json_decref(document);
	return shown;
}

bool onboarding_has_hidden(const json_t *document)
{
	char *text = json_dumps(document, JSON_COMPACT);
	const bool has = text && strstr(text, "\"" SECRET_SHOWN "\"");
	free(text);
	return has;
}
