/* auth: does a CPE prove that it is the device its Inform names? (TR-069 3.4.4) */
#include "acs/auth.h"

#include <string.h>

#include "acs/server.h"
#include "base/crypto.h"
#include "rpc/inform_known.h"

enum config_auth auth_scheme(const struct config *config, enum config_auth wanted, bool is_tls)
{
	if (wanted == AUTH_BASIC && !is_tls && !config->cwmp.basic_over_http)
		return AUTH_DIGEST;
	return wanted;
}

enum auth_result auth_screen(const struct server *server, enum config_auth scheme,
	const struct http_request *request, time_t now, struct http_authorization *out)
{
	if (scheme == AUTH_NONE)
		return AUTH_ACCEPTED;
	if (!http_authorization_parse(
		    request->arena, http_request_header(request, "Authorization"), out))
		return AUTH_REFUSED;
	if (scheme == AUTH_BASIC)
		return out->scheme == HTTP_AUTH_BASIC ? AUTH_ACCEPTED : AUTH_CHALLENGE;
	if (out->scheme != HTTP_AUTH_DIGEST || !out->nonce)
		return AUTH_CHALLENGE;
	/* Some devices send an empty uri and hash with it; any other must be the one that was asked. */
	if (out->uri && *out->uri && strcmp(out->uri, request->target) != 0 &&
		strcmp(out->uri, request->path) != 0)
		return AUTH_REFUSED;
	switch (digest_nonce_check(
		server->challenge_key, out->nonce, now, server->config->cwmp.nonce_seconds)) {
	case NONCE_FRESH:
		return AUTH_ACCEPTED;
	case NONCE_STALE:
		return AUTH_STALE;
	default: /* another node may have had the answer, where nonces are not shared */
		return server->config->cwmp.shared_nonces ? AUTH_CHALLENGE : AUTH_REPEATED;
	}
}

/* The strongest first: what it finds wrong is told. */
enum auth_result auth_screen_any(const struct server *server, unsigned schemes,
	const struct http_request *request, time_t now, struct http_authorization *out)
{
	static const enum config_auth by_strength[] = { AUTH_DIGEST, AUTH_BASIC, AUTH_NONE };
	enum auth_result told = AUTH_CHALLENGE;
	for (size_t i = 0; i < LENGTH_OF(by_strength); i++) {
		if (!(schemes >> by_strength[i] & 1))
			continue;
		const enum auth_result result = auth_screen(
			server, by_strength[i], request, now, out);
		if (result == AUTH_ACCEPTED)
			return result;
		told = told == AUTH_CHALLENGE ? result : told;
	}
	return told;
}

size_t auth_challenges(struct arena *arena, const struct server *server, enum config_auth scheme,
	bool is_stale, time_t now, struct http_header challenges[2])
{
	const char *realm = server->config->cwmp.realm;
	challenges[0].name = challenges[1].name = "WWW-Authenticate";
	if (scheme == AUTH_BASIC) {
		challenges[0].value = arena_printf(arena, "Basic realm=\"%s\"", realm);
		return 1;
	}
	/* MD5 first: CPEs that know one algorithm read the first challenge only. */
	const char *nonce = digest_nonce(arena, server->challenge_key, now);
	challenges[0].value = digest_challenge(arena, realm, nonce, DIGEST_MD5, is_stale);
	challenges[1].value = digest_challenge(arena, realm, nonce, DIGEST_SHA256, is_stale);
	return 2;
}

/* LIMIT keeps the planner from expecting many, whatever the list's length. */
static const struct db_statement read_credentials = {
	.name = "auth_read_credentials",
	.sql = "SELECT device_id, username, realm, ha1_md5, ha1_sha256, next_username, next_realm,"
	       "  next_ha1_md5, next_ha1_sha256, coalesce(reopened_until > now(), false), inform_known,"
	       "  inform_hash IS NULL"
	       " FROM (SELECT * FROM unnest($1::bigint[]) AS one(device_id) LIMIT $2) AS asked"
	       " LEFT JOIN credential USING (device_id) LEFT JOIN device_live USING (device_id)",
};

void auth_credentials_ask(
	struct db_question *question, struct batch_entry *const *entries, size_t count)
{
	struct arena *arena = question->arena;
	int64_t *device_ids = arena_array(arena, count, sizeof(*device_ids));
	for (size_t i = 0; i < count; i++)
		device_ids[i] = entries[i]->device_id;
	DB_ADD(question, &read_credentials, db_int_array(arena, device_ids, count),
		db_int(arena, (int64_t)count));
}

static void read_from(struct arena *arena, const struct db_rows *rows, size_t row, size_t column,
	struct auth_credential *out)
{
	*out = (struct auth_credential){
		.username = arena_strdup(arena, db_get_text(rows, row, column)),
		.realm = arena_strdup(arena, db_get_text(rows, row, column + 1)),
		.ha1_md5 = arena_strdup(arena, db_get_text(rows, row, column + 2)),
		.ha1_sha256 = arena_strdup(arena, db_get_text(rows, row, column + 3)),
	};
}

void auth_answer_read(struct arena *arena, const struct db_answer *answer, int row,
	struct auth_stored *out, struct rpc_session *session)
{
	struct db_bytes known;
	const struct db_rows *rows = answer->results[0];
	read_from(arena, rows, (size_t)row, 1, &out->own);
	read_from(arena, rows, (size_t)row, 5, &out->next);
	out->is_reopened = db_get_bool(rows, (size_t)row, 9);
	known.bytes = db_get_bytea(arena, rows, (size_t)row, 10, &known.length);
	session->known = inform_known_from(arena, known);
	session->has_no_hash = db_get_bool(rows, (size_t)row, 11);
}

bool auth_credential_read(
	struct arena *arena, const struct db_rows *rows, struct auth_credential *out)
{
	if (db_row_count(rows) == 0 || db_is_null(rows, 0, 0))
		return false;
	read_from(arena, rows, 0, 0, out);
	return true;
}

static bool basic_matches(struct arena *arena, const struct auth_credential *credential,
	const struct http_authorization *authorization)
{
	const char *ha1 = digest_ha1(arena, DIGEST_SHA256, authorization->username,
		credential->realm, authorization->password);
	return text_equal_in_constant_time(ha1, credential->ha1_sha256);
}

bool auth_matches(struct arena *arena, const struct auth_credential *credential,
	const struct http_authorization *authorization, const char *method)
{
	if (!authorization->username || !credential->username ||
		!text_equal_in_constant_time(authorization->username, credential->username))
		return false;
	if (authorization->scheme == HTTP_AUTH_BASIC)
		return basic_matches(arena, credential, authorization);
	const bool is_md5 = authorization->algorithm == DIGEST_MD5;
	return digest_matches(arena, authorization,
		is_md5 ? credential->ha1_md5 : credential->ha1_sha256, method);
}
