/* credentials: how a device of a fleet proves to the ACS who it is.
 * HA1 is kept with the device and HA2 with the realm, so that a request costs one hash. */
#include "cpe/fleet/credentials.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "http/auth_params.h"

enum { ITEMS_MAX = 64 };

/* A challenge as it was received; what it lacks is NULL. */
struct challenge {
	bool is_digest, is_basic;
	const char *realm, *nonce, *opaque, *qop, *algorithm;
};

static const struct auth_field fields[] = {
	{ "realm", offsetof(struct challenge, realm) },
	{ "nonce", offsetof(struct challenge, nonce) },
	{ "opaque", offsetof(struct challenge, opaque) },
	{ "qop", offsetof(struct challenge, qop) },
	{ "algorithm", offsetof(struct challenge, algorithm) },
};

void realm_clear(struct realm *realm)
{
	free(realm->name);
	free(realm->opaque);
	buffer_clear(&realm->scratch);
	free(realm->nonce);
	*realm = (struct realm){ 0 };
}

static bool is_usable(const struct fleet *fleet, const struct challenge *challenge)
{
	if (!challenge->realm)
		return false;
	if (challenge->is_basic)
		return fleet->url.is_https || fleet->options->basic_over_http;
	return challenge->is_digest && challenge->nonce &&
	       (!challenge->algorithm || strcasecmp(challenge->algorithm, "MD5") == 0) &&
	       (!challenge->qop || strstr(challenge->qop, "auth"));
}

/* The first usable challenge in one header, which may carry several. */
static bool find_challenge(
	const struct fleet *fleet, struct arena *arena, const char *text, struct challenge *found)
{
	*found = (struct challenge){ 0 };
	for (unsigned i = 0; i < ITEMS_MAX; i++) {
		struct auth_token token;
		const enum auth_item item = auth_next(arena, &text, &token);
		if (item == AUTH_PARAM) {
			if (!auth_store(fields, LENGTH_OF(fields), found, &token))
				return false;
			continue;
		}
		if (item != AUTH_SCHEME || is_usable(fleet, found))
			break;
		*found = (struct challenge){
			.is_digest = strcasecmp(token.name, "Digest") == 0,
			.is_basic = strcasecmp(token.name, "Basic") == 0,
		};
	}
	return is_usable(fleet, found);
}

static bool is_same(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Another realm makes all hashes that were kept worthless. */
static void enter_realm(struct fleet *fleet, const struct challenge *challenge)
{
	struct realm *realm = &fleet->realm;
	const bool has_qop = challenge->qop != NULL;
	if (realm->name && is_same(realm->name, challenge->realm) &&
		is_same(realm->opaque, challenge->opaque) && realm->has_qop == has_qop &&
		realm->is_basic == challenge->is_basic)
		return;
	realm_clear(realm);
	realm->name = strdup(challenge->realm);
	realm->opaque = challenge->opaque ? strdup(challenge->opaque) : NULL;
	realm->has_qop = has_qop;
	realm->is_basic = challenge->is_basic;
	struct arena *arena = arena_new();
	memcpy(realm->cnonce, random_text(arena, sizeof(realm->cnonce) - 1), sizeof(realm->cnonce));
	const char *a2 = arena_printf(arena, "POST:%s", fleet->url.target);
	md5_hex(a2, strlen(a2), realm->ha2);
	arena_free(arena);
	for (uint32_t i = 0; i < fleet->device_count; i++)
		credentials_changed(&fleet->devices[i]);
}

/* It was given in this session. The session goes on what its connection has proved; challenged anew, the device
 * answers with the new pair. */
static bool has_new_pair(const struct fleet_device *device)
{
	return device->extra && device->extra->has_new_credentials;
}

bool credentials_take(struct fleet *fleet, struct fleet_device *device, struct arena *arena,
	const struct http_header *headers, size_t count)
{
	struct challenge challenge;
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(headers[i].name, "WWW-Authenticate") != 0 ||
			!find_challenge(fleet, arena, headers[i].value, &challenge))
			continue;
		enter_realm(fleet, &challenge);
		credentials_forget(device);
		device->has_ha1 &= !has_new_pair(device);
		device->nonce = strdup(challenge.nonce ? challenge.nonce : "");
		device->nonce_count = 0;
		free(fleet->realm.nonce);
		fleet->realm.nonce = strdup(device->nonce);
		return true;
	}
	return false;
}

static void prepare_ha1(const struct fleet *fleet, struct fleet_device *device, struct arena *arena,
	const char *username)
{
	char password[DEVICE_TEXT_BYTES];
	extra_password(fleet, device, password, sizeof(password));
	const char *a1 = arena_printf(arena, "%s:%s:%s", username, fleet->realm.name, password);
	md5_hex(a1, strlen(a1), device->ha1);
	device->has_ha1 = true;
}

static const char *answer_basic(const struct fleet *fleet, const struct fleet_device *device,
	struct arena *arena, const char *username)
{
	char password[DEVICE_TEXT_BYTES];
	extra_password(fleet, device, password, sizeof(password));
	const char *pair = arena_printf(arena, "%s:%s", username, password);
	return arena_printf(arena, "Basic %s", base64_encode(arena, pair, strlen(pair)));
}

static void append_quoted(struct buffer *out, const char *text)
{
	buffer_append_text(out, "\"");
	for (size_t plain; *text; text += plain) {
		plain = strcspn(text, "\"\\");
		buffer_append(out, text, plain);
		if (text[plain]) {
			const char escaped[] = { '\\', text[plain++] };
			buffer_append(out, escaped, sizeof(escaped));
		}
	}
	buffer_append_text(out, "\"");
}

static void append_all(struct buffer *out, const char *const *texts, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buffer_append_text(out, texts[i]);
}

#define APPEND(out, ...) \
	append_all(out, (const char *const[]){ __VA_ARGS__ }, \
		LENGTH_OF(((const char *const[]){ __VA_ARGS__ })))

/* RFC 2617, 3.2.2.1; nc "" leaves out what came after RFC 2069. */
static void compute_response(struct realm *realm, const struct fleet_device *device, const char *nc,
	char response[MD5_HEX_BYTES])
{
	struct buffer *proof = &realm->scratch;
	buffer_reset(proof);
	APPEND(proof, device->ha1, ":", device->nonce, ":");
	if (*nc)
		APPEND(proof, nc, ":", realm->cnonce, ":auth:");
	buffer_append_text(proof, realm->ha2);
	md5_hex(proof->data, proof->length, response);
}

static void next_nonce_count(const struct realm *realm, struct fleet_device *device, char nc[9])
{
	const uint32_t count = htonl(++device->nonce_count);
	nc[0] = '\0';
	if (realm->has_qop)
		hex_encode(&count, sizeof(count), nc);
}

/* Appending is worth it: with printf() this was a third of what a session costs. */
static const char *answer_digest(
	struct fleet *fleet, struct fleet_device *device, const char *username)
{
	struct realm *realm = &fleet->realm;
	char response[MD5_HEX_BYTES], nc[9];
	next_nonce_count(realm, device, nc);
	compute_response(realm, device, nc, response);
	struct buffer *out = &realm->scratch;
	buffer_reset(out);
	buffer_append_text(out, "Digest username=");
	append_quoted(out, username);
	buffer_append_text(out, ", realm=");
	append_quoted(out, realm->name);
	APPEND(out, ", nonce=\"", device->nonce, "\", uri=\"", fleet->url.target,
		"\", algorithm=MD5, response=\"", response, "\"");
	if (realm->has_qop)
		APPEND(out, ", qop=auth, nc=", nc, ", cnonce=\"", realm->cnonce, "\"");
	if (realm->opaque) {
		buffer_append_text(out, ", opaque=");
		append_quoted(out, realm->opaque);
	}
	return out->data;
}

const char *credentials_answer(
	struct fleet *fleet, struct fleet_device *device, struct arena *arena)
{
	char username[DEVICE_TEXT_BYTES];
	if (!device->nonce || (device->has_ha1 && has_new_pair(device)))
		return NULL;
	extra_username(fleet, device, username, sizeof(username));
	if (fleet->realm.is_basic)
		return answer_basic(fleet, device, arena, username);
	if (!device->has_ha1)
		prepare_ha1(fleet, device, arena, username);
	return answer_digest(fleet, device, username);
}

void credentials_share(const struct fleet *fleet, struct fleet_device *device)
{
	if (device->nonce || !fleet->realm.nonce)
		return;
	device->nonce = strdup(fleet->realm.nonce);
	device->nonce_count = 0;
}

void credentials_forget(struct fleet_device *device)
{
	free(device->nonce);
	device->nonce = NULL;
}

void credentials_changed(struct fleet_device *device)
{
	device->has_ha1 = false;
	credentials_forget(device);
}
