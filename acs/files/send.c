/* send: a file of the catalogue as an HTTP answer.
 * The next piece is asked for when the last one has left, so a slow device costs one piece of
 * memory. */
#include "acs/files/send.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <event2/event.h>

#include "acs/files/downloads.h"
#include "acs/files/proof.h"
#include "acs/log.h"
#include "acs/metrics.h"
#include "acs/server.h"
#include "base/clock.h"
#include "db/files.h"

enum { PIECE_BYTES = 64 * 1024 };

struct sending {
	struct http_request *request;
	struct loop *loop;
	const char *name;
	const struct file_link *link; /* NULL: for an operator, without limits */
	const struct http_authorization *authorization;
	struct db_wait wait;
	struct file_content content;
	int64_t offset, left; /* of what goes out */
	size_t piece_bytes;
	struct download_pace pace;
	struct event *pause; /* until the next piece may go */
	uint64_t sent;
	unsigned status;
	bool is_counted; /* among the downloads under way */
	uint64_t begun_ms;
};

/* The last thing that is done with it before its request ends. */
static void end(struct sending *s, const char *outcome)
{
	if (s->is_counted)
		downloads_end(s->loop->server->downloads, s->link->device_id);
	if (s->pause)
		event_free(s->pause);
	s->request->on_gone = NULL;
	http_request_keep(s->request, false);
	metrics_add(METRIC_FILE_BYTES, "out", NULL, s->sent);
	LOG_INFO("file", LOG_TEXT("name", s->name),
		LOG_TEXT("peer", http_peer_address(s->request->arena, s->request)),
		LOG_NUMBER("status", s->status), LOG_TEXT("outcome", outcome),
		LOG_NUMBER("bytes", s->sent), LOG_NUMBER("ms", clock_ms() - s->begun_ms));
}

static void on_gone(struct http_request *request)
{
	struct sending *s = request->user;
	db_abandon(&s->wait);
	end(s, "gone");
}

void file_refuse(struct http_request *request, struct loop *loop, unsigned status, const char *text)
{
	const bool is_upload = strncmp(request->path, "/u/", 3) == 0;
	const char *seconds = arena_printf(request->arena, "%u", loop_retry_after(loop));
	const struct {
		unsigned status;
		struct http_header header;
	} hints[] = {
		{ 405, { "Allow", is_upload ? "PUT, POST" : "GET, HEAD" } },
		{ 415, { "Accept-Encoding", "identity" } },
		{ 429, { "Retry-After", seconds } },
		{ 503, { "Retry-After", seconds } },
	};
	struct http_header headers[2] = { { "Content-Type", "text/plain" } };
	struct http_response response = {
		.status = status,
		.headers = headers,
		.header_count = *text ? 1 : 0,
		.body = text,
		.body_length = strlen(text),
	};
	for (size_t i = 0; i < LENGTH_OF(hints); i++)
		if (hints[i].status == status)
			headers[response.header_count++] = hints[i].header;
	request->on_gone = NULL;
	http_reply(request, &response);
}

static void refuse(struct sending *s, unsigned status)
{
	s->status = status;
	end(s, "refused");
	file_refuse(s->request, s->loop, status, "");
}

/* Pieces. */

static void on_piece(const struct db_answer *answer, void *arg);

static size_t next_piece_bytes(const struct sending *s)
{
	return s->left < (int64_t)s->piece_bytes ? (size_t)s->left : s->piece_bytes;
}

static void ask_for_piece(struct sending *s)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	files_get_piece(&question, s->content.content_id, s->offset, (int64_t)next_piece_bytes(s));
	db_ask(s->loop->db, &question, &s->wait, on_piece, s);
	arena_free(arena);
}

static void on_pause_over(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	ask_for_piece(arg);
}

/* When the next piece may go by the rates of this download and of all. */
static uint64_t next_piece_us(struct sending *s, uint64_t now_us)
{
	const size_t bytes = next_piece_bytes(s);
	const uint64_t own = download_pace_take(&s->pace, bytes, now_us);
	const uint64_t of_all = downloads_take(s->loop->server->downloads, bytes, now_us);
	return own > of_all ? own : of_all;
}

static void go_on(struct sending *s)
{
	const uint64_t now_us = clock_us();
	const uint64_t wait_us = s->link ? next_piece_us(s, now_us) - now_us : 0;
	const struct timeval wait = { (time_t)(wait_us / 1000000),
		(suseconds_t)(wait_us % 1000000) };
	if (!wait_us)
		ask_for_piece(s);
	else if (!s->pause && !(s->pause = event_new(s->loop->base, -1, 0, on_pause_over, s)))
		abort();
	else
		event_add(s->pause, &wait);
}

static void on_drained(struct http_request *request)
{
	struct sending *s = request->user;
	if (db_is_waiting(&s->wait) || (s->pause && event_pending(s->pause, EV_TIMEOUT, NULL)))
		return;
	if (s->left > 0) {
		go_on(s);
		return;
	}
	end(s, "ok");
	http_reply_end(request);
}

/* The status line is gone already: all that can be done is to cut the answer short. */
static void give_up(struct sending *s, const char *why)
{
	end(s, why);
	http_reply_abort(s->request);
}

static void on_piece(const struct db_answer *answer, void *arg)
{
	struct sending *s = arg;
	size_t length;
	if (answer->outcome != DB_OK || db_row_count(answer->results[0]) == 0) {
		give_up(s, answer->outcome == DB_OK ? "the content is gone" : answer->text);
		return;
	}
	struct arena *arena = arena_new();
	const void *bytes = db_get_bytea(arena, answer->results[0], 0, 0, &length);
	if (length > 0 && (int64_t)length <= s->left) {
		s->offset += (int64_t)length;
		s->left -= (int64_t)length;
		s->sent += length;
		http_reply_body(s->request, bytes, length);
	} else {
		give_up(s, "the content is shorter than its size");
	}
	arena_free(arena);
}

/* Head. */

static bool has_same_etag(const struct sending *s, const char *etag)
{
	const char *known = http_request_header(s->request, "If-None-Match");
	return known && (strcmp(known, "*") == 0 || strstr(known, etag));
}

/* A range counts only for the content that the device has begun to fetch (RFC 9110, 13.1.5). */
static const char *range_header(const struct sending *s, const char *etag)
{
	const char *if_range = http_request_header(s->request, "If-Range");
	if (if_range && strcmp(if_range, etag) != 0)
		return NULL;
	return http_request_header(s->request, "Range");
}

struct head {
	struct http_header headers[5];
	size_t count;
};

static void add_header(struct head *head, const char *name, const char *value)
{
	head->headers[head->count++] = (struct http_header){ name, value };
}

/* 0, or the status to refuse it by. */
static unsigned count_download(struct sending *s)
{
	if (!s->link)
		return 0;
	const unsigned status = downloads_begin(s->loop->server->downloads, s->link->device_id);
	s->is_counted = status == 0;
	return status;
}

static void begin_body(struct sending *s, const struct head *head)
{
	const bool is_head = strcasecmp(s->request->method, "HEAD") == 0;
	const unsigned refusal = is_head ? 0 : count_download(s);
	if (refusal) {
		refuse(s, refusal);
		return;
	}
	const struct http_response response = {
		.status = s->status,
		.headers = head->headers,
		.header_count = head->count,
	};
	s->request->on_drained = on_drained;
	http_request_keep(s->request, true);
	http_reply_begin(s->request, &response, (uint64_t)s->left);
	if (is_head)
		s->left = 0;
	if (s->left > 0) {
		go_on(s);
		return;
	}
	end(s, "ok");
	http_reply_end(s->request);
}

static void reply_without_body(struct sending *s, unsigned status, const struct head *head)
{
	const struct http_response response = {
		.status = status,
		.headers = head->headers,
		.header_count = head->count,
		.body = "",
	};
	s->status = status;
	end(s, "ok");
	http_reply(s->request, &response);
}

static void begin_answer(struct sending *s)
{
	struct arena *arena = s->request->arena;
	const int64_t size = s->content.size;
	const char *etag = arena_printf(arena, "\"%s\"", s->content.sha256);
	struct head head = { 0 };
	add_header(&head, "ETag", etag);
	add_header(&head, "Accept-Ranges", "bytes");
	add_header(&head, "X-Content-Type-Options", "nosniff");
	if (has_same_etag(s, etag)) {
		reply_without_body(s, 304, &head);
		return;
	}
	const enum range_kind kind = range_read(range_header(s, etag), size, &s->offset, &s->left);
	if (kind == RANGE_UNSATISFIABLE) {
		add_header(&head, "Content-Range",
			arena_printf(arena, "bytes */%lld", (long long)size));
		reply_without_body(s, 416, &head);
		return;
	}
	add_header(&head, "Content-Type", "application/octet-stream");
	s->status = kind == RANGE_SINGLE ? 206 : 200;
	if (kind == RANGE_SINGLE) {
		add_header(&head, "Content-Range",
			arena_printf(arena, "bytes %lld-%lld/%lld", (long long)s->offset,
				(long long)(s->offset + s->left - 1), (long long)size));
	} else {
		s->offset = 0;
		s->left = size;
	}
	begin_body(s, &head);
}

static enum file_proof judge(const struct sending *s, const struct db_rows *rows)
{
	return s->link ? proof_judge(s->request, s->loop, s->link, s->authorization, rows)
		       : FILE_PROOF_GOOD;
}

static void on_found(const struct db_answer *answer, void *arg)
{
	struct sending *s = arg;
	if (answer->outcome != DB_OK) {
		refuse(s, 503);
		return;
	}
	if (!file_content_read(answer->results[0], &s->content)) {
		refuse(s, 404);
		return;
	}
	const enum file_proof proof = judge(s, answer->results[0]);
	if (proof == FILE_PROOF_GOOD)
		begin_answer(s);
	else
		proof_refuse(s->request, s->loop, proof);
}

/* At most a second's worth, so that a slow download goes on steadily. */
static size_t piece_bytes(const struct sending *s)
{
	const uint64_t rates[] = { s->pace.bytes_per_second,
		s->link ? s->loop->server->config->files.bytes_per_second : 0 };
	uint64_t bytes = PIECE_BYTES;
	for (size_t i = 0; i < LENGTH_OF(rates); i++)
		if (rates[i] && rates[i] < bytes)
			bytes = rates[i];
	return (size_t)bytes;
}

static void find(struct sending *s)
{
	struct http_request *request = s->request;
	s->begun_ms = clock_ms();
	s->piece_bytes = piece_bytes(s);
	request->user = s;
	request->on_gone = on_gone;
	struct db_question question = db_question(request->arena);
	files_find_content(&question, s->name, s->link ? s->link->device_id : 0);
	db_ask(s->loop->db, &question, &s->wait, on_found, s);
}

void file_send(struct http_request *request, struct loop *loop, const char *name)
{
	struct sending *s = ARENA_NEW(request->arena, struct sending);
	s->request = request;
	s->loop = loop;
	s->name = name;
	find(s);
}

void file_send_by_link(struct http_request *request, struct loop *loop,
	const struct file_link *link, const struct http_authorization *authorization)
{
	struct sending *s = ARENA_NEW(request->arena, struct sending);
	s->request = request;
	s->loop = loop;
	s->name = link->name;
	s->link = link;
	s->authorization = authorization;
	s->pace.bytes_per_second = loop->server->config->files.download_bytes_per_second;
	find(s);
}
