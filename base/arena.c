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
	alignas(max_align_t) char bytes[];
};

/* Stands at the beginning of its first block. */
struct arena {
	struct block *blocks; /* all but the first */
	char *free;
	size_t left;
	size_t next_size;
	size_t total;
	alignas(max_align_t) char bytes[];
};

struct arena *arena_new(void)
{
	struct arena *arena = malloc(FIRST_BLOCK);
	if (!arena)
		abort();
	*arena = (struct arena){
		.free = arena->bytes,
		.left = FIRST_BLOCK - sizeof(*arena),
		.next_size = 2 * FIRST_BLOCK,
		.total = FIRST_BLOCK,
	};
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
	struct block *block = malloc(sizeof(*block) + size);
	if (!block)
		abort();
	block->next = arena->blocks;
	arena->blocks = block;
	arena->total += sizeof(*block) + size;
	return block;
}

static void add_room(struct arena *arena, size_t size)
{
	while (arena->next_size < size)
		arena->next_size *= 2;
	arena->free = add_block(arena, arena->next_size)->bytes;
	arena->left = arena->next_size;
	if (arena->next_size < LARGEST_BLOCK)
		arena->next_size *= 2;
}

/* What the caller fills needs no zeroes. */
static void *take(struct arena *arena, size_t size)
{
	const size_t align = alignof(max_align_t);
	if (size > SIZE_MAX - align)
		abort();
	size = (size + align - 1) / align * align;
	if (size > arena->left && size > LARGEST_BLOCK / 4)
		return add_block(arena, size)->bytes;
	if (size > arena->left)
		add_room(arena, size);
	void *bytes = arena->free;
	arena->free += size;
	arena->left -= size;
	return bytes;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	return memset(take(arena, size), 0, size);
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
	void *copy = take(arena, length);
	if (length)
		memcpy(copy, bytes, length);
	return copy;
}

char *arena_strndup(struct arena *arena, const char *text, size_t length)
{
	if (!text)
		return NULL;
	char *copy = take(arena, length + 1);
	memcpy(copy, text, length);
	copy[length] = '\0';
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
	char *text = take(arena, (size_t)length + 1);
	if ((size_t)length < sizeof(brief))
		memcpy(text, brief, (size_t)length + 1);
	else
		vsnprintf(text, (size_t)length + 1, format, again);
	va_end(again);
	va_end(args);
	return text;
}
