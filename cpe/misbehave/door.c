/* misbehave_door: devices whose door for connection requests is odd.
 * What the flags say is done in connection_request.c. */
#include "cpe/misbehave/mode.h"

static const struct misbehave_mode modes[] = {
	{ "knock-open", "asks for no credentials", "several", MODE_FIELD(knock_open) },
	{ "knock-basic", "asks for Basic credentials", "several", MODE_FIELD(knock_basic) },
	{ "knock-no-qop", "asks for Digest credentials without qop", "several",
		MODE_FIELD(knock_no_qop) },
	{ "knock-realm", "has the realm TEXT", "several", MODE_TEXT, MODE_FIELD(knock_realm) },
	{ "knock-drop", "closes the connection on which it has sent a challenge", "several",
		MODE_FIELD(knock_drop) },
	{ "knock-ignored", "answers 200 and opens no session", "several",
		MODE_FIELD(knock_ignored) },
	{ "knock-late", "opens the session before it answers", "several", MODE_FIELD(knock_late) },
	{ "knock-url", "shows TEXT as ConnectionRequestURL", "several", MODE_TEXT,
		MODE_FIELD(knock_url) },
};

const struct misbehave_group misbehave_door_group = { "connection requests", modes,
	LENGTH_OF(modes) };
