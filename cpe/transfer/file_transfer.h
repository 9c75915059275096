/* file_transfer: one file fetched from or sent to a file server by HTTP or HTTPS.
 * Faults are those of TransferComplete, TR-069 A.5.1: 9010 to 9012 and 9015 to 9018. */
#ifndef CPE_FILE_TRANSFER_H
#define CPE_FILE_TRANSFER_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "http/tls.h"

struct event_base;
struct evdns_base;

struct file_transfer;

/* Whose transfer it is. All is borrowed until it has ended. */
struct file_transfer_place {
	struct event_base *base;
	struct evdns_base *dns;
	struct http_tls *tls; /* NULL: no https */
	const char *name;     /* of the device, for the log */
};

struct file_transfer_request { /* texts are copied */
	const char *url, *username, *password;
	/* The file to write, which is removed when the fetch fails; NULL: none is written. */
	const char *path;
	/* What is fetched is appended, as far as content_bytes; NULL: not. Borrowed until the end. */
	struct buffer *content;
	size_t content_bytes;
	uint64_t expected_bytes;  /* of the file to fetch, 0 unknown */
	const struct buffer *put; /* what to send by PUT instead; copied. NULL: fetch */
};

/* fault 0: the file is on disk or was taken. Called from the loop, after the transfer was freed. */
typedef void file_transfer_done_fn(unsigned fault, uint64_t bytes, void *arg);

struct file_transfer *file_transfer_start(const struct file_transfer_place *place,
	const struct file_transfer_request *request, file_transfer_done_fn *on_done, void *arg);
/* Gives up without a word. NULL is allowed. */
void file_transfer_free(struct file_transfer *transfer);

/* 9013 for a URL of another scheme than http and https, 9003 for what is none. */
unsigned file_transfer_check_url(const char *url) MUST_CHECK;

#endif
