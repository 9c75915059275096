/* call: one call of the admin API, from its headers to its answer.
 * A handler asks, returns, and is called again with the answer; at its end it replies exactly once.
 * The reply leaves, and the call is freed, when the handler has returned; or the peer goes away at
 * any moment. */
#ifndef ACS_API_CALL_H
#define ACS_API_CALL_H

#include <stdint.h>

#include <jansson.h>

#include "acs/api/route.h"
#include "acs/loop.h"
#include "acs/server.h"
#include "base/buffer.h"
#include "db/audit.h"
#include "db/scope.h"
#include "db/db.h"
#include "http/server.h"

struct api_query {
	const char *name, *value; /* decoded */
};

struct api_call {
	struct http_request *request;
	struct arena *arena; /* the request's */
	struct loop *loop;
	const struct api_route *route; /* NULL: no such path, or not with this method */
	const char *allow;             /* the methods that the path has */
	const char *segments[API_SEGMENTS];
	struct api_query *query;
	size_t query_count;
	const char *actor;   /* name of the token or user */
	const char *claimed; /* the user whose password is not known to be right; NULL: none who exists */
	enum api_role role;
	struct device_scope scope; /* the devices that the caller reaches */
	struct buffer bytes; /* of the body, unless the handler takes them piece by piece */
	uint64_t received;   /* of the body */
	bool has_whole_body;
	uint64_t begun_us;

	bool is_running;           /* a handler is on the stack */
	struct api_answer *answer; /* given while it was, sent when it returns */

	json_t *body; /* of BODY_JSON: an object */
	/* {device} of the path, or ?device=; -1 and NULL where there is neither. */
	int64_t device_id;
	const char *device, *oui, *product_class, *serial_number;

	struct db_wait wait;
	const char *timeout_detail; /* what to say when a question takes too long; NULL: the usual */
	void (*answered)(struct api_call *call, const struct db_answer *answer);
	void *state;                              /* the handler's */
	void (*completed)(struct api_call *call); /* BODY_BYTES: the last piece has come */
	/* Gives back what state holds besides the arena; may be NULL. */
	void (*release)(struct api_call *call);
};

/* Asks, and calls answered when the database has agreed; otherwise the call is answered here with
 * 503 or 500. */
void api_ask(struct api_call *call, const struct db_question *question,
	void (*answered)(struct api_call *call, const struct db_answer *answer));
/* For the audited statements: target is what the path names. */
struct audit_note api_note(const struct api_call *call, const char *target);

/* Answers; texts are borrowed until the handler returns. json is a whole document. */
void api_reply_json(struct api_call *call, unsigned status, const char *json);
void api_reply_created(
	struct api_call *call, unsigned status, const char *location, const char *json);
void api_reply_text(
	struct api_call *call, unsigned status, const char *content_type, const char *text);
/* Takes ownership of document. */
void api_reply_document(struct api_call *call, unsigned status, json_t *document);
void api_reply_nothing(struct api_call *call); /* 204 */
/* A problem document (RFC 9457). field names what was wrong in the request, or is NULL. */
void api_problem(struct api_call *call, unsigned status, const char *field, const char *detail, ...)
	PRINTF_LIKE(4, 5);
/* A problem with one more member: "error": a word for programs. */
void api_problem_error(
	struct api_call *call, unsigned status, const char *error, const char *detail);
/* 400 from a text such as "parameters[0].name: is empty": what stands before the colon is the
 * field. */
void api_problem_why(struct api_call *call, const char *why);
/* The first row's first column as a document, or 404 "no such <what>". */
void api_reply_row(struct api_call *call, const struct db_rows *rows, const char *what);
/* The call ends here, the request is somebody else's: writes the log line. */
void api_hand_over(struct api_call *call);

/* Counts a piece of the body. False: it is too much, and answered with 413. */
bool api_body_may_grow(struct api_call *call, size_t length) MUST_CHECK;

/* First value of that name in the query, or NULL. */
const char *api_query(const struct api_call *call, const char *name);
/* Whole number from least to most; absent where the query has none. False: answered with 400. */
bool api_query_number(struct api_call *call, const char *name, int64_t least, int64_t most,
	int64_t absent, int64_t *number) MUST_CHECK;
/* Is the text storable, of 1 to `most` bytes? False: answered with 400. NULL is fine. */
bool api_check_text(
	struct api_call *call, const char *field, const char *text, size_t most) MUST_CHECK;
/* The name that the path ends with, decoded; NULL for one that nothing can have. */
const char *api_path_name(struct api_call *call);
enum { API_NAME_BYTES = 64 };
/* A text member of the body; *text is NULL where it is absent or null. False: answered with 400. */
bool api_body_text(
	struct api_call *call, const char *field, size_t most, const char **text) MUST_CHECK;
/* The body has no member but these, ended by NULL. False: answered with 400. */
bool api_body_has_only(struct api_call *call, const char *const *known) MUST_CHECK;

#endif
