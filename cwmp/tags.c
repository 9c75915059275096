/* tags: one tag after the other of a text that repair_envelope() has passed.
 * It finds its way through any text; whether that is well-formed the parser will say. */
#include "cwmp/tags.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool span_is(struct span span, const char *text)
{
	return span.length == strlen(text) && memcmp(span.data, text, span.length) == 0;
}

struct span span_local_name(struct span name)
{
	const char *colon = memchr(name.data, ':', name.length);
	if (!colon)
		return name;
	return (struct span){ colon + 1, (size_t)(name.data + name.length - colon - 1) };
}

const char *tag_end(const char *at, const char *end)
{
	char quote = '\0';
	for (; at < end; at++) {
		if (*at == quote)
			quote = '\0';
		else if (!quote && (*at == '"' || *at == '\''))
			quote = *at;
		else if (!quote && *at == '>')
			return at;
	}
	return end;
}

static void read_tag(struct tag *tag, const char *open, const char *close)
{
	const char *at = open + 1, *end = close;
	tag->whole = (struct span){ open, (size_t)(close + 1 - open) };
	tag->kind = TAG_OPEN;
	if (at < end && *at == '/') {
		tag->kind = TAG_CLOSE;
		at++;
	} else if (at < end && end[-1] == '/') {
		tag->kind = TAG_EMPTY;
		end--;
	}
	const char *name = at;
	while (at < end && !is_blank(*at))
		at++;
	tag->name = (struct span){ name, (size_t)(at - name) };
	tag->attributes = (struct span){ at, (size_t)(end - at) };
}

bool tags_next(struct tags *tags, struct tag *tag)
{
	while (tags->at < tags->end) {
		const char *open = memchr(tags->at, '<', (size_t)(tags->end - tags->at));
		if (!open)
			break;
		bool is_instruction = open + 1 < tags->end && open[1] == '?';
		const char *close = is_instruction ? memchr(open, '>', (size_t)(tags->end - open))
						   : tag_end(open + 1, tags->end);
		if (!close || close == tags->end)
			break;
		tags->at = close + 1;
		if (is_instruction)
			continue;
		read_tag(tag, open, close);
		return true;
	}
	tags->at = tags->end;
	return false;
}

bool tags_skip_element(struct tags *tags, const struct tag *open, struct span *content)
{
	const char *start = tags->at;
	*content = (struct span){ start, 0 };
	if (open->kind == TAG_EMPTY)
		return true;
	size_t depth = 1;
	for (struct tag tag; tags_next(tags, &tag);) {
		depth += tag.kind == TAG_OPEN;
		depth -= tag.kind == TAG_CLOSE;
		if (depth == 0) {
			content->length = (size_t)(tag.whole.data - start);
			return true;
		}
	}
	return false;
}

bool tag_next_attribute(struct span *rest, struct attribute *attribute)
{
	const char *at = rest->data, *end = at + rest->length;
	while (at < end && is_blank(*at))
		at++;
	const char *name = at;
	while (at < end && *at != '=' && !is_blank(*at))
		at++;
	attribute->name = (struct span){ name, (size_t)(at - name) };
	while (at < end && (is_blank(*at) || *at == '='))
		at++;
	if (at >= end || (*at != '"' && *at != '\''))
		return false;
	const char *value = at + 1, *close = memchr(value, *at, (size_t)(end - value));
	if (!close)
		return false;
	attribute->value = (struct span){ value, (size_t)(close - value) };
	attribute->whole = (struct span){ name, (size_t)(close + 1 - name) };
	*rest = (struct span){ close + 1, (size_t)(end - close - 1) };
	return true;
}

bool tag_attribute(const struct tag *tag, const char *name, struct span *value)
{
	struct span rest = tag->attributes;
	struct attribute attribute;
	while (tag_next_attribute(&rest, &attribute)) {
		if (span_is(attribute.name, name)) {
			*value = attribute.value;
			return true;
		}
	}
	return false;
}
