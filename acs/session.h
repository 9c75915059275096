/* session: one CWMP session, from Inform to the closing 204, over several requests and perhaps connections.
 * All sessions of the process stand in one table under a short lock. A session is checked out for the
 * length of a turn: only then may its fields be touched, by any loop. */
#ifndef ACS_SESSION_H
#define ACS_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>
#include <uthash.h>

#include "acs/device_classes.h"
#include "base/compiler.h"
#include "cwmp/message.h"
#include "rpc/rpc.h"

enum { SESSION_COOKIE_BYTES = 33, SESSION_NAME_BYTES = 9 };

enum session_phase {
	SESSION_OPENING,  /* its Inform is being worked on */
	SESSION_CPE_TURN, /* informed; the device may ask, or post nothing to hand over */
	SESSION_AWAITING, /* a request of ours is unanswered */
	SESSION_ENDED,    /* a late empty POST is still answered 204 */
};

struct sessions;

struct session {
	struct rpc_session rpc; /* rpc.arena holds the session's texts */
	struct sessions *all;
	enum session_phase phase;
	char cookie
		[SESSION_COOKIE_BYTES]; /* random, hex; a secret: who has it continues the session */
	char name[SESSION_NAME_BYTES];  /* random, hex; for logs, and no part of the cookie */
	uint64_t connection_id;         /* that stands for it, while the device returns no cookie */
	uint64_t proven_connection_id;  /* the latest on which the device proved who it is */
	const struct auth_credential
		*credential; /* that it did so with; NULL: none was asked for */
	struct cwmp_device_id device;
	struct device_class class;
	bool is_tls; /* begun under TLS, and to be continued there only */
	unsigned idle_seconds, turns;
	unsigned faults; /* from either side */
	uint64_t bytes_in, bytes_out;
	uint64_t begun_us;  /* by clock_us() */
	const char *events; /* codes of its Inform, one on each line */
	time_t begun;  /* by the calendar: to be shown */
	time_t opened; /* by clock_seconds() */

	/* Under the table's lock. */
	time_t active; /* by clock_seconds() */
	bool is_checked_out;
	bool is_dropped; /* superseded while checked out */
	bool is_listed, is_open;
	uint64_t ended_us; /* clock_us(), when it was not open any more */
	bool has_cookie; /* the device returns it: no connection stands for it any more */
	bool is_woken;
	bool was_held; /* by HoldRequests: the device may have requests left when we have none */
	uint64_t client_key; /* of its address and user name; 0: none */
	bool is_ambiguous;   /* another session has the same */
	UT_hash_handle by_cookie, by_connection, by_device, by_client;
};

enum session_find { SESSION_FOUND, SESSION_NOT_FOUND, SESSION_BUSY };

/* `now` is clock_seconds() everywhere: no session is over because the calendar was set. */
struct sessions *sessions_new(unsigned limit);
/* No turn may hold a session any more. */
void sessions_free(struct sessions *all);
/* Open ones, the ended not counted. */
unsigned sessions_count(struct sessions *all);
bool sessions_are_full(struct sessions *all);

/* Checks out the session of a cookie (NULL: of a connection). SESSION_BUSY: another turn holds it. */
enum session_find session_find(struct sessions *all, const char *cookie, uint64_t connection_id,
	time_t now, struct session **out) MUST_CHECK;
/* Is there such a session, checked out or not? */
bool sessions_know(struct sessions *all, const char *cookie, uint64_t connection_id);
/* Is there such a session, and is it not over? */
bool sessions_have_open(struct sessions *all, const char *cookie, uint64_t connection_id);
/* The same for a device that returns no cookie and comes over a new connection: the only session that
 * this user name began from this address. What the request says has yet to be proved. */
enum session_find session_find_by_client(struct sessions *all, const char *address,
	const char *username, time_t now, struct session **out) MUST_CHECK;
/* The device has proved who it is on this connection, which stands for the session from now on if the
 * device returns no cookie. */
void session_prove(struct session *session, uint64_t connection_id);
/* A new session, checked out, that nobody can find yet. */
struct session *session_new(struct sessions *all, time_t now);
/* Its Inform is committed: it can be found from now on. Returns the device's older session when that
 * is over by this: checked out, for session_lost() and session_free(); NULL without one. */
struct session *session_list(struct session *session) MUST_CHECK;
void session_set_phase(struct session *session, enum session_phase phase);
const char *session_phase_name(enum session_phase phase);
/* End of a turn. The session may be gone afterwards. False: a newer session of the device has begun meanwhile, and this
 * one is over without its end; it stays checked out, for session_free(). */
bool session_check_in(struct session *session, time_t now);
/* Takes it out of the table and frees it; it must be checked out. NULL is allowed. */
void session_free(struct session *session);

/* Tells the device's open session that a task may wait for it. False when it has none here that
 * can be relied on to ask for it: none, one that will send nothing more, or one idle for seconds. */
bool sessions_wake(struct sessions *all, int64_t device_id, time_t now);
/* Tells all open sessions that a task may wait for their devices. */
void sessions_wake_all(struct sessions *all);
/* Has the device an open session here that may still ask for tasks, reliable or not? */
bool sessions_have(struct sessions *all, int64_t device_id);
/* Was the device in a session here that has ended since (clock_us())? */
bool sessions_ended_since(struct sessions *all, int64_t device_id, uint64_t since_us);
/* Before tasks are looked for: was it told so since the last call? Then it has tasks. */
void session_take_wake(struct session *session);
/* The session is about to end. False when it was told of tasks meanwhile and should look again;
 * after true it cannot be told any more. */
bool session_close(struct session *session) MUST_CHECK;
/* Checks out one session that was idle for too long (limit: of a whole session); NULL when there is none. Ended ones are
 * freed on the way. */
struct session *sessions_next_expired(struct sessions *all, time_t now, unsigned limit_seconds);
/* Appends {"device","session","phase","begun","turns","task"} of open sessions; device_id -1: of all.
 * The phase of one that a turn holds is "busy". */
void sessions_append_json(struct sessions *all, int64_t device_id, json_t *list);

#endif
