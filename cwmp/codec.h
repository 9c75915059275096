/* codec: CWMP messages from and to SOAP envelopes.
 * No I/O. A codec holds gSOAP's state (160 KB) and serves one thread; messages outlive it. */
#ifndef CWMP_CODEC_H
#define CWMP_CODEC_H

#include "base/arena.h"
#include "base/buffer.h"
#include "cwmp/message.h"

struct cwmp_codec;

struct cwmp_limits {
	unsigned depth;         /* nested XML elements, those that we ignore included */
	size_t text_bytes;      /* of one text or attribute value */
	size_t list_items;      /* of one list: parameters, names, events, methods */
	unsigned cpu_ms;        /* parse budget, plus… */
	unsigned cpu_ms_per_mb; /* …this for each MB of envelope */
};
extern const struct cwmp_limits
	cwmp_default_limits; /* 32, 2 MB, 100000, 50, 40; times 10 under ASan */

struct cwmp_codec *cwmp_codec_new(const struct cwmp_limits *limits);
void cwmp_codec_free(struct cwmp_codec *codec);

enum cwmp_decode_result {
	CWMP_DECODED,
	/* Not a SOAP 1.1 envelope with one CWMP body we can trust: not XML, a DOCTYPE, SOAP 1.2, no
	 * or two body elements, over a limit. The answer is HTTP 400. */
	CWMP_MALFORMED,
	/* A request in a proper envelope that breaks its method's schema (a mandatory argument is
	 * missing). out->id, ns and method are set; the answer is a fault 8003 or 9003. A response
	 * (see out->kind) may break it too: it is never answered, its request has failed. */
	CWMP_INVALID_ARGUMENTS,
	/* A header with mustUnderstand="1" that we do not know. out->id and ns are set; the answer
	 * is a MustUnderstand fault. */
	CWMP_NOT_UNDERSTOOD,
};

/* Reads an envelope. charset: that of HTTP's Content-Type, or NULL; it counts where the envelope
 * itself declares none. out and all it points to are taken from arena. why gets a text (from arena,
 * never NULL) whenever the result is not CWMP_DECODED. An unknown method decodes as
 * CWMP_UNKNOWN_METHOD with its name and its content as XML text; a fault without cwmp
 * has_detail = false. */
enum cwmp_decode_result cwmp_decode(struct cwmp_codec *codec, struct arena *arena,
	const void *bytes, size_t length, const char *charset, struct cwmp_message *out,
	const char **why) MUST_CHECK;

struct cwmp_encode_options {
	bool without_declaration; /* leave out <?xml …?>: some CPEs cannot parse it */
	bool booleans_as_words; /* "true" for "1" in Value texts is the caller's; this is for struct fields */
};

/* Appends an envelope in message->ns to out. options may be NULL. Cannot fail for a message whose
 * texts are UTF-8; characters that XML cannot carry are replaced by U+FFFD. */
void cwmp_encode(struct cwmp_codec *codec, const struct cwmp_message *message,
	const struct cwmp_encode_options *options, struct buffer *out);

#endif
