/* charset: what an envelope is written in, and how its bytes become UTF-8.
 * Private to cwmp/. All are supersets of ASCII, so that markup is found before they are known. */
#ifndef CWMP_CHARSET_H
#define CWMP_CHARSET_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/compiler.h"
#include "cwmp/repair.h"

enum charset {
	CHARSET_UTF8,
	CHARSET_WESTERN, /* ISO-8859-1, read as windows-1252, its superset */
	CHARSET_OTHER,   /* charset_convert() makes UTF-8 of it */
	CHARSET_REFUSED, /* UTF-16 and others that are not like ASCII */
	CHARSET_UNKNOWN, /* no such charset, or one not worth the risk: taken for UTF-8 */
};

/* name NULL or empty: UTF-8. */
enum charset charset_by_name(struct span name);
/* The character that a byte above 127 is in CHARSET_WESTERN. */
uint32_t charset_western(unsigned char byte);
/* Rewrites text, which is in the charset `name`, into scratch, and *text then points there. False
 * when some bytes were none of that charset; they became U+FFFD. */
bool charset_convert(struct span name, struct span *text, struct buffer *scratch) MUST_CHECK;

#endif
