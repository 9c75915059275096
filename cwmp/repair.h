/* repair: what devices send, made into XML that a parser can read.
 * Private to cwmp/. Costs one scan of the bytes when there is nothing to repair. */
#ifndef CWMP_REPAIR_H
#define CWMP_REPAIR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/compiler.h"

struct span {
	const char *data;
	size_t length;
};

/* Narrows *text to the root element: drops a byte order mark, blanks around it and the XML
 * declaration. Where needed it rewrites into converted or repaired, and *text then points there:
 * other charsets (declared; then http_charset, which may be NULL; bytes that are no UTF-8 are taken
 * for windows-1252) become UTF-8, a bare '&' becomes "&amp;", CDATA becomes plain text, comments
 * go, and characters that XML cannot carry become U+FFFD. repairs gets a bit for each kind of enum
 * cwmp_repair.
 * NULL when it worked, else a static text: not XML at all, or a DOCTYPE. */
const char *repair_envelope(struct span *text, const char *http_charset, struct buffer *converted,
	struct buffer *repaired, unsigned *repairs) MUST_CHECK;

/* Only narrows *text, in the same way. Is it in a charset in which every byte below 128 is ASCII? */
bool repair_find_root(struct span *text, const char *http_charset) MUST_CHECK;

/* Rewrites into scratch a text that repair_envelope() has passed, when it has multi-reference
 * values: each is written where it is referred to. What it needs meanwhile comes from arena. NULL
 * when it worked, else a static text: references go in a circle, or the text would grow without
 * measure. In references.c. */
const char *repair_references(struct span *text, struct buffer *scratch, struct arena *arena,
	unsigned *repairs) MUST_CHECK;

/* Rewrites into scratch a text that repair_envelope() has passed, when it has a '>' that
 * ends no tag: that becomes "&gt;". In ends.c. */
void repair_ends(struct span *text, struct buffer *scratch);

/* Do the elements of a text that repair_envelope() has passed nest deeper than limit? gSOAP counts
 * those that it knows only. */
bool repair_nests_deeper(struct span text, unsigned limit) MUST_CHECK;

/* Rewrites into scratch a text that repair_envelope() has passed: elements lose their prefixes
 * (whether declared or not), repeated attributes are dropped. In retag.c. */
void repair_tags(struct span *text, struct buffer *scratch, unsigned *repairs);

#endif
