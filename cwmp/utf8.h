/* utf8: characters from and to bytes, and which of them XML 1.0 can carry.
 * Private to cwmp/. */
#ifndef CWMP_UTF8_H
#define CWMP_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT 0xFFFDu

/* Bytes of the character at `at`, 0 when none is well-formed there (overlong forms and surrogates
 * are not). Reads no further than end. */
size_t utf8_decode(const char *at, const char *end, uint32_t *character);
/* Returns the number of bytes written to out, at most 4. */
size_t utf8_encode(uint32_t character, char out[4]);
/* XML 1.0 production 2, Char. */
bool xml_has_character(uint32_t character);

#endif
