/* harness: cmocka, and a codec and an arena for each test.
 * Include it once per test program. */
#ifndef CWMP_HARNESS_H
#define CWMP_HARNESS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/arena.h"
#include "cwmp/codec.h"

/* A test with a fixture as its state. */
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

struct fixture {
	struct cwmp_codec *codec;
	struct arena *arena;
	struct cwmp_message message; /* last decoded */
	const char *why;
};

static inline int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	f->codec = cwmp_codec_new(&cwmp_default_limits);
	f->arena = arena_new();
	*state = f;
	return 0;
}

static inline int tear_down(void **state)
{
	struct fixture *f = *state;
	cwmp_codec_free(f->codec);
	arena_free(f->arena);
	free(f);
	return 0;
}

static inline enum cwmp_decode_result decode(struct fixture *f, const void *bytes, size_t length)
{
	/* Exact heap copy: the sanitizer sees a read beyond the end. */
	char *copy = malloc(length ? length : 1);
	memcpy(copy, bytes, length);
	enum cwmp_decode_result result = cwmp_decode(
		f->codec, f->arena, copy, length, NULL, &f->message, &f->why);
	free(copy);
	return result;
}

static inline const char *shared_folder(void)
{
	const char *folder = getenv("ACS_SHARED");
	return folder ? folder : "../shared";
}

#endif
