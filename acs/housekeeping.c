/* housekeeping: what the server does again and again without being asked.
 * What is done for the whole database one node does, the one that has the lease; calling devices is shared, as each
 * node takes those that no other has taken. */
#include "acs/housekeeping.h"

#include "acs/background.h"
#include "acs/connreq.h"
#include "acs/device_classes.h"
#include "acs/quirks.h"
#include "acs/retention.h"
#include "acs/search_index.h"
#include "acs/server.h"
#include "db/files.h"
#include "db/lease.h"
#include "db/queue.h"
#include "db/session_log.h"
#include "db/task_progress.h"

static const char lease_name[] = "housekeeping";
/* Times that a node may miss before another takes over. */
enum { LEASE_ROUNDS = 3 };

/* One node at a time. */

static void swept(struct loop *loop, const struct db_answer *answer)
{
	for (size_t i = 0; i < answer->count; i++)
		rpc_each_settled_row(answer->results[i], server_task_settled, loop);
}

static void sweep_tasks(struct loop *loop)
{
	const struct config *config = loop->server->config;
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	queue_sweep(&question, config->cwmp.session_seconds, config->tasks.transfer_seconds,
		config->tasks.attempts);
	background_ask(loop, arena, &question, "sweep-tasks", swept);
}

static void sweep_files(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	files_sweep(&question);
	background_ask(loop, arena, &question, "sweep-files", NULL);
}

static void keep_session_log(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	session_log_keep(&question, loop->server->config->session_log.days);
	background_ask(loop, arena, &question, "keep-session-log", NULL);
}

static void sweep_progress(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	task_progress_sweep(&question);
	background_ask(loop, arena, &question, "sweep-progress", NULL);
}

static void on_lease(struct loop *loop, const struct db_answer *answer)
{
	if (!lease_is_ours(answer->results[0]))
		return;
	sweep_tasks(loop);
	sweep_files(loop);
	keep_session_log(loop);
	retention_begin(loop->server->retention);
	search_index_begin(loop->server->search_index);
	sweep_progress(loop);
}

static void take_lease(struct loop *loop)
{
	const struct server *server = loop->server;
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	lease_take(&question, lease_name, server->node,
		LEASE_ROUNDS * server->config->server.sweep_seconds);
	background_ask(loop, arena, &question, "take-lease", on_lease);
}

/* Every node. */

/* Whoever cannot be called goes on by itself, at its next Inform. */
static void call_devices(struct loop *loop, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	for (size_t i = 0; i < db_row_count(rows); i++)
		connreq_begin(loop, db_get_int(rows, i, 0), NULL, NULL);
}

/* Of tasks that were paused with their session. */
static void call_for_the_rest(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	task_progress_call(&question);
	background_ask(loop, arena, &question, "call-for-the-rest", call_devices);
}

/* No more at once than may be called at once; the others' turn is at the next sweep. */
static void call_for_retries(struct loop *loop)
{
	const struct config *config = loop->server->config;
	if (!config->tasks.wake_for_retry)
		return;
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	queue_call_for_retries(&question, config->connection_request.in_flight);
	background_ask(loop, arena, &question, "call-for-retries", call_devices);
}

void housekeeping_run(struct loop *loop)
{
	if (!loop->server->is_stopping)
		take_lease(loop);
	call_for_the_rest(loop);
	call_for_retries(loop);
	quirk_table_refresh(loop);
	device_classes_refresh(loop);
}

void housekeeping_leave(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	lease_return(&question, loop->server->node);
	background_ask(loop, arena, &question, "return-lease", NULL);
}
