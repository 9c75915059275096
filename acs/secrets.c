/* secrets: what the server needs to open what is sealed, and the keys that all nodes share.
 * Servers before this one keep the shared keys in the clear and read no other form of what is sealed. So as long as
 * these are in the clear, older servers may be beside us, and everything is sealed in their form; `acs
 * rotate-secrets` ends that. A database that this server is the first to use has them sealed from the start. */
#include "acs/secrets.h"

#include <stdio.h>
#include <string.h>

#include "acs/background.h"
#include "acs/key_file.h"
#include "acs/log.h"
#include "acs/settings.h"
#include "base/buffer.h"
#include "db/db.h"

enum { KEY_BYTES = 32, KEY_HEX = 2 * KEY_BYTES + 1 };

static const char sealed_mark[] = "sealed:";

/* The first node to start makes the keys, the others read them. */
static const struct db_statement make_keys = {
	.name = "secrets_make_keys",
	.sql = "INSERT INTO setting (name, value)"
	       " VALUES ('keys', jsonb_build_object('nonce', $1::text, 'link', $2::text))"
	       " ON CONFLICT DO NOTHING",
};
static const struct db_statement read_keys = {
	.name = "secrets_read_keys",
	.sql = "SELECT value ->> 'nonce', value ->> 'link' FROM setting WHERE name = 'keys'",
};

static const char *place_of(struct arena *arena, const char *name)
{
	return arena_printf(arena, "setting keys %s", name);
}

bool secrets_key_is_clear(const char *stored)
{
	return strncmp(stored, sealed_mark, strlen(sealed_mark)) != 0;
}

const char *secrets_seal_key(
	struct keyring *ring, struct arena *arena, const char *name, const char *hex)
{
	size_t length;
	const uint8_t *sealed = keyring_seal(
		ring, arena, place_of(arena, name), hex, strlen(hex), &length);
	return arena_printf(
		arena, "%s%s", sealed_mark, base64url_encode(arena, sealed, length));
}

const char *secrets_unseal_key(
	struct keyring *ring, struct arena *arena, const char *name, const char *stored)
{
	size_t sealed_length, length;
	if (secrets_key_is_clear(stored))
		return stored;
	const char *sealed = base64url_decode(
		arena, stored + strlen(sealed_mark), &sealed_length);
	return sealed ? keyring_unseal(ring, arena, place_of(arena, name), sealed, sealed_length,
				&length)
		      : NULL;
}

static const char *new_key(struct server *server, const char *name)
{
	uint8_t key[KEY_BYTES];
	char hex[KEY_HEX];
	random_bytes(key, sizeof(key));
	hex_encode(key, sizeof(key), hex);
	return secrets_seal_key(server->secrets, server->arena, name, hex);
}

static struct db_answer ask_keys(struct server *server)
{
	struct db_question question = db_question(server->arena);
	DB_ADD(&question, &make_keys, db_text(new_key(server, "nonce")),
		db_text(new_key(server, "link")));
	db_add(&question, &read_keys, NULL, 0);
	return settings_ask_at_start(server, &question);
}

static bool read_key(struct server *server, const struct db_rows *rows, size_t column,
	const char *name, uint8_t key[KEY_BYTES])
{
	const char *stored = db_get_text(rows, 0, column);
	const char *hex = stored ? secrets_unseal_key(
					   server->secrets, server->arena, name, stored)
				 : NULL;
	return hex && hex_decode(hex, key, KEY_BYTES);
}

/* Older servers may be beside us as long as one of their keys is there for them. */
static void choose_form(struct server *server, const struct db_rows *rows)
{
	const char *nonce = db_row_count(rows) ? db_get_text(rows, 0, 0) : NULL;
	const bool is_clear = nonce && secrets_key_is_clear(nonce);
	keyring_seal_in_old_form(server->secrets, is_clear);
	if (is_clear)
		LOG_WARNING("secrets-in-old-form",
			LOG_TEXT("what", "run acs rotate-secrets once no older server is left"));
}

static bool read_shared_keys(struct server *server, char *why, size_t why_size)
{
	const struct db_answer answer = ask_keys(server);
	if (answer.outcome != DB_OK || db_row_count(answer.results[1]) != 1) {
		snprintf(why, why_size, "cannot read the keys in table setting: %s", answer.text);
		return false;
	}
	choose_form(server, answer.results[1]);
	if (read_key(server, answer.results[1], 0, "nonce", server->nonce_key) &&
		read_key(server, answer.results[1], 1, "link", server->link_key))
		return true;
	snprintf(why, why_size,
		"the keys in table setting were sealed with another secrets.key, which all"
		" servers of a database must share");
	return false;
}

bool secrets_open(struct server *server)
{
	char why[512];
	if (key_file_read(server->config, server->secrets, why, sizeof(why)) &&
		read_shared_keys(server, why, sizeof(why)))
		return true;
	LOG_ERROR("start-failed", LOG_TEXT("what", "keys"), LOG_TEXT("reason", why));
	return false;
}

static void on_form(struct loop *loop, const struct db_answer *answer)
{
	choose_form(loop->server, answer->results[0]);
}

bool secrets_reload(struct server *server, struct buffer *why)
{
	char text[512];
	if (!key_file_read(server->config, server->secrets, text, sizeof(text))) {
		buffer_printf(why, "keys: %s\n", text);
		return false;
	}
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	db_add(&question, &read_keys, NULL, 0);
	background_ask(&server->loops[0], arena, &question, "secrets", on_form);
	return true;
}
