/* misbehave_envelope: devices that write other XML than the schema's.
 * Most modes are a few edits of the finished text; the rest are functions. */
#include <string.h>

#include "cpe/misbehave_mode.h"
#include "cpe/misbehave_text.h"

static void answer_with_id(const struct misbehave_choice *choice,
	const struct cwmp_message *message, struct buffer *envelope)
{
	(void)choice;
	if (message->kind != CWMP_REQUEST)
		text_set(envelope, "cwmp:ID", "constant");
}

static const struct misbehave_mode modes[] = {
	{ "omit-writable", "leaves Writable out of names", NULL,
		.edits = { { TEXT_DROP, "Writable" } } },
	{ "wrong-id", "answers with an ID of its own", NULL, .on_envelope = answer_with_id },
	{ "constant-id", "answers with always the same ID", "tr069tc",
		.on_envelope = answer_with_id },
	{ "no-parameter-key", "shows no ParameterKey in Informs", "SpeedTouch 780, ZyXEL P-2602",
		.only_in = "Inform", .edits = { { TEXT_DROP_PARAMETER, "ParameterKey" } } },
};

const struct misbehave_group misbehave_envelope_group = { "envelopes", modes, LENGTH_OF(modes) };
