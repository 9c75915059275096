/* password: what is stored in place of a password that people think up: scrypt (RFC 7914) with a salt.
 * Each call takes tens of milliseconds and 32 MB on purpose: never on an event loop. */
#ifndef BASE_PASSWORD_H
#define BASE_PASSWORD_H

#include <stdbool.h>

#include "base/compiler.h"

/* "$scrypt$ln=15,r=8,p=3$salt$hash", the last two in base64url. */
enum { PASSWORD_HASH_BYTES = 128 };
void password_hash(const char *password, char hash[PASSWORD_HASH_BYTES]);
/* With the parameters that the hash names; compared in constant time. A hash of NULL matches nothing, and
 * takes as long. */
bool password_matches(const char *password, const char *hash) MUST_CHECK;

#endif
