/* buffer: bytes that grow at the end.
 * Always NUL-terminated beyond its length, so text in it can be passed as a string. */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct buffer {
	char *data; /* NULL while empty and never filled */
	size_t length;
	size_t capacity;
};

/* A buffer starts empty with `struct buffer b = { 0 }`. Out of memory ends the process. */

/* Makes room for more bytes, so that they need not be made room for one by one. */
void buffer_reserve(struct buffer *buffer, size_t more);
void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_append_text(struct buffer *buffer, const char *text);
/* In decimal. */
void buffer_append_number(struct buffer *buffer, int64_t number);
void buffer_printf(struct buffer *buffer, const char *format, ...) PRINTF_LIKE(2, 3);
/* Keeps the memory, forgets the content. */
void buffer_reset(struct buffer *buffer);
void buffer_clear(struct buffer *buffer);

#endif
