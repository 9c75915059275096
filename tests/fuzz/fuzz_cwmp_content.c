/* Fuzzes what operators may send as a vendor method's arguments: what passes must make a sound
 * envelope. */
#include "base/buffer.h"
#include "cwmp/codec.h"
#include "cwmp/cwmp.h"
#include "fuzz.h"

static void send_and_read(struct cwmp_codec *codec, const char *xml)
{
	struct arena *arena = arena_new();
	struct buffer envelope = { 0 };
	struct cwmp_message message, again;
	const char *why;
	cwmp_make_request(&message, CWMP_NS_1_2, CWMP_UNKNOWN_METHOD, "1");
	message.method_name = "X_ACME_Dance";
	message.request.xml = xml;
	cwmp_encode(codec, &message, NULL, &envelope);
	HOLDS(cwmp_decode(codec, arena, envelope.data, envelope.length, NULL, &again, &why) ==
		CWMP_DECODED);
	HOLDS(again.kind == CWMP_REQUEST && strcmp(again.method_name, "X_ACME_Dance") == 0);
	HOLDS(cwmp_xml_is_content(again.request.xml));
	buffer_clear(&envelope);
	arena_free(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct cwmp_codec *codec;
	if (!codec)
		codec = cwmp_codec_new(&cwmp_default_limits);
	char *text = fuzz_text(bytes, length);
	if (cwmp_xml_is_content(text))
		send_and_read(codec, text);
	free(text);
	return 0;
}
