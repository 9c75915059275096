/* arena: memory that is taken piece by piece and given back in one call.
 * A message, a turn or a request lives in one arena; nothing in it is freed by itself. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/compiler.h"

struct arena;

struct arena *arena_new(void);
/* Frees the arena and all that was taken from it. NULL is allowed. */
void arena_free(struct arena *arena);
/* Bytes that the arena holds from the heap, for limits and metrics. */
size_t arena_size(const struct arena *arena);

/* Zeroed memory, aligned for any type. Never NULL: out of memory ends the process, since no
 * caller could go on (every size that a peer chooses was limited before it came here). */
void *arena_alloc(struct arena *arena, size_t size);
/* Room for count items of size bytes each; a product that overflows ends the process. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* Copies; NULL gives NULL. */
char *arena_strdup(struct arena *arena, const char *text);
char *arena_strndup(struct arena *arena, const char *text, size_t length);
void *arena_memdup(struct arena *arena, const void *bytes, size_t length);
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

#define ARENA_NEW(arena, type) ((type *)arena_alloc((arena), sizeof(type)))

#endif
