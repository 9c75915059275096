/* lockout: who fails to prove who he is waits longer and longer before he may try again.
 * One table for failures and one for who came in lately; a key is a hash under a key of our own, so that
 * nobody can aim at another's place. */
#include "acs/lockout.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/crypto.h"

enum { SETS = 1024, WAYS = 4, MOST_DOUBLINGS = 20 };

#define SECOND_US UINT64_C(1000000)
#define FORGET_US (3600 * SECOND_US)
#define TRUST_US (86400 * SECOND_US)

struct entry {
	uint64_t key;      /* 0: free */
	uint64_t until_us; /* of the wait, or of the trust */
	unsigned failures;
};

struct table {
	struct entry entries[SETS][WAYS];
};

struct lockout {
	pthread_mutex_t lock;
	uint8_t secret[SHA256_BYTES];
	unsigned failures, most_seconds;
	struct table failed, trusted;
};

struct lockout *lockout_new(unsigned failures, unsigned most_seconds)
{
	struct lockout *all = calloc(1, sizeof(*all));
	if (!all)
		abort();
	pthread_mutex_init(&all->lock, NULL);
	random_bytes(all->secret, sizeof(all->secret));
	all->failures = failures;
	all->most_seconds = most_seconds;
	return all;
}

void lockout_free(struct lockout *all)
{
	if (!all)
		return;
	pthread_mutex_destroy(&all->lock);
	free(all);
}

static uint64_t key_of(const struct lockout *all, const void *bytes, size_t length)
{
	uint8_t digest[SHA256_BYTES];
	uint64_t key;
	hmac_sha256(all->secret, sizeof(all->secret), bytes, length, digest);
	memcpy(&key, digest, sizeof(key));
	return key | 1;
}

static uint64_t key_of_text(const struct lockout *all, char kind, const char *text)
{
	uint8_t digest[1 + SHA256_BYTES] = { (uint8_t)kind };
	if (!text)
		return 0;
	sha256(text, strlen(text), digest + 1);
	return key_of(all, digest, sizeof(digest));
}

/* IPv4 alone or inside IPv6 is the same; of IPv6 a subscriber has all of a /64. */
static uint64_t key_of_address(const struct lockout *all, const struct sockaddr *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)(const void *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)(const void *)peer;
	if (peer->sa_family == AF_INET)
		return key_of(all, &v4->sin_addr, sizeof(v4->sin_addr));
	if (peer->sa_family != AF_INET6)
		return 0;
	const uint8_t *bytes = v6->sin6_addr.s6_addr;
	return IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr) ? key_of(all, bytes + 12, 4)
						    : key_of(all, bytes, 8);
}

struct lockout_keys lockout_keys(const struct lockout *all, const struct sockaddr *peer,
	const char *account, const char *token)
{
	return (struct lockout_keys){
		.address = key_of_address(all, peer),
		.account = key_of_text(all, 'a', account),
		.token = key_of_text(all, 't', token),
	};
}

static struct entry *find(struct table *table, uint64_t key)
{
	struct entry *set = table->entries[(key >> 1) % SETS];
	for (int i = 0; key && i < WAYS; i++)
		if (set[i].key == key)
			return &set[i];
	return NULL;
}

static struct entry *find_or_take(struct table *table, uint64_t key)
{
	struct entry *set = table->entries[(key >> 1) % SETS], *least = set;
	struct entry *found = find(table, key);
	if (found)
		return found;
	for (int i = 1; i < WAYS; i++)
		if (set[i].until_us < least->until_us)
			least = &set[i];
	*least = (struct entry){ .key = key };
	return least;
}

static uint64_t wait_us(struct lockout *all, uint64_t key, uint64_t now_us)
{
	const struct entry *entry = find(&all->failed, key);
	return entry && entry->until_us > now_us ? entry->until_us - now_us : 0;
}

static uint64_t together(uint64_t who, uint64_t address)
{
	return who && address ? (who ^ (address << 1)) | 1 : 0;
}

static bool is_trusted(struct lockout *all, uint64_t who, uint64_t address, uint64_t now_us)
{
	const struct entry *entry = find(&all->trusted, together(who, address));
	return entry && entry->until_us > now_us;
}

unsigned lockout_seconds(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us)
{
	pthread_mutex_lock(&all->lock);
	uint64_t address = wait_us(all, keys->address, now_us);
	uint64_t account = wait_us(all, keys->account, now_us);
	const bool is_known_token = is_trusted(all, keys->token, keys->address, now_us);
	if (is_known_token)
		address = 0;
	if (is_known_token || is_trusted(all, keys->account, keys->address, now_us))
		account = 0;
	pthread_mutex_unlock(&all->lock);
	const uint64_t most = address > account ? address : account;
	return (unsigned)((most + SECOND_US - 1) / SECOND_US);
}

static uint64_t delay_us(const struct lockout *all, unsigned failures)
{
	if (failures <= all->failures)
		return 0;
	const unsigned doublings = failures - all->failures - 1;
	const uint64_t seconds = UINT64_C(1)
				 << (doublings < MOST_DOUBLINGS ? doublings : MOST_DOUBLINGS);
	return (seconds < all->most_seconds ? seconds : all->most_seconds) * SECOND_US;
}

/* Is this the failure that makes it wait? */
static bool fail(struct lockout *all, uint64_t key, uint64_t now_us)
{
	if (!key)
		return false;
	struct entry *entry = find_or_take(&all->failed, key);
	if (entry->until_us + FORGET_US < now_us)
		entry->failures = 0;
	entry->failures++;
	entry->until_us = now_us + delay_us(all, entry->failures);
	return entry->failures == all->failures + 1;
}

bool lockout_failed(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us)
{
	if (!all->failures)
		return false;
	pthread_mutex_lock(&all->lock);
	const bool address_waits = fail(all, keys->address, now_us);
	const bool account_waits = fail(all, keys->account, now_us);
	pthread_mutex_unlock(&all->lock);
	return address_waits || account_waits;
}

static void confirm(struct lockout *all, uint64_t key, uint64_t now_us)
{
	struct entry *entry = find(&all->failed, key);
	if (entry)
		entry->until_us = now_us + delay_us(all, entry->failures);
}

void lockout_confirm(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us)
{
	pthread_mutex_lock(&all->lock);
	confirm(all, keys->address, now_us);
	confirm(all, keys->account, now_us);
	pthread_mutex_unlock(&all->lock);
}

static void take_back(struct lockout *all, uint64_t key, uint64_t now_us)
{
	struct entry *entry = find(&all->failed, key);
	if (!entry || !entry->failures)
		return;
	entry->failures--;
	if (entry->failures <= all->failures)
		entry->until_us = now_us;
}

void lockout_take_back(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us)
{
	pthread_mutex_lock(&all->lock);
	take_back(all, keys->address, now_us);
	take_back(all, keys->account, now_us);
	pthread_mutex_unlock(&all->lock);
}

static void trust(struct lockout *all, uint64_t who, uint64_t address, uint64_t now_us)
{
	const uint64_t key = together(who, address);
	if (key)
		find_or_take(&all->trusted, key)->until_us = now_us + TRUST_US;
}

void lockout_succeeded(struct lockout *all, const struct lockout_keys *keys, uint64_t now_us)
{
	pthread_mutex_lock(&all->lock);
	struct entry *entry = find(&all->failed, keys->account);
	if (entry)
		*entry = (struct entry){ 0 };
	trust(all, keys->account, keys->address, now_us);
	trust(all, keys->token, keys->address, now_us);
	pthread_mutex_unlock(&all->lock);
}
