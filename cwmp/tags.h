/* tags: one tag after the other of a text that repair_envelope() has passed.
 * Private to cwmp/. Such a text has neither comments nor CDATA sections: every '<' begins a tag. */
#ifndef CWMP_TAGS_H
#define CWMP_TAGS_H

#include <stdbool.h>

#include "base/compiler.h"
#include "cwmp/repair.h"

enum tag_kind { TAG_OPEN, TAG_CLOSE, TAG_EMPTY };

struct tag {
	enum tag_kind kind;
	struct span whole;      /* "<a:b c='d'/>" */
	struct span name;       /* "a:b" */
	struct span attributes; /* " c='d'" */
};

struct attribute {
	struct span whole; /* "c='d'" */
	struct span name;
	struct span value;
};

/* A place in the text, to be filled with the text's bounds. */
struct tags {
	const char *at, *end;
};

/* The '>' that ends the tag whose name begins at `at`, or end. Those in quoted values do not. */
const char *tag_end(const char *at, const char *end);

/* The next tag; processing instructions are passed over. False at the end of the text. */
bool tags_next(struct tags *tags, struct tag *tag) MUST_CHECK;
/* Moves behind the close tag of `open`, the tag read last, and gives what stands before it. False
 * when it is not closed. */
bool tags_skip_element(struct tags *tags, const struct tag *open, struct span *content) MUST_CHECK;

/* Takes the first attribute from rest, which begins as a tag's attributes. */
bool tag_next_attribute(struct span *rest, struct attribute *attribute) MUST_CHECK;
bool tag_attribute(const struct tag *tag, const char *name, struct span *value) MUST_CHECK;

struct span span_local_name(struct span name); /* without prefix */
bool span_is(struct span span, const char *text);

#endif
