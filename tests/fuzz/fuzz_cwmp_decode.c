/* Fuzzes the reading of envelopes; whatever is understood must survive our own writing.
 * Run: fuzz_cwmp_decode -max_len=8192 NEW_INPUTS ../shared/corpus */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "cwmp/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

/* What we write we must be able to read, whatever a device made us write. */
static void write_and_read(
	struct cwmp_codec *codec, struct arena *arena, const struct cwmp_message *message)
{
	struct buffer envelope = { 0 };
	struct cwmp_message again;
	const char *why;
	cwmp_encode(codec, message, NULL, &envelope);
	if (cwmp_decode(codec, arena, envelope.data, envelope.length, NULL, &again, &why) !=
			CWMP_DECODED ||
		again.kind != message->kind || again.method != message->method)
		abort();
	buffer_clear(&envelope);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct cwmp_codec *codec;
	if (!codec)
		codec = cwmp_codec_new(&cwmp_default_limits);
	struct arena *arena = arena_new();
	struct cwmp_message message;
	const char *why;
	enum cwmp_decode_result result = cwmp_decode(codec, arena, bytes, length, NULL, &message, &why);
	if (result != CWMP_DECODED && !why)
		abort();
	if (result == CWMP_DECODED && message.method != CWMP_UNKNOWN_METHOD)
		write_and_read(codec, arena, &message);
	arena_free(arena);
	return 0;
}
