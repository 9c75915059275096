/* fuzz: what the fuzz targets share.
 * A target is one function over bytes; fuzzers find the bytes, replay.c reads them from files. */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What must hold whatever the bytes are. */
#define HOLDS(condition) \
	do { \
		if (!(condition)) \
			abort(); \
	} while (0)

/* The bytes as a text of exactly their length, so that a sanitizer sees who reads behind it. The
 * caller frees it. */
static inline char *fuzz_text(const uint8_t *bytes, size_t length)
{
	char *text = malloc(length + 1);
	HOLDS(text);
	memcpy(text, bytes, length);
	text[length] = '\0';
	return text;
}

#endif
