/* onboarding: the tasks that every device gets at BOOTSTRAP.
 * Their document is the same for all; words in braces become the device's own when a task is sent, so
 * that a fresh password is never stored in the clear. */
#include "rpc/method.h"

#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"
#include "rpc/task.h"

enum { NAME_CHARACTERS = 16, PASSWORD_CHARACTERS = 24 };

/* A phase for periodic Informs that is the device's own: a second of one long-gone day. */
static char *spread(struct arena *arena, int64_t device_id)
{
	const int second = (int)(device_id % 86400);
	return arena_printf(
		arena, "2000-01-01T%02d:%02d:%02dZ", second / 3600, second / 60 % 60, second % 60);
}

/* The text for the word at the start of at, and the word's length; NULL when it is none. */
static const char *word_text(
	struct arena *arena, const struct onboarding_words *words, const char *at, size_t *length)
{
	static const char *const names[] = { "{root}", "{spread}", "{connection-request-username}",
		"{connection-request-password}" };
	size_t i = 0;
	while (i < LENGTH_OF(names) && strncmp(at, names[i], strlen(names[i])) != 0)
		i++;
	if (i == LENGTH_OF(names))
		return NULL;
	*length = strlen(names[i]);
	switch (i) {
	case 0:
		return words->root;
	case 1:
		return spread(arena, words->device_id);
	case 2:
		return random_text(arena, NAME_CHARACTERS);
	default:
		return random_text(arena, PASSWORD_CHARACTERS);
	}
}

static bool expand_text(struct arena *arena, const struct onboarding_words *words, json_t *value)
{
	struct buffer out = { 0 };
	const char *text = json_string_value(value);
	bool ok = true;
	for (const char *at = text; *at;) {
		size_t length = 1;
		const char *word = *at == '{' ? word_text(arena, words, at, &length) : NULL;
		if (word)
			buffer_append_text(&out, word);
		else if (length > 1)
			ok = false;
		else
			buffer_append(&out, at, 1);
		at += length;
	}
	if (out.length)
		json_string_setn(value, out.data, out.length);
	buffer_clear(&out);
	return ok;
}

bool onboarding_expand(struct arena *arena, const struct onboarding_words *words, json_t *value)
{
	const char *key;
	json_t *item;
	size_t i;
	if (json_is_string(value))
		return expand_text(arena, words, value);
	json_object_foreach (value, key, item)
		if (!onboarding_expand(arena, words, item))
			return false;
	json_array_foreach (value, i, item)
		if (!onboarding_expand(arena, words, item))
			return false;
	return true;
}

bool onboarding_check(struct arena *arena, const json_t *document, const char **why)
{
	static const struct onboarding_words example = { .root = "Device." };
	const json_t *tasks = json_object_get(document, "tasks");
	if (!json_is_array(tasks) || json_object_size(document) != 1) {
		*why = "tasks: the document must be an object with a list of tasks";
		return false;
	}
	for (size_t i = 0; i < json_array_size(tasks); i++) {
		struct task_order order;
		const char *reason;
		json_t *task = json_deep_copy(json_array_get(tasks, i));
		bool ok = onboarding_expand(arena, &example, task) &&
			  task_order_read(arena, task, &order, &reason);
		if (ok && (order.not_before || order.expires_in >= 0)) {
			reason = "expires_in and not_before have no meaning here";
			ok = false;
		}
		json_decref(task);
		if (!ok) {
			*why = arena_printf(arena, "tasks[%zu].%s", i, reason);
			return false;
		}
	}
	return true;
}
