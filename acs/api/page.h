/* page: lists in pages by keyset: limit, after, next.
 * A cursor is the sort key of the last entry, signed for its list against misuse. */
#ifndef ACS_API_PAGE_H
#define ACS_API_PAGE_H

#include "acs/api/call.h"

struct api_page {
	/* What is shown of a row's text, where that is not all; or NULL. */
	const char *(*shown)(struct api_call *call, const struct db_rows *rows, size_t row);
	unsigned limit;    /* for the database: one more than goes out, to see a next page */
	const char *after; /* sort key of the last entry seen, "" for the first page */
};

/* False: answered with 400. */
bool api_page_read(struct api_call *call, struct api_page *page) MUST_CHECK;
/* The sort key as a number; first where this is the first page. */
int64_t api_page_number(const struct api_page *page, int64_t first);
/* {"<name>": [rows' first column], "next": cursor of the second column, or null}. */
void api_page_reply(struct api_call *call, const struct api_page *page, const char *name,
	const struct db_rows *rows);

/* Asks, and replies with the last result as above. */
void api_page_ask(struct api_call *call, const struct db_question *question,
	const struct api_page *page, const char *name);

/* Opaque text for a sort key of the list at path, and back; NULL for a text that is none. */
char *api_cursor_make(struct arena *arena, const char *path, const char *key);
char *api_cursor_read(struct arena *arena, const char *path, const char *cursor);

#endif
