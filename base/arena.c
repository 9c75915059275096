/* arena: memory that is taken piece by piece and given back in one call.
 * Blocks double in size up to a limit; a request larger than that gets a block of its own. */
#include "base/arena.h"

#include <assert.h>
#include <stdarg.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK 2048
#define LARGEST_BLOCK (256 * 1024)

struct block {
	struct block *next;
	size_t size;
	alignas(max_align_t) char bytes[];
};

struct arena {
	struct block *blocks;
	char *free;
	size_t left;
	size_t next_size;
	size_t total;
};

struct arena *arena_new(void)
{
	struct arena *arena = calloc(1, sizeof(*arena));
	if (!arena)
		abort();
	arena->next_size = FIRST_BLOCK;
	return arena;
}

void arena_free(struct arena *arena)
{
	if (!arena)
		return;
	for (struct block *block = arena->blocks, *next; block; block = next) {
		next = block->next;
		free(block);
	}
	free(arena);
}

size_t arena_size(const struct arena *arena)
{
	return arena->total;
}

static struct block *add_block(struct arena *arena, size_t size)
{
	if (size > SIZE_MAX - sizeof(struct block))
		abort();
	struct block *block = calloc(1, sizeof(*block) + size);
	if (!block)
		abort();
	block->size = size;
	block->next = arena->blocks;
	arena->blocks = block;
	arena->total += sizeof(*block) + size;
	return block;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX - align)
		abort();
	size = (size + align - 1) / align * align;
	if (size > arena->left) {
		if (size > LARGEST_BLOCK / 4)
			return add_block(arena, size)->bytes;
		while (arena->next_size < size)
			arena->next_size *= 2;
		struct block *block = add_block(arena, arena->next_size);
		arena->free = block->bytes;
		arena->left = block->size;
		if (arena->next_size < LARGEST_BLOCK)
			arena->next_size *= 2;
	}
	void *bytes = arena->free;
	arena->free += size;
	arena->left -= size;
	return bytes;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
	size_t total;
	if (__builtin_mul_overflow(count, size, &total))
		abort();
	return arena_alloc(arena, total);
}

void *arena_memdup(struct arena *arena, const void *bytes, size_t length)
{
	void *copy = arena_alloc(arena, length);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	if (!text)
		return NULL;
	char *copy = arena_alloc(arena, length + 1);
	memcpy(copy, text, length);
	return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
	return text ? arena_strndup(arena, text, strlen(text)) : NULL;
}

/* Short texts, nearly all, are formatted once. */
char *arena_printf(struct arena *arena, const char *format, ...)
{
	char brief[256];
	va_list args, again;
	va_start(args, format);
	va_copy(again, args);
	const int length = vsnprintf(brief, sizeof(brief), format, args);
	assert(length >= 0);
	char *text = arena_alloc(arena, (size_t)length + 1);
	if ((size_t)length < sizeof(brief))
		memcpy(text, brief, (size_t)length + 1);
	else
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
