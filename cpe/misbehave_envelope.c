/* misbehave_envelope: devices that write other XML than the schema's.
 * Filters over the text of the finished envelope. */
#include <string.h>

#include "cpe/misbehave_mode.h"

/* Takes every <Writable>…</Writable> out. */
static void omit_writable(const struct misbehave_choice *choice, const struct cwmp_message *message,
	struct buffer *envelope)
{
	static const char start[] = "<Writable", end[] = "</Writable>";
	(void)choice, (void)message;
	char *at = envelope->data;
	while (at && (at = strstr(at, start))) {
		char *after = strstr(at, end);
		if (!after)
			return;
		after += sizeof(end) - 1;
		memmove(at, after, strlen(after) + 1);
		envelope->length -= (size_t)(after - at);
	}
}

static const struct misbehave_mode modes[] = {
	{ "omit-writable", "leaves Writable out of names", NULL, .on_envelope = omit_writable },
};

const struct misbehave_group misbehave_envelope_group = { "envelopes", modes, LENGTH_OF(modes) };
