/* digest: HTTP authentication arithmetic, Basic and Digest (RFC 2069, 2617, 7616), both sides.
 * No state and no I/O: a nonce carries its own time and proof. */
#ifndef HTTP_DIGEST_H
#define HTTP_DIGEST_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "base/arena.h"

enum http_auth_scheme {
	HTTP_AUTH_NONE,
	HTTP_AUTH_BASIC,
	HTTP_AUTH_DIGEST,
	HTTP_AUTH_BEARER,
	HTTP_AUTH_OTHER
};
enum digest_algorithm { DIGEST_MD5, DIGEST_SHA256 };

/* An Authorization header taken apart. What it lacks is NULL. */
struct http_authorization {
	enum http_auth_scheme scheme;
	const char *token;    /* bearer */
	const char *username; /* basic, digest */
	const char *password; /* basic */
	const char *realm, *nonce, *uri, *response, *cnonce, *nc, *qop, *opaque;
	enum digest_algorithm algorithm;
	bool is_session; /* MD5-sess, SHA-256-sess */
};

/* A NULL value gives HTTP_AUTH_NONE. False when the header is malformed or repeats a field. */
bool http_authorization_parse(
	struct arena *arena, const char *value, struct http_authorization *out) MUST_CHECK;

/* Lower-case hex of H(username:realm:password): 32 characters for MD5, 64 for SHA-256. */
char *digest_ha1(struct arena *arena, enum digest_algorithm algorithm, const char *username,
	const char *realm, const char *password);

/* A nonce that this key made: time, random bytes and an HMAC over both. Any process that has
 * the key can check it. key is 32 bytes. */
char *digest_nonce(struct arena *arena, const uint8_t key[32], time_t now);
/* When a nonce of ours was made, in seconds; 0 for what is none. */
uint64_t digest_nonce_made(const char *nonce);
enum digest_nonce_state { NONCE_FOREIGN, NONCE_STALE, NONCE_FRESH };
enum digest_nonce_state digest_nonce_check(
	const uint8_t key[32], const char *nonce, time_t now, unsigned life_seconds);

/* WWW-Authenticate value: realm, nonce, qop="auth", algorithm, and stale=true when asked. */
char *digest_challenge(struct arena *arena, const char *realm, const char *nonce,
	enum digest_algorithm algorithm, bool is_stale);

/* Does the header's response fit? Hashes with the uri that the header gives (some devices leave
 * it empty); request_target may be compared by the caller. qop=auth, auth-less RFC 2069 and the
 * -sess forms; auth-int is refused. Compares in constant time. */
bool digest_matches(struct arena *arena, const struct http_authorization *authorization,
	const char *ha1, const char *method);

/* The client's half: an Authorization value for the strongest Digest challenge (or Basic, when
 * allow_basic) among the WWW-Authenticate headers of a 401; NULL when there is none to answer.
 * Omits what the challenge omits (qop, opaque, algorithm). nonce_count is 1 for the first use of a
 * nonce. */
struct http_header;
struct http_challenge; /* kept for pre-emptive use on later requests */
struct http_challenge *http_challenge_choose(
	struct arena *arena, const struct http_header *headers, size_t count, bool allow_basic);
char *http_challenge_answer(struct arena *arena, struct http_challenge *challenge,
	const char *method, const char *target, const char *username, const char *password);

#endif
