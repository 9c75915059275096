/* events: which of a device's messages are worth keeping, and in which words.
 * Codes that only announce a request of the device are left out: the request tells more. */
#include "rpc/method.h"

#include <string.h>

#include "db/events.h"
#include "rpc/secrets.h"

enum { TEXT_MAX = 1024 };

/* NULL: told by every periodic Inform, or by the request that follows. */
static const struct {
	const char *code, *kind;
} known[] = {
	{ "0 BOOTSTRAP", "bootstrap" },
	{ "1 BOOT", "boot" },
	{ "2 PERIODIC", NULL },
	{ "3 SCHEDULED", "scheduled" },
	{ "4 VALUE CHANGE", NULL },
	{ "5 KICKED", NULL },
	{ "6 CONNECTION REQUEST", NULL },
	{ "7 TRANSFER COMPLETE", NULL },
	{ "8 DIAGNOSTICS COMPLETE", "diagnostics complete" },
	{ "9 REQUEST DOWNLOAD", NULL },
	{ "10 AUTONOMOUS TRANSFER COMPLETE", NULL },
	{ "11 DU STATE CHANGE COMPLETE", NULL },
	{ "12 AUTONOMOUS DU STATE CHANGE COMPLETE", NULL },
	{ "13 WAKEUP", "wakeup" },
	{ "14 HEARTBEAT", "heartbeat" },
};

/* The first `most` bytes, and not half a character. */
static const char *cut(struct arena *arena, const char *text, size_t most)
{
	size_t length = strnlen(text, most + 1);
	if (length <= most)
		return text;
	length = most;
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80)
		length--;
	return arena_strndup(arena, text, length);
}

const char *event_text(struct arena *arena, const char *told)
{
	return cut(arena, secrets_text(arena, told), TEXT_MAX);
}

/* M and X events, and codes of versions to come, are their own kind. NULL: not worth keeping. */
static const char *kind_of(const char *code)
{
	for (size_t i = 0; i < LENGTH_OF(known); i++)
		if (strcmp(code, known[i].code) == 0)
			return known[i].kind;
	return code;
}

bool events_are_notable(const struct cwmp_inform *inform)
{
	for (size_t i = 0; i < inform->event_count; i++)
		if (kind_of(inform->events[i].code))
			return true;
	return false;
}

void note_inform_events(struct rpc_turn *turn, const struct cwmp_inform *inform)
{
	const char **kinds = arena_array(turn->arena, inform->event_count, sizeof(*kinds));
	const char **details = arena_array(turn->arena, inform->event_count, sizeof(*details));
	size_t count = 0;
	for (size_t i = 0; i < inform->event_count; i++) {
		const struct cwmp_event *event = &inform->events[i];
		const char *kind = kind_of(event->code);
		if (!kind)
			continue;
		if (count == CWMP_EVENTS_MAX) {
			turn->dropped++;
			continue;
		}
		kinds[count] = cut(turn->arena, kind, EVENT_KIND_MAX);
		json_t *detail = json_pack("{s:s, s:s}", "code",
			event_text(turn->arena, event->code), "command_key",
			event_text(turn->arena, event->command_key));
		details[count++] = json_text(turn->arena, detail);
		json_decref(detail);
	}
	events_add(&turn->question, turn->session->device_id, kinds, details, count);
}

void note_event(struct rpc_turn *turn, const char *kind, json_t *detail, bool has_key)
{
	secrets_hide(detail, turn->settings->secret_names, NULL);
	const char *text = json_text(turn->arena, detail);
	const int64_t device_id = turn->session->device_id;
	json_decref(detail);
	if (has_key)
		events_add_once(&turn->question, device_id, kind, text);
	else
		events_add(&turn->question, device_id, &kind, &text, 1);
}

enum rpc_next answer_noted(struct rpc_turn *turn, const struct db_answer *answer)
{
	(void)answer;
	turn->outcome = "noted";
	cwmp_make_response(&turn->out, turn->in);
	return RPC_REPLY;
}
