/* retag: the second reading's text, in which prefixes and repeated attributes are gone.
 * Comments and CDATA sections are gone too by then, so every '<' opens a tag. */
#include <stdbool.h>
#include <string.h>

#include "cwmp/message.h"
#include "cwmp/tags.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* One start or end tag. */
struct retag {
	const char *at, *end; /* the unread rest, without '>' */
	struct span seen[16]; /* attribute names; what comes beyond is not compared */
	size_t seen_count;
	bool has_repeated;
};

static bool ends_name(char c)
{
	return is_blank(c) || c == '=' || c == '/' || c == '>';
}

static struct span take_name(struct retag *tag)
{
	const char *start = tag->at;
	while (tag->at < tag->end && !ends_name(*tag->at))
		tag->at++;
	return (struct span){ start, (size_t)(tag->at - start) };
}

/* "='value'" with the blanks around '='; empty when the attribute has no value. */
static void take_value(struct retag *tag)
{
	while (tag->at < tag->end && (is_blank(*tag->at) || *tag->at == '='))
		tag->at++;
	if (tag->at == tag->end || (*tag->at != '"' && *tag->at != '\''))
		return;
	const char *close = memchr(tag->at + 1, *tag->at, (size_t)(tag->end - tag->at - 1));
	tag->at = close ? close + 1 : tag->end;
}

static bool is_repeated(struct retag *tag, struct span name)
{
	for (size_t i = 0; i < tag->seen_count; i++) {
		if (tag->seen[i].length == name.length &&
			memcmp(tag->seen[i].data, name.data, name.length) == 0)
			return true;
	}
	if (tag->seen_count < LENGTH_OF(tag->seen))
		tag->seen[tag->seen_count++] = name;
	return false;
}

static void repair_attributes(struct retag *tag, struct buffer *out)
{
	while (tag->at < tag->end) {
		const char *start = tag->at;
		if (ends_name(*tag->at)) {
			buffer_append(out, tag->at++, 1);
			continue;
		}
		struct span name = take_name(tag);
		take_value(tag);
		if (is_repeated(tag, name))
			tag->has_repeated = true;
		else
			buffer_append(out, start, (size_t)(tag->at - start));
	}
}

static void repair_tag(struct retag *tag, struct buffer *out)
{
	if (tag->at < tag->end && *tag->at == '/')
		buffer_append(out, tag->at++, 1);
	struct span name = take_name(tag);
	const char *colon = memchr(name.data, ':', name.length);
	const char *local = colon ? colon + 1 : name.data;
	buffer_append(out, local, (size_t)(name.data + name.length - local));
	repair_attributes(tag, out);
}

void repair_tags(struct span *text, struct buffer *scratch, unsigned *repairs)
{
	const char *at = text->data, *end = text->data + text->length;
	buffer_reset(scratch);
	while (at < end) {
		const char *open = memchr(at, '<', (size_t)(end - at));
		const char *text_end = open ? open + 1 : end;
		buffer_append(scratch, at, (size_t)(text_end - at));
		if (!open)
			break;
		struct retag tag = { .at = open + 1, .end = tag_end(open + 1, end) };
		at = tag.end;
		repair_tag(&tag, scratch);
		if (tag.has_repeated)
			*repairs |= 1u << CWMP_REPAIR_ATTRIBUTES;
	}
	*text = (struct span){ scratch->data, scratch->length };
}
