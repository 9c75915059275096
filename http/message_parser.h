/* message_parser: one HTTP/1 message after another out of a stream of bytes, by llhttp.
 * It stops behind the headers, behind each piece of the body and behind the message, so nothing of
 * ours but this file's own small callbacks ever runs inside llhttp. */
#ifndef HTTP_MESSAGE_PARSER_H
#define HTTP_MESSAGE_PARSER_H

#include <llhttp.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "http/http.h"

enum message_event {
	MESSAGE_MORE,           /* all bytes are used, the message goes on */
	MESSAGE_HEAD,           /* the headers are complete */
	MESSAGE_BODY,           /* parser->piece is the next piece of the body */
	MESSAGE_END,            /* the message is complete */
	MESSAGE_BAD,            /* not HTTP, or HTTP that is ambiguous */
	MESSAGE_HEAD_TOO_LARGE, /* headers, trailers or chunk extensions */
};

struct message_parser {
	llhttp_t llhttp;
	size_t header_limit, header_bytes; /* bytes kept or skipped outside the body */
	size_t header_count;
	struct buffer text; /* target, then name and value of each header, each with a NUL */
	size_t value_start; /* of the value that is being read */
	const char *piece;  /* with MESSAGE_BODY, in the bytes that were given */
	size_t piece_length;
	const char *input_end, *resume_at; /* tell a folded line from a value split between reads */
	enum message_event failure;        /* MESSAGE_MORE while there is none */
	bool has_head;
	bool is_complete;
	bool is_after_fold; /* nothing but blanks of a folded line so far */
};

/* The head of a message. All of it lives in the arena that message_head() was given. */
struct message_head {
	const char *target; /* "" in a response */
	struct http_header *headers;
	size_t header_count;
};

void message_parser_init(struct message_parser *parser, llhttp_type_t type, size_t header_limit);
void message_parser_clear(struct message_parser *parser);
/* Makes ready for the next message. Keeps the count of header bytes when asked, so that a run of
 * 1xx responses has an end. */
void message_parser_restart(struct message_parser *parser, bool keep_count);

/* Parses up to the next event; *used tells how many of the bytes are done with. Has to be
 * called with no bytes, too, as after MESSAGE_HEAD the message may be at its end. After MESSAGE_BAD
 * and MESSAGE_HEAD_TOO_LARGE only message_parser_clear() may follow. */
enum message_event message_parse(
	struct message_parser *parser, const char *bytes, size_t length, size_t *used);
/* The peer closed: MESSAGE_END when that is how this message ends, else MESSAGE_BAD. */
enum message_event message_parse_eof(struct message_parser *parser);

/* After MESSAGE_HEAD: copies the headers and forgets its own. */
void message_head(struct message_parser *parser, struct arena *arena, struct message_head *head);
/* After MESSAGE_HEAD: no body follows, whatever the headers say (the answer to HEAD). */
void message_skip_body(struct message_parser *parser);
/* After MESSAGE_HEAD: the body comes in chunks. */
void message_take_chunks(struct message_parser *parser);
bool message_is_chunked(const struct message_parser *parser);
/* Does the message end where the connection ends, or ask for its end? Valid until MESSAGE_END. */
bool message_closes(const struct message_parser *parser);

#endif
