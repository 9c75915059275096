/* session: one CWMP session, from Inform to the closing 204, over several requests and perhaps connections. */
#include "acs/session.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "acs/log.h"
#include "base/clock.h"
#include "base/crypto.h"

/* Seconds that a late empty POST finds its ended session. */
enum { ENDED_SECONDS = 10 };
/* … and that a device which was held has to begin with its own requests. */
enum { HELD_SECONDS = 30 };
/* A session that was silent for so long may be dead: whoever has work for it calls the device, too. */
enum { RELIABLE_SECONDS = 3 };

struct sessions {
	pthread_mutex_t lock;
	unsigned limit, open;
	struct session *by_cookie, *by_connection, *by_device, *by_client;
};

struct sessions *sessions_new(unsigned limit)
{
	struct sessions *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	pthread_mutex_init(&all->lock, NULL);
	all->limit = limit;
	return all;
}

const char *session_phase_name(enum session_phase phase)
{
	static const char *const names[] = { "opening", "cpe-turn", "awaiting", "ended" };
	return names[phase];
}

void session_set_phase(struct session *session, enum session_phase phase)
{
	LOG_DEBUG("session-phase", LOG_TEXT("device", session->rpc.id),
		LOG_TEXT("session", session->name),
		LOG_TEXT("from", session_phase_name(session->phase)),
		LOG_TEXT("to", session_phase_name(phase)));
	session->phase = phase;
}

struct session *session_new(struct sessions *all, time_t now)
{
	uint8_t random[(SESSION_COOKIE_BYTES - 1) / 2], name[(SESSION_NAME_BYTES - 1) / 2];
	struct session *session = calloc(1, sizeof(*session));
	if (!session)
		abort();
	session->all = all;
	session->rpc.arena = arena_new();
	session->begun = time(NULL);
	session->begun_us = clock_us();
	session->opened = session->active = now;
	session->is_checked_out = true;
	random_bytes(random, sizeof(random));
	hex_encode(random, sizeof(random), session->cookie);
	random_bytes(name, sizeof(name));
	hex_encode(name, sizeof(name), session->name);
	return session;
}

static struct session *look_up(struct sessions *all, const char *cookie, uint64_t connection_id)
{
	struct session *session;
	if (cookie)
		HASH_FIND(by_cookie, all->by_cookie, cookie, strlen(cookie), session);
	else
		HASH_FIND(by_connection, all->by_connection, &connection_id, sizeof(connection_id),
			session);
	return session;
}

static void leave_connection(struct session *session)
{
	if (look_up(session->all, NULL, session->connection_id) == session)
		HASH_DELETE(by_connection, session->all->by_connection, session);
}

static struct session *look_up_client(struct sessions *all, uint64_t key)
{
	struct session *session;
	HASH_FIND(by_client, all->by_client, &key, sizeof(key), session);
	return session;
}

/* Connection and device may have found another session meanwhile; only what is ours is taken out. */
static void unlist_owner(struct session *session)
{
	struct sessions *all = session->all;
	struct session *found;
	HASH_FIND(by_device, all->by_device, &session->rpc.device_id,
		sizeof(session->rpc.device_id), found);
	if (found == session)
		HASH_DELETE(by_device, all->by_device, session);
	if (look_up_client(all, session->client_key) == session)
		HASH_DELETE(by_client, all->by_client, session);
}

static void uncount(struct session *session)
{
	if (!session->is_open)
		return;
	session->all->open--;
	session->is_open = false;
	session->ended_us = clock_us();
}

static void unlist(struct session *session)
{
	if (!session->is_listed)
		return;
	leave_connection(session);
	unlist_owner(session);
	HASH_DELETE(by_cookie, session->all->by_cookie, session);
	session->is_listed = false;
	uncount(session);
}

static void destroy(struct session *session)
{
	rpc_task_free(session->rpc.task);
	arena_free(session->rpc.arena);
	free(session);
}

void session_free(struct session *session)
{
	if (!session)
		return;
	pthread_mutex_lock(&session->all->lock);
	unlist(session);
	pthread_mutex_unlock(&session->all->lock);
	destroy(session);
}

void sessions_free(struct sessions *all)
{
	struct session *session, *next;
	if (!all)
		return;
	HASH_ITER (by_cookie, all->by_cookie, session, next) {
		unlist(session);
		destroy(session);
	}
	pthread_mutex_destroy(&all->lock);
	free(all);
}

unsigned sessions_count(struct sessions *all)
{
	pthread_mutex_lock(&all->lock);
	const unsigned count = all->open;
	pthread_mutex_unlock(&all->lock);
	return count;
}

bool sessions_are_full(struct sessions *all)
{
	return sessions_count(all) >= all->limit;
}

/* Until the device returns its cookie the connection stands for its session, the latest one on it. */
static void join_connection(struct session *session)
{
	struct session *other = look_up(session->all, NULL, session->connection_id);
	if (other)
		HASH_DELETE(by_connection, session->all->by_connection, other);
	HASH_ADD(by_connection, session->all->by_connection, connection_id,
		sizeof(session->connection_id), session);
}

static bool is_idle(const struct session *session, time_t now)
{
	time_t most = (time_t)session->idle_seconds;
	if (session->phase == SESSION_ENDED)
		most = session->was_held ? HELD_SECONDS : ENDED_SECONDS;
	return now - session->active > most;
}

/* With the lock held; session may be NULL. One whose time is over only waits to be taken out. */
static enum session_find check_out(struct session *session, time_t now, struct session **out)
{
	if (!session || (!session->is_checked_out && is_idle(session, now)))
		return SESSION_NOT_FOUND;
	if (session->is_checked_out)
		return SESSION_BUSY;
	session->is_checked_out = true;
	session->active = now;
	*out = session;
	return SESSION_FOUND;
}

enum session_find session_find(struct sessions *all, const char *cookie, uint64_t connection_id,
	time_t now, struct session **out)
{
	pthread_mutex_lock(&all->lock);
	struct session *session = look_up(all, cookie, connection_id);
	const enum session_find result = check_out(session, now, out);
	/* From its first cookie on, whoever shares a proxy's connection with it is not it. */
	if (result == SESSION_FOUND && cookie && !session->has_cookie) {
		leave_connection(session);
		session->has_cookie = true;
	}
	pthread_mutex_unlock(&all->lock);
	return result;
}

bool sessions_know(struct sessions *all, const char *cookie, uint64_t connection_id)
{
	pthread_mutex_lock(&all->lock);
	const bool is_known = look_up(all, cookie, connection_id) != NULL;
	pthread_mutex_unlock(&all->lock);
	return is_known;
}

bool sessions_have_open(struct sessions *all, const char *cookie, uint64_t connection_id)
{
	pthread_mutex_lock(&all->lock);
	const struct session *session = look_up(all, cookie, connection_id);
	const bool is_open = session && session->is_open;
	pthread_mutex_unlock(&all->lock);
	return is_open;
}

/* Never 0. */
static uint64_t client_key(const char *address, const char *username)
{
	uint8_t digest[SHA256_BYTES];
	uint64_t key;
	struct sha256_stream *hash = sha256_begin();
	sha256_add(hash, address, strlen(address) + 1);
	sha256_add(hash, username, strlen(username));
	sha256_end(hash, digest);
	memcpy(&key, digest, sizeof(key));
	return key | 1;
}

enum session_find session_find_by_client(struct sessions *all, const char *address,
	const char *username, time_t now, struct session **out)
{
	enum session_find result = SESSION_NOT_FOUND;
	pthread_mutex_lock(&all->lock);
	struct session *session = look_up_client(all, client_key(address, username));
	if (session && !session->has_cookie && !session->is_ambiguous)
		result = check_out(session, now, out);
	pthread_mutex_unlock(&all->lock);
	return result;
}

void session_prove(struct session *session, uint64_t connection_id)
{
	pthread_mutex_lock(&session->all->lock);
	session->proven_connection_id = connection_id;
	if (!session->has_cookie && session->connection_id != connection_id) {
		leave_connection(session);
		session->connection_id = connection_id;
		join_connection(session);
	}
	pthread_mutex_unlock(&session->all->lock);
}

/* Who shares address and user name with another cannot be found by them. */
static void list_client(struct session *session)
{
	struct sessions *all = session->all;
	if (!session->credential)
		return;
	session->client_key = client_key(
		session->rpc.source_address, session->credential->username);
	struct session *other = look_up_client(all, session->client_key);
	if (other)
		other->is_ambiguous = true;
	else
		HASH_ADD(by_client, all->by_client, client_key, sizeof(session->client_key),
			session);
}

/* The device's older session is over. One that a turn holds right now is so when that turn ends. */
static struct session *supersede(struct session *older)
{
	if (!older)
		return NULL;
	unlist(older);
	if (older->is_checked_out) {
		older->is_dropped = true;
		return NULL;
	}
	if (older->phase == SESSION_ENDED) {
		destroy(older);
		return NULL;
	}
	older->is_checked_out = true;
	return older;
}

struct session *session_list(struct session *session)
{
	struct sessions *all = session->all;
	struct session *older;
	pthread_mutex_lock(&all->lock);
	HASH_FIND(by_device, all->by_device, &session->rpc.device_id,
		sizeof(session->rpc.device_id), older);
	if (older && older->rpc.epoch > session->rpc.epoch) {
		/* Two Informs at once, and the other one committed last: this session is the older. */
		session->is_dropped = true;
		pthread_mutex_unlock(&all->lock);
		return NULL;
	}
	if (older)
		HASH_DELETE(by_device, all->by_device, older);
	older = supersede(older);
	HASH_ADD(by_cookie, all->by_cookie, cookie[0], SESSION_COOKIE_BYTES - 1, session);
	HASH_ADD(by_device, all->by_device, rpc.device_id, sizeof(session->rpc.device_id), session);
	session->is_listed = session->is_open = true;
	all->open++;
	join_connection(session);
	list_client(session);
	pthread_mutex_unlock(&all->lock);
	return older;
}

/* What is left of an ended session is its cookie, or its connection, unless the device was held. */
static void shrink(struct session *session)
{
	uncount(session);
	if (session->was_held)
		return;
	rpc_task_free(session->rpc.task);
	arena_free(session->rpc.arena);
	unlist_owner(session);
	session->rpc = (struct rpc_session){ 0 };
	session->credential = NULL;
}

/* With the lock held. */
static void put_back(struct session *session, time_t now)
{
	if (session->phase == SESSION_ENDED)
		shrink(session);
	session->is_checked_out = false;
	session->active = now;
}

bool session_check_in(struct session *session, time_t now)
{
	struct sessions *all = session->all;
	pthread_mutex_lock(&all->lock);
	const bool is_over = !session->is_listed;
	const bool is_lost = session->is_dropped && session->phase != SESSION_ENDED;
	if (!is_over)
		put_back(session, now);
	pthread_mutex_unlock(&all->lock);
	if (is_over && !is_lost)
		destroy(session);
	return !is_lost;
}

/* With the lock held: the device's open session, or NULL. */
static struct session *find_open(struct sessions *all, int64_t device_id)
{
	struct session *session;
	HASH_FIND(by_device, all->by_device, &device_id, sizeof(device_id), session);
	return session && session->is_open ? session : NULL;
}

bool sessions_wake(struct sessions *all, int64_t device_id, time_t now)
{
	bool is_reliable = false;
	pthread_mutex_lock(&all->lock);
	struct session *session = find_open(all, device_id);
	if (session) {
		session->is_woken = true;
		is_reliable = session->is_checked_out ||
			      (!session->rpc.is_closing &&
				      now - session->active < RELIABLE_SECONDS);
	}
	pthread_mutex_unlock(&all->lock);
	return is_reliable;
}

void sessions_wake_all(struct sessions *all)
{
	struct session *session, *next;
	pthread_mutex_lock(&all->lock);
	HASH_ITER (by_cookie, all->by_cookie, session, next)
		session->is_woken = session->is_open;
	pthread_mutex_unlock(&all->lock);
}

bool sessions_have(struct sessions *all, int64_t device_id)
{
	pthread_mutex_lock(&all->lock);
	const struct session *session = find_open(all, device_id);
	const bool may_ask = session && (session->is_checked_out || !session->rpc.is_closing);
	pthread_mutex_unlock(&all->lock);
	return may_ask;
}

bool sessions_ended_since(struct sessions *all, int64_t device_id, uint64_t since_us)
{
	struct session *session;
	pthread_mutex_lock(&all->lock);
	HASH_FIND(by_device, all->by_device, &device_id, sizeof(device_id), session);
	const bool has_ended = session && !session->is_open && session->ended_us >= since_us;
	pthread_mutex_unlock(&all->lock);
	return has_ended;
}

void session_take_wake(struct session *session)
{
	pthread_mutex_lock(&session->all->lock);
	if (session->is_woken)
		session->rpc.has_tasks = true;
	session->is_woken = false;
	pthread_mutex_unlock(&session->all->lock);
}

bool session_close(struct session *session)
{
	pthread_mutex_lock(&session->all->lock);
	const bool is_over = !session->is_woken || session->rpc.is_closing;
	if (is_over)
		uncount(session);
	pthread_mutex_unlock(&session->all->lock);
	return is_over;
}

static bool is_expired(const struct session *session, time_t now, unsigned limit_seconds)
{
	const bool is_over = session->phase != SESSION_ENDED &&
			     now - session->opened > (time_t)limit_seconds;
	return is_over || is_idle(session, now);
}

struct session *sessions_next_expired(struct sessions *all, time_t now, unsigned limit_seconds)
{
	struct session *session, *next, *found = NULL;
	pthread_mutex_lock(&all->lock);
	HASH_ITER (by_cookie, all->by_cookie, session, next) {
		if (session->is_checked_out || !is_expired(session, now, limit_seconds))
			continue;
		unlist(session);
		if (session->phase == SESSION_ENDED) {
			destroy(session);
			continue;
		}
		session->is_checked_out = true;
		found = session;
		break;
	}
	pthread_mutex_unlock(&all->lock);
	return found;
}

static json_t *session_json(const struct session *session)
{
	char begun[32];
	struct tm tm;
	strftime(begun, sizeof(begun), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&session->begun, &tm));
	/* What a turn may be changing right now is not looked at. */
	const bool is_busy = session->is_checked_out;
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:s?}", "device", session->rpc.id, "session",
		session->name, "phase", is_busy ? "busy" : session_phase_name(session->phase),
		"begun", begun, "turns", is_busy ? json_null() : json_integer(session->turns),
		"task", is_busy ? NULL : rpc_task_name(session->rpc.task));
}

void sessions_append_json(struct sessions *all, int64_t device_id, json_t *list)
{
	struct session *session, *next;
	pthread_mutex_lock(&all->lock);
	HASH_ITER (by_cookie, all->by_cookie, session, next)
		if (session->is_open && (device_id < 0 || device_id == session->rpc.device_id))
			json_array_append_new(list, session_json(session));
	pthread_mutex_unlock(&all->lock);
}
