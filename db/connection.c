/* connection: one pipelined, non-blocking connection to PostgreSQL that comes back by itself.
 * A question is a pipeline segment: its statements, then one sync, which makes it one transaction.
 * Its life: CLOSED -> CONNECTING -> SETTING_UP -> READY -> (DRAINING ->) CLOSED, and again. */
#include "db/connection.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>
#include <event2/event_struct.h>
#include <uthash.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "db/question.h"

/* Beyond statement_timeout, before silence counts as a lost peer. */
enum { SILENCE_MS = 5000 };

enum db_connection_state {
	CONNECTION_CLOSED,     /* the timer reconnects */
	CONNECTION_CONNECTING, /* PQconnectPoll; the timer is the deadline */
	CONNECTION_SETTING_UP, /* the session's settings are under way; same deadline */
	CONNECTION_READY,
	CONNECTION_DRAINING, /* the session is not what we believe: closed once its questions are answered */
};

/* A statement on this connection. Only a confirmed one is executed by its name: until then its parse may
 * still fail with an earlier error of its segment, so others send the text along. */
struct prepared {
	const char *name; /* the key; static text */
	bool is_confirmed;
	UT_hash_handle hh;
};

struct db_connection {
	const struct db_connection_owner *owner;
	enum db_connection_state state;
	PGconn *pg; /* NULL while closed */
	struct event readable, writable, timer;
	struct pending_queue in_flight; /* in the order of their syncs */
	unsigned in_flight_count;
	struct prepared *prepared;
	uint64_t progress_ms; /* when the server last answered, or was asked after a rest */
	unsigned failures;    /* attempts in a row */
};

static void on_timer(evutil_socket_t socket, short what, void *arg);
static void on_connect_progress(evutil_socket_t socket, short what, void *arg);
static void on_readable(evutil_socket_t socket, short what, void *arg);
static void on_writable(evutil_socket_t socket, short what, void *arg);

static void set_timer(struct db_connection *c, unsigned ms)
{
	const struct timeval after = { .tv_sec = ms / 1000,
		.tv_usec = (suseconds_t)(ms % 1000) * 1000 };
	event_add(&c->timer, &after);
}

struct db_connection *db_connection_open(const struct db_connection_owner *owner)
{
	struct db_connection *c = calloc(1, sizeof(*c));
	if (!c)
		abort();
	c->owner = owner;
	TAILQ_INIT(&c->in_flight);
	event_assign(&c->readable, owner->base, -1, 0, on_readable, c);
	event_assign(&c->writable, owner->base, -1, 0, on_writable, c);
	event_assign(&c->timer, owner->base, -1, 0, on_timer, c);
	set_timer(c, 0);
	return c;
}

bool db_connection_is_ready(const struct db_connection *c)
{
	return c->state == CONNECTION_READY;
}

unsigned db_connection_in_flight(const struct db_connection *c)
{
	return c->in_flight_count;
}

/* Losing it */

static void forget_prepared(struct db_connection *c, struct prepared *prepared)
{
	HASH_DEL(c->prepared, prepared);
	free(prepared);
}

static void disconnect(struct db_connection *c)
{
	event_del(&c->readable);
	event_del(&c->writable);
	event_del(&c->timer);
	PQfinish(c->pg);
	c->pg = NULL;
	c->state = CONNECTION_CLOSED;
	struct prepared *prepared, *next;
	HASH_ITER (hh, c->prepared, prepared, next) {
		forget_prepared(c, prepared);
	}
}

static struct db_pending *take_oldest(struct db_connection *c)
{
	struct db_pending *pending = TAILQ_FIRST(&c->in_flight);
	TAILQ_REMOVE(&c->in_flight, pending, link);
	c->in_flight_count--;
	return pending;
}

/* Doubles from the least to the most, then draws from the upper half, so that many clients of one
 * server do not return together. */
static unsigned retry_delay_ms(const struct db_connection *c)
{
	const struct db_options *options = c->owner->options;
	uint64_t delay = options->reconnect_min_ms;
	for (unsigned i = 1; i < c->failures && delay < options->reconnect_max_ms; i++)
		delay *= 2;
	if (delay > options->reconnect_max_ms)
		delay = options->reconnect_max_ms;
	uint32_t random;
	random_bytes(&random, sizeof(random));
	return (unsigned)(delay / 2 + random % (delay / 2 + 1));
}

static void tell(const struct db_connection *c, bool is_up, const char *text)
{
	const struct db_options *options = c->owner->options;
	if (options->on_event)
		options->on_event(is_up, text, options->on_event_arg);
}

/* Answers what was in flight and tries again later. text may belong to the connection. */
static void lose(struct db_connection *c, const char *text)
{
	const bool is_news = c->failures++ == 0;
	struct arena *arena = arena_new();
	text = arena_strndup(arena, text, strcspn(text, "\n"));
	disconnect(c);
	while (!TAILQ_EMPTY(&c->in_flight)) {
		struct db_pending *pending = take_oldest(c);
		pending_fail(pending, DB_UNAVAILABLE, "", text);
		c->owner->on_finished(pending, c->owner->arg);
	}
	set_timer(c, retry_delay_ms(c));
	if (is_news)
		tell(c, false, text);
	arena_free(arena);
}

void db_connection_close(struct db_connection *c)
{
	disconnect(c);
	while (!TAILQ_EMPTY(&c->in_flight))
		pending_drop(take_oldest(c));
	free(c);
}

/* Connecting */

static void ignore_notice(void *arg, const PGresult *notice)
{
	(void)arg, (void)notice;
}

static void await_socket(struct db_connection *c, short what)
{
	event_del(&c->readable);
	event_assign(&c->readable, c->owner->base, PQsocket(c->pg), what, on_connect_progress, c);
	event_add(&c->readable, NULL);
}

static void connect_now(struct db_connection *c)
{
	static const char *const keys[] = { "dbname", "client_encoding",
		"fallback_application_name", NULL };
	const char *const name = c->owner->options->on_notice ? "acs-listen" : "acs";
	const char *const values[] = { c->owner->options->url, "UTF8", name, NULL };
	c->pg = PQconnectStartParams(keys, values, 1);
	if (!c->pg)
		abort();
	c->state = CONNECTION_CONNECTING;
	PQsetNoticeReceiver(c->pg, ignore_notice, NULL);
	if (PQstatus(c->pg) == CONNECTION_BAD) {
		lose(c, PQerrorMessage(c->pg));
		return;
	}
	set_timer(c, c->owner->options->connect_timeout_ms);
	await_socket(c, EV_WRITE);
}

static void on_timer(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	struct db_connection *c = arg;
	if (c->state == CONNECTION_CLOSED)
		connect_now(c);
	else
		lose(c, "connecting took too long");
}

static bool send_question(
	struct db_connection *c, const struct db_question *question, struct db_pending *pending);
static void flush(struct db_connection *c);

/* A SELECT and not startup options, which pgbouncer refuses. By the keepalives, PostgreSQL notices after a
 * minute that our machine is gone, and gives back the locks of a question cut short (no effect on Unix sockets).
 * A statement is planned once for the connection's life, perhaps while its tables are nearly empty: it must not read
 * a table from end to end for that. What has no index still does, at a cost that would call for JIT. */
static void send_settings(struct db_connection *c)
{
	static const struct db_statement settings = {
		.name = "acs_settings",
		.sql = "SELECT set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false),"
		       " set_config('bytea_output', 'hex', false),"
		       " set_config('plan_cache_mode', 'force_generic_plan', false),"
		       " set_config('enable_seqscan', 'off', false), set_config('jit', 'off', false),"
		       " set_config('tcp_keepalives_idle', '30', false),"
		       " set_config('tcp_keepalives_interval', '10', false),"
		       " set_config('tcp_keepalives_count', '3', false),"
		       " set_config('statement_timeout', $1, false)",
	};
	static const struct db_statement listen = { "acs_listen", "LISTEN " DB_CHANNEL };
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	DB_ADD(&question, &settings, db_int(arena, c->owner->options->statement_timeout_ms));
	if (c->owner->options->on_notice)
		db_add(&question, &listen, NULL, 0);
	if (send_question(c, &question, pending_new(&question, NULL, NULL, NULL)))
		flush(c);
	arena_free(arena);
}

static void on_connected(struct db_connection *c)
{
	struct event_base *base = c->owner->base;
	const int socket = PQsocket(c->pg);
	c->state = CONNECTION_SETTING_UP;
	event_del(&c->readable);
	event_assign(&c->readable, base, socket, EV_READ | EV_PERSIST, on_readable, c);
	event_assign(&c->writable, base, socket, EV_WRITE, on_writable, c);
	event_add(&c->readable, NULL);
	if (PQsetnonblocking(c->pg, 1) != 0 || !PQenterPipelineMode(c->pg))
		lose(c, PQerrorMessage(c->pg));
	else
		send_settings(c);
}

static void on_connect_progress(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	struct db_connection *c = arg;
	switch (PQconnectPoll(c->pg)) {
	case PGRES_POLLING_READING:
		await_socket(c, EV_READ);
		return;
	case PGRES_POLLING_WRITING:
		await_socket(c, EV_WRITE);
		return;
	case PGRES_POLLING_OK:
		on_connected(c);
		return;
	default:
		lose(c, PQerrorMessage(c->pg));
	}
}

static void on_settings_answered(struct db_connection *c, struct db_pending *pending)
{
	if (pending->outcome == DB_OK) {
		event_del(&c->timer);
		c->state = CONNECTION_READY;
		c->failures = 0;
		tell(c, true, "connected");
	} else {
		lose(c, pending->text);
	}
	pending_drop(pending);
}

/* Asking */

static bool send_prepare(
	struct db_connection *c, const struct db_statement *statement, struct db_pending *pending)
{
	if (!PQsendPrepare(c->pg, statement->name, statement->sql, 0, NULL))
		return false;
	struct prepared *prepared = calloc(1, sizeof(*prepared));
	if (!prepared)
		abort();
	prepared->name = statement->name;
	HASH_ADD_KEYPTR(hh, c->prepared, prepared->name, strlen(prepared->name), prepared);
	pending->commands[pending->commands_count++] = prepared;
	return true;
}

static bool is_prepared_by(const struct db_pending *pending, const struct prepared *prepared)
{
	for (size_t i = 0; i < pending->commands_count; i++)
		if (pending->commands[i] == prepared)
			return true;
	return false;
}

static bool send_step(
	struct db_connection *c, const struct db_step *step, struct db_pending *pending)
{
	const struct db_statement *statement = step->statement;
	const struct prepared *prepared;
	HASH_FIND_STR(c->prepared, statement->name, prepared);
	const bool is_new = !prepared;
	if (is_new && !send_prepare(c, statement, pending))
		return false;
	pending->commands[pending->commands_count++] = NULL;
	if (is_new || prepared->is_confirmed || is_prepared_by(pending, prepared))
		return PQsendQueryPrepared(c->pg, statement->name, step->count, step->values,
			step->lengths, step->is_binary, 0);
	return PQsendQueryParams(c->pg, statement->sql, step->count, NULL, step->values,
		step->lengths, step->is_binary, 0);
}

static bool send_segment(
	struct db_connection *c, const struct db_question *question, struct db_pending *pending)
{
	for (size_t i = 0; i < question->count; i++)
		if (!send_step(c, &question->steps[i], pending))
			return false;
	return PQpipelineSync(c->pg);
}

/* False when the connection was lost over it. */
static bool send_question(
	struct db_connection *c, const struct db_question *question, struct db_pending *pending)
{
	if (c->in_flight_count++ == 0)
		c->progress_ms = clock_ms();
	TAILQ_INSERT_TAIL(&c->in_flight, pending, link);
	if (send_segment(c, question, pending))
		return true;
	lose(c, PQerrorMessage(c->pg));
	return false;
}

/* What the socket does not take now leaves when it is writable. */
static void flush(struct db_connection *c)
{
	const int left = PQflush(c->pg);
	if (left < 0)
		lose(c, PQerrorMessage(c->pg));
	else if (left > 0)
		event_add(&c->writable, NULL);
}

static void on_writable(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	flush(arg);
}

void db_connection_ask(
	struct db_connection *c, const struct db_question *question, struct db_pending *pending)
{
	assert(c->state == CONNECTION_READY);
	if (send_question(c, question, pending))
		flush(c);
}

/* Reading answers */

static void on_synced(struct db_connection *c)
{
	struct db_pending *pending = take_oldest(c);
	if (c->state == CONNECTION_SETTING_UP) {
		on_settings_answered(c, pending);
		return;
	}
	/* An outcome that is the connection's own fault means that its session is not to be trusted. */
	if (pending->outcome == DB_UNAVAILABLE)
		c->state = CONNECTION_DRAINING;
	struct arena *arena = arena_new();
	const char *text = arena_strdup(arena, pending->text);
	c->owner->on_finished(pending, c->owner->arg);
	if (c->state == CONNECTION_DRAINING && TAILQ_EMPTY(&c->in_flight))
		lose(c, text);
	arena_free(arena);
}

static void on_prepare_answered(
	struct db_connection *c, struct prepared *prepared, ExecStatusType status)
{
	if (status == PGRES_COMMAND_OK)
		prepared->is_confirmed = true;
	else
		forget_prepared(c, prepared);
}

static void on_command_answered(
	struct db_connection *c, struct db_pending *pending, PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);
	/* An error beyond the last command is that of the commit. */
	const bool is_commit = pending->commands_answered == pending->commands_count;
	struct prepared *prepared = is_commit ? NULL
					      : pending->commands[pending->commands_answered++];
	if (prepared)
		on_prepare_answered(c, prepared, status);
	if (status == PGRES_FATAL_ERROR)
		pending_fail_with(pending, result);
	const bool is_answer = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
	if (is_answer && !prepared && !is_commit)
		pending_take(pending, result);
	else
		PQclear(result);
}

static void on_result(struct db_connection *c, PGresult *result)
{
	c->progress_ms = clock_ms();
	if (PQresultStatus(result) != PGRES_PIPELINE_SYNC) {
		on_command_answered(c, TAILQ_FIRST(&c->in_flight), result);
		return;
	}
	PQclear(result);
	on_synced(c);
}

/* One NULL separates results; a second one in a row means that there is nothing to read. */
static void read_results(struct db_connection *c)
{
	bool was_null = false;
	while (!TAILQ_EMPTY(&c->in_flight) && !PQisBusy(c->pg)) {
		PGresult *result = PQgetResult(c->pg);
		if (!result && was_null)
			return;
		was_null = !result;
		if (result)
			on_result(c, result);
	}
}

static void read_notices(struct db_connection *c)
{
	const struct db_options *options = c->owner->options;
	if (!options->on_notice)
		return;
	for (PGnotify *notice; (notice = PQnotifies(c->pg)); PQfreemem(notice))
		options->on_notice(notice->extra, options->on_notice_arg);
}

static void on_readable(evutil_socket_t socket, short what, void *arg)
{
	(void)socket, (void)what;
	struct db_connection *c = arg;
	const bool is_alive = PQconsumeInput(c->pg);
	read_results(c);
	if (!c->pg)
		return;
	read_notices(c);
	if (!is_alive || PQstatus(c->pg) == CONNECTION_BAD)
		lose(c, PQerrorMessage(c->pg));
	else
		flush(c);
}

/* The server sends nothing before the sync, so each statement of a question may take its time in full. */
void db_connection_watch(struct db_connection *c)
{
	const unsigned timeout_ms = c->owner->options->statement_timeout_ms;
	const struct db_pending *oldest = TAILQ_FIRST(&c->in_flight);
	if (!timeout_ms || !oldest)
		return;
	const uint64_t patience_ms = (uint64_t)timeout_ms * oldest->count + SILENCE_MS;
	if (clock_ms() - c->progress_ms > patience_ms)
		lose(c, "the server has stopped answering");
}
