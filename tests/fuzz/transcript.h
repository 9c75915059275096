/* transcript: what the message parser made of a stream, as a text.
 * The same bytes must give the same text, however they were split between reads. */
#ifndef FUZZ_TRANSCRIPT_H
#define FUZZ_TRANSCRIPT_H

#include <stdbool.h>

#include "base/buffer.h"
#include "fuzz.h"
#include "http/message_parser.h"

enum { FUZZ_HEADER_LIMIT = 2048 };

static inline void transcribe_head(struct message_parser *parser, struct buffer *out)
{
	struct arena *arena = arena_new();
	struct message_head head;
	message_head(parser, arena, &head);
	buffer_printf(out, "\nhead %s", head.target);
	for (size_t i = 0; i < head.header_count; i++)
		buffer_printf(out, "\n%s: %s", head.headers[i].name, head.headers[i].value);
	buffer_printf(out, "\nchunked %d body ", message_is_chunked(parser));
	arena_free(arena);
}

/* False when nothing may follow. */
static inline bool transcribe_event(
	struct message_parser *parser, enum message_event event, struct buffer *out)
{
	switch (event) {
	case MESSAGE_HEAD:
		transcribe_head(parser, out);
		return true;
	case MESSAGE_BODY:
		buffer_append(out, parser->piece, parser->piece_length);
		return true;
	case MESSAGE_END:
		buffer_printf(out, "\nend, closes %d", message_closes(parser));
		message_parser_restart(parser, false);
		return true;
	case MESSAGE_MORE:
		return true;
	default:
		buffer_append_text(out, "\nbad");
		return false;
	}
}

/* Feeds the bytes in pieces of `step`. The caller clears the text. */
static inline struct buffer transcribe(
	llhttp_type_t type, const uint8_t *bytes, size_t length, size_t step)
{
	struct buffer out = { 0 };
	struct message_parser parser;
	bool goes_on = true;
	message_parser_init(&parser, type, FUZZ_HEADER_LIMIT);
	for (size_t at = 0; at < length && goes_on; at += step) {
		const size_t size = length - at < step ? length - at : step;
		char *piece = fuzz_text(bytes + at, size);
		enum message_event event = MESSAGE_BODY;
		for (size_t done = 0, used; goes_on && (done < size || event != MESSAGE_MORE);
			done += used) {
			event = message_parse(&parser, piece + done, size - done, &used);
			HOLDS(used <= size - done);
			if (event == MESSAGE_MORE && used < size - done)
				abort();
			goes_on = transcribe_event(&parser, event, &out);
			if (event == MESSAGE_END && done + used == size)
				break;
		}
		free(piece);
	}
	if (goes_on)
		transcribe_event(&parser, message_parse_eof(&parser), &out);
	message_parser_clear(&parser);
	return out;
}

static inline int transcribe_all(llhttp_type_t type, const uint8_t *bytes, size_t length)
{
	static const size_t steps[] = { 1, 2, 7 };
	struct buffer whole = transcribe(type, bytes, length, length ? length : 1);
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct buffer split = transcribe(type, bytes, length, steps[i]);
		HOLDS(split.length == whole.length &&
			(whole.length == 0 || memcmp(split.data, whole.data, whole.length) == 0));
		buffer_clear(&split);
	}
	buffer_clear(&whole);
	return 0;
}

#endif
