/* db: questions to PostgreSQL from an event loop, and their answers.
 * A question is one statement or several that commit together; it is sent at once on a pipelined
 * connection, and its answer comes later from the loop. */
#ifndef DB_DB_H
#define DB_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

struct event_base;
struct db;

struct db_options {
	const char *url;      /* libpq connection string or URI; copied */
	unsigned connections; /* of this loop */
	unsigned statement_timeout_ms;
	unsigned connect_timeout_ms;
	unsigned reconnect_min_ms, reconnect_max_ms; /* doubled between the two, with jitter */
	unsigned in_flight; /* questions on one connection, more are answered DB_UNAVAILABLE */
	/* Tells that a connection came up or was lost, for the log; text is borrowed. May be NULL. */
	void (*on_event)(bool is_up, const char *text, void *arg);
	void *on_event_arg;
	void (*on_full)(void); /* a question was refused because of in_flight; may be NULL */
	/* Listens, and is called with the payload of each notice (see listen.h). NULL: does not. */
	void (*on_notice)(const char *payload, void *arg);
	void *on_notice_arg;
};

/* Of all notices. */
#define DB_CHANNEL "acs"

/* Opens the pool; connecting goes on in the loop. Never NULL. */
struct db *db_open(struct event_base *base, const struct db_options *options);
/* Is at least one connection ready? */
bool db_is_up(const struct db *db);

struct db_use {
	unsigned up; /* connections, as of the last second */
	unsigned in_flight;
	uint64_t asked, refused; /* questions; refused: without asking, for want of a connection or of room */
};
/* From any thread. */
struct db_use db_use(const struct db *db);
/* Open questions are dropped without a call. NULL is allowed. Not from inside a db_done_fn. */
void db_close(struct db *db);

/* Static texts. Prepared on a connection when it is first used there. */
struct db_statement {
	const char *name; /* unique; shows in pg_stat_activity and errors */
	const char *sql;
};

/* One parameter. Borrowed until db_ask() returns. */
struct db_value {
	const void *bytes; /* NULL is SQL's NULL */
	int length;        /* -1: up to the NUL */
	bool is_binary;
};

struct db_value db_null(void);
struct db_value db_text(const char *text); /* NULL is SQL's NULL */
struct db_value db_text_of(const char *text, size_t length);
struct db_value db_bytea(const void *bytes, size_t length);
struct db_value db_bool(bool value);
struct db_value db_int(struct arena *arena, int64_t value);
/* bigint[], boolean[], bytea[] and text[] in binary form: no quoting, no limit but memory's. NULL texts
 * and bytes are SQL's NULL. */
struct db_value db_int_array(struct arena *arena, const int64_t *items, size_t count);
struct db_value db_bool_array(struct arena *arena, const bool *items, size_t count);
struct db_bytes {
	const void *bytes;
	size_t length;
};
struct db_value db_bytea_array(struct arena *arena, const struct db_bytes *items, size_t count);
struct db_value db_text_array(struct arena *arena, const char *const *items, size_t count);

/* A list of statements that run in order in one transaction: all or nothing. */
struct db_question {
	struct arena *arena;
	struct db_step *steps;
	size_t count, room;
};

/* A question in arena; starts empty. */
struct db_question db_question(struct arena *arena);
/* Adds a statement with its parameters $1…$n. Values and texts are copied, the bytes of binary ones stay
 * borrowed until db_ask() returns. A text ends at its first NUL. Returns the index of its result. */
size_t db_add(struct db_question *question, const struct db_statement *statement,
	const struct db_value *values, size_t count);
#define DB_ADD(question, statement, ...) \
	db_add((question), (statement), (const struct db_value[]){ __VA_ARGS__ }, \
		sizeof((const struct db_value[]){ __VA_ARGS__ }) / sizeof(struct db_value))

/* Adds a statement after which this question's commit does not wait for the disk: it may be lost in a crash of
 * PostgreSQL's, as a whole. For records that nothing relies on. */
void db_commit_lazily(struct db_question *question);

enum db_outcome {
	DB_OK,          /* committed; a result for every statement */
	DB_UNAVAILABLE, /* no connection, or lost under way: whether it committed is unknown */
	DB_FAILED,      /* refused by PostgreSQL and rolled back; sqlstate tells why */
};

struct db_rows;

struct db_answer {
	enum db_outcome outcome;
	const char *sqlstate;                 /* "23505"; "" unless DB_FAILED */
	const char *text;                     /* for the log; "" with DB_OK */
	const struct db_rows *const *results; /* count of them with DB_OK, in db_add() order */
	size_t count;
};

/* Called once, from the loop, never from inside db_ask(). The answer is valid until it returns. */
typedef void db_done_fn(const struct db_answer *answer, void *arg);

/* A question under way. Embedded in whoever asks; zeroed before its first use. */
struct db_wait {
	struct db_pending *pending;
};

/* Sends the question. One at a time per wait. */
void db_ask(struct db *db, const struct db_question *question, struct db_wait *wait,
	db_done_fn *done, void *arg);
/* Is a question under way? */
bool db_is_waiting(const struct db_wait *wait);
/* No call will come; the question itself may still commit. Allowed at any time, also when none is under way. */
void db_abandon(struct db_wait *wait);

/* Waits for a connection (at most connect_timeout_ms), asks, and turns the loop until answered; for command
 * line tools and start-up, not for a serving loop. The answer is copied into arena. */
struct db_answer db_ask_and_wait(struct db *db, struct event_base *base, struct arena *arena,
	const struct db_question *question);

/* Results. Text is borrowed from the rows. Asking beyond rows or columns is a bug and asserts. */
size_t db_row_count(const struct db_rows *rows);
size_t db_affected(const struct db_rows *rows); /* rows that INSERT, UPDATE or DELETE touched */
bool db_is_null(const struct db_rows *rows, size_t row, size_t column);
const char *db_get_text(const struct db_rows *rows, size_t row, size_t column); /* NULL for NULL */
int64_t db_get_int(const struct db_rows *rows, size_t row, size_t column);      /* 0 for NULL */
bool db_get_bool(const struct db_rows *rows, size_t row, size_t column);        /* false for NULL */
/* Decodes a bytea column (text form) into arena; NULL for NULL. */
const void *db_get_bytea(
	struct arena *arena, const struct db_rows *rows, size_t row, size_t column, size_t *length);

/* Is the text something that a PostgreSQL text column takes (UTF-8, no NUL, at most limit bytes)? */
bool db_text_is_storable(const char *text, size_t length, size_t limit);

/* SQL for a timestamptz as RFC 3339 in UTC with milliseconds and Z. */
#define DB_TIME(expression) \
	"to_char((" expression ") AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.MS\"Z\"')"

#endif
