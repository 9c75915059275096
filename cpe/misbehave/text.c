/* misbehave_text: edits of an envelope's text, for what no encoder would write.
 * Each edit copies the text piece by piece into a new buffer, which then takes its place. */
#include "cpe/misbehave/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* An element as it stands in the text; all ends are one behind the last byte. */
struct element {
	const char *start;                 /* its '<' */
	const char *name_end;              /* of the opening tag's name and attributes */
	const char *content, *content_end; /* both `end` for <empty/> */
	const char *end;
};

static void append_span(struct buffer *out, const char *from, const char *to)
{
	buffer_append(out, from, (size_t)(to - from));
}

/* Ends an edit: what follows `rest` in text is copied, and out becomes the text. */
static void finish(struct buffer *text, struct buffer *out, const char *rest)
{
	append_span(out, rest, text->data + text->length);
	buffer_clear(text);
	*text = *out;
}

static const char *find_tag(const char *at, const char *name)
{
	const size_t length = strlen(name);
	while ((at = strchr(at, '<'))) {
		if (strncmp(at + 1, name, length) == 0 && strchr(" />", at[1 + length]))
			return at;
		at++;
	}
	return NULL;
}

static const char *find_closing_tag(const char *at, const char *name)
{
	const size_t length = strlen(name);
	while ((at = strstr(at, "</"))) {
		if (strncmp(at + 2, name, length) == 0 && at[2 + length] == '>')
			return at;
		at += 2;
	}
	return NULL;
}

/* The next element of that name at or behind `at`; false when there is none. */
static bool next_element(const char *at, const char *name, struct element *out)
{
	out->start = find_tag(at, name);
	const char *close = out->start ? strchr(out->start, '>') : NULL;
	if (!close)
		return false;
	if (close[-1] == '/') {
		out->name_end = close - 1;
		out->content = out->content_end = out->end = close + 1;
		return true;
	}
	out->name_end = close;
	out->content = close + 1;
	out->content_end = find_closing_tag(out->content, name);
	if (!out->content_end)
		return false;
	out->end = out->content_end + strlen(name) + strlen("</>");
	return true;
}

static void replace(struct buffer *text, const char *what, const char *with, unsigned times)
{
	struct buffer out = { 0 };
	const char *at = text->data, *found;
	while (times-- > 0 && (found = strstr(at, what))) {
		append_span(&out, at, found);
		buffer_append_text(&out, with);
		at = found + strlen(what);
	}
	finish(text, &out, at);
}

void text_replace(struct buffer *text, const char *what, const char *with)
{
	replace(text, what, with, UINT32_MAX);
}

/* Opens the element again, as it was but for "/>". */
static void append_opening(struct buffer *out, const struct element *element)
{
	append_span(out, element->start, element->name_end);
	buffer_append(out, ">", 1);
}

void text_set(struct buffer *text, const char *element, const char *content)
{
	struct buffer out = { 0 };
	struct element found;
	const char *at = text->data;
	while (next_element(at, element, &found)) {
		append_span(&out, at, found.start);
		append_opening(&out, &found);
		buffer_printf(&out, "%s</%s>", content, element);
		at = found.end;
	}
	finish(text, &out, at);
}

void text_rewrite(struct buffer *text, const char *element, text_rewrite_fn *rewrite)
{
	struct buffer out = { 0 };
	struct element found;
	const char *at = text->data;
	while (next_element(at, element, &found)) {
		append_span(&out, at, found.start);
		append_opening(&out, &found);
		rewrite(&out, found.content, (size_t)(found.content_end - found.content));
		buffer_printf(&out, "</%s>", element);
		at = found.end;
	}
	finish(text, &out, at);
}

void text_rewrite_tags(struct buffer *text, text_rewrite_fn *rewrite)
{
	struct buffer out = { 0 };
	const char *at = text->data, *tag, *end;
	while ((tag = strchr(at, '<')) && (end = strchr(tag, '>'))) {
		append_span(&out, at, tag);
		rewrite(&out, tag, (size_t)(end + 1 - tag));
		at = end + 1;
	}
	finish(text, &out, at);
}

static void drop(struct buffer *text, const char *element)
{
	struct buffer out = { 0 };
	struct element found;
	const char *at = text->data;
	while (next_element(at, element, &found)) {
		append_span(&out, at, found.start);
		at = found.end;
	}
	finish(text, &out, at);
}

static void drop_attribute(struct buffer *text, const char *name)
{
	struct buffer out = { 0 }, start = { 0 };
	const char *at = text->data, *found, *end;
	buffer_printf(&start, " %s=\"", name);
	while ((found = strstr(at, start.data)) && (end = strchr(found + start.length, '"'))) {
		append_span(&out, at, found);
		at = end + 1;
	}
	buffer_clear(&start);
	finish(text, &out, at);
}

static void write_twice(struct buffer *text, const char *element)
{
	struct buffer out = { 0 };
	struct element found;
	const char *at = text->data;
	if (!next_element(at, element, &found))
		return;
	append_span(&out, at, found.end);
	finish(text, &out, found.start);
}

static void prepend(struct buffer *text, const char *what)
{
	struct buffer out = { 0 };
	buffer_append_text(&out, what);
	finish(text, &out, text->data);
}

static bool has_name(const struct element *parameter, const char *ending)
{
	struct element name;
	const size_t length = strlen(ending);
	return next_element(parameter->content, "Name", &name) && name.end <= parameter->end &&
	       (size_t)(name.content_end - name.content) >= length &&
	       memcmp(name.content_end - length, ending, length) == 0;
}

static void drop_parameter(struct buffer *text, const char *ending)
{
	struct buffer out = { 0 };
	struct element found;
	const char *at = text->data;
	while (next_element(at, "ParameterValueStruct", &found)) {
		append_span(&out, at, has_name(&found, ending) ? found.start : found.end);
		at = found.end;
	}
	finish(text, &out, at);
}

void text_apply(struct buffer *text, const struct text_edit *edit, const char *chosen)
{
	const char *with = edit->with ? edit->with : chosen;
	switch (edit->kind) {
	case TEXT_REPLACE:
		text_replace(text, edit->what, with);
		break;
	case TEXT_REPLACE_ONE:
		replace(text, edit->what, with, 1);
		break;
	case TEXT_PREPEND:
		prepend(text, edit->what);
		break;
	case TEXT_SET:
		text_set(text, edit->what, with);
		break;
	case TEXT_DROP:
		drop(text, edit->what);
		break;
	case TEXT_DROP_ATTRIBUTE:
		drop_attribute(text, edit->what);
		break;
	case TEXT_DOUBLE:
		write_twice(text, edit->what);
		break;
	case TEXT_DROP_PARAMETER:
		drop_parameter(text, edit->what);
		break;
	}
}
