/* server: from configuration to running loops, and back to a clean stop. */
#include "acs/server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>
#include <event2/thread.h>

#include "acs/background.h"
#include "acs/connreq.h"
#include "acs/descriptors.h"
#include "acs/device_classes.h"
#include "acs/files/downloads.h"
#include "acs/files/files.h"
#include "acs/inform_cache.h"
#include "acs/listeners.h"
#include "acs/log.h"
#include "acs/lockout.h"
#include "acs/metrics.h"
#include "acs/pace.h"
#include "acs/passwords.h"
#include "acs/peers.h"
#include "acs/quirks.h"
#include "acs/refusals.h"
#include "acs/replay.h"
#include "acs/retention.h"
#include "acs/search_index.h"
#include "acs/secrets.h"
#include "acs/session.h"
#include "acs/session_recorder.h"
#include "acs/settings.h"
#include "acs/supervision.h"
#include "acs/tls_profiles.h"
#include "acs/waiter.h"
#include "acs/worker.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "cwmp/codec.h"
#include "db/cluster.h"
#include "db/migrate.h"
#include "db/queue.h"
#include "http/server.h"
#include "http/tls.h"

enum { WHY_SIZE = 512 };

static bool fail(const char *what, const char *why)
{
	LOG_ERROR("start-failed", LOG_TEXT("what", what), LOG_TEXT("reason", why));
	return false;
}

/* What the loops need, and some for commands and for looking inside. */
static unsigned cluster_connections(const struct server *server)
{
	const unsigned needed = server->loop_count * server->config->database.connections + 20;
	return needed > 64 ? needed : 64;
}

static bool open_database(struct server *server)
{
	const struct config *config = server->config;
	char why[WHY_SIZE];
	server->database_url = config->database.url;
	if (!*config->database.url) {
		const struct db_cluster_options options = {
			.data_dir = config->data.dir,
			.bin_dir = *config->database.bin_dir ? config->database.bin_dir : NULL,
			.may_create = true,
			.is_server = true,
			.connections = cluster_connections(server),
		};
		server->cluster = db_cluster_start(&options, why, sizeof(why));
		if (!server->cluster)
			return fail("private PostgreSQL", why);
		server->database_url = db_cluster_url(server->cluster);
		if (!db_migrate(server->database_url, NULL, NULL, why, sizeof(why)))
			return fail("migration", why);
	}
	/* A schema of the operator's own database is changed by `acs migrate`, on purpose. */
	if (!db_schema_is_current(server->database_url, why, sizeof(why)))
		return fail("database", why);
	return true;
}

static bool open_tls(struct server *server)
{
	char why[WHY_SIZE];
	if (!tls_profiles_open(server))
		return false;
	server->client_tls = http_tls_client(
		&(const struct http_tls_client_options){ 0 }, why, sizeof(why));
	return server->client_tls || fail("tls", why);
}

static bool make_link(struct arena *arena, const struct rpc_session *session,
	const struct rpc_link_order *order, struct rpc_link *out, void *arg)
{
	const struct server *server = arg;
	const bool has_proof = server->config->files.auth != AUTH_NONE;
	struct file_link link = {
		.purpose = order->is_upload ? FILE_LINK_UPLOAD : FILE_LINK_DOWNLOAD,
		.device_id = session->device_id,
		.name = order->name,
		.expires = order->expires,
	};
	out->url = file_link_make(arena, session->files_url, server->link_key, &link);
	out->username = has_proof ? link.username : "";
	out->password = has_proof ? link.password : "";
	return out->url != NULL;
}

static void set_rpc(struct server *server)
{
	const struct config *config = server->config;
	server->rpc = (struct rpc_settings){
		.retry_seconds = config->tasks.retry_seconds,
		.attempts = config->tasks.attempts,
		.transfer_seconds = config->tasks.transfer_seconds,
		.link_seconds = config->files.link_seconds,
		.refresh_batch = config->tasks.refresh_batch,
		.limits = { .of_device = config->cwmp.parameters_per_device,
			.in_all = config->cwmp.parameter_names },
		.requests_per_session = config->tasks.per_session,
		.hold_requests = config->cwmp.hold_requests,
		.reprovisions = config->tasks.reprovision,
		.answers_request_download = config->tasks.answer_request_download,
		.kicked_next_url = config->cwmp.kicked_next_url,
		.secrets = server->secrets,
		.realm = config->cwmp.realm,
		.secret_names = config->secrets.parameters,
		.link = make_link,
		.link_arg = server,
	};
}

static void set_codec_limits(struct server *server)
{
	const struct config *config = server->config;
	/* The codec's defaults are slower under sanitizers, and so are we then. */
	const unsigned slower = cwmp_default_limits.cpu_ms > 50 ? cwmp_default_limits.cpu_ms / 50
								: 1;
	server->slowness = slower;
	server->codec_limits = (struct cwmp_limits){
		.depth = config->cwmp.xml_depth,
		.text_bytes = config->cwmp.xml_text_bytes,
		.list_items = config->cwmp.xml_items,
		.cpu_ms = config->cwmp.parse_ms * slower,
		.cpu_ms_per_mb = config->cwmp.parse_ms_per_mb * slower,
	};
}

static void count_loops(struct server *server)
{
	const unsigned configured = server->config->server.loops;
	const long cores = sysconf(_SC_NPROCESSORS_ONLN);
	server->loop_count = configured ? configured : (unsigned)(cores > 0 ? cores : 1);
}

static bool open_loops(struct server *server)
{
	server->loops = calloc(server->loop_count, sizeof(*server->loops));
	if (!server->loops)
		abort();
	for (unsigned i = 0; i < server->loop_count; i++)
		if (!loop_init(&server->loops[i], server, i))
			return fail("event loop", strerror(errno));
	return true;
}

/* Memory holds what is sealed on disk. */
static void keep_memory_to_ourselves(const struct config *config)
{
	const struct rlimit none = { 0, 0 };
	if (config->server.core_dumps)
		return;
	setrlimit(RLIMIT_CORE, &none);
	prctl(PR_SET_DUMPABLE, 0);
}

/* What the limits of the listeners allow beyond that is never reached. */
static void share_descriptors(struct server *server)
{
	const unsigned descriptors = descriptors_raise();
	server->connections_of_loop = descriptors_of_connections(server, descriptors);
	LOG_INFO("descriptors", LOG_NUMBER("limit", descriptors),
		LOG_NUMBER("connections_of_a_loop", server->connections_of_loop));
}

/* "acs1:7547" */
static const char *node_name(const struct server *server)
{
	char host[256] = "";
	const char *address = server->addresses[LISTENER_CWMP]
				      ? server->addresses[LISTENER_CWMP]
				      : server->addresses[LISTENER_CWMP_TLS];
	gethostname(host, sizeof(host) - 1);
	return arena_printf(server->arena, "%s%s", host, address ? strrchr(address, ':') : "");
}

/* Never 0, which is nobody. */
static void choose_node(struct server *server)
{
	uint64_t random;
	random_bytes(&random, sizeof(random));
	server->node = (int64_t)(random >> 1 | 1);
}

static bool server_open(struct server *server)
{
	server->secrets = keyring_new();
	listeners_set_limits(server);
	count_loops(server);
	keep_memory_to_ourselves(server->config);
	share_descriptors(server);
	if (!open_database(server) || !secrets_open(server) || !open_tls(server) ||
		!listeners_bind(server))
		return false;
	set_rpc(server);
	set_codec_limits(server);
	server->workers = workers_new(server->config->server.workers, &server->codec_limits);
	server->sessions = sessions_new(server->config->cwmp.sessions);
	server->informs = inform_cache_new(server->config->server.inform_cache_bytes);
	server->waiters = waiters_new();
	server->downloads = downloads_new(server->config);
	server->paces = paces_new(
		server->config->cwmp.informs_per_minute, server->config->cwmp.boots_per_hour);
	server->lockout = lockout_new(
		server->config->admin.failures, server->config->admin.lockout_seconds);
	server->passwords = passwords_new(&server->codec_limits);
	server->refusals = refusals_new(server->config->audit.refusals_per_minute);
	server->replays = replays_new(time(NULL));
	memcpy(server->challenge_key, server->nonce_key, sizeof(server->challenge_key));
	if (!server->config->cwmp.shared_nonces)
		random_bytes(server->challenge_key, sizeof(server->challenge_key));
	server->quirks = quirk_table_open(server);
	server->device_classes = device_classes_open(server);
	if (!server->quirks || !server->device_classes)
		return false;
	server->connection_requests = connection_requests_new(server);
	choose_node(server);
	server->node_name = node_name(server);
	settings_audit(server);
	if (!open_loops(server))
		return false;
	server->peers = peers_open(&server->loops[0]);
	server->retention = retention_open(&server->loops[0]);
	server->search_index = search_index_open(&server->loops[0]);
	return true;
}

static void *run_loop(void *arg)
{
	struct loop *loop = arg;
	listeners_open(loop);
	loop_run(loop);
	listeners_close(loop);
	/* What the listeners left behind ends in one more round. */
	event_base_loop(loop->base, EVLOOP_NONBLOCK);
	return NULL;
}

static void print_ready(const struct server *server)
{
	printf("ready");
	listeners_print(server);
	printf("\n");
	fflush(stdout);
}

void server_loop_can_ask(struct server *server, bool can_ask)
{
	__atomic_add_fetch(&server->loops_that_ask, can_ask ? 1 : -1, __ATOMIC_ACQ_REL);
	if (server_is_ready(server) &&
		!__atomic_exchange_n(&server->was_ready, true, __ATOMIC_ACQ_REL))
		print_ready(server);
}

bool server_is_ready(const struct server *server)
{
	return __atomic_load_n(&server->loops_that_ask, __ATOMIC_ACQUIRE) == server->loop_count;
}

void server_task_settled(const struct queue_settled *settled, void *arg)
{
	struct loop *loop = arg;
	metrics_add(METRIC_TASKS, settled->method, settled->state, 1);
	waiters_task_finished(loop->server->waiters, settled->task_id);
	if (settled->awaited_by)
		peers_tell_finished(loop, settled->awaited_by, settled->task_id);
}

/* Signals go to the first loop's thread, which is this one. */
static void run_loops(struct server *server)
{
	sigset_t signals;
	sigfillset(&signals);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	for (unsigned i = 1; i < server->loop_count; i++)
		pthread_create(&server->loops[i].thread, NULL, run_loop, &server->loops[i]);
	struct supervision *supervision = supervision_begin(server);
	pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
	run_loop(&server->loops[0]);
	for (unsigned i = 1; i < server->loop_count; i++)
		pthread_join(server->loops[i].thread, NULL);
	supervision_end(supervision);
}

/* Those that did not end in time. */
static void record_open_sessions(struct server *server)
{
	const time_t end_of_time = clock_seconds() + UINT32_MAX;
	struct session *session;
	while (server->sessions &&
		(session = sessions_next_expired(server->sessions, end_of_time, 0)) != NULL) {
		session_recorder_add(server->loops[0].recorder, session, "stopped");
		session_free(session);
	}
}

/* Their answers would still come while the recorders wait for their own, and need what is gone by then. */
static void drop_errands(struct server *server)
{
	for (unsigned i = 0; server->loops && i < server->loop_count; i++)
		background_drop(&server->loops[i]);
}

static void server_close(struct server *server)
{
	drop_errands(server);
	peers_close(server->peers);
	connection_requests_free(server->connection_requests);
	workers_free(server->workers);
	passwords_free(server->passwords);
	retention_close(server->retention);
	search_index_close(server->search_index);
	record_open_sessions(server);
	for (unsigned i = 0; server->loops && i < server->loop_count; i++)
		loop_clear(&server->loops[i]);
	free(server->loops);
	waiters_free(server->waiters);
	downloads_free(server->downloads);
	paces_free(server->paces);
	lockout_free(server->lockout);
	refusals_free(server->refusals);
	sessions_free(server->sessions);
	inform_cache_free(server->informs);
	quirk_table_free(server->quirks);
	device_classes_free(server->device_classes);
	replays_free(server->replays);
	for (int i = 0; i < LISTENER_COUNT; i++)
		if (server->sockets[i] >= 0)
			close(server->sockets[i]);
	tls_profiles_close(server);
	http_tls_free(server->client_tls);
	db_cluster_stop(server->cluster);
	keyring_free(server->secrets);
	arena_free(server->arena);
}

int server_run(struct config *config)
{
	struct server server = { .config = config, .arena = arena_new(), .started = time(NULL) };
	for (int i = 0; i < LISTENER_COUNT; i++)
		server.sockets[i] = -1;
	signal(SIGPIPE, SIG_IGN);
	evthread_use_pthreads();
	const bool ok = server_open(&server);
	if (ok)
		run_loops(&server);
	server_close(&server);
	if (ok)
		LOG_INFO("stopped");
	return ok ? 0 : 1;
}
