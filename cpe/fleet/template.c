/* template: a text with gaps, made once and filled in many times.
 * It is kept as pieces: some text, and the gap that follows it. */
#include "cpe/fleet/template.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct piece {
	size_t start, length; /* of the text in front of the gap */
	unsigned gap;
};

struct template
{
	char *text;
	struct piece *pieces;
	size_t count, room;
	size_t rest; /* where the text behind the last gap begins */
	size_t length;
};

/* Is there a gap at text? Its number, and the bytes that it takes. */
static bool read_gap(const char *text, unsigned *gap, size_t *length)
{
	if (strncmp(text, "{{", 2) != 0 || !isdigit((unsigned char)text[2]))
		return false;
	char *end;
	*gap = (unsigned)strtoul(text + 2, &end, 10);
	*length = (size_t)(end - text) + 2;
	return strncmp(end, "}}", 2) == 0;
}

static void add_piece(struct template *template, size_t end, unsigned gap)
{
	if (template->count == template->room) {
		template->room = template->room ? 2 * template->room : 16;
		template->pieces = reallocarray(
			template->pieces, template->room, sizeof(*template->pieces));
		if (!template->pieces)
			abort();
	}
	template->pieces[template->count++] = (struct piece){
		.start = template->rest,
		.length = end - template->rest,
		.gap = gap,
	};
}

struct template *template_new(const char *text, size_t length)
{
	struct template *template = calloc(1, sizeof(*template));
	if (!template)
		abort();
	template->text = strndup(text, length);
	if (!template->text)
		abort();
	template->length = strlen(template->text);
	unsigned gap;
	size_t taken;
	for (const char *at = template->text; (at = strstr(at, "{{")); at += taken) {
		const size_t position = (size_t)(at - template->text);
		if (!read_gap(at, &gap, &taken)) {
			taken = 1;
			continue;
		}
		add_piece(template, position, gap);
		template->rest = position + taken;
	}
	return template;
}

void template_render(
	const struct template *template, struct buffer *out, template_fill_fn *fill, void *arg)
{
	for (size_t i = 0; i < template->count; i++) {
		const struct piece *piece = &template->pieces[i];
		buffer_append(out, template->text + piece->start, piece->length);
		fill(piece->gap, out, arg);
	}
	buffer_append(out, template->text + template->rest, template->length - template->rest);
}

void template_free(struct template *template)
{
	if (!template)
		return;
	free(template->text);
	free(template->pieces);
	free(template);
}
