/* keyring: the keys that seal secrets at rest: one seals, older ones still open.
 * New form: mark, id of the key, nonce, ciphertext, tag; mark, id and place are authenticated too. The old form
 * begins with the nonce: a look at the mark tells which it is, and the tag tells when that was chance. */
#include "base/keyring.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { MARK_BYTES = 4, ID_BYTES = 4, HEAD_BYTES = MARK_BYTES + ID_BYTES };

static const uint8_t mark[MARK_BYTES] = { 'A', 'C', 'S', 2 };

struct key {
	uint8_t bytes[SEAL_KEY_BYTES];
	uint8_t id[ID_BYTES]; /* made from the key, tells nothing of it */
};

struct keyring {
	pthread_rwlock_t lock;
	struct key *keys; /* the first one seals */
	size_t count;
	bool in_old_form;
};

struct keyring *keyring_new(void)
{
	struct keyring *ring = calloc(1, sizeof(*ring));
	if (!ring)
		abort();
	pthread_rwlock_init(&ring->lock, NULL);
	return ring;
}

static void wipe(struct key *keys, size_t count)
{
	if (keys)
		wipe_bytes(keys, count * sizeof(*keys));
	free(keys);
}

void keyring_free(struct keyring *ring)
{
	if (!ring)
		return;
	wipe(ring->keys, ring->count);
	pthread_rwlock_destroy(&ring->lock);
	free(ring);
}

static void set_key(struct key *key, const uint8_t bytes[SEAL_KEY_BYTES])
{
	static const char purpose[] = "id of a key that seals";
	uint8_t digest[SHA256_BYTES];
	memcpy(key->bytes, bytes, SEAL_KEY_BYTES);
	hmac_sha256(bytes, SEAL_KEY_BYTES, purpose, strlen(purpose), digest);
	memcpy(key->id, digest, ID_BYTES);
}

void keyring_set(struct keyring *ring, const uint8_t (*keys)[SEAL_KEY_BYTES], size_t count)
{
	assert(count > 0);
	struct key *fresh = calloc(count, sizeof(*fresh));
	if (!fresh)
		abort();
	for (size_t i = 0; i < count; i++)
		set_key(&fresh[i], keys[i]);
	pthread_rwlock_wrlock(&ring->lock);
	struct key *stale = ring->keys;
	const size_t stale_count = ring->count;
	ring->keys = fresh;
	ring->count = count;
	pthread_rwlock_unlock(&ring->lock);
	wipe(stale, stale_count);
}

void keyring_seal_in_old_form(struct keyring *ring, bool in_old_form)
{
	pthread_rwlock_wrlock(&ring->lock);
	ring->in_old_form = in_old_form;
	pthread_rwlock_unlock(&ring->lock);
}

bool keyring_seals_in_old_form(struct keyring *ring)
{
	pthread_rwlock_rdlock(&ring->lock);
	const bool in_old_form = ring->in_old_form;
	pthread_rwlock_unlock(&ring->lock);
	return in_old_form;
}

/* What is authenticated beside the ciphertext. */
static struct seal_binding binding_of(
	struct arena *arena, const uint8_t head[HEAD_BYTES], const char *place)
{
	const size_t place_length = strlen(place);
	uint8_t *bytes = arena_alloc(arena, HEAD_BYTES + place_length + 1);
	memcpy(bytes, head, HEAD_BYTES);
	memcpy(bytes + HEAD_BYTES, place, place_length + 1);
	return (struct seal_binding){ bytes, HEAD_BYTES + place_length };
}

static uint8_t *seal_with(const struct key *key, struct arena *arena, const char *place,
	const void *bytes, size_t length, size_t *sealed_length)
{
	uint8_t head[HEAD_BYTES];
	memcpy(head, mark, MARK_BYTES);
	memcpy(head + MARK_BYTES, key->id, ID_BYTES);
	const struct seal_binding binding = binding_of(arena, head, place);
	const uint8_t *body = seal_bound(arena, key->bytes, &binding, bytes, length, sealed_length);
	uint8_t *sealed = arena_alloc(arena, HEAD_BYTES + *sealed_length);
	memcpy(sealed, head, HEAD_BYTES);
	memcpy(sealed + HEAD_BYTES, body, *sealed_length);
	*sealed_length += HEAD_BYTES;
	return sealed;
}

uint8_t *keyring_seal(struct keyring *ring, struct arena *arena, const char *place,
	const void *bytes, size_t length, size_t *sealed_length)
{
	pthread_rwlock_rdlock(&ring->lock);
	uint8_t *sealed = ring->in_old_form
				  ? seal(arena, ring->keys[0].bytes, bytes, length, sealed_length)
				  : seal_with(&ring->keys[0], arena, place, bytes, length,
					    sealed_length);
	pthread_rwlock_unlock(&ring->lock);
	return sealed;
}

static bool is_sealed_with(const struct key *key, const uint8_t *sealed, size_t sealed_length)
{
	return sealed_length > HEAD_BYTES && memcmp(sealed, mark, MARK_BYTES) == 0 &&
	       memcmp(sealed + MARK_BYTES, key->id, ID_BYTES) == 0;
}

static char *unseal_with(const struct key *key, struct arena *arena, const char *place,
	const uint8_t *sealed, size_t sealed_length, size_t *length)
{
	char *text = NULL;
	if (is_sealed_with(key, sealed, sealed_length)) {
		const struct seal_binding binding = binding_of(arena, sealed, place);
		text = unseal_bound(arena, key->bytes, &binding, sealed + HEAD_BYTES,
			sealed_length - HEAD_BYTES, length);
	}
	return text ? text : unseal(arena, key->bytes, sealed, sealed_length, length);
}

char *keyring_unseal(struct keyring *ring, struct arena *arena, const char *place,
	const void *sealed, size_t sealed_length, size_t *length)
{
	char *text = NULL;
	pthread_rwlock_rdlock(&ring->lock);
	for (size_t i = 0; i < ring->count && !text; i++)
		text = unseal_with(&ring->keys[i], arena, place, sealed, sealed_length, length);
	pthread_rwlock_unlock(&ring->lock);
	return text;
}

bool keyring_is_current(struct keyring *ring, const void *sealed, size_t sealed_length)
{
	pthread_rwlock_rdlock(&ring->lock);
	const bool is_current = !ring->in_old_form &&
				is_sealed_with(&ring->keys[0], sealed, sealed_length);
	pthread_rwlock_unlock(&ring->lock);
	return is_current;
}
