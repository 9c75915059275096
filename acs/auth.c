/* auth: does a CPE prove that it is the device its Inform names? (TR-069 3.4.4) */
#include "acs/auth.h"

#include <string.h>

#include "acs/server.h"
#include "base/crypto.h"

enum config_auth auth_scheme(const struct config *config, bool is_tls)
{
	if (config->cwmp.auth == AUTH_BASIC && !is_tls && !config->cwmp.basic_over_http)
		return AUTH_DIGEST;
	return (enum config_auth)config->cwmp.auth;
}

enum auth_result auth_screen(const struct server *server, const struct http_request *request,
	time_t now, struct http_authorization *out)
{
	const enum config_auth scheme = auth_scheme(server->config, request->is_tls);
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
		server->nonce_key, out->nonce, now, server->config->cwmp.nonce_seconds)) {
	case NONCE_FRESH:
		return AUTH_ACCEPTED;
	case NONCE_STALE:
		return AUTH_STALE;
	default:
		return AUTH_CHALLENGE;
	}
}

size_t auth_challenges(struct arena *arena, const struct server *server, bool is_tls, bool is_stale,
	time_t now, struct http_header challenges[2])
{
	const char *realm = server->config->cwmp.realm;
	challenges[0].name = challenges[1].name = "WWW-Authenticate";
	if (auth_scheme(server->config, is_tls) == AUTH_BASIC) {
		challenges[0].value = arena_printf(arena, "Basic realm=\"%s\"", realm);
		return 1;
	}
	/* MD5 first: CPEs that know one algorithm read the first challenge only. */
	const char *nonce = digest_nonce(arena, server->nonce_key, now);
	challenges[0].value = digest_challenge(arena, realm, nonce, DIGEST_MD5, is_stale);
	challenges[1].value = digest_challenge(arena, realm, nonce, DIGEST_SHA256, is_stale);
	return 2;
}

static const struct db_statement read_credential = {
	.name = "auth_read_credential",
	.sql = "SELECT username, realm, ha1_md5, ha1_sha256 FROM credential"
	       " WHERE device_id = $1 AND username IS NOT NULL",
};

void auth_ask(struct db_question *question, int64_t device_id)
{
	DB_ADD(question, &read_credential, db_int(question->arena, device_id));
}

static bool basic_matches(struct arena *arena, const struct db_rows *rows,
	const struct http_authorization *authorization)
{
	const char *ha1 = digest_ha1(arena, DIGEST_SHA256, authorization->username,
		db_get_text(rows, 0, 1), authorization->password);
	return text_equal_in_constant_time(ha1, db_get_text(rows, 0, 3));
}

enum auth_result auth_check(struct arena *arena, const struct db_rows *rows,
	const struct http_authorization *authorization, const char *method)
{
	if (db_row_count(rows) == 0 || !authorization->username ||
		!text_equal_in_constant_time(authorization->username, db_get_text(rows, 0, 0)))
		return AUTH_REFUSED;
	if (authorization->scheme == HTTP_AUTH_BASIC)
		return basic_matches(arena, rows, authorization) ? AUTH_ACCEPTED : AUTH_REFUSED;
	const bool is_md5 = authorization->algorithm == DIGEST_MD5;
	const char *ha1 = db_get_text(rows, 0, is_md5 ? 2 : 3);
	return digest_matches(arena, authorization, ha1, method) ? AUTH_ACCEPTED : AUTH_REFUSED;
}
