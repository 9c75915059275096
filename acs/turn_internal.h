/* turn_internal: what turn.c and turn_authenticate.c (the steps), turn_begin.c (what a turn is made of) and
 * turn_end.c (the ways it can end) share. */
#ifndef ACS_TURN_INTERNAL_H
#define ACS_TURN_INTERNAL_H

#include "acs/auth.h"
#include "acs/loop.h"
#include "acs/pace.h"
#include "acs/session.h"
#include "acs/tally.h"
#include "cwmp/codec.h"
#include "db/batch.h"
#include "http/digest.h"
#include "http/server.h"

#define SESSION_COOKIE_NAME "acs-session"

enum turn_next { TURN_GO, TURN_WAIT, TURN_REPLY };

struct turn {
	struct loop *loop;
	struct server *server;
	struct http_request *request;
	struct arena *arena;
	enum turn_next (*step)(struct turn *t);
	time_t now;              /* by the calendar, which may jump */
	time_t clock;            /* by clock_seconds() */
	uint64_t begun_us;       /* by clock_us() */
	uint64_t asked_us;       /* the question under way, or the last one */
	bool is_waiting;         /* for its answer */
	struct session *session; /* checked out, or NULL */
	struct http_authorization authorization;
	bool is_screened;
	bool is_counted; /* the answer to a challenge */
	const char *envelope; /* as it is read */
	size_t envelope_length;
	const char *charset; /* that HTTP says it is in, or NULL */
	enum cwmp_decode_result decoded;
	const char *decode_why;
	bool is_with_worker; /* a worker has turn and session: both must stay… */
	bool is_gone;        /* …though the peer hung up */
	struct cwmp_message message;
	const struct cwmp_message *in; /* NULL: an empty POST */
	struct rpc_turn rpc;
	enum rpc_next next; /* as rpc_begin() told */
	struct db_wait wait;
	struct batch_entry credential_entry;
	bool is_recalled; /* the credential is what this node remembers, which may be history */
	const struct db_answer *db_answer; /* for the step that runs when it comes */
	int db_row;                        /* of a batch's answer; BATCH_NO_ROW: none */

	/* The answer. */
	struct buffer body;
	struct http_response response;
	struct http_header headers[4];
	const char *outcome, *why;
	bool is_quiet; /* no news for the log */
};

struct turn *turn_new(struct loop *loop, struct http_request *request);
void turn_free(struct turn *t);
/* The session cookie's value as the device returned it, or NULL. */
const char *request_cookie(const struct http_request *request);
/* Name of the method that came in, "empty" for none. */
const char *turn_method(const struct turn *t);
/* Is it here because of a connection request? */
bool inform_is_called(const struct cwmp_inform *inform);
/* The same, or because of what it was sent before? */
bool inform_is_ours(const struct cwmp_inform *inform);
/* Did it boot, without our telling it to? */
bool inform_is_boot(const struct cwmp_inform *inform);
/* What devices may have to prove themselves with on this connection: 1 << enum config_auth of each. */
unsigned request_auth_schemes(const struct server *server, const struct http_request *request);
/* What the session's device has to prove itself with on this connection. */
enum config_auth turn_auth_scheme(const struct turn *t);
/* Fills t->session from the Inform. False and a text when its identity cannot be taken. */
bool turn_make_session(struct turn *t, const char **why) MUST_CHECK;

/* Steps of turn.c that follow on those of turn_authenticate.c. */
enum turn_next turn_decode(struct turn *t);
enum turn_next turn_check_order(struct turn *t);
enum turn_next turn_begin(struct turn *t);
/* The step that t->step names runs when the batch is back. */
enum turn_next turn_wait_for_batch(struct turn *t, struct batch *batch, struct batch_entry *entry);

/* Steps of turn_authenticate.c: outside a session, for an Inform, and within a session. */
enum turn_next turn_screen(struct turn *t);
enum turn_next turn_recall(struct turn *t);
enum turn_next turn_ask_credential(struct turn *t);
enum turn_next turn_verify(struct turn *t);
/* False: *next is the turn's end. What session the turn had is left. */
bool turn_passes_screen(struct turn *t, enum turn_next *next) MUST_CHECK;
/* The same now that the session tells whose request it is. */
bool turn_passes_own_screen(struct turn *t, enum turn_next *next) MUST_CHECK;
/* Why the connection cannot be that of the session's device, or NULL. */
const char *turn_foreign_connection(const struct turn *t);
/* Has the device proved on this connection that the session is its own? */
bool turn_is_proven(const struct turn *t);

/* Each prepares the answer and what becomes of the session, and returns TURN_REPLY. */
enum turn_next turn_send(struct turn *t);                     /* t->rpc.out */
enum turn_next turn_end(struct turn *t, const char *outcome); /* 204 */
enum turn_next turn_refuse(struct turn *t, unsigned status, const char *why);
enum turn_next turn_redirect(struct turn *t); /* 307 */
enum turn_next turn_fault(struct turn *t, unsigned code, const char *why);
enum turn_next turn_fault_must_understand(struct turn *t, const char *why);
enum turn_next turn_challenge(struct turn *t, enum auth_result result); /* 401 */
enum turn_next turn_unavailable(struct turn *t, const char *why);       /* 503 with Retry-After */
/* 503 for this device alone; told in the log once. */
enum turn_next turn_slow_down(struct turn *t, const struct pace_verdict *verdict);
enum turn_next turn_database_failed(struct turn *t, const struct db_answer *answer);

/* Hands the session back, sends what was prepared, logs, frees the turn. */
void turn_reply(struct turn *t);
/* One line in the log, and all that is counted of a turn. status 0: the peer is gone. */
void turn_over(const struct turn *t, unsigned status);
/* The session is over without its end: what it waited for is noted, then it is freed. */
void turn_session_lost(struct loop *loop, struct session *session, enum tally_session how);
void turn_drop_session(struct turn *t);
/* The session goes back as it is; one that was superseded meanwhile is lost. */
void turn_leave_session(struct turn *t);

#endif
