/* Fuzzes the reading of envelopes, the server's and the agent's alike; what is understood must
 * survive our own writing. A last byte of 1 to 4 chooses the charset that HTTP told. */
#include "base/buffer.h"
#include "cwmp/codec.h"
#include "cwmp/cwmp.h"
#include "fuzz.h"

#include "../unit/cwmp/samples.h"

static const char *charset_of(const uint8_t *bytes, size_t length)
{
	static const char *const charsets[] = { NULL, "iso-8859-1", "gb2312", "us-ascii",
		"utf-16" };
	const size_t last = length ? bytes[length - 1] : 0;
	return last < LENGTH_OF(charsets) ? charsets[last] : NULL;
}

static bool can_be_sent(const struct cwmp_message *message)
{
	const char *xml = message->kind == CWMP_REQUEST ? message->request.xml
							: message->response.xml;
	return message->kind == CWMP_FAULT || message->method != CWMP_UNKNOWN_METHOD ||
	       (cwmp_xml_is_content(xml) && cwmp_path_is_valid(message->method_name));
}

/* What we write we must be able to read, whatever a device made us write. */
static void write_and_read(
	struct cwmp_codec *codec, struct arena *arena, const struct cwmp_message *message)
{
	struct buffer envelope = { 0 };
	struct cwmp_message again;
	const char *why;
	cwmp_encode(codec, message, NULL, &envelope);
	HOLDS(cwmp_decode(codec, arena, envelope.data, envelope.length, NULL, &again, &why) ==
		CWMP_DECODED);
	HOLDS(again.kind == message->kind && again.method == message->method);
	buffer_clear(&envelope);
}

static size_t trimmed_length(const uint8_t *bytes, size_t length)
{
	while (length && memchr(" \t\r\n", bytes[length - 1], 5)) /* and NULs */
		length--;
	return length;
}

/* A comment behind the envelope keeps a plain message from its short way, and says nothing. */
static void read_with_comment(struct cwmp_codec *codec, struct arena *arena, const uint8_t *bytes,
	size_t length, const struct cwmp_message *message)
{
	struct buffer text = { 0 }, told = { 0 }, told_again = { 0 };
	struct cwmp_message again;
	const char *why;
	buffer_append(&text, bytes, trimmed_length(bytes, length));
	buffer_append_text(&text, "<!-- -->");
	HOLDS(cwmp_decode(codec, arena, text.data, text.length, charset_of(bytes, length), &again,
		      &why) == CWMP_DECODED);
	tell_message(&told, message);
	tell_message(&told_again, &again);
	HOLDS(strcmp(told.data, told_again.data) == 0 && again.repairs == message->repairs);
	buffer_clear(&text);
	buffer_clear(&told);
	buffer_clear(&told_again);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct cwmp_codec *codec;
	if (!codec)
		codec = cwmp_codec_new(&cwmp_default_limits);
	struct arena *arena = arena_new();
	struct cwmp_message message;
	const char *why;
	const enum cwmp_decode_result result = cwmp_decode(
		codec, arena, bytes, length, charset_of(bytes, length), &message, &why);
	HOLDS(result == CWMP_DECODED || why);
	cwmp_repairs_text(arena, message.repairs);
	if (result == CWMP_DECODED)
		read_with_comment(codec, arena, bytes, length, &message);
	if (result == CWMP_DECODED && can_be_sent(&message))
		write_and_read(codec, arena, &message);
	arena_free(arena);
	return 0;
}
