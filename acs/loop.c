/* loop: one event loop of the server, and all that belongs to it alone.
 * The mailbox is the only door for other threads: a list under a short lock, and an event that
 * wakes the loop. */
#include "acs/loop.h"

#include <stdlib.h>
#include <sys/queue.h>

#include <event2/dns.h>
#include <event2/event.h>

#include "acs/auth.h"
#include "acs/background.h"
#include "acs/log.h"
#include "acs/server.h"
#include "acs/tally.h"
#include "acs/session_recorder.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "cwmp/codec.h"
#include "db/db.h"
#include "db/inform_touch.h"

struct letter {
	void (*run)(void *arg);
	void *arg;
	STAILQ_ENTRY(letter) next;
};

STAILQ_HEAD(letters, letter);

struct loop_mailbox {
	pthread_mutex_t lock;
	struct letters letters;
	unsigned count;
	struct event *arrived;
};

static void open_letters(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct loop_mailbox *mailbox = arg;
	struct letters taken = STAILQ_HEAD_INITIALIZER(taken);
	pthread_mutex_lock(&mailbox->lock);
	STAILQ_CONCAT(&taken, &mailbox->letters);
	mailbox->count = 0;
	pthread_mutex_unlock(&mailbox->lock);
	for (struct letter *letter; (letter = STAILQ_FIRST(&taken)) != NULL;) {
		STAILQ_REMOVE_HEAD(&taken, next);
		letter->run(letter->arg);
		free(letter);
	}
}

static struct loop_mailbox *mailbox_new(struct event_base *base)
{
	struct loop_mailbox *mailbox = calloc(1, sizeof(*mailbox));
	if (!mailbox)
		abort();
	pthread_mutex_init(&mailbox->lock, NULL);
	STAILQ_INIT(&mailbox->letters);
	mailbox->arrived = event_new(base, -1, EV_PERSIST, open_letters, mailbox);
	return mailbox;
}

static void mailbox_free(struct loop_mailbox *mailbox)
{
	if (!mailbox)
		return;
	open_letters(-1, 0, mailbox);
	event_free(mailbox->arrived);
	pthread_mutex_destroy(&mailbox->lock);
	free(mailbox);
}

void loop_post(struct loop *loop, void (*run)(void *arg), void *arg)
{
	struct letter *letter = malloc(sizeof(*letter));
	if (!letter)
		abort();
	*letter = (struct letter){ .run = run, .arg = arg };
	pthread_mutex_lock(&loop->mailbox->lock);
	STAILQ_INSERT_TAIL(&loop->mailbox->letters, letter, next);
	loop->mailbox->count++;
	pthread_mutex_unlock(&loop->mailbox->lock);
	event_active(loop->mailbox->arrived, EV_READ, 0);
}

unsigned loop_retry_after(struct loop *loop)
{
	uint32_t random;
	random_bytes(&random, sizeof(random));
	return overload_retry_after(&loop->overload, clock_us(), random);
}

unsigned loop_letters(const struct loop *loop)
{
	pthread_mutex_lock(&loop->mailbox->lock);
	const unsigned count = loop->mailbox->count;
	pthread_mutex_unlock(&loop->mailbox->lock);
	return count;
}

/* What the server hears is the loop's state, not that of each connection. */
static void on_database_event(bool is_up, const char *text, void *arg)
{
	struct loop *loop = arg;
	if (is_up)
		LOG_INFO("database-up", LOG_NUMBER("loop", loop->number));
	else
		LOG_WARNING("database-lost", LOG_NUMBER("loop", loop->number),
			LOG_TEXT("reason", text));
	const bool can_ask = is_up || db_is_up(loop->db);
	if (can_ask != loop->can_ask)
		server_loop_can_ask(loop->server, can_ask);
	loop->can_ask = can_ask;
}

static void on_database_full(void)
{
	tally_limit(LIMIT_DATABASE);
}

static struct db *open_database(struct loop *loop)
{
	const struct config *config = loop->server->config;
	return db_open(
		loop->base, &(const struct db_options){
				    .url = loop->server->database_url,
				    .connections = config->database.connections,
				    .statement_timeout_ms = config->database.statement_timeout_ms,
				    .connect_timeout_ms = config->database.connect_timeout_ms,
				    .reconnect_min_ms = 100,
				    .reconnect_max_ms = 2000,
				    .in_flight = config->database.in_flight,
				    .on_event = on_database_event,
				    .on_full = on_database_full,
				    .on_event_arg = loop,
			    });
}

static void note_batch(size_t entries, void *arg)
{
	(void)arg;
	tally_observe(TALLY_BATCH, entries);
}

static void open_batches(struct loop *loop)
{
	const struct config *config = loop->server->config;
	struct batch_options options = {
		.linger_us = config->database.linger_us,
		.most = config->database.batch,
	};
	loop->credentials = batch_open(loop->base, loop->db, auth_credentials_ask, &options);
	options.on_depart = note_batch;
	loop->touches = batch_open(loop->base, loop->db, inform_touches_ask, &options);
}

static void init_overload(struct loop *loop)
{
	const struct config *config = loop->server->config;
	const struct overload_settings settings = {
		.most_us = (uint64_t)config->cwmp.overload_ms * 1000 * loop->server->slowness,
		.most_waiting = config->cwmp.waiting,
		.retry_after_seconds = config->cwmp.retry_after_seconds,
		.retry_after_max_seconds = config->cwmp.retry_after_max_seconds,
	};
	overload_init(&loop->overload, &settings, clock_us());
}

/* A machine without resolv.conf still serves; only names in URLs cannot be called then. */
static struct evdns_base *open_resolver(const struct loop *loop)
{
	const char *servers = loop->server->config->connection_request.name_servers;
	const int flags = EVDNS_BASE_DISABLE_WHEN_INACTIVE;
	char one[NAME_SERVER_BYTES];
	if (!*servers)
		return evdns_base_new(loop->base, flags | EVDNS_BASE_INITIALIZE_NAMESERVERS);
	struct evdns_base *dns = evdns_base_new(loop->base, flags);
	while (dns && config_next_name_server(&servers, one))
		evdns_base_nameserver_ip_add(dns, one);
	return dns;
}

bool loop_init(struct loop *loop, struct server *server, unsigned number)
{
	*loop = (struct loop){ .server = server, .number = number, .base = event_base_new() };
	if (!loop->base)
		return false;
	loop->dns = open_resolver(loop);
	loop->mailbox = mailbox_new(loop->base);
	init_overload(loop);
	loop->db = open_database(loop);
	open_batches(loop);
	loop->recorder = session_recorder_new(loop);
	loop->codec = cwmp_codec_new(&server->codec_limits);
	return loop->codec != NULL;
}

void loop_run(struct loop *loop)
{
	event_base_loop(loop->base, EVLOOP_NO_EXIT_ON_EMPTY);
}

static void break_loop(void *arg)
{
	struct loop *loop = arg;
	event_base_loopbreak(loop->base);
}

/* A break that comes before event_base_loop() is forgotten when that begins; a letter waits. */
void loop_stop(struct loop *loop)
{
	loop_post(loop, break_loop, loop);
}

void loop_clear(struct loop *loop)
{
	session_recorder_close(loop->recorder);
	loop->recorder = NULL;
	mailbox_free(loop->mailbox);
	background_drop(loop);
	batch_close(loop->touches);
	batch_close(loop->credentials);
	db_close(loop->db);
	if (loop->dns)
		evdns_base_free(loop->dns, 0);
	cwmp_codec_free(loop->codec);
	if (loop->base)
		event_base_free(loop->base);
	*loop = (struct loop){ 0 };
}
