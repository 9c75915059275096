/* link: the token in a download URL: when it dies, whose it is, and a proof that we made it.
 * base64url of expires (5 bytes, big-endian), device_id (8, likewise) and the first 12 bytes of
 * HMAC-SHA256 over expires|device_id|purpose|name: 34 characters. The MAC's other bytes are the
 * link's password. */
#include "acs/files/files.h"

#include <string.h>

#include "base/crypto.h"
#include "http/url.h"

enum { EXPIRES_BYTES = 5, DEVICE_BYTES = 8, CLAIM_BYTES = EXPIRES_BYTES + DEVICE_BYTES };
enum { PROOF_BYTES = 12, TOKEN_BYTES = CLAIM_BYTES + PROOF_BYTES };
enum { MOST_URL_BYTES = 256 }; /* of URL in Download (TR-069 table 40) and Upload */

static void write_number(uint8_t *bytes, size_t count, uint64_t number)
{
	for (size_t i = 0; i < count; i++)
		bytes[i] = (uint8_t)(number >> (8 * (count - 1 - i)));
}

static uint64_t read_number(const uint8_t *bytes, size_t count)
{
	uint64_t number = 0;
	for (size_t i = 0; i < count; i++)
		number = number << 8 | bytes[i];
	return number;
}

/* Fills in the token of the link, and what the device may prove itself with. */
static void sign(struct arena *arena, const uint8_t key[32], struct file_link *link,
	uint8_t token[TOKEN_BYTES])
{
	const size_t name_length = strlen(link->name);
	uint8_t mac[SHA256_BYTES];
	uint8_t *text = arena_alloc(arena, CLAIM_BYTES + 1 + name_length);
	write_number(token, EXPIRES_BYTES, (uint64_t)link->expires);
	write_number(token + EXPIRES_BYTES, DEVICE_BYTES, (uint64_t)link->device_id);
	memcpy(text, token, CLAIM_BYTES);
	text[CLAIM_BYTES] = (uint8_t)link->purpose;
	memcpy(text + CLAIM_BYTES + 1, link->name, name_length);
	hmac_sha256(key, 32, text, CLAIM_BYTES + 1 + name_length, mac);
	memcpy(token + CLAIM_BYTES, mac, PROOF_BYTES);
	link->username = arena_printf(arena, "%016llx", (unsigned long long)link->device_id);
	link->password = base64url_encode(arena, mac + PROOF_BYTES, sizeof(mac) - PROOF_BYTES);
}

char *file_link_make(
	struct arena *arena, const char *base_url, const uint8_t key[32], struct file_link *link)
{
	uint8_t token[TOKEN_BYTES];
	sign(arena, key, link, token);
	char *url = arena_printf(arena, "%s/%c/%s/%s", base_url, (char)link->purpose,
		base64url_encode(arena, token, TOKEN_BYTES),
		http_percent_encode(arena, link->name));
	return strlen(url) <= MOST_URL_BYTES ? url : NULL;
}

/* NULL unless it is spelled as file_link_make() does: the last character has bits that count for nothing. */
static const uint8_t *read_token(struct arena *arena, const char *text)
{
	size_t length;
	const char *token = base64url_decode(arena, text, &length);
	const bool is_token = token && length == TOKEN_BYTES &&
			      strcmp(base64url_encode(arena, token, TOKEN_BYTES), text) == 0;
	return is_token ? (const uint8_t *)token : NULL;
}

bool file_link_check(struct arena *arena, const uint8_t key[32], enum file_link_purpose purpose,
	const char *path, time_t now, struct file_link *link)
{
	const char prefix[] = { '/', (char)purpose, '/', '\0' };
	uint8_t signed_token[TOKEN_BYTES];
	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return false;
	const char *text = path + strlen(prefix);
	const char *slash = strchr(text, '/');
	if (!slash)
		return false;
	const char *name = http_percent_decode(arena, slash + 1);
	const uint8_t *token = read_token(
		arena, arena_strndup(arena, text, (size_t)(slash - text)));
	if (!name || !*name || !token)
		return false;
	*link = (struct file_link){
		.purpose = purpose,
		.device_id = (int64_t)read_number(token + EXPIRES_BYTES, DEVICE_BYTES),
		.name = name,
		.expires = (time_t)read_number(token, EXPIRES_BYTES),
	};
	sign(arena, key, link, signed_token);
	return equal_in_constant_time(signed_token, TOKEN_BYTES, token, TOKEN_BYTES) &&
	       now <= link->expires;
}
