/* pending: a question under way, from db_ask() to its answer.
 * Private to db/. It waits in a connection's queue for PostgreSQL, then in the pool's for the loop. */
#ifndef DB_PENDING_H
#define DB_PENDING_H

#include <sys/queue.h>

#include <libpq-fe.h>

#include "db/db.h"

struct prepared;

struct db_pending {
	TAILQ_ENTRY(db_pending) link;
	struct arena *arena;  /* holds this struct and all below but the results */
	struct db_wait *wait; /* NULL once abandoned: nobody hears the answer */
	db_done_fn *done;
	void *arg;

	size_t count; /* statements */
	const char **names;
	PGresult **results; /* owned; filled in order */
	size_t results_count;

	/* What the server will answer before the sync: one entry per command, the statement it prepares
	 * or NULL where it executes the next one. */
	struct prepared **commands;
	size_t commands_count, commands_answered;

	enum db_outcome outcome;
	const char *sqlstate, *text;
};
TAILQ_HEAD(pending_queue, db_pending);

/* wait may be NULL: then nobody is told. */
struct db_pending *pending_new(
	const struct db_question *question, struct db_wait *wait, db_done_fn *done, void *arg);
/* Keeps the result of the next statement, or drops it when nobody waits. Takes result over. */
void pending_take(struct db_pending *pending, PGresult *result);
/* Sets the outcome unless an earlier error did. Texts are copied. */
void pending_fail(struct db_pending *pending, enum db_outcome outcome, const char *sqlstate,
	const char *text);
/* From PostgreSQL's error about the statement that comes next. */
void pending_fail_with(struct db_pending *pending, const PGresult *error);
/* Calls done unless abandoned, and frees pending. */
void pending_answer(struct db_pending *pending);
/* Frees without a call. */
void pending_drop(struct db_pending *pending);

#endif
