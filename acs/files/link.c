/* link: the token in a download URL: when it dies, and a proof that we made it for this name.
 * base64url of expires (5 bytes, big-endian) and 12 bytes of HMAC-SHA256 over expires|purpose|name:
 * 23 characters. */
#include "acs/files/files.h"

#include <string.h>

#include "base/crypto.h"
#include "http/url.h"

enum { EXPIRES_BYTES = 5, PROOF_BYTES = 12, TOKEN_BYTES = EXPIRES_BYTES + PROOF_BYTES };
enum { MOST_URL_BYTES = 256 }; /* of URL in Download (TR-069 table 40) and Upload */

static void prove(struct arena *arena, const uint8_t key[32], enum file_link_purpose purpose,
	const uint8_t expires[EXPIRES_BYTES], const char *name, uint8_t proof[PROOF_BYTES])
{
	const size_t name_length = strlen(name);
	uint8_t mac[SHA256_BYTES];
	uint8_t *text = arena_alloc(arena, EXPIRES_BYTES + 1 + name_length + 1);
	memcpy(text, expires, EXPIRES_BYTES);
	text[EXPIRES_BYTES] = (uint8_t)purpose;
	memcpy(text + EXPIRES_BYTES + 1, name, name_length);
	hmac_sha256(key, 32, text, EXPIRES_BYTES + 1 + name_length, mac);
	memcpy(proof, mac, PROOF_BYTES);
}

char *file_link(struct arena *arena, const char *base_url, const uint8_t key[32],
	enum file_link_purpose purpose, const char *name, time_t expires)
{
	uint8_t token[TOKEN_BYTES];
	for (unsigned i = 0; i < EXPIRES_BYTES; i++)
		token[i] = (uint8_t)((uint64_t)expires >> (8 * (EXPIRES_BYTES - 1 - i)));
	prove(arena, key, purpose, token, name, token + EXPIRES_BYTES);
	char *url = arena_printf(arena, "%s/%c/%s/%s", base_url, (char)purpose,
		base64url_encode(arena, token, TOKEN_BYTES), http_percent_encode(arena, name));
	return strlen(url) <= MOST_URL_BYTES ? url : NULL;
}

static time_t read_expires(const uint8_t bytes[EXPIRES_BYTES])
{
	uint64_t expires = 0;
	for (unsigned i = 0; i < EXPIRES_BYTES; i++)
		expires = expires << 8 | bytes[i];
	return (time_t)expires;
}

/* NULL unless it is spelled as file_link() does: the last character has bits that count for nothing. */
static const uint8_t *read_token(struct arena *arena, const char *text)
{
	size_t length;
	const char *token = base64url_decode(arena, text, &length);
	const bool is_token = token && length == TOKEN_BYTES &&
			      strcmp(base64url_encode(arena, token, TOKEN_BYTES), text) == 0;
	return is_token ? (const uint8_t *)token : NULL;
}

bool file_link_check(struct arena *arena, const uint8_t key[32], enum file_link_purpose purpose,
	const char *path, time_t now, const char **name)
{
	const char prefix[] = { '/', (char)purpose, '/', '\0' };
	uint8_t proof[PROOF_BYTES];
	if (strncmp(path, prefix, strlen(prefix)) != 0)
		return false;
	const char *text = path + strlen(prefix);
	const char *slash = strchr(text, '/');
	if (!slash)
		return false;
	const char *decoded = http_percent_decode(arena, slash + 1);
	const uint8_t *bytes = read_token(
		arena, arena_strndup(arena, text, (size_t)(slash - text)));
	if (!decoded || !*decoded || !bytes)
		return false;
	prove(arena, key, purpose, bytes, decoded, proof);
	if (!equal_in_constant_time(proof, PROOF_BYTES, bytes + EXPIRES_BYTES, PROOF_BYTES))
		return false;
	*name = decoded;
	return now <= read_expires(bytes);
}
