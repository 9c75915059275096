/* template: a text with gaps, made once and filled in many times.
 * A gap is written "{{N}}", N being a number of the caller's. */
#ifndef CPE_FLEET_TEMPLATE_H
#define CPE_FLEET_TEMPLATE_H

#include <stddef.h>

#include "base/buffer.h"

struct template;

/* Appends what belongs into the gap. */
typedef void template_fill_fn(unsigned gap, struct buffer *out, void *arg);

/* Copies text. "{{" that no number and "}}" follow is text as any other. */
struct template *template_new(const char *text, size_t length);
/* Appends the text with its gaps filled. */
void template_render(
	const struct template *template, struct buffer *out, template_fill_fn *fill, void *arg);
void template_free(struct template *template);

#endif
