/* ticket_keys: the keys of TLS session tickets, drawn by lot for each period and the same on all nodes.
 * They are sealed in table setting. One that is over is forgotten: what was recorded while it counted stays closed. */
#include "acs/ticket_keys.h"

#include <stdio.h>
#include <stdlib.h>

#include <jansson.h>

#include "acs/background.h"
#include "acs/log.h"
#include "acs/secrets.h"
#include "acs/settings.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "db/db.h"

enum { RETRY_SECONDS = 10, HEX_BYTES = 2 * HTTP_TICKET_KEY_BYTES + 1 };

struct ticket_keys {
	struct http_ticket_keys *shared;
	uint64_t period; /* that the keys were asked for; 0: they could not be read */
	uint64_t asked;  /* the period of the question under way */
	time_t retry;    /* by clock_seconds(): no question before, while one may be under way */
};

/* What another node has put there counts. $1: a key for each of the periods, $2: the first of them, $3: those whose
 * keys are to be replaced. */
static const struct db_statement share = {
	.name = "ticket_keys_share",
	.sql = "INSERT INTO setting (name, value) VALUES ('ticket keys', $1::jsonb)"
	       " ON CONFLICT (name) DO UPDATE SET value = (SELECT jsonb_object_agg(period, key)"
	       "  FROM jsonb_each(excluded.value || (setting.value - $3::text[])) AS kept (period, key)"
	       "  WHERE period::bigint >= $2) RETURNING value",
};

/* Of the key's place, which its seal is bound to. */
static const char *name_of(struct arena *arena, uint64_t period)
{
	return arena_printf(arena, "ticket %llu", (unsigned long long)period);
}

/* For the periods from first on. */
static char *draw_keys(const struct server *server, struct arena *arena, uint64_t first)
{
	json_t *drawn = json_object();
	for (uint64_t period = first; period < first + HTTP_TICKET_KEYS; period++) {
		uint8_t key[HTTP_TICKET_KEY_BYTES];
		char hex[HEX_BYTES], name[24];
		random_bytes(key, sizeof(key));
		hex_encode(key, sizeof(key), hex);
		snprintf(name, sizeof(name), "%llu", (unsigned long long)period);
		json_object_set_new(drawn, name,
			json_string(secrets_seal_key(
				server->secrets, arena, name_of(arena, period), hex)));
	}
	char *text = json_dumps(drawn, JSON_COMPACT), *copy = arena_strdup(arena, text);
	free(text);
	json_decref(drawn);
	return copy;
}

static void add_question(
	const struct server *server, struct db_question *question, uint64_t period, bool replaces)
{
	struct arena *arena = question->arena;
	const uint64_t first = period - 1;
	const unsigned long long p = first;
	const char *replaced = replaces ? arena_printf(arena, "{%llu,%llu,%llu}", p, p + 1, p + 2)
					: "{}";
	DB_ADD(question, &share, db_text(draw_keys(server, arena, first)),
		db_int(arena, (int64_t)first), db_text(replaced));
}

static bool read_key(const struct server *server, struct arena *arena, const json_t *stored,
	uint64_t period, uint8_t key[HTTP_TICKET_KEY_BYTES])
{
	char name[24];
	snprintf(name, sizeof(name), "%llu", (unsigned long long)period);
	const char *sealed = json_string_value(json_object_get(stored, name));
	const char *hex = sealed ? secrets_unseal_key(
					   server->secrets, arena, name_of(arena, period), sealed)
				 : NULL;
	return hex && hex_decode(hex, key, HTTP_TICKET_KEY_BYTES);
}

/* Those that another secrets.key has sealed are of no use. */
static bool take_keys(struct server *server, struct ticket_keys *keys, const struct db_rows *rows,
	uint64_t period)
{
	uint8_t all[HTTP_TICKET_KEYS][HTTP_TICKET_KEY_BYTES];
	struct arena *arena = arena_new();
	json_t *stored = json_loads(db_get_text(rows, 0, 0), 0, NULL);
	bool ok = true;
	for (size_t i = 0; i < HTTP_TICKET_KEYS; i++)
		ok = ok && read_key(server, arena, stored, period - 1 + i, all[i]);
	if (ok)
		http_ticket_keys_set(keys->shared, period - 1,
			(const uint8_t(*)[HTTP_TICKET_KEY_BYTES])all, HTTP_TICKET_KEYS);
	keys->period = ok ? period : 0;
	json_decref(stored);
	arena_free(arena);
	return ok;
}

static bool ask_at_start(struct server *server, struct ticket_keys *keys, bool replaces)
{
	const uint64_t period = http_ticket_keys_period(keys->shared);
	struct db_question question = db_question(server->arena);
	add_question(server, &question, period, replaces);
	const struct db_answer answer = settings_ask_at_start(server, &question);
	return answer.outcome == DB_OK && take_keys(server, keys, answer.results[0], period);
}

struct ticket_keys *ticket_keys_open(struct server *server)
{
	struct ticket_keys *keys = calloc(1, sizeof(*keys));
	if (!keys)
		abort();
	keys->shared = http_ticket_keys_new(server->config->tls.ticket_seconds);
	if (ask_at_start(server, keys, false) || ask_at_start(server, keys, true))
		return keys;
	LOG_ERROR("start-failed", LOG_TEXT("what", "ticket keys"));
	ticket_keys_close(keys);
	return NULL;
}

void ticket_keys_close(struct ticket_keys *keys)
{
	if (!keys)
		return;
	http_ticket_keys_free(keys->shared);
	free(keys);
}

struct http_ticket_keys *ticket_keys_shared(const struct ticket_keys *keys)
{
	return keys->shared;
}

static void on_keys(struct loop *loop, const struct db_answer *answer)
{
	struct ticket_keys *keys = loop->server->ticket_keys;
	keys->retry = 0;
	if (!take_keys(loop->server, keys, answer->results[0], keys->asked))
		LOG_WARNING(
			"ticket-keys-replaced", LOG_TEXT("why", "sealed with another secrets.key"));
}

void ticket_keys_renew(struct server *server)
{
	struct ticket_keys *keys = server->ticket_keys;
	const time_t now = clock_seconds();
	if (!keys || now < keys->retry || http_ticket_keys_period(keys->shared) == keys->period)
		return;
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	keys->retry = now + RETRY_SECONDS;
	keys->asked = http_ticket_keys_period(keys->shared);
	add_question(server, &question, keys->asked, keys->period == 0);
	background_ask(&server->loops[0], arena, &question, "ticket-keys", on_keys);
}
