/* file_transfer: one file fetched from or sent to a file server by HTTP or HTTPS.
 * Faults are those of TransferComplete, TR-069 A.5.1: 9010 to 9012 and 9015 to 9018. */
#include "cpe/transfer/file_transfer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "cpe/session/exchange.h"
#include "cpe/file.h"
#include "cpe/log.h"

enum { CONNECT_SECONDS = 30, IDLE_SECONDS = 60, HEADER_BYTES = 64 * 1024, BODY_BYTES = 65536 };

struct file_transfer {
	struct http_client *client;
	const char *name; /* of the device */
	struct arena *arena;
	struct exchange exchange;
	file_transfer_done_fn *on_done;
	void *arg;
	bool is_upload;
	const char *path;       /* NULL without a file */
	int fd;                 /* -1 without one */
	struct buffer *content; /* NULL without one */
	size_t content_bytes;   /* that it takes at most */
	uint64_t bytes, expected_bytes;
	struct buffer put;
	bool has_head; /* of the real answer: the server was reached */
};

unsigned file_transfer_check_url(const char *url)
{
	const bool is_http = strncasecmp(url, "http://", 7) == 0 ||
			     strncasecmp(url, "https://", 8) == 0;
	if (!is_http && strstr(url, "://"))
		return 9013;
	struct arena *arena = arena_new();
	struct http_url parsed;
	const bool is_url = http_url_parse(arena, url, &parsed);
	arena_free(arena);
	return is_url ? 0 : 9003;
}

void file_transfer_free(struct file_transfer *transfer)
{
	if (!transfer)
		return;
	http_client_free(transfer->client);
	if (transfer->fd >= 0)
		close(transfer->fd);
	buffer_clear(&transfer->put);
	arena_free(transfer->arena);
	free(transfer);
}

static void finish(struct file_transfer *transfer, unsigned fault)
{
	file_transfer_done_fn *on_done = transfer->on_done;
	void *arg = transfer->arg;
	const uint64_t bytes = transfer->bytes;
	if (fault && transfer->path)
		unlink(transfer->path);
	file_transfer_free(transfer);
	on_done(fault, bytes, arg);
}

/* "Download failure" or "Upload failure", when nothing better is known. */
static unsigned plain_fault(const struct file_transfer *transfer)
{
	return transfer->is_upload ? 9011 : 9010;
}

static unsigned fault_of_status(const struct file_transfer *transfer, unsigned status)
{
	const bool is_success = transfer->is_upload ? status / 100 == 2 : status == 200;
	if (is_success)
		return 0;
	return !transfer->is_upload && (status == 403 || status == 404 || status == 410)
		       ? 9016
		       : plain_fault(transfer);
}

static unsigned fault_of_error(const struct file_transfer *transfer, enum http_error error)
{
	if (error == HTTP_BAD_URL || error == HTTP_PROTOCOL || error == HTTP_TOO_LARGE)
		return plain_fault(transfer);
	return transfer->has_head ? 9017 : 9015;
}

static unsigned fault_of_file(const struct file_transfer *transfer)
{
	if (transfer->expected_bytes && transfer->expected_bytes != transfer->bytes)
		return 9018;
	return !transfer->path || fsync(transfer->fd) == 0 ? 0 : 9002;
}

static void on_answer(struct file_transfer *transfer, const struct http_client_response *response)
{
	unsigned fault = fault_of_status(transfer, response->status);
	if (!fault && !transfer->is_upload)
		fault = fault_of_file(transfer);
	if (transfer->is_upload)
		transfer->bytes = transfer->put.length;
	finish(transfer, fault);
}

static void send_request(struct file_transfer *transfer);

static void on_response(const struct http_client_response *response, void *arg)
{
	struct file_transfer *transfer = arg;
	if (response->error != HTTP_OK) {
		LOG(transfer->name, "http-error", LOG_TEXT("why", response->error_text));
		finish(transfer, fault_of_error(transfer, response->error));
		return;
	}
	switch (exchange_judge(&transfer->exchange, response)) {
	case EXCHANGE_REPEAT:
		send_request(transfer);
		break;
	case EXCHANGE_REFUSED:
		finish(transfer, 9012);
		break;
	case EXCHANGE_LOST:
		finish(transfer, plain_fault(transfer));
		break;
	case EXCHANGE_ANSWERED:
		on_answer(transfer, response);
		break;
	}
}

static void keep_content(struct file_transfer *transfer, const void *bytes, size_t length)
{
	struct buffer *content = transfer->content;
	if (!content)
		return;
	const size_t room = transfer->content_bytes - content->length;
	buffer_append(content, bytes, length < room ? length : room);
}

static bool on_body(
	const struct http_client_response *head, const void *bytes, size_t length, void *arg)
{
	struct file_transfer *transfer = arg;
	if (head->status != 200)
		return true;
	transfer->has_head = true;
	transfer->bytes += length;
	keep_content(transfer, bytes, length);
	return !transfer->path || file_write_all(transfer->fd, bytes, length);
}

static void send_request(struct file_transfer *transfer)
{
	const char *method = transfer->is_upload ? "PUT" : "GET";
	const char *authorization = exchange_authorization(&transfer->exchange, method);
	const struct http_header headers[] = {
		{ "Content-Type", "application/octet-stream" },
		{ "Authorization", authorization },
	};
	const size_t first = transfer->is_upload ? 0 : 1, last = authorization ? 2 : 1;
	const struct http_client_request request = {
		.method = method,
		.url = transfer->exchange.url_text,
		.headers = headers + first,
		.header_count = last - first,
		.body = transfer->put.data,
		.body_length = transfer->put.length,
		.on_body = transfer->is_upload ? NULL : on_body,
	};
	http_client_send(transfer->client, &request, on_response, transfer);
}

/* Where the bytes come from or go to. */
static void open_ends(struct file_transfer *transfer, const struct file_transfer_request *request)
{
	transfer->fd = -1;
	transfer->is_upload = request->put != NULL;
	if (request->put) {
		buffer_append(&transfer->put, request->put->data, request->put->length);
		return;
	}
	transfer->expected_bytes = request->expected_bytes;
	transfer->content = request->content;
	transfer->content_bytes = request->content_bytes;
	if (!request->path)
		return;
	transfer->path = arena_strdup(transfer->arena, request->path);
	transfer->fd = open(request->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (transfer->fd < 0)
		LOG(transfer->name, "cannot-write", LOG_TEXT("file", request->path),
			LOG_TEXT("error", strerror(errno)));
}

struct file_transfer *file_transfer_start(const struct file_transfer_place *place,
	const struct file_transfer_request *request, file_transfer_done_fn *on_done, void *arg)
{
	struct file_transfer *transfer = calloc(1, sizeof(*transfer));
	if (!transfer)
		abort();
	transfer->on_done = on_done;
	transfer->arg = arg;
	transfer->arena = arena_new();
	transfer->name = arena_strdup(transfer->arena, place->name);
	transfer->exchange = (struct exchange){
		.username = arena_strdup(transfer->arena, request->username),
		.password = arena_strdup(transfer->arena, request->password),
		.may_use_basic = true,
	};
	open_ends(transfer, request);
	const struct http_client_options options = {
		.tls = place->tls,
		.connect_seconds = CONNECT_SECONDS,
		.response_seconds = request->put ? IDLE_SECONDS : 0,
		.idle_read_seconds = request->put ? 0 : IDLE_SECONDS,
		.header_bytes = HEADER_BYTES,
		.body_bytes = BODY_BYTES,
	};
	transfer->client = http_client_new(place->base, place->dns, &options);
	LOG(place->name, request->put ? "upload" : "download", LOG_TEXT("url", request->url));
	if (!exchange_begin(&transfer->exchange, transfer->arena, request->url))
		transfer->exchange.url_text = arena_strdup(transfer->arena, request->url);
	send_request(transfer);
	return transfer;
}
