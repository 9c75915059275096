/* downloads: how many there are at once, of one device and of all, and how fast all of them may be. */
#include "acs/files/downloads.h"

#include <pthread.h>
#include <stdlib.h>

#include <uthash.h>

#include "acs/tally.h"

struct downloader {
	int64_t device_id;
	unsigned downloads;
	UT_hash_handle hh;
};

struct downloads {
	pthread_mutex_t lock;
	const struct config *config;
	struct downloader *by_device;
	unsigned count;
	struct download_pace pace;
};

struct downloads *downloads_new(const struct config *config)
{
	struct downloads *downloads = calloc(1, sizeof(*downloads));
	if (!downloads)
		abort();
	pthread_mutex_init(&downloads->lock, NULL);
	downloads->config = config;
	downloads->pace.bytes_per_second = config->files.bytes_per_second;
	return downloads;
}

void downloads_free(struct downloads *downloads)
{
	struct downloader *downloader, *next;
	if (!downloads)
		return;
	HASH_ITER (hh, downloads->by_device, downloader, next) {
		HASH_DEL(downloads->by_device, downloader);
		free(downloader);
	}
	pthread_mutex_destroy(&downloads->lock);
	free(downloads);
}

static struct downloader *find(struct downloads *downloads, int64_t device_id)
{
	struct downloader *found;
	HASH_FIND(hh, downloads->by_device, &device_id, sizeof(device_id), found);
	return found;
}

static void count(struct downloads *downloads, struct downloader *downloader, int64_t device_id)
{
	if (!downloader) {
		downloader = calloc(1, sizeof(*downloader));
		if (!downloader)
			abort();
		downloader->device_id = device_id;
		HASH_ADD(hh, downloads->by_device, device_id, sizeof(device_id), downloader);
	}
	downloader->downloads++;
	downloads->count++;
}

unsigned downloads_begin(struct downloads *downloads, int64_t device_id)
{
	const struct config *config = downloads->config;
	unsigned status = 0;
	pthread_mutex_lock(&downloads->lock);
	struct downloader *downloader = find(downloads, device_id);
	if (downloader && downloader->downloads >= config->files.downloads_per_device)
		status = 429;
	else if (downloads->count >= config->files.downloads)
		status = 503;
	else
		count(downloads, downloader, device_id);
	pthread_mutex_unlock(&downloads->lock);
	if (status)
		tally_limit(status == 429 ? LIMIT_DOWNLOADS_OF_DEVICE : LIMIT_DOWNLOADS);
	return status;
}

void downloads_end(struct downloads *downloads, int64_t device_id)
{
	pthread_mutex_lock(&downloads->lock);
	struct downloader *downloader = find(downloads, device_id);
	downloads->count--;
	if (--downloader->downloads == 0) {
		HASH_DEL(downloads->by_device, downloader);
		free(downloader);
	}
	pthread_mutex_unlock(&downloads->lock);
}

uint64_t download_pace_take(struct download_pace *pace, size_t bytes, uint64_t now_us)
{
	if (!pace->bytes_per_second)
		return now_us;
	const uint64_t begin_us = pace->next_us > now_us ? pace->next_us : now_us;
	pace->next_us = begin_us + bytes * UINT64_C(1000000) / pace->bytes_per_second;
	return begin_us;
}

uint64_t downloads_take(struct downloads *downloads, size_t bytes, uint64_t now_us)
{
	pthread_mutex_lock(&downloads->lock);
	const uint64_t begin_us = download_pace_take(&downloads->pace, bytes, now_us);
	pthread_mutex_unlock(&downloads->lock);
	return begin_us;
}
