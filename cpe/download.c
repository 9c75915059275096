/* download: one file fetched by HTTP or HTTPS into the state folder.
 * Faults are those of TransferComplete, TR-069 A.5.1: 9010, 9012, 9015 to 9018. */
#include "cpe/download.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cpe/exchange.h"
#include "cpe/file.h"
#include "cpe/install.h"
#include "cpe/log.h"

enum { CONNECT_SECONDS = 30, IDLE_SECONDS = 60, HEADER_BYTES = 64 * 1024 };

struct download {
	struct device *device;
	struct transfer *transfer;
	struct http_client *client;
	struct arena *arena;
	struct exchange exchange;
	char *part; /* path of download.part */
	int fd;
	uint64_t bytes;
	bool has_head; /* of the real answer: the server was reached */
};

static char *part_path(const char *state_dir)
{
	char *path = NULL;
	if (asprintf(&path, "%s/download.part", state_dir) < 0)
		abort();
	return path;
}

void download_sweep(const char *state_dir)
{
	char *path = part_path(state_dir);
	unlink(path);
	free(path);
}

void download_free(struct download *download)
{
	if (!download)
		return;
	http_client_free(download->client);
	if (download->fd >= 0)
		close(download->fd);
	unlink(download->part);
	free(download->part);
	arena_free(download->arena);
	free(download);
}

static void finish(struct download *download, unsigned fault)
{
	struct device *device = download->device;
	struct transfer *transfer = download->transfer;
	transfer->completed = time(NULL);
	device_witness(device, "transfer",
		json_pack("{s:s,s:s,s:s,s:i,s:I}", "command_key", transfer->command_key,
			"file_type", transfer->file_type, "url", transfer->url, "fault", (int)fault,
			"bytes", (json_int_t)download->bytes));
	LOG(device->name, "download-ended", LOG_TEXT("command_key", transfer->command_key),
		LOG_NUMBER("fault", fault), LOG_NUMBER("bytes", download->bytes));
	device->download = NULL;
	download_free(download);
	device_on_download_ended(device, transfer, fault);
}

static unsigned fault_of_status(unsigned status)
{
	switch (status) {
	case 200:
		return 0;
	case 403:
	case 404:
	case 410:
		return 9016;
	default:
		return 9010;
	}
}

static unsigned fault_of_error(const struct download *download, enum http_error error)
{
	if (error == HTTP_BAD_URL || error == HTTP_PROTOCOL || error == HTTP_TOO_LARGE)
		return 9010;
	return download->has_head ? 9017 : 9015;
}

static void send_request(struct download *download);

static void on_file(struct download *download)
{
	const uint64_t announced = download->transfer->file_size;
	if (announced && announced != download->bytes)
		finish(download, 9018);
	else if (fsync(download->fd) != 0)
		finish(download, 9002);
	else
		finish(download,
			install_file(download->device, download->transfer, download->part));
}

static void on_answer(struct download *download, const struct http_client_response *response)
{
	const unsigned fault = fault_of_status(response->status);
	if (fault)
		finish(download, fault);
	else
		on_file(download);
}

static void on_response(const struct http_client_response *response, void *arg)
{
	struct download *download = arg;
	if (response->error != HTTP_OK) {
		LOG(download->device->name, "http-error", LOG_TEXT("why", response->error_text));
		finish(download, fault_of_error(download, response->error));
		return;
	}
	switch (exchange_judge(&download->exchange, response)) {
	case EXCHANGE_REPEAT:
		send_request(download);
		break;
	case EXCHANGE_REFUSED:
		finish(download, 9012);
		break;
	case EXCHANGE_LOST:
		finish(download, 9010);
		break;
	case EXCHANGE_ANSWERED:
		on_answer(download, response);
		break;
	}
}

static bool on_body(
	const struct http_client_response *head, const void *bytes, size_t length, void *arg)
{
	struct download *download = arg;
	if (head->status != 200)
		return true;
	download->has_head = true;
	download->bytes += length;
	return file_write_all(download->fd, bytes, length);
}

static void send_request(struct download *download)
{
	const char *authorization = exchange_authorization(&download->exchange, "GET");
	const struct http_header header = { "Authorization", authorization };
	const struct http_client_request request = {
		.method = "GET",
		.url = download->exchange.url_text,
		.headers = &header,
		.header_count = authorization ? 1 : 0,
		.on_body = on_body,
	};
	http_client_send(download->client, &request, on_response, download);
}

struct download *download_start(struct device *device, struct transfer *transfer)
{
	struct download *download = calloc(1, sizeof(*download));
	if (!download)
		abort();
	download->device = device;
	download->transfer = transfer;
	download->arena = arena_new();
	download->exchange = (struct exchange){ .username = transfer->username,
		.password = transfer->password,
		.may_use_basic = true };
	download->part = part_path(device->state.dir);
	download->fd = open(download->part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (download->fd < 0)
		LOG(device->name, "cannot-write", LOG_TEXT("file", download->part),
			LOG_TEXT("error", strerror(errno)));
	const struct http_client_options options = {
		.tls = device->tls,
		.connect_seconds = CONNECT_SECONDS,
		.idle_read_seconds = IDLE_SECONDS,
		.header_bytes = HEADER_BYTES,
	};
	download->client = http_client_new(device->base, device->dns, &options);
	transfer->started = time(NULL);
	LOG(device->name, "download", LOG_TEXT("command_key", transfer->command_key),
		LOG_TEXT("url", transfer->url));
	if (!exchange_begin(&download->exchange, download->arena, transfer->url))
		download->exchange.url_text = transfer->url; /* the client says what is wrong */
	send_request(download);
	return download;
}
