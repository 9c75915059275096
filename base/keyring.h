/* keyring: the keys that seal secrets at rest: one seals, older ones still open.
 * What is sealed is bound to its place, so that it opens nowhere else. Any thread may use a ring. */
#ifndef BASE_KEYRING_H
#define BASE_KEYRING_H

#include "base/crypto.h"

struct keyring;

struct keyring *keyring_new(void);
/* Wipes the keys. */
void keyring_free(struct keyring *ring);
/* The first of the keys seals, all of them open. Replaces what was there. count > 0. */
void keyring_set(struct keyring *ring, const uint8_t (*keys)[SEAL_KEY_BYTES], size_t count);
/* From now on: the form that servers before this one read, which knows neither key nor place. Both forms are
 * always opened. */
void keyring_seal_in_old_form(struct keyring *ring, bool in_old_form);
bool keyring_seals_in_old_form(struct keyring *ring);

/* AES-256-GCM. place names the row that they will stand in: "task 17". *sealed_length is length + 36 at most. */
uint8_t *keyring_seal(struct keyring *ring, struct arena *arena, const char *place,
	const void *bytes, size_t length, size_t *sealed_length);
/* NULL when none of the keys sealed it, not for this place, or it was changed since. NUL-terminated beyond
 * *length. */
char *keyring_unseal(struct keyring *ring, struct arena *arena, const char *place,
	const void *sealed, size_t sealed_length, size_t *length);
/* Is that the form and the key which keyring_seal() uses now? */
bool keyring_is_current(struct keyring *ring, const void *sealed, size_t sealed_length);

#endif
