/* settings: keys that nodes share or the data folder keeps, and what SIGHUP reads again. */
#include "acs/settings.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <event2/event.h>

#include "acs/log.h"
#include "base/buffer.h"
#include "base/crypto.h"
#include "db/db.h"
#include "http/tls.h"

enum { KEY_BYTES = 32, KEY_HEX = 2 * KEY_BYTES + 1 };

/* The first node to start makes the keys, the others read them. */
static const struct db_statement make_keys = {
	.name = "settings_make_keys",
	.sql = "INSERT INTO setting (name, value)"
	       " VALUES ('keys', jsonb_build_object('nonce', $1::text, 'link', $2::text))"
	       " ON CONFLICT DO NOTHING",
};
static const struct db_statement read_keys = {
	.name = "settings_read_keys",
	.sql = "SELECT value ->> 'nonce', value ->> 'link' FROM setting WHERE name = 'keys'",
};

static void random_key(char hex[KEY_HEX])
{
	uint8_t key[KEY_BYTES];
	random_bytes(key, sizeof(key));
	hex_encode(key, sizeof(key), hex);
}

struct db_answer settings_ask_at_start(
	const struct server *server, const struct db_question *question)
{
	struct event_base *base = event_base_new();
	struct db *db = db_open(base, &(const struct db_options){
					      .url = server->database_url,
					      .connections = 1,
					      .statement_timeout_ms = 10000,
					      .connect_timeout_ms = 10000,
					      .reconnect_min_ms = 100,
					      .reconnect_max_ms = 1000,
					      .in_flight = 4,
				      });
	const struct db_answer answer = db_ask_and_wait(db, base, server->arena, question);
	db_close(db);
	event_base_free(base);
	return answer;
}

static struct db_answer ask_keys(const struct server *server)
{
	char nonce[KEY_HEX], link[KEY_HEX];
	random_key(nonce);
	random_key(link);
	struct db_question question = db_question(server->arena);
	DB_ADD(&question, &make_keys, db_text(nonce), db_text(link));
	db_add(&question, &read_keys, NULL, 0);
	return settings_ask_at_start(server, &question);
}

static bool read_shared_keys(struct server *server, char *why, size_t why_size)
{
	const struct db_answer answer = ask_keys(server);
	bool ok = answer.outcome == DB_OK && db_row_count(answer.results[1]) == 1;
	if (ok)
		ok = hex_decode(
			     db_get_text(answer.results[1], 0, 0), server->nonce_key, KEY_BYTES) &&
		     hex_decode(db_get_text(answer.results[1], 0, 1), server->link_key, KEY_BYTES);
	if (!ok)
		snprintf(why, why_size, "cannot read the keys in table setting: %s", answer.text);
	return ok;
}

/* Written whole under another name and renamed, so that a crash leaves no half key. */
static bool create_key_file(const char *path, char hex[KEY_HEX])
{
	struct buffer temporary = { 0 };
	buffer_printf(&temporary, "%s.new", path);
	random_key(hex);
	const int fd = open(temporary.data, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	const bool ok = fd >= 0 && write(fd, hex, KEY_HEX - 1) == KEY_HEX - 1 && fsync(fd) == 0 &&
			rename(temporary.data, path) == 0;
	if (fd >= 0)
		close(fd);
	buffer_clear(&temporary);
	return ok;
}

static bool read_key_file(const char *path, char hex[KEY_HEX])
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT && create_key_file(path, hex);
	const bool ok = read(fd, hex, KEY_HEX - 1) == KEY_HEX - 1;
	hex[KEY_HEX - 1] = '\0';
	close(fd);
	return ok;
}

/* Like mkdir -p; what cannot be made shows when the file is opened. */
static void make_folders(const char *path)
{
	struct buffer part = { 0 };
	for (const char *c = path; *c; c++) {
		if (*c == '/' && part.length)
			mkdir(part.data, 0755);
		buffer_append(&part, c, 1);
	}
	mkdir(path, 0755);
	buffer_clear(&part);
}

bool settings_read_secret_key(
	const struct config *config, uint8_t key[32], char *why, size_t why_size)
{
	char hex[KEY_HEX] = "";
	struct buffer path = { 0 };
	if (*config->secrets.key) {
		const bool ok = hex_decode(config->secrets.key, key, KEY_BYTES);
		snprintf(why, why_size, "secrets.key must be 64 hex digits");
		return ok;
	}
	make_folders(config->data.dir);
	buffer_printf(&path, "%s/secret.key", config->data.dir);
	const bool ok = read_key_file(path.data, hex) && hex_decode(hex, key, KEY_BYTES);
	snprintf(why, why_size, "cannot read or create %s: %s", path.data, strerror(errno));
	buffer_clear(&path);
	return ok;
}

bool settings_read_keys(struct server *server)
{
	char why[512];
	if (settings_read_secret_key(server->config, server->secret_key, why, sizeof(why)) &&
		read_shared_keys(server, why, sizeof(why)))
		return true;
	LOG_ERROR("start-failed", LOG_TEXT("what", "keys"), LOG_TEXT("reason", why));
	return false;
}

static void reload_config(const struct config *running)
{
	struct config fresh;
	struct buffer why = { 0 };
	if (!config_reload(&fresh, running, &why) || !log_set_level(fresh.log.level))
		LOG_ERROR("reload-failed", LOG_TEXT("what", "configuration"),
			LOG_TEXT("reason", why.data));
	buffer_clear(&why);
	config_clear(&fresh);
}

void settings_reload(struct server *server)
{
	char why[512];
	if (server->tls && !http_tls_reload(server->tls, why, sizeof(why)))
		LOG_ERROR("reload-failed", LOG_TEXT("what", "tls"), LOG_TEXT("reason", why));
	reload_config(server->config);
	LOG_INFO("reloaded");
}
