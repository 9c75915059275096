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
#include "http/client.h"

enum { MISBEHAVE_CHOICES_MAX = 64, MISBEHAVE_HEADERS_MAX = 12 };

struct datamodel;
struct misbehave_mode;

struct misbehave_choice {
	const struct misbehave_mode *mode;
	unsigned number; /* of name=NUMBER */
	char *text;      /* of name=TEXT, else NULL */
};

/* What --misbehave asks for. The flags are asked for where they count. */
struct misbehaviour {
	size_t choice_count;
	struct misbehave_choice choices[MISBEHAVE_CHOICES_MAX];
	bool no_cookie;               /* cookies are never returned */
	bool close_each;              /* a new TCP connection for each POST */
	bool fresh_after_401;         /* … or after a challenge only */
	bool late_empty;              /* one more empty POST after the closing 204 */
	bool no_transfer_complete;    /* downloads end in silence */
	bool false_transfer_complete; /* firmware is reported as installed and does not run */
	bool own_namespace;           /* versions 1.3 and 1.4 in URIs of their own */
	bool empty_id;                /* our requests have an empty ID */
	bool needs_declaration;       /* envelopes without <?xml …?> are not understood … */
	bool refuses_declaration;     /* … or those with it */
	bool knock_open;              /* connection requests need no credentials */
	bool knock_basic;             /* … or are asked for Basic ones */
	bool knock_no_qop;            /* … or for Digest as RFC 2069 has it */
	bool knock_drop;              /* the connection on which they were challenged is closed */
	bool knock_ignored;           /* they are answered, but no session follows */
	bool knock_late;              /* the session begins before they are answered */
	const char *knock_realm;      /* of their challenge, NULL: an ordinary one */
	const char *knock_url;        /* shown as ConnectionRequestURL, NULL: the true one */
};

/* Adds the modes of a list "mode,mode=value,…". False and why when one makes no sense. */
bool misbehave_parse(
	struct misbehaviour *misbehaviour, const char *list, char *why, size_t why_size) MUST_CHECK;
void misbehave_clear(struct misbehaviour *misbehaviour);
/* Every mode with its group and where it was seen. */
void misbehave_print_help(FILE *out);

enum misbehave_act {
	MISBEHAVE_SEND,   /* the answer, as a good device does */
	MISBEHAVE_EMPTY,  /* an empty POST instead of the answer */
	MISBEHAVE_LATE,   /* an empty POST, and the answer after the next empty answer of the ACS */
	MISBEHAVE_SLOW,   /* the answer, after so many seconds */
	MISBEHAVE_INFORM, /* an Inform on a new connection, which begins the session anew */
	MISBEHAVE_DROP,   /* the session ends without a word */
};

/* One request of the ACS and what becomes of it. */
struct misbehave_turn {
	const struct misbehave_choice *choice; /* the mode that looks at it */
	struct arena *arena;
	const struct datamodel *model;
	struct cwmp_message request; /* a copy, executed instead of the original */
	struct cwmp_message answer;
	unsigned number;            /* of the request, since the device runs */
	unsigned number_in_session; /* the same, in its session; from 1 */
	unsigned fault;             /* to answer with, or 0 */
	enum misbehave_act act;
	unsigned seconds; /* of MISBEHAVE_SLOW */
};

/* Before the request is executed: may change it, refuse it with a fault or drop the session. */
void misbehave_on_request(const struct misbehaviour *misbehaviour, struct misbehave_turn *turn);
/* Afterwards: may change answer and fault, or set act. */
void misbehave_on_answer(const struct misbehaviour *misbehaviour, struct misbehave_turn *turn);

enum misbehave_step {
	MISBEHAVE_GO_ON,
	MISBEHAVE_HANG,         /* nothing ever more; the session counts as failed */
	MISBEHAVE_LEAVE,        /* nothing more, as after a session that ended well */
	MISBEHAVE_INFORM_AGAIN, /* the same Inform on the same connection … */
	MISBEHAVE_INFORM_ANEW,  /* … or on a new one */
};
/* The ACS has answered our message of that method: what comes next, instead of our next message?
 * informs have been sent in this session. */
enum misbehave_step misbehave_after(
	const struct misbehaviour *misbehaviour, enum cwmp_method method, unsigned informs);
/* Can the device read an envelope that begins so? */
bool misbehave_can_read(const struct misbehaviour *misbehaviour, const char *envelope);
/* The envelope of message is about to leave: may be rewritten. */
void misbehave_on_envelope(const struct misbehaviour *misbehaviour,
	const struct cwmp_message *message, struct buffer *text);

/* A POST to the ACS, in full but for Host. */
struct misbehave_post {
	const struct misbehave_choice *choice; /* the mode that looks at it */
	struct arena *arena;
	const char *username, *password;
	struct http_header headers[MISBEHAVE_HEADERS_MAX];
	struct http_client_request request; /* with those headers */
};
/* The POST is about to leave: may be changed. */
void misbehave_on_post(const struct misbehaviour *misbehaviour, struct misbehave_post *post);

#endif
