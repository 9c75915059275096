/* peers: what the nodes on one database tell each other.
 * A notice is "kind from to id seconds"; kinds that a node does not know, of a newer one, it passes over. */
#include "acs/peers.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "acs/background.h"
#include "acs/device_classes.h"
#include "acs/log.h"
#include "acs/quirks.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/waiter.h"
#include "base/clock.h"
#include "db/device_list.h"
#include "db/listen.h"
#include "db/tasks.h"

enum { EVERYBODY = 0, MOST_SECONDS = 3600, KIND_SIZE = 16 };

struct notice {
	char kind[KIND_SIZE];
	int64_t from, to; /* nodes */
	int64_t id;       /* of the device or task */
	unsigned seconds;
};

/* Another node waits for a session that may begin here. */
struct errand_abroad {
	LIST_ENTRY(errand_abroad) others;
	struct loop *loop;
	struct waiter *waiter;
	int64_t node, device_id;
};

struct peers {
	struct loop *loop;
	struct db_listener *listener;
	LIST_HEAD(, errand_abroad) abroad;
};

/* Telling. */

static void tell(struct loop *loop, const char *kind, int64_t to, int64_t id, unsigned seconds)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	db_notify(&question, arena_printf(arena, "%s %" PRId64 " %" PRId64 " %" PRId64 " %u", kind,
				     loop->server->node, to, id, seconds));
	background_ask(loop, arena, &question, "tell-peers", NULL);
}

void peers_tell_queued(struct loop *loop, int64_t device_id)
{
	tell(loop, "queued", EVERYBODY, device_id, 0);
}

void peers_tell_finished(struct loop *loop, int64_t node, int64_t task_id)
{
	if (node != loop->server->node)
		tell(loop, "finished", node, task_id, 0);
}

void peers_watch_session(struct loop *loop, int64_t device_id, unsigned seconds)
{
	tell(loop, "watch", EVERYBODY, device_id, seconds);
}

void peers_tell_quirks(struct loop *loop)
{
	tell(loop, "quirks", EVERYBODY, 0, 0);
}

void peers_tell_device_classes(struct loop *loop)
{
	tell(loop, "device-classes", EVERYBODY, 0, 0);
}

/* Hearing. */

static void on_queued(struct peers *peers, const struct notice *notice)
{
	if (sessions_wake(peers->loop->server->sessions, notice->id, clock_seconds()))
		tell(peers->loop, "taken", notice->from, notice->id, 0);
}

static void on_taken(struct peers *peers, const struct notice *notice)
{
	waiters_taken(peers->loop->server->waiters, notice->id);
}

static void on_finished(struct peers *peers, const struct notice *notice)
{
	waiters_task_finished(peers->loop->server->waiters, notice->id);
}

static void on_session(struct peers *peers, const struct notice *notice)
{
	waiters_session_begun(peers->loop->server->waiters, notice->id);
}

static void on_quirks(struct peers *peers, const struct notice *notice)
{
	(void)notice;
	quirk_table_refresh(peers->loop);
}

static void on_device_classes(struct peers *peers, const struct notice *notice)
{
	(void)notice;
	device_classes_refresh(peers->loop);
}

static void end_abroad(struct errand_abroad *abroad)
{
	LIST_REMOVE(abroad, others);
	waiter_cancel(abroad->waiter);
	free(abroad);
}

static void on_watched(bool happened, void *arg)
{
	struct errand_abroad *abroad = arg;
	abroad->waiter = NULL;
	if (happened)
		tell(abroad->loop, "session", abroad->node, abroad->device_id, 0);
	end_abroad(abroad);
}

static void on_watch(struct peers *peers, const struct notice *notice)
{
	const unsigned seconds = notice->seconds < MOST_SECONDS ? notice->seconds : MOST_SECONDS;
	struct errand_abroad *abroad = calloc(1, sizeof(*abroad));
	if (!abroad)
		abort();
	abroad->loop = peers->loop;
	abroad->node = notice->from;
	abroad->device_id = notice->id;
	LIST_INSERT_HEAD(&peers->abroad, abroad, others);
	abroad->waiter =
		waiter_for_session(peers->loop, notice->id, seconds, on_watched, abroad);
}

static const struct {
	const char *kind;
	void (*on_heard)(struct peers *peers, const struct notice *notice);
} kinds[] = {
	{ "queued", on_queued },
	{ "taken", on_taken },
	{ "finished", on_finished },
	{ "watch", on_watch },
	{ "session", on_session },
	{ "quirks", on_quirks },
	{ "device-classes", on_device_classes },
};

static bool read_number(const char **at, int64_t *number)
{
	char *end;
	errno = 0;
	*number = strtoll(*at, &end, 10);
	const bool ok = end != *at && !errno;
	*at = end;
	return ok;
}

static bool notice_read(const char *payload, struct notice *notice)
{
	const size_t length = strcspn(payload, " ");
	const char *at = payload + length;
	int64_t seconds;
	if (length >= sizeof(notice->kind))
		return false;
	snprintf(notice->kind, sizeof(notice->kind), "%.*s", (int)length, payload);
	const bool ok = read_number(&at, &notice->from) && read_number(&at, &notice->to) &&
			read_number(&at, &notice->id) && read_number(&at, &seconds) &&
			seconds >= 0 && seconds <= UINT32_MAX;
	notice->seconds = ok ? (unsigned)seconds : 0;
	return ok;
}

static void on_notice(const char *payload, void *arg)
{
	struct peers *peers = arg;
	struct notice notice;
	const int64_t node = peers->loop->server->node;
	if (!notice_read(payload, &notice) || notice.from == node ||
		(notice.to != EVERYBODY && notice.to != node))
		return;
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (strcmp(kinds[i].kind, notice.kind) == 0)
			kinds[i].on_heard(peers, &notice);
	LOG_DEBUG("peer-told", LOG_TEXT("kind", notice.kind), LOG_NUMBER("from", notice.from),
		LOG_NUMBER("id", notice.id));
}

/* After a silence: what was missed is looked up. */

static void on_looked(struct loop *loop, const struct db_answer *answer)
{
	struct waiters *waiters = loop->server->waiters;
	for (size_t i = 0; i < db_row_count(answer->results[0]); i++)
		waiters_task_finished(waiters, db_get_int(answer->results[0], i, 0));
	for (size_t i = 0; i < db_row_count(answer->results[1]); i++)
		waiters_session_begun(waiters, db_get_int(answer->results[1], i, 0));
}

static void look(struct loop *loop, unsigned deaf_seconds)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	size_t tasks, devices;
	const int64_t *task_ids = waiters_tasks(loop->server->waiters, arena, &tasks);
	const int64_t *device_ids = waiters_devices(loop->server->waiters, arena, &devices);
	tasks_ended(&question, task_ids, tasks);
	devices_which_informed(&question, device_ids, devices, deaf_seconds);
	background_ask(loop, arena, &question, "look-for-missed", on_looked);
	sessions_wake_all(loop->server->sessions);
	quirk_table_refresh(loop);
	device_classes_refresh(loop);
}

static void on_hearing(unsigned deaf_seconds, void *arg)
{
	struct peers *peers = arg;
	LOG_INFO("peers-heard", LOG_NUMBER("node", peers->loop->server->node),
		LOG_NUMBER("deaf_seconds", deaf_seconds));
	if (deaf_seconds)
		look(peers->loop, deaf_seconds);
}

static void on_lost(const char *text, void *arg)
{
	(void)arg;
	LOG_WARNING("peers-lost", LOG_TEXT("reason", text));
}

struct peers *peers_open(struct loop *loop)
{
	const struct config *config = loop->server->config;
	const char *url = config->database.listen_url;
	struct peers *peers = calloc(1, sizeof(*peers));
	if (!peers)
		abort();
	peers->loop = loop;
	LIST_INIT(&peers->abroad);
	peers->listener = db_listener_open(
		loop->base, &(const struct db_listener_options){
				    .url = *url ? url : loop->server->database_url,
				    .statement_timeout_ms = config->database.statement_timeout_ms,
				    .connect_timeout_ms = config->database.connect_timeout_ms,
				    .reconnect_min_ms = 100,
				    .reconnect_max_ms = 2000,
				    .on_notice = on_notice,
				    .on_hearing = on_hearing,
				    .on_lost = on_lost,
				    .arg = peers,
			    });
	return peers;
}

void peers_close(struct peers *peers)
{
	if (!peers)
		return;
	db_listener_close(peers->listener);
	while (!LIST_EMPTY(&peers->abroad))
		end_abroad(LIST_FIRST(&peers->abroad));
	free(peers);
}
