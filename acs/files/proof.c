/* proof: is who comes with a link the device that it was given to (files.auth)?
 * Basic would tell the password to everybody on the way, so without TLS it becomes Digest. */
#include "acs/files/proof.h"

#include <time.h>

#include "acs/auth.h"
#include "acs/log.h"
#include "acs/server.h"

static enum config_auth scheme_of(const struct http_request *request, const struct loop *loop)
{
	const struct config *config = loop->server->config;
	if (config->files.auth == AUTH_BASIC && !request->is_tls && !config->cwmp.basic_over_http)
		return AUTH_DIGEST;
	return (enum config_auth)config->files.auth;
}

void proof_challenge(struct http_request *request, const struct loop *loop, bool is_stale)
{
	struct http_header headers[2];
	const struct http_response response = {
		.status = 401,
		.headers = headers,
		.header_count = auth_challenges(request->arena, loop->server,
			scheme_of(request, loop), is_stale, time(NULL), headers),
		.body = "",
	};
	request->on_gone = NULL;
	http_reply(request, &response);
}

bool proof_screen(struct http_request *request, const struct loop *loop,
	struct http_authorization *authorization)
{
	const enum auth_result result = auth_screen(
		loop->server, scheme_of(request, loop), request, time(NULL), authorization);
	if (result == AUTH_ACCEPTED)
		return true;
	LOG_INFO("file", LOG_TEXT("peer", http_peer_address(request->arena, request)),
		LOG_NUMBER("status", 401), LOG_TEXT("outcome", "challenged"));
	proof_challenge(request, loop, result == AUTH_STALE);
	return false;
}

static struct auth_credential credential_of(
	struct arena *arena, const struct file_link *link, const char *realm)
{
	return (struct auth_credential){
		.username = link->username,
		.realm = realm,
		.ha1_md5 = digest_ha1(arena, DIGEST_MD5, link->username, realm, link->password),
		.ha1_sha256 = digest_ha1(
			arena, DIGEST_SHA256, link->username, realm, link->password),
	};
}

bool proof_holds(const struct http_request *request, const struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization,
	const struct db_rows *credential_rows)
{
	struct arena *arena = request->arena;
	const struct config *config = loop->server->config;
	if (scheme_of(request, loop) == AUTH_NONE)
		return true;
	struct auth_credential credential = credential_of(arena, link, config->cwmp.realm);
	if (auth_matches(arena, &credential, authorization, request->method))
		return true;
	return auth_credential_read(arena, credential_rows, &credential) &&
	       auth_matches(arena, &credential, authorization, request->method);
}
