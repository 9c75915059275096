/* device_classes: this node's copy of the table of device classes.
 * Nodes look for a newer table in the background, and at once after a change, their own or another's. */
#include "acs/device_classes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "acs/background.h"
#include "acs/log.h"
#include "acs/server.h"
#include "acs/settings.h"
#include "db/device_classes.h"
#include "rpc/quirks.h"

struct device_classes {
	pthread_rwlock_t lock; /* of all below */
	struct arena *arena;   /* of the rows */
	int64_t version;
	struct device_class_row *rows;
	size_t count;
	atomic_uint schemes; /* read without the lock */
};

static const char *const scheme_names[] = {
	[AUTH_NONE] = "none", [AUTH_BASIC] = "basic", [AUTH_DIGEST] = "digest"
};

/* A newer node may have stored what this one does not know: then the strictest counts. */
static enum config_auth scheme_named(const char *name)
{
	for (unsigned i = 0; i < LENGTH_OF(scheme_names); i++)
		if (strcmp(scheme_names[i], name) == 0)
			return (enum config_auth)i;
	return AUTH_DIGEST;
}

/* Answers of different loops may overtake each other; the next look puts right what was overtaken. */
void device_classes_take(struct device_classes *all, const struct db_rows *rows)
{
	int64_t version;
	size_t count;
	if (!device_classes_loaded(rows, &version, &count))
		return;
	struct arena *arena = arena_new();
	struct device_class_row *list = arena_array(arena, count, sizeof(*list));
	unsigned schemes = 0;
	for (size_t i = 0; i < count; i++) {
		device_classes_read_row(arena, rows, i, &list[i]);
		schemes |= list[i].auth ? 1u << scheme_named(list[i].auth) : 0;
	}
	pthread_rwlock_wrlock(&all->lock);
	struct arena *older = all->arena;
	all->arena = arena;
	all->version = version;
	all->rows = list;
	all->count = count;
	all->schemes = schemes;
	pthread_rwlock_unlock(&all->lock);
	arena_free(older);
	LOG_INFO(
		"device-classes-loaded", LOG_NUMBER("version", version), LOG_NUMBER("rows", count));
}

void device_classes_ask(struct device_classes *all, struct db_question *question)
{
	pthread_rwlock_rdlock(&all->lock);
	device_classes_load(question, all->version);
	pthread_rwlock_unlock(&all->lock);
}

static void refreshed(struct loop *loop, const struct db_answer *answer)
{
	device_classes_take(loop->server->device_classes, answer->results[0]);
}

void device_classes_refresh(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	device_classes_ask(loop->server->device_classes, &question);
	background_ask(loop, arena, &question, "load-device-classes", refreshed);
}

struct device_classes *device_classes_open(struct server *server)
{
	struct db_question question = db_question(server->arena);
	device_classes_load(&question, -1);
	const struct db_answer answer = settings_ask_at_start(server, &question);
	if (answer.outcome != DB_OK) {
		LOG_ERROR("start-failed", LOG_TEXT("what", "device classes"),
			LOG_TEXT("reason", answer.text));
		return NULL;
	}
	struct device_classes *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	pthread_rwlock_init(&all->lock, NULL);
	all->arena = arena_new();
	device_classes_take(all, answer.results[0]);
	return all;
}

void device_classes_free(struct device_classes *all)
{
	if (!all)
		return;
	arena_free(all->arena);
	pthread_rwlock_destroy(&all->lock);
	free(all);
}

unsigned device_classes_schemes(struct device_classes *all)
{
	return atomic_load_explicit(&all->schemes, memory_order_relaxed);
}

static bool matches(const struct device_class_row *row, const struct cwmp_device_id *device)
{
	return quirk_pattern_matches(row->oui, device->oui) &&
	       quirk_pattern_matches(row->product_class, device->product_class) &&
	       quirk_pattern_matches(row->serial_number, device->serial_number);
}

/* The text without an owner: the row may be replaced. */
static const char *unknown_named(const char *name)
{
	static const char *const names[] = { "accept", "quarantine", "refuse" };
	size_t i = 0;
	while (i < LENGTH_OF(names) - 1 && strcmp(names[i], name) != 0)
		i++;
	return names[i];
}

static void apply(const struct device_class_row *row, struct device_class *out)
{
	if (row->auth)
		out->auth = scheme_named(row->auth);
	if (row->nonce_counter)
		out->counts_nonces = strcmp(row->nonce_counter, "false") != 0;
	if (row->unknown)
		out->unknown = unknown_named(row->unknown);
}

void device_classes_match(struct device_classes *all, const struct config *config,
	const struct cwmp_device_id *device, struct device_class *out)
{
	*out = (struct device_class){
		.auth = (enum config_auth)config->cwmp.auth,
		.counts_nonces = config->cwmp.nonce_counter,
		.unknown = config->cwmp.unknown,
	};
	pthread_rwlock_rdlock(&all->lock);
	for (size_t i = 0; i < all->count; i++)
		if (matches(&all->rows[i], device))
			apply(&all->rows[i], out);
	pthread_rwlock_unlock(&all->lock);
}

static struct auth_credential copy_of(struct arena *arena, const struct auth_credential *shared)
{
	return (struct auth_credential){
		.username = arena_strdup(arena, shared->username),
		.realm = arena_strdup(arena, shared->realm),
		.ha1_md5 = arena_strdup(arena, shared->ha1_md5),
		.ha1_sha256 = arena_strdup(arena, shared->ha1_sha256),
		.is_shared = true,
	};
}

bool device_classes_find_shared(struct device_classes *all, const struct cwmp_device_id *device,
	const struct http_authorization *answer, const char *method, struct arena *arena,
	struct auth_credential *out)
{
	bool is_found = false;
	pthread_rwlock_rdlock(&all->lock);
	for (size_t i = 0; i < all->count && !is_found; i++) {
		const struct device_class_row *row = &all->rows[i];
		is_found = row->shared.username && matches(row, device) &&
			   auth_matches(arena, &row->shared, answer, method);
		if (is_found)
			*out = copy_of(arena, &row->shared);
	}
	pthread_rwlock_unlock(&all->lock);
	return is_found;
}
