/* message_parser: one HTTP/1 message after another out of a stream of bytes, by llhttp.
 * llhttp checks the grammar strictly; what it leaves to its user is checked here. */
#include "http/message_parser.h"

#include <string.h>

enum { KEPT_BYTES = 1024 };

static struct message_parser *parser_of(llhttp_t *llhttp)
{
	return llhttp->data;
}

static int fail(struct message_parser *parser, enum message_event failure)
{
	parser->failure = failure;
	return HPE_USER;
}

/* Everything a peer can make long is counted, whether it is kept or not. */
static bool count(struct message_parser *parser, size_t length)
{
	parser->header_bytes += length;
	return parser->header_bytes <= parser->header_limit;
}

static int on_url(llhttp_t *llhttp, const char *at, size_t length)
{
	struct message_parser *parser = parser_of(llhttp);
	if (!count(parser, length))
		return fail(parser, MESSAGE_HEAD_TOO_LARGE);
	buffer_append(&parser->text, at, length);
	return 0;
}

/* The target of a request, or of a response nothing, ends before the headers begin. */
static int on_url_complete(llhttp_t *llhttp)
{
	buffer_append(&parser_of(llhttp)->text, "", 1);
	return 0;
}

static int on_message_begin(llhttp_t *llhttp)
{
	return llhttp->type == HTTP_RESPONSE ? on_url_complete(llhttp) : 0;
}

static int on_counted(llhttp_t *llhttp, const char *at, size_t length)
{
	struct message_parser *parser = parser_of(llhttp);
	(void)at;
	return count(parser, length) ? 0 : fail(parser, MESSAGE_HEAD_TOO_LARGE);
}

/* Trailers come when the head was handed over; they are counted and dropped. */
static int on_header_field(llhttp_t *llhttp, const char *at, size_t length)
{
	struct message_parser *parser = parser_of(llhttp);
	if (!count(parser, length))
		return fail(parser, MESSAGE_HEAD_TOO_LARGE);
	if (!parser->has_head)
		buffer_append(&parser->text, at, length);
	return 0;
}

static int on_header_field_complete(llhttp_t *llhttp)
{
	struct message_parser *parser = parser_of(llhttp);
	if (!count(parser, strlen(": \r\n")))
		return fail(parser, MESSAGE_HEAD_TOO_LARGE);
	parser->resume_at = NULL;
	if (parser->has_head)
		return 0;
	const struct buffer *text = &parser->text;
	if (text->data[text->length - 1] == '\0')
		return fail(parser, MESSAGE_BAD); /* an empty name */
	buffer_append(&parser->text, "", 1);
	parser->value_start = parser->text.length;
	return 0;
}

static void trim_value(struct message_parser *parser)
{
	struct buffer *text = &parser->text;
	while (text->length > parser->value_start && strchr(" \t", text->data[text->length - 1]))
		text->length--;
}

/* A piece that does not continue exactly where the last read ended stands on a folded line. */
static bool begins_folded_line(const struct message_parser *parser, const char *at)
{
	return parser->text.length > parser->value_start && at != parser->resume_at;
}

/* The line break and the blanks around it become one blank (RFC 9112, 5.2). */
static void append_value(struct message_parser *parser, const char *at, size_t length)
{
	if (begins_folded_line(parser, at)) {
		trim_value(parser);
		buffer_append(&parser->text, " ", 1);
		parser->is_after_fold = true;
	}
	while (parser->is_after_fold && length && (*at == ' ' || *at == '\t')) {
		at++;
		length--;
	}
	if (length)
		parser->is_after_fold = false;
	buffer_append(&parser->text, at, length);
	parser->resume_at = at + length;
}

static int on_header_value(llhttp_t *llhttp, const char *at, size_t length)
{
	struct message_parser *parser = parser_of(llhttp);
	if (!count(parser, length))
		return fail(parser, MESSAGE_HEAD_TOO_LARGE);
	if (!parser->has_head)
		append_value(parser, at, length);
	return 0;
}

static int on_header_value_complete(llhttp_t *llhttp)
{
	struct message_parser *parser = parser_of(llhttp);
	if (parser->has_head)
		return 0;
	trim_value(parser);
	parser->is_after_fold = false;
	buffer_append(&parser->text, "", 1);
	parser->header_count++;
	return 0;
}

/* What an Upgrade header asks for is never spoken here, so the message is like any other. */
static int on_headers_complete(llhttp_t *llhttp)
{
	parser_of(llhttp)->has_head = true;
	llhttp->upgrade = 0;
	return HPE_PAUSED;
}

/* Pausing in a piece of data is not among llhttp's documented uses, but it is how its generated
 * code treats every nonzero return: it keeps its place and stops. */
static int on_body(llhttp_t *llhttp, const char *at, size_t length)
{
	struct message_parser *parser = parser_of(llhttp);
	parser->piece = at;
	parser->piece_length = length;
	return length ? HPE_PAUSED : 0;
}

static int on_message_complete(llhttp_t *llhttp)
{
	parser_of(llhttp)->is_complete = true;
	return HPE_PAUSED;
}

static const llhttp_settings_t settings = {
	.on_message_begin = on_message_begin,
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_status = on_counted,
	.on_header_field = on_header_field,
	.on_header_field_complete = on_header_field_complete,
	.on_header_value = on_header_value,
	.on_header_value_complete = on_header_value_complete,
	.on_chunk_extension_name = on_counted,
	.on_chunk_extension_value = on_counted,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void message_parser_init(struct message_parser *parser, llhttp_type_t type, size_t header_limit)
{
	*parser = (struct message_parser){ .header_limit = header_limit };
	llhttp_init(&parser->llhttp, type, &settings);
	parser->llhttp.data = parser;
}

void message_parser_clear(struct message_parser *parser)
{
	buffer_clear(&parser->text);
}

/* Keeps what a usual head needs, so that a busy connection does not allocate for each. */
static void forget_text(struct message_parser *parser)
{
	if (parser->text.capacity > KEPT_BYTES)
		buffer_clear(&parser->text);
	else
		buffer_reset(&parser->text);
}

void message_parser_restart(struct message_parser *parser, bool keep_count)
{
	llhttp_reset(&parser->llhttp);
	forget_text(parser);
	if (!keep_count)
		parser->header_bytes = 0;
	parser->header_count = 0;
	parser->value_start = 0;
	parser->resume_at = NULL;
	parser->failure = MESSAGE_MORE;
	parser->has_head = false;
	parser->is_complete = false;
	parser->is_after_fold = false;
}

static void note_input(struct message_parser *parser, const char *bytes, size_t length)
{
	const bool was_cut = parser->resume_at && parser->resume_at == parser->input_end;
	parser->resume_at = was_cut ? bytes : NULL;
	parser->input_end = bytes + length;
}

/* llhttp says "paused" at each of our events alike. */
static enum message_event paused_by(const struct message_parser *parser, bool had_head)
{
	if (parser->is_complete)
		return MESSAGE_END;
	return had_head ? MESSAGE_BODY : MESSAGE_HEAD;
}

enum message_event message_parse(
	struct message_parser *parser, const char *bytes, size_t length, size_t *used)
{
	const bool had_head = parser->has_head;
	note_input(parser, bytes, length);
	llhttp_resume(&parser->llhttp);
	const llhttp_errno_t error = llhttp_execute(&parser->llhttp, bytes, length);
	*used = length;
	if (error == HPE_OK)
		return MESSAGE_MORE;
	if (error != HPE_PAUSED)
		return parser->failure == MESSAGE_MORE ? MESSAGE_BAD : parser->failure;
	*used = (size_t)(llhttp_get_error_pos(&parser->llhttp) - bytes);
	return paused_by(parser, had_head);
}

enum message_event message_parse_eof(struct message_parser *parser)
{
	llhttp_resume(&parser->llhttp);
	if (!parser->has_head || llhttp_finish(&parser->llhttp) != HPE_PAUSED)
		return MESSAGE_BAD;
	return MESSAGE_END;
}

void message_head(struct message_parser *parser, struct arena *arena, struct message_head *head)
{
	char *at = arena_memdup(arena, parser->text.data, parser->text.length);
	head->target = at;
	head->headers = arena_array(arena, parser->header_count + 1, sizeof(*head->headers));
	head->header_count = parser->header_count;
	for (size_t i = 0; i < head->header_count; i++) {
		head->headers[i].name = at += strlen(at) + 1;
		head->headers[i].value = at += strlen(at) + 1;
	}
	forget_text(parser);
}

void message_skip_body(struct message_parser *parser)
{
	parser->llhttp.flags |= F_SKIPBODY;
}

void message_take_chunks(struct message_parser *parser)
{
	parser->llhttp.flags |= F_CHUNKED;
}

bool message_is_chunked(const struct message_parser *parser)
{
	return parser->llhttp.flags & F_CHUNKED;
}

bool message_closes(const struct message_parser *parser)
{
	return !llhttp_should_keep_alive(&parser->llhttp);
}
