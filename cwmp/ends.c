/* ends: a '>' in a text or an attribute, which XML allows, becomes "&gt;".
 * gSOAP takes any "/>" in an element that it passes over, and that has text, for an element's end. */
#include <string.h>

#include "cwmp/tags.h"

static const char *tag_begin(const char *at, const char *end)
{
	const char *open = memchr(at, '<', (size_t)(end - at));
	return open ? open : end;
}

/* The '>' of the tag that begins at `open`, or end. */
static const char *tag_close(const char *open, const char *end)
{
	return open < end ? tag_end(open + 1, end) : end;
}

static const char *find_end(const char *at, const char *end)
{
	return memchr(at, '>', (size_t)(end - at));
}

/* '!' only where a comment was taken out behind a '<'. */
static bool is_instruction(struct span text, size_t at)
{
	if (at + 1 >= text.length)
		return false;
	const char next = text.data[at + 1];
	return next == '!' || (next == '?' && at > 0);
}

/* Where every '<' begins a tag, a '>' too many stands in a text; an instruction may hold any. Spares
 * most envelopes the search. */
static bool may_have_ends(struct span text)
{
	size_t opens = 0, closes = 0;
	for (size_t i = 0; i < text.length; i++) {
		closes += text.data[i] == '>';
		if (text.data[i] != '<')
			continue;
		opens++;
		if (is_instruction(text, i))
			return true;
	}
	return opens != closes;
}

static bool has_ends(struct span text)
{
	const char *at = text.data, *end = at + text.length;
	while (at < end) {
		const char *open = tag_begin(at, end), *close = tag_close(open, end);
		if (find_end(at, open) || find_end(open, close))
			return true;
		at = close < end ? close + 1 : end;
	}
	return false;
}

static void append_escaped(struct buffer *out, const char *at, const char *end)
{
	for (const char *mark; (mark = find_end(at, end)); at = mark + 1) {
		buffer_append(out, at, (size_t)(mark - at));
		buffer_append_text(out, "&gt;");
	}
	buffer_append(out, at, (size_t)(end - at));
}

void repair_ends(struct span *text, struct buffer *scratch)
{
	if (!may_have_ends(*text) || !has_ends(*text))
		return;
	const char *at = text->data, *end = at + text->length;
	buffer_reset(scratch);
	while (at < end) {
		const char *close = tag_close(tag_begin(at, end), end);
		append_escaped(scratch, at, close);
		if (close < end)
			buffer_append(scratch, close, 1);
		at = close < end ? close + 1 : end;
	}
	*text = (struct span){ scratch->data, scratch->length };
}
