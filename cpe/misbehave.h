/* misbehave: deviations seen in the field, acted out for tests of an ACS (--misbehave).
 * Each mode is a row of a table: of the session, the methods, the envelopes or HTTP. */
#ifndef CPE_MISBEHAVE_H
#define CPE_MISBEHAVE_H

#include <stdbool.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/compiler.h"
#include "cwmp/message.h"

enum { MISBEHAVE_CHOICES_MAX = 64 };

struct misbehave_mode;

struct misbehave_choice {
	const struct misbehave_mode *mode;
	unsigned number; /* of name=NUMBER */
	char *name;      /* of name=NAME, else NULL */
};

/* What --misbehave asks for. The flags are asked for where they count. */
struct misbehaviour {
	size_t choice_count;
	struct misbehave_choice choices[MISBEHAVE_CHOICES_MAX];
	bool no_cookie;            /* cookies are never returned */
	bool close_each;           /* a new TCP connection for each POST */
	bool late_empty;           /* one more empty POST after the closing 204 */
	bool no_transfer_complete; /* downloads end in silence */
	bool own_namespace;        /* versions 1.3 and 1.4 in URIs of their own */
};

/* Adds the modes of a list "mode,mode=value,…". False and why when one makes no sense. */
bool misbehave_parse(
	struct misbehaviour *misbehaviour, const char *list, char *why, size_t why_size) MUST_CHECK;
void misbehave_clear(struct misbehaviour *misbehaviour);
/* Every mode with its group and where it was seen. */
void misbehave_print_help(FILE *out);

enum misbehave_act {
	MISBEHAVE_EXECUTE, /* as a good device does */
	MISBEHAVE_ANSWER,  /* answer at once, without executing */
	MISBEHAVE_EMPTY,   /* an empty POST instead of the answer */
	MISBEHAVE_DROP,    /* the session ends without a word */
};

/* One request of the ACS and what becomes of it. */
struct misbehave_turn {
	struct arena *arena;
	struct cwmp_message request; /* a copy, to be executed instead of the original */
	struct cwmp_message answer;
	unsigned number;            /* of the request, since the device runs */
	unsigned number_in_session; /* the same, in its session; from 1 */
	enum misbehave_act act;
};

/* Before the request is executed: may change it, set act or fill the answer. */
void misbehave_on_request(const struct misbehaviour *misbehaviour, struct misbehave_turn *turn);
/* Between execution and sending: may change the answer or set act. */
void misbehave_on_answer(const struct misbehaviour *misbehaviour, struct misbehave_turn *turn);
/* The envelope of message is about to leave: may be rewritten. */
void misbehave_on_envelope(const struct misbehaviour *misbehaviour,
	const struct cwmp_message *message, struct buffer *envelope);

#endif
