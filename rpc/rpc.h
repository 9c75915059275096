/* rpc: what each method means: from a message to a question, from the answer to a message.
 * Pure: no I/O, no clock but the one given, no log. acs/turn.c asks the question and sends the message. */
#ifndef RPC_RPC_H
#define RPC_RPC_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "base/keyring.h"
#include "cwmp/message.h"
#include "db/credentials.h"
#include "db/db.h"
#include "db/parameters.h"
#include "rpc/quirks.h"

struct inform_known;
struct inform_touch;
struct rpc_task;

struct rpc_session;

struct rpc_link_order {
	bool is_upload;
	const char *name; /* in the catalogue */
	time_t expires;
};
struct rpc_link {
	const char *url;
	const char *username, *password; /* that are asked for there, or "" */
};

struct rpc_settings {
	unsigned retry_seconds, attempts; /* of tasks that failed with a passing fault */
	unsigned transfer_seconds;        /* until a transfer fails, beyond its delay */
	unsigned link_seconds;            /* that a download link lives beyond that */
	unsigned refresh_batch;           /* names in one GetParameterValues, at first */
	struct parameter_limits limits;
	unsigned requests_per_session;
	bool hold_requests;            /* of devices for which tasks wait */
	bool reprovisions;             /* onboarding again when a device lost its configuration */
	bool answers_request_download; /* with a file of the catalogue */
	const char *kicked_next_url;   /* "": as the device says */
	struct keyring *secrets;       /* seals what must be stored and read again */
	const char *realm;             /* of the challenges that devices get */
	const char *secret_names;      /* of parameters besides cwmp/secret_names.h; "": none */
	/* Makes the link by which the session's device fetches a file of the catalogue, or puts one there. False
	 * when it does not fit. */
	bool (*link)(struct arena *arena, const struct rpc_session *session,
		const struct rpc_link_order *order, struct rpc_link *out, void *arg);
	void *link_arg;
};

/* What a device proved itself with in this session. */
enum rpc_proof { PROOF_NONE, PROOF_OWN, PROOF_NEXT, PROOF_SHARED };

/* What the methods know of a session; acs owns it, and it outlives the turns. */
struct rpc_session {
	struct arena *arena; /* of the session */
	int64_t device_id;
	const char *id; /* public */
	int64_t epoch;
	enum cwmp_namespace ns;
	const char *ns_uri;         /* of the Inform, where it is not one that we know; else NULL */
	enum cwmp_version version;  /* that the device speaks; nothing newer is sent to it */
	struct quirks quirks;       /* of this device */
	const char *source_address; /* of the Inform */
	enum rpc_proof proof;
	const char *credential;      /* HA1 (MD5) that the device proved itself with; NULL: none */
	struct auth_credential next; /* that it was given in this session, and may use already */
	const char *unknown;         /* as struct device_inform has it */
	const struct inform_known *known; /* of its latest Inform, as this node remembers it; or NULL */
	bool has_no_hash; /* the database vouches for nothing of it: a touch would miss */
	const char *files_url; /* where this device fetches files, without a slash at its end */
	bool has_tasks;        /* some may be due; false saves the question */
	bool is_held;          /* by HoldRequests */
	bool is_closing;       /* after Reboot or FactoryReset: nothing more is sent */
	unsigned requests;     /* that we sent */
	struct rpc_task *task; /* sent and not answered; NULL: none */
};

/* What a turn does next. */
enum rpc_next {
	RPC_TOUCH,   /* send turn->touch with a batch, then rpc_touched() */
	RPC_ASK,     /* ask turn->question, then rpc_continue() */
	RPC_REPLY,   /* send turn->out */
	RPC_END,     /* nothing to say: 204, the session is over */
	RPC_REFUSED, /* the message does not belong here; turn->why tells */
};

struct rpc_turn;
typedef enum rpc_next rpc_answer_fn(struct rpc_turn *turn, const struct db_answer *answer);

enum { RPC_SETTLING_MAX = 6 };

struct rpc_turn {
	struct arena *arena;
	struct rpc_session *session;
	const struct rpc_settings *settings;
	time_t now;
	const struct cwmp_message *in; /* NULL: an empty POST */

	struct inform_touch *touch;
	const struct inform_known *learned; /* to be remembered once the answer is there; or NULL */
	struct db_question question;
	rpc_answer_fn *answer;             /* of the method that asked */
	size_t settling[RPC_SETTLING_MAX]; /* results that tell which tasks came to their end */
	size_t settling_count;
	struct cwmp_message out;
	unsigned dropped; /* parameters that could not be taken, for the log */
	const char *why;
	const char *outcome; /* a word for the log: "informed", "done", "fault 9005" */
	void *state;         /* of the method, from ask to answer */
};

/* Is that a method which CPEs may call? The others are answered 8000, whatever their arguments. */
bool rpc_takes(enum cwmp_method method);
/* First half of a turn. Everything the turn needs is filled but what stands below `question`. */
enum rpc_next rpc_begin(struct rpc_turn *turn) MUST_CHECK;
/* What became of turn->touch, when its batch has committed: session is NULL when it missed. */
struct device_session;
enum rpc_next rpc_touched(struct rpc_turn *turn, const struct device_session *session) MUST_CHECK;
/* Second half, after the question has committed. */
enum rpc_next rpc_continue(struct rpc_turn *turn, const struct db_answer *answer) MUST_CHECK;
/* The tasks that this answer shows to be final, for those who wait. */
struct queue_settled;
typedef void rpc_settled_fn(const struct queue_settled *settled, void *arg);
void rpc_each_settled(const struct rpc_turn *turn, const struct db_answer *answer,
	rpc_settled_fn *tell, void *arg);
/* The same for one settling statement's rows. */
void rpc_each_settled_row(const struct db_rows *rows, rpc_settled_fn *tell, void *arg);

/* Method of the task that the session waits for; NULL without one. */
const char *rpc_task_name(const struct rpc_task *task);
/* The ID header of the request that is not answered yet. */
const char *rpc_task_request_id(const struct rpc_task *task);
/* The session broke off while this task was unanswered: fills what the device should be spared next
 * time. False when there is nothing to write. */
bool rpc_task_lost(struct rpc_session *session, struct db_question *question) MUST_CHECK;
void rpc_task_free(struct rpc_task *task);

#endif
