/* pending: a question under way and what has arrived of its answer.
 * An error of the server's or the session's own making (shutdown, loss) is told as DB_UNAVAILABLE. */
#include "db/pending.h"

#include <stdlib.h>
#include <string.h>

#include "db/question.h"
#include "db/rows.h"

struct db_pending *pending_new(
	const struct db_question *question, struct db_wait *wait, db_done_fn *done, void *arg)
{
	struct arena *arena = arena_new();
	struct db_pending *pending = ARENA_NEW(arena, struct db_pending);
	pending->arena = arena;
	pending->wait = wait;
	pending->done = done;
	pending->arg = arg;
	pending->count = question->count;
	pending->names = arena_array(arena, question->count, sizeof(*pending->names));
	for (size_t i = 0; i < question->count; i++)
		pending->names[i] = question->steps[i].statement->name;
	pending->results = arena_array(arena, question->count, sizeof(PGresult *));
	pending->commands = arena_array(arena, 2 * question->count, sizeof(*pending->commands));
	pending->sqlstate = pending->text = "";
	if (wait)
		wait->pending = pending;
	return pending;
}

void pending_take(struct db_pending *pending, PGresult *result)
{
	if (!pending->wait) {
		PQclear(result);
		result = NULL;
	}
	pending->results[pending->results_count++] = result;
}

void pending_fail(
	struct db_pending *pending, enum db_outcome outcome, const char *sqlstate, const char *text)
{
	if (pending->outcome != DB_OK)
		return;
	pending->outcome = outcome;
	pending->sqlstate = arena_strdup(pending->arena, outcome == DB_FAILED ? sqlstate : "");
	const size_t length = strlen(text);
	const bool has_newline = length && text[length - 1] == '\n';
	pending->text = arena_strndup(pending->arena, text, length - has_newline);
}

/* Is it the server or the session that failed, and not the question? */
static bool is_of_the_connection(const char *sqlstate)
{
	static const char *const states[] = {
		"57P",   /* shutdown, crash, database dropped, not yet accepting */
		"26000", /* a statement we prepared is gone, so the session was swapped under us */
		"42P05", /* … or somebody prepared it before us */
	};
	for (size_t i = 0; i < LENGTH_OF(states); i++)
		if (strncmp(sqlstate, states[i], strlen(states[i])) == 0)
			return true;
	return !*sqlstate;
}

/* What was wrong, without the value that was: it may be a secret. */
static const char *without_value(struct arena *arena, const char *sqlstate, const char *message)
{
	const bool quotes_values = strncmp(sqlstate, "22", 2) == 0 || strncmp(sqlstate, "23", 2) == 0;
	return quotes_values ? arena_strndup(arena, message, strcspn(message, ":")) : message;
}

void pending_fail_with(struct db_pending *pending, const PGresult *error)
{
	const char *sqlstate = PQresultErrorField(error, PG_DIAG_SQLSTATE);
	const char *message = PQresultErrorField(error, PG_DIAG_MESSAGE_PRIMARY);
	sqlstate = sqlstate ? sqlstate : "";
	const size_t at = pending->results_count;
	/* The detail is left out: it quotes values, too. */
	const char *text = arena_printf(pending->arena, "%s: %s",
		at < pending->count ? pending->names[at] : "commit",
		without_value(pending->arena, sqlstate,
			message ? message : PQresultErrorMessage(error)));
	pending_fail(pending, is_of_the_connection(sqlstate) ? DB_UNAVAILABLE : DB_FAILED, sqlstate,
		text);
}

void pending_answer(struct db_pending *pending)
{
	if (pending->wait) {
		const bool is_ok = pending->outcome == DB_OK;
		const size_t count = is_ok ? pending->count : 0;
		const struct db_rows **results = arena_array(
			pending->arena, count, sizeof(struct db_rows *));
		for (size_t i = 0; i < count; i++)
			results[i] = rows_of(pending->arena, pending->results[i]);
		const struct db_answer answer = { pending->outcome, pending->sqlstate,
			pending->text, results, count };
		pending->wait->pending = NULL;
		pending->wait = NULL;
		pending->done(&answer, pending->arg);
	}
	pending_drop(pending);
}

void pending_drop(struct db_pending *pending)
{
	if (pending->wait)
		pending->wait->pending = NULL;
	for (size_t i = 0; i < pending->results_count; i++)
		PQclear(pending->results[i]);
	arena_free(pending->arena);
}
