/* token: what makes a token of the admin API, for the API itself and for `acs token`. */
#ifndef ACS_API_TOKEN_H
#define ACS_API_TOKEN_H

#include "base/arena.h"
#include "base/crypto.h"

enum { TOKEN_MOST_SECONDS = 50 * 366 * 86400 };

/* A new token, and its hash, which is all that is stored. */
char *token_make(struct arena *arena, char hash[SHA256_HEX_BYTES]);

#endif
