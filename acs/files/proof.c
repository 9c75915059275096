/* proof: is who comes with a link the device that it was given to (files.auth)?
 * Where a link is for a device, others' certificates and user names are of no use. */
#include "acs/files/proof.h"

#include <time.h>

#include "acs/auth.h"
#include "acs/certificate.h"
#include "acs/files/send.h"
#include "acs/log.h"
#include "acs/replay.h"
#include "acs/server.h"
#include "db/files.h"

static enum config_auth scheme_of(const struct http_request *request, const struct loop *loop)
{
	const struct config *config = loop->server->config;
	return auth_scheme(config, (enum config_auth)config->files.auth, request->is_tls);
}

static void challenge(struct http_request *request, const struct loop *loop, bool is_stale)
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

void proof_refuse(struct http_request *request, struct loop *loop, enum file_proof proof)
{
	const bool is_anothers = proof == FILE_PROOF_ANOTHERS;
	LOG_INFO("file", LOG_TEXT("peer", http_peer_address(request->arena, request)),
		LOG_NUMBER("status", is_anothers ? 403 : 401),
		LOG_TEXT("outcome", is_anothers ? "another device's certificate" : "challenged"));
	if (is_anothers)
		file_refuse(request, loop, 403, "");
	else
		challenge(request, loop, proof == FILE_PROOF_REPEATED);
}

bool proof_screen(struct http_request *request, const struct loop *loop,
	struct http_authorization *authorization)
{
	const enum auth_result result = auth_screen(
		loop->server, scheme_of(request, loop), request, time(NULL), authorization);
	if (result != AUTH_ACCEPTED)
		challenge(request, loop, result == AUTH_STALE);
	return result == AUTH_ACCEPTED;
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

static bool is_right(const struct http_request *request, const struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization,
	const struct db_rows *device_rows)
{
	struct arena *arena = request->arena;
	struct auth_credential credential = credential_of(
		arena, link, loop->server->config->cwmp.realm);
	if (auth_matches(arena, &credential, authorization, request->method))
		return true;
	return auth_credential_read(arena, device_rows, &credential) &&
	       auth_matches(arena, &credential, authorization, request->method);
}

static bool has_its_certificate(const struct http_request *request, const struct loop *loop,
	const struct db_rows *device_rows)
{
	struct file_device device;
	file_device_read(request->arena, device_rows, &device);
	return certificate_admits(loop->server->config, request,
		&(const struct cwmp_device_id){
			.oui = device.oui,
			.product_class = device.product_class,
			.serial_number = device.serial_number,
		});
}

enum file_proof proof_judge(const struct http_request *request, const struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization,
	const struct db_rows *device_rows)
{
	if (!has_its_certificate(request, loop, device_rows))
		return FILE_PROOF_ANOTHERS;
	if (scheme_of(request, loop) == AUTH_NONE)
		return FILE_PROOF_GOOD;
	if (!is_right(request, loop, link, authorization, device_rows))
		return FILE_PROOF_MISSING;
	if (authorization->scheme == HTTP_AUTH_DIGEST &&
		!replay_count(loop->server->replays, authorization))
		return FILE_PROOF_REPEATED;
	return FILE_PROOF_GOOD;
}
