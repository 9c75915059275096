/* page: lists in pages by keyset.
 * The checksum in a cursor covers the list's path too: a cursor of another list is refused like any
 * bad one. */
#include "acs/api/page.h"

#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/crypto.h"

enum { DEFAULT_LIMIT = 50, MOST_LIMIT = 1000, CHECK_BYTES = 4, MOST_KEY = 4096 };

static void checksum(
	struct arena *arena, const char *path, const char *key, uint8_t check[CHECK_BYTES])
{
	uint8_t digest[SHA256_BYTES];
	const char *text = arena_printf(arena, "%s\n%s", path, key);
	sha256(text, strlen(text), digest);
	memcpy(check, digest, CHECK_BYTES);
}

char *api_cursor_make(struct arena *arena, const char *path, const char *key)
{
	const size_t length = strlen(key);
	uint8_t *bytes = arena_alloc(arena, CHECK_BYTES + length + 1);
	checksum(arena, path, key, bytes);
	memcpy(bytes + CHECK_BYTES, key, length + 1);
	return base64url_encode(arena, bytes, CHECK_BYTES + length);
}

char *api_cursor_read(struct arena *arena, const char *path, const char *cursor)
{
	uint8_t check[CHECK_BYTES];
	size_t length;
	char *bytes = base64url_decode(arena, cursor, &length);
	if (!bytes || length <= CHECK_BYTES)
		return NULL;
	char *key = bytes + CHECK_BYTES;
	if (!db_text_is_storable(key, length - CHECK_BYTES, MOST_KEY))
		return NULL;
	checksum(arena, path, key, check);
	return memcmp(check, bytes, CHECK_BYTES) == 0 ? key : NULL;
}

bool api_page_read(struct api_call *call, struct api_page *page)
{
	int64_t limit;
	if (!api_query_number(call, "limit", 1, MOST_LIMIT, DEFAULT_LIMIT, &limit))
		return false;
	const char *cursor = api_query(call, "after");
	const char *after = cursor ? api_cursor_read(call->arena, call->request->path, cursor) : "";
	if (!after) {
		api_problem(call, 400, "after", "is no cursor of this list");
		return false;
	}
	*page = (struct api_page){ .limit = (unsigned)limit + 1, .after = after };
	return true;
}

int64_t api_page_number(const struct api_page *page, int64_t first)
{
	return *page->after ? strtoll(page->after, NULL, 10) : first;
}

static char *next_cursor(struct api_call *call, const struct db_rows *rows, size_t shown)
{
	if (db_row_count(rows) <= shown)
		return "null";
	const char *cursor = api_cursor_make(
		call->arena, call->request->path, db_get_text(rows, shown - 1, 1));
	return arena_printf(call->arena, "\"%s\"", cursor);
}

void api_page_reply(struct api_call *call, const struct api_page *page, const char *name,
	const struct db_rows *rows)
{
	struct buffer out = { 0 };
	const size_t most = page->limit - 1, count = db_row_count(rows);
	const size_t shown = count < most ? count : most;
	buffer_printf(&out, "{\"%s\":[", name);
	for (size_t i = 0; i < shown; i++) {
		if (i)
			buffer_append_text(&out, ",");
		buffer_append_text(
			&out, page->shown ? page->shown(call, rows, i) : db_get_text(rows, i, 0));
	}
	buffer_printf(&out, "],\"next\":%s}", next_cursor(call, rows, shown));
	char *json = arena_strndup(call->arena, out.data, out.length);
	buffer_clear(&out);
	api_reply_json(call, 200, json);
}

struct listing {
	const struct api_page *page;
	const char *name;
};

static void on_list(struct api_call *call, const struct db_answer *answer)
{
	const struct listing *listing = call->state;
	api_page_reply(call, listing->page, listing->name, answer->results[answer->count - 1]);
}

void api_page_ask(struct api_call *call, const struct db_question *question,
	const struct api_page *page, const char *name)
{
	struct listing *listing = ARENA_NEW(call->arena, struct listing);
	*listing = (struct listing){ .page = page, .name = name };
	call->state = listing;
	api_ask(call, question, on_list);
}
