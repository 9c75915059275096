/* ends: a '>' in a text, which XML allows, becomes "&gt;".
 * gSOAP takes the "/>" of a text in an element that it passes over for the element's end. */
#include <string.h>

#include "cwmp/tags.h"

static const char *tag_begin(const char *at, const char *end)
{
	const char *open = memchr(at, '<', (size_t)(end - at));
	return open ? open : end;
}

/* Behind the tag that begins at `open`, or end. */
static const char *behind_tag(const char *open, const char *end)
{
	const char *close = open < end ? tag_end(open + 1, end) : end;
	return close < end ? close + 1 : end;
}

static bool has_ends(struct span text)
{
	const char *end = text.data + text.length;
	for (const char *at = text.data, *open; at < end; at = behind_tag(open, end)) {
		open = tag_begin(at, end);
		if (memchr(at, '>', (size_t)(open - at)))
			return true;
	}
	return false;
}

static void append_text(struct buffer *out, const char *at, const char *end)
{
	for (const char *mark; (mark = memchr(at, '>', (size_t)(end - at))); at = mark + 1) {
		buffer_append(out, at, (size_t)(mark - at));
		buffer_append_text(out, "&gt;");
	}
	buffer_append(out, at, (size_t)(end - at));
}

void repair_ends(struct span *text, struct buffer *scratch)
{
	if (!has_ends(*text))
		return;
	const char *at = text->data, *end = at + text->length;
	buffer_reset(scratch);
	while (at < end) {
		const char *open = tag_begin(at, end);
		append_text(scratch, at, open);
		at = behind_tag(open, end);
		buffer_append(scratch, open, (size_t)(at - open));
	}
	*text = (struct span){ scratch->data, scratch->length };
}
