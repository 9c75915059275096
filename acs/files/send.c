/* send: a file of the catalogue as an HTTP answer.
 * The next piece is asked for when the last one has left, so a slow device costs one piece of
 * memory. */
#include "acs/files/send.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "acs/log.h"
#include "acs/metrics.h"
#include "base/clock.h"
#include "db/files.h"

enum { PIECE_BYTES = 64 * 1024 };

struct sending {
	struct http_request *request;
	struct loop *loop;
	const char *name;
	struct db_wait wait;
	struct file_content content;
	int64_t offset, left; /* of what goes out */
	uint64_t sent;
	unsigned status;
	uint64_t begun_ms;
};

static void note(const struct sending *s, const char *outcome)
{
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
	note(s, "gone");
}

void file_refuse(struct http_request *request, unsigned status, const char *text)
{
	const bool is_upload = strncmp(request->path, "/u/", 3) == 0;
	const struct {
		unsigned status;
		struct http_header header;
	} hints[] = {
		{ 405, { "Allow", is_upload ? "PUT, POST" : "GET, HEAD" } },
		{ 415, { "Accept-Encoding", "identity" } },
		{ 503, { "Retry-After", "5" } },
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
	note(s, "refused");
	file_refuse(s->request, status, "");
}

/* Pieces. */

static void on_piece(const struct db_answer *answer, void *arg);

static void ask_for_piece(struct sending *s)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	files_get_piece(&question, s->content.content_id, s->offset,
		s->left < PIECE_BYTES ? s->left : PIECE_BYTES);
	db_ask(s->loop->db, &question, &s->wait, on_piece, s);
	arena_free(arena);
}

static void on_drained(struct http_request *request)
{
	struct sending *s = request->user;
	if (db_is_waiting(&s->wait))
		return;
	if (s->left > 0) {
		ask_for_piece(s);
		return;
	}
	note(s, "ok");
	request->on_gone = NULL;
	http_reply_end(request);
}

/* The status line is gone already: all that can be done is to cut the answer short. */
static void give_up(struct sending *s, const char *why)
{
	note(s, why);
	s->request->on_gone = NULL;
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
	struct http_header headers[4];
	size_t count;
};

static void add_header(struct head *head, const char *name, const char *value)
{
	head->headers[head->count++] = (struct http_header){ name, value };
}

static void begin_body(struct sending *s, const struct head *head)
{
	const bool is_head = strcasecmp(s->request->method, "HEAD") == 0;
	const struct http_response response = {
		.status = s->status,
		.headers = head->headers,
		.header_count = head->count,
	};
	s->request->on_drained = on_drained;
	http_reply_begin(s->request, &response, (uint64_t)s->left);
	if (is_head)
		s->left = 0;
	if (s->left > 0) {
		ask_for_piece(s);
		return;
	}
	note(s, "ok");
	s->request->on_gone = NULL;
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
	note(s, "ok");
	s->request->on_gone = NULL;
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

static void on_found(const struct db_answer *answer, void *arg)
{
	struct sending *s = arg;
	if (answer->outcome != DB_OK)
		refuse(s, 503);
	else if (!file_content_read(answer->results[0], &s->content))
		refuse(s, 404);
	else
		begin_answer(s);
}

void file_send(struct http_request *request, struct loop *loop, const char *name)
{
	struct sending *s = ARENA_NEW(request->arena, struct sending);
	s->request = request;
	s->loop = loop;
	s->name = name;
	s->begun_ms = clock_ms();
	request->user = s;
	request->on_gone = on_gone;
	struct db_question question = db_question(request->arena);
	files_find_content(&question, name);
	db_ask(loop->db, &question, &s->wait, on_found, s);
}
