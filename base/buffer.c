/* buffer: bytes that grow at the end.
 * Capacity doubles, and one byte beyond the length is always a NUL. */
#include "base/buffer.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_reserve(struct buffer *buffer, size_t more)
{
	size_t needed;
	if (__builtin_add_overflow(buffer->length + 1, more, &needed))
		abort();
	if (needed <= buffer->capacity)
		return;
	size_t capacity = buffer->capacity ? buffer->capacity : 256;
	while (capacity < needed)
		capacity *= 2;
	buffer->data = realloc(buffer->data, capacity);
	if (!buffer->data)
		abort();
	buffer->capacity = capacity;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
	buffer_reserve(buffer, length);
	if (length)
		memcpy(buffer->data + buffer->length, bytes, length);
	buffer->length += length;
	buffer->data[buffer->length] = '\0';
}

void buffer_append_text(struct buffer *buffer, const char *text)
{
	buffer_append(buffer, text, strlen(text));
}

void buffer_append_number(struct buffer *buffer, int64_t number)
{
	char digits[24], *at = digits + sizeof(digits);
	uint64_t left = number < 0 ? -(uint64_t)number : (uint64_t)number;
	do
		*--at = (char)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		*--at = '-';
	buffer_append(buffer, at, (size_t)(digits + sizeof(digits) - at));
}

/* Most texts fit in the room that is there: only others are formatted twice. */
void buffer_printf(struct buffer *buffer, const char *format, ...)
{
	va_list args, again;
	buffer_reserve(buffer, 0);
	const size_t room = buffer->capacity - buffer->length;
	va_start(args, format);
	va_copy(again, args);
	const int length = vsnprintf(buffer->data + buffer->length, room, format, args);
	assert(length >= 0);
	if ((size_t)length >= room) {
		buffer_reserve(buffer, (size_t)length);
		vsnprintf(buffer->data + buffer->length, (size_t)length + 1, format, again);
	}
	buffer->length += (size_t)length;
	va_end(again);
	va_end(args);
}

void buffer_reset(struct buffer *buffer)
{
	buffer->length = 0;
	if (buffer->data)
		buffer->data[0] = '\0';
}

void buffer_clear(struct buffer *buffer)
{
	free(buffer->data);
	*buffer = (struct buffer){ 0 };
}
