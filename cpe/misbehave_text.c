/* misbehave_text: edits of an envelope's text, for what no encoder would write.
 * Each edit copies the text piece by piece into a new buffer, which then takes its place. */
#include "cpe/misbehave_text.h"

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

void text_set(struct buffer *text, const char *element, const char *content)
{
	struct buffer out = { 0 };
	struct element found;
	const char *at = text->data;
	while (next_element(at, element, &found)) {
		append_span(&out, at, found.name_end);
		buffer_printf(&out, ">%s</%s>", content, element);
		at = found.end;
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

void text_apply(struct buffer *text, const struct text_edit *edit)
{
	const char *with = edit->with ? edit->with : "";
	switch (edit->kind) {
	case TEXT_REPLACE:
		text_replace(text, edit->what, with);
		break;
	case TEXT_REPLACE_ONE:
		replace(text, edit->what, with, 1);
		break;
	case TEXT_SET:
		text_set(text, edit->what, with);
		break;
	case TEXT_DROP:
		drop(text, edit->what);
		break;
	case TEXT_DROP_PARAMETER:
		drop_parameter(text, edit->what);
		break;
	case TEXT_APPEND:
		buffer_append_text(text, edit->what);
		break;
	}
}
