/* client: one HTTP/1.1 request after another from an event loop.
 * A call is one request and its answer; the connection may outlive it and serve the next. */
#include "http/client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/bufferevent_ssl.h>
#include <event2/event.h>
#include <openssl/err.h>

#include "http/call.h"
#include "http/dial.h"
#include "http/message_parser.h"
#include "http/output.h"
#include "http/tls_internal.h"

enum { CONNECT_SECONDS = 10, RESPONSE_SECONDS = 60 };

enum client_phase {
	CLIENT_IDLE,
	CLIENT_FAILING,  /* the error is known, the loop will tell it */
	CLIENT_DIALLING, /* up to the TCP connection */
	CLIENT_GREETING, /* the TLS handshake */
	CLIENT_SENDING,
	CLIENT_RECEIVING,
};

struct http_client {
	struct event_base *base;
	struct evdns_base *dns;
	struct http_client_options options;
	char *bind_address;
	enum client_phase phase;
	struct call *call; /* NULL while idle */
	struct event *timer;
	struct dial *dial;
	struct bufferevent *io; /* NULL without a connection */
	SSL *ssl;               /* owned by io */
	char *origin;           /* of the connection, or of the session that is kept */
	SSL_SESSION *session;   /* to resume with the same origin */
	struct message_parser parser;
	size_t unsent; /* at the timer's last look */
	char error_text[160];
};

static void begin_connection(struct http_client *client);

/* The session is only worth keeping after a goodbye: without, OpenSSL holds it to be damaged. */
static void keep_session(struct http_client *client)
{
	tls_say_goodbye(client->ssl);
	SSL_SESSION *session = SSL_get1_session(client->ssl);
	if (session && SSL_SESSION_is_resumable(session)) {
		SSL_SESSION_free(client->session);
		client->session = session;
	} else {
		SSL_SESSION_free(session);
	}
}

void http_client_disconnect(struct http_client *client)
{
	if (client->dial)
		dial_cancel(client->dial);
	client->dial = NULL;
	if (!client->io)
		return;
	if (client->ssl)
		keep_session(client);
	bufferevent_free(client->io);
	client->io = NULL;
	client->ssl = NULL;
}

/* Tells the caller, who may free the client: nothing of it may be touched afterwards. */
static void finish(struct http_client *client, enum http_error error, const char *text)
{
	struct call *call = client->call;
	struct http_client_response *response = &call->response;
	client->call = NULL;
	client->phase = CLIENT_IDLE;
	event_del(client->timer);
	response->error = error;
	response->error_text = text;
	if (error || response->closes)
		http_client_disconnect(client);
	message_parser_restart(&client->parser, false);
	call->on_response(response, call->arg);
	call_free(call);
}

static void set_timer(struct http_client *client, unsigned seconds)
{
	const struct timeval length = { .tv_sec = seconds };
	event_add(client->timer, &length);
}

static unsigned answer_seconds(const struct http_client *client)
{
	const struct http_client_options *options = &client->options;
	return options->response_seconds ? options->response_seconds : options->idle_read_seconds;
}

static void await_answer(struct http_client *client)
{
	client->phase = CLIENT_RECEIVING;
	set_timer(client, answer_seconds(client));
}

static void send_call(struct http_client *client)
{
	struct call *call = client->call;
	output_write(client->io, client->ssl != NULL, &call->head, call->body, call->body_length);
	client->unsent = output_length(client->io);
	client->phase = CLIENT_SENDING;
	if (client->unsent == 0)
		await_answer(client);
	else
		set_timer(client, answer_seconds(client));
}

static bool on_head(struct http_client *client)
{
	struct call *call = client->call;
	struct http_client_response *response = &call->response;
	const llhttp_t *llhttp = &client->parser.llhttp;
	struct message_head head;
	if (llhttp->http_major != 1 || llhttp->status_code < 100 || llhttp->status_code == 101) {
		finish(client, HTTP_PROTOCOL, "not an HTTP/1 answer");
		return false;
	}
	message_head(&client->parser, call->arena, &head);
	call->is_interim = llhttp->status_code < 200;
	response->status = llhttp->status_code;
	response->headers = head.headers;
	response->header_count = head.header_count;
	response->closes = call->closes || message_closes(&client->parser);
	if (call->is_head || http_status_is_bodyless(response->status))
		message_skip_body(&client->parser);
	return true;
}

static bool on_body(struct http_client *client, const char *bytes, size_t length)
{
	struct call *call = client->call;
	bool takes = true;
	if (call->on_body)
		takes = call->on_body(&call->response, bytes, length, call->arg);
	else if (length > client->options.body_bytes - call->response_body.length)
		takes = false;
	else
		buffer_append(&call->response_body, bytes, length);
	if (!takes)
		finish(client, HTTP_TOO_LARGE, "answer too large");
	return takes;
}

/* An answer that came before the request was sent, or with bytes behind it, spoils the connection.
 */
static bool on_end(struct http_client *client)
{
	struct call *call = client->call;
	struct http_client_response *response = &call->response;
	if (call->is_interim) {
		message_parser_restart(&client->parser, true);
		return true;
	}
	response->body = call->response_body.length ? call->response_body.data : "";
	response->body_length = call->response_body.length;
	if (output_length(client->io) > 0 ||
		evbuffer_get_length(bufferevent_get_input(client->io)) > 0)
		response->closes = true;
	finish(client, HTTP_OK, "");
	return false;
}

/* False when the call is over: the client may be gone then. */
static bool on_message_event(struct http_client *client, enum message_event event)
{
	switch (event) {
	case MESSAGE_MORE:
		return true;
	case MESSAGE_HEAD:
		return on_head(client);
	case MESSAGE_BODY:
		return on_body(client, client->parser.piece, client->parser.piece_length);
	case MESSAGE_END:
		return on_end(client);
	case MESSAGE_HEAD_TOO_LARGE:
		finish(client, HTTP_TOO_LARGE, "headers of the answer too large");
		return false;
	case MESSAGE_BAD:
		break;
	}
	finish(client, HTTP_PROTOCOL, "not an HTTP/1 answer");
	return false;
}

static bool parse(struct http_client *client, bool *has_more)
{
	struct evbuffer *input = bufferevent_get_input(client->io);
	struct evbuffer_iovec piece = { .iov_base = (void *)(uintptr_t) "", .iov_len = 0 };
	size_t used;
	evbuffer_peek(input, -1, NULL, &piece, 1);
	const enum message_event event = message_parse(
		&client->parser, piece.iov_base, piece.iov_len, &used);
	if (event != MESSAGE_BODY)
		evbuffer_drain(input, used);
	if (!on_message_event(client, event))
		return false;
	if (event == MESSAGE_BODY)
		evbuffer_drain(input, used);
	*has_more = event != MESSAGE_MORE || evbuffer_get_length(input) > 0;
	return true;
}

static void on_readable(struct bufferevent *io, void *arg)
{
	struct http_client *client = arg;
	bool has_more = true;
	(void)io;
	if (!client->call) {
		http_client_disconnect(client); /* nothing was asked */
		return;
	}
	client->call->has_answer = true;
	if (client->options.idle_read_seconds)
		set_timer(client, client->options.idle_read_seconds);
	while (has_more && parse(client, &has_more))
		;
}

static void on_writable(struct bufferevent *io, void *arg)
{
	struct http_client *client = arg;
	if (client->phase == CLIENT_SENDING && output_length(io) == 0)
		await_answer(client);
}

static const char *explain_tls(struct http_client *client, unsigned long error)
{
	const long verified = SSL_get_verify_result(client->ssl);
	const char *reason = error ? ERR_reason_error_string(error) : NULL;
	if (verified != X509_V_OK)
		reason = X509_verify_cert_error_string(verified);
	snprintf(client->error_text, sizeof(client->error_text), "TLS: %s",
		reason ? reason : "closed by the server");
	return client->error_text;
}

/* The server may close a connection that waits for a next request at any time, so a request that
 * met such a close was not taken and is sent once more. */
static void retry(struct http_client *client)
{
	client->call->is_reuse = false;
	http_client_disconnect(client);
	message_parser_restart(&client->parser, false);
	begin_connection(client);
}

/* A server that does not like our certificate says so after our half of the handshake. */
static void on_closed(struct http_client *client, bool is_clean)
{
	const unsigned long error = client->ssl ? bufferevent_get_openssl_error(client->io) : 0;
	const bool is_alert = ERR_GET_REASON(error) >= SSL_AD_REASON_OFFSET;
	if (client->phase == CLIENT_GREETING || is_alert)
		finish(client, HTTP_TLS_FAILED, explain_tls(client, error));
	else if (client->call->is_reuse && !client->call->has_answer)
		retry(client);
	else if (is_clean && message_parse_eof(&client->parser) == MESSAGE_END)
		on_end(client);
	else
		finish(client, HTTP_CLOSED, "closed before the answer was complete");
}

static void on_event(struct bufferevent *io, short what, void *arg)
{
	struct http_client *client = arg;
	(void)io;
	if (!client->call) {
		http_client_disconnect(client);
	} else if (what & BEV_EVENT_CONNECTED) {
		send_call(client);
	} else if (!client->ssl && (what & BEV_EVENT_ERROR) && (what & BEV_EVENT_WRITING)) {
		await_answer(client); /* it may have come before the server closed */
	} else {
		on_closed(client, what & BEV_EVENT_EOF);
	}
}

static struct bufferevent *open_tls(struct http_client *client, evutil_socket_t fd)
{
	client->ssl = tls_connect(client->options.tls, client->call->url.host);
	if (!client->ssl)
		return NULL;
	if (client->session)
		SSL_set_session(client->ssl, client->session);
	return bufferevent_openssl_socket_new(client->base, fd, client->ssl,
		BUFFEREVENT_SSL_CONNECTING, BEV_OPT_CLOSE_ON_FREE | BEV_OPT_DEFER_CALLBACKS);
}

static void on_dialled(enum http_error error, const char *text, evutil_socket_t fd, void *arg)
{
	struct http_client *client = arg;
	client->dial = NULL;
	if (error) {
		finish(client, error, text);
		return;
	}
	client->io = client->call->url.is_https
			     ? open_tls(client, fd)
			     : bufferevent_socket_new(client->base, fd, BEV_OPT_CLOSE_ON_FREE);
	if (!client->io)
		abort();
	bufferevent_setcb(client->io, on_readable, on_writable, on_event, client);
	bufferevent_enable(client->io, EV_READ | EV_WRITE);
	client->phase = CLIENT_GREETING;
	if (!client->ssl)
		send_call(client);
}

/* A session is of use to the origin that gave it. */
static void change_origin(struct http_client *client)
{
	if (client->origin && strcmp(client->origin, client->call->origin) == 0)
		return;
	SSL_SESSION_free(client->session);
	client->session = NULL;
	free(client->origin);
	client->origin = strdup(client->call->origin);
	if (!client->origin)
		abort();
}

static void begin_connection(struct http_client *client)
{
	const struct http_client_options *options = &client->options;
	const struct dial_target target = {
		.host = client->call->url.host,
		.port = client->call->url.port,
		.seconds = options->connect_seconds,
		.bind_address = client->bind_address,
		.allow_address = options->allow_address,
		.allow_arg = options->allow_arg,
	};
	change_origin(client);
	client->phase = CLIENT_DIALLING;
	set_timer(client, options->connect_seconds);
	client->dial = dial_begin(client->base, client->dns, &target, on_dialled, client);
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http_client *client = arg;
	(void)fd, (void)what;
	switch (client->phase) {
	case CLIENT_IDLE:
		break;
	case CLIENT_FAILING:
		finish(client, HTTP_BAD_URL, client->error_text);
		break;
	case CLIENT_DIALLING:
		finish(client, HTTP_TIMEOUT, "not connected in time");
		break;
	case CLIENT_GREETING:
		finish(client, HTTP_TIMEOUT, "TLS handshake not done in time");
		break;
	case CLIENT_SENDING:
		if (output_length(client->io) != client->unsent) {
			client->unsent = output_length(client->io);
			set_timer(client, answer_seconds(client));
			break;
		}
		finish(client, HTTP_TIMEOUT, "request not taken in time");
		break;
	case CLIENT_RECEIVING:
		finish(client, HTTP_TIMEOUT, "not answered in time");
		break;
	}
}

struct http_client *http_client_new(
	struct event_base *base, struct evdns_base *dns, const struct http_client_options *options)
{
	struct http_client *client = calloc(1, sizeof(*client));
	if (!client)
		abort();
	client->base = base;
	client->dns = dns;
	client->options = *options;
	if (!options->connect_seconds)
		client->options.connect_seconds = CONNECT_SECONDS;
	if (!options->response_seconds && !options->idle_read_seconds)
		client->options.response_seconds = RESPONSE_SECONDS;
	if (!options->header_bytes)
		client->options.header_bytes = http_default_limits.header_bytes;
	if (!options->body_bytes)
		client->options.body_bytes = http_default_limits.body_bytes;
	client->bind_address = options->bind_address ? strdup(options->bind_address) : NULL;
	client->timer = event_new(base, -1, 0, on_timer, client);
	if (!client->timer)
		abort();
	message_parser_init(&client->parser, HTTP_RESPONSE, client->options.header_bytes);
	return client;
}

static void fail_later(struct http_client *client, const char *text)
{
	snprintf(client->error_text, sizeof(client->error_text), "%s", text);
	client->phase = CLIENT_FAILING;
	set_timer(client, 0);
}

void http_client_send(struct http_client *client, const struct http_client_request *request,
	http_on_response_fn *on_response, void *arg)
{
	assert(!client->call);
	struct call *call = client->call = call_new(request, on_response, arg);
	if (!call->origin) {
		fail_later(client, "not a usable http or https URL");
		return;
	}
	if (call->url.is_https && !client->options.tls) {
		fail_later(client, "https is not available here");
		return;
	}
	if (client->io && strcmp(client->origin, call->origin) == 0) {
		call->is_reuse = true;
		send_call(client);
		return;
	}
	http_client_disconnect(client);
	begin_connection(client);
}

bool http_client_local_address(const struct http_client *client, struct sockaddr_storage *local)
{
	socklen_t length = sizeof(*local);
	if (!client->io)
		return false;
	return getsockname(bufferevent_getfd(client->io), (struct sockaddr *)local, &length) == 0;
}

void http_client_free(struct http_client *client)
{
	if (!client)
		return;
	http_client_disconnect(client);
	if (client->call)
		call_free(client->call);
	SSL_SESSION_free(client->session);
	event_free(client->timer);
	message_parser_clear(&client->parser);
	free(client->origin);
	free(client->bind_address);
	free(client);
}
