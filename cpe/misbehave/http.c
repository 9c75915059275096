/* misbehave_http: devices whose HTTP is odd: headers, framing, cookies, authentication.
 * Each mode changes a POST to the ACS before it leaves. */
#include <string.h>
#include <strings.h>

#include "base/crypto.h"
#include "cpe/misbehave/mode.h"
#include "http/auth_params.h"
#include "http/digest.h"

static struct http_header *find_header(struct misbehave_post *post, const char *name)
{
	for (size_t i = 0; i < post->request.header_count; i++)
		if (strcasecmp(post->headers[i].name, name) == 0)
			return &post->headers[i];
	return NULL;
}

static void drop_header(struct misbehave_post *post, const char *name)
{
	struct http_header *header = find_header(post, name);
	if (header)
		*header = post->headers[--post->request.header_count];
}

void post_set_header(struct misbehave_post *post, const char *name, const char *value)
{
	drop_header(post, name);
	if (post->request.header_count < MISBEHAVE_HEADERS_MAX)
		post->headers[post->request.header_count++] = (struct http_header){ name, value };
}

/* "none" leaves the header out; an empty POST has none anyway. */
static void set_or_drop(struct misbehave_post *post, const char *name, const char *value)
{
	if (strcmp(value, "none") == 0)
		drop_header(post, name);
	else if (post->request.body_length)
		post_set_header(post, name, value);
}

static void set_content_type(struct misbehave_post *post)
{
	set_or_drop(post, "Content-Type", post->choice->text);
}

static void set_soap_action(struct misbehave_post *post)
{
	set_or_drop(post, "SOAPAction", post->choice->text);
}

static void type_empty_post(struct misbehave_post *post)
{
	post_set_header(post, "Content-Type", "text/xml; charset=utf-8");
	post_set_header(post, "SOAPAction", "");
}

static void expect_continue(struct misbehave_post *post)
{
	post_set_header(post, "Expect", "100-continue");
}

static void speak_http_1_0(struct misbehave_post *post)
{
	post->request.is_http_1_0 = true;
}

/* Framing */

static void send_own(struct misbehave_post *post, const struct buffer *body)
{
	post->request.body = arena_memdup(post->arena, body->data, body->length);
	post->request.body_length = body->length;
	post->request.has_own_framing = true;
}

static void send_chunked(struct misbehave_post *post)
{
	enum { CHUNK_BYTES = 1000 };
	const char *body = post->request.body;
	struct buffer chunks = { 0 };
	for (size_t at = 0; at < post->request.body_length; at += CHUNK_BYTES) {
		const size_t rest = post->request.body_length - at;
		const size_t length = rest < CHUNK_BYTES ? rest : CHUNK_BYTES;
		buffer_printf(&chunks, "%zx\r\n", length);
		buffer_append(&chunks, body + at, length);
		buffer_append_text(&chunks, "\r\n");
	}
	buffer_append_text(&chunks, "0\r\n\r\n");
	post_set_header(post, "Transfer-Encoding", "chunked");
	send_own(post, &chunks);
	buffer_clear(&chunks);
}

static void send_crlf_behind(struct misbehave_post *post)
{
	struct buffer body = { 0 };
	post_set_header(post, "Content-Length",
		arena_printf(post->arena, "%zu", post->request.body_length));
	buffer_append(&body, post->request.body, post->request.body_length);
	buffer_append_text(&body, "\r\n");
	send_own(post, &body);
	buffer_clear(&body);
}

/* Cookies */

static void set_stale_cookie(struct misbehave_post *post)
{
	if (!find_header(post, "Cookie"))
		post_set_header(post, "Cookie", post->choice->text);
}

static void quote_cookie(struct misbehave_post *post)
{
	struct http_header *cookie = find_header(post, "Cookie");
	const char *value = cookie ? strchr(cookie->value, '=') : NULL;
	if (value)
		cookie->value = arena_printf(post->arena, "%.*s=\"%s\"",
			(int)(value - cookie->value), cookie->value, value + 1);
}

static void join_cookie_by_comma(struct misbehave_post *post)
{
	struct http_header *cookie = find_header(post, "Cookie");
	if (cookie)
		cookie->value = arena_printf(post->arena, "lang=en,%s,a=b", cookie->value);
}

static void send_old_cookie(struct misbehave_post *post)
{
	struct http_header *cookie = find_header(post, "Cookie");
	if (cookie)
		cookie->value = arena_printf(
			post->arena, "$Version=\"0\"; %s;$Path=/", cookie->value);
}

/* Authentication */

static void set_basic(struct misbehave_post *post, const char *pair)
{
	if (!find_header(post, "Authorization"))
		post_set_header(post, "Authorization",
			arena_printf(post->arena, "Basic %s",
				base64_encode(post->arena, pair, strlen(pair))));
}

static void send_basic_first(struct misbehave_post *post)
{
	set_basic(post, arena_printf(post->arena, "%s:%s", post->username, post->password));
}

static void send_empty_basic(struct misbehave_post *post)
{
	set_basic(post, ":");
}

/* As libcurl does when it expects a challenge. */
static void ask_for_challenge(struct misbehave_post *post)
{
	if (find_header(post, "Authorization"))
		return;
	post->request.body = NULL;
	post->request.body_length = 0;
}

/* Writes a Digest answer anew: MD5 and neither qop nor cnonce, as before RFC 2617. */
static void answer_as_rfc_2069(struct misbehave_post *post, const char *uri)
{
	struct http_header *header = find_header(post, "Authorization");
	struct http_authorization a;
	if (!header || !http_authorization_parse(post->arena, header->value, &a) ||
		a.scheme != HTTP_AUTH_DIGEST)
		return;
	const struct http_authorization old = {
		.scheme = HTTP_AUTH_DIGEST,
		.algorithm = DIGEST_MD5,
		.nonce = a.nonce,
		.uri = uri ? uri : a.uri,
	};
	const char *ha1 = digest_ha1(
		post->arena, DIGEST_MD5, post->username, a.realm, post->password);
	header->value = arena_printf(post->arena,
		"Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\"",
		post->username, a.realm, a.nonce, old.uri,
		digest_response(post->arena, &old, ha1, "POST"));
}

static void forget_qop(struct misbehave_post *post)
{
	answer_as_rfc_2069(post, NULL);
}

static void empty_uri(struct misbehave_post *post)
{
	answer_as_rfc_2069(post, "");
}

static const struct misbehave_mode modes[] = {
	{ "content-type", "sends the Content-Type TEXT; none: no such header", "easycwmp, Huawei",
		MODE_TEXT, .on_post = set_content_type },
	{ "soap-action", "sends the SOAPAction TEXT; none: no such header", "Siemens", MODE_TEXT,
		.on_post = set_soap_action },
	{ "typed-empty-post", "sends Content-Type and SOAPAction with empty POSTs too", "Sagemcom",
		.on_post = type_empty_post },
	{ "expect-continue", "sends Expect: 100-continue", "easycwmp, Huawei BM632w",
		.on_post = expect_continue },
	{ "http-1.0", "speaks HTTP/1.0", "several", .on_post = speak_http_1_0 },
	{ "chunked", "sends its bodies in chunks", "Thomson", .on_post = send_chunked },
	{ "crlf-behind", "sends an empty line behind each body", "several",
		.on_post = send_crlf_behind },
	{ "close-each", "opens a new connection for each POST", "caretaker",
		MODE_FIELD(close_each) },
	{ "no-cookie", "never returns cookies", "softov/cwmp-sim, AMIT", MODE_FIELD(no_cookie) },
	{ "stale-cookie", "sends the cookie TEXT until it gets one", "several", MODE_TEXT,
		.on_post = set_stale_cookie },
	{ "quoted-cookie", "puts the value of its cookie between quotes", "several",
		.on_post = quote_cookie },
	{ "comma-cookies", "joins cookies by commas", "several", .on_post = join_cookie_by_comma },
	{ "old-cookie", "returns cookies in the form of RFC 2109", "Thomson",
		.on_post = send_old_cookie },
	{ "basic-first", "sends Basic credentials before it is asked", "cwmp-sim",
		.on_post = send_basic_first },
	{ "empty-basic", "sends Basic credentials that are empty", "genieacs-sim",
		.on_post = send_empty_basic },
	{ "empty-first", "posts nothing until it has a challenge", "Orange, libcurl",
		.on_post = ask_for_challenge },
	{ "rfc-2069", "answers a Digest challenge without qop", "netcwmp", .on_post = forget_qop },
	{ "empty-uri", "answers a Digest challenge with uri=\"\"", "netcwmp",
		.on_post = empty_uri },
	{ "fresh-after-401", "answers a challenge on a new connection", "FRITZ!Box",
		MODE_FIELD(fresh_after_401) },
};

const struct misbehave_group misbehave_http_group = { "HTTP", modes, LENGTH_OF(modes) };
