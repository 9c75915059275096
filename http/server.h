/* server: HTTP/1.1 requests from a listening socket, on one event loop.
 * A request is handed over once its body is complete (or piece by piece on request); it stays
 * valid until it is answered or its connection is gone.
 * The program must ignore SIGPIPE: writing to a socket that the peer has closed raises it. */
#ifndef HTTP_SERVER_H
#define HTTP_SERVER_H

#include <stdatomic.h>
#include <sys/socket.h>

#include <event2/util.h>

#include "base/arena.h"
#include "http/compression.h"
#include "http/http.h"
#include "http/tls.h"

struct event_base;
struct http_request;
struct http_listener;

/* The request and its body are complete. The handler answers exactly once, now or later, from
 * the same loop, by http_reply() or http_reply_begin(). */
typedef void http_on_request_fn(struct http_request *request, void *arg);
/* The headers are complete, nothing of the body has been read. The handler may set
 * request->body_limit, request->body_coding and request->on_body, or answer at once: a body is then
 * not read, and the connection of a request that has one closes after the answer. */
typedef void http_on_headers_fn(struct http_request *request, void *arg);
/* A piece of the body, in the order received; only for requests whose on_body is set. */
typedef void http_on_body_fn(struct http_request *request, const void *bytes, size_t length);
/* The connection broke before the answer was complete. The request is freed when this returns. A
 * peer that on plain TCP only ends its own stream is still waiting for the answer, and not gone. */
typedef void http_on_gone_fn(struct http_request *request);
/* What was written has left for the kernel; the next piece may come. */
typedef void http_on_drained_fn(struct http_request *request);

struct http_request {
	const char *method; /* "POST" */
	const char *target; /* as received: "/path?query" or an absolute URI */
	const char *path;   /* of the target, percent-encoding kept */
	const char *query;  /* of the target after '?', "" when there is none */
	const char *host;   /* of an absolute URI, else what Host says; NULL without either */
	const struct http_header *headers;
	size_t header_count;
	bool is_http_1_0;
	bool is_tls;   /* to us, or to the proxy in front of us */
	bool is_first; /* of its connection */
	bool has_body; /* Content-Length above 0, or chunked */
	/* From Content-Length; UINT64_MAX when chunked. */
	uint64_t content_length;
	const char *body; /* whole body, NUL-terminated beyond body_length; "" with on_body */
	size_t body_length;
	uint64_t connection_id; /* unique in the process, the same for all requests of a connection
				 */
	struct sockaddr_storage peer, local;
	struct arena *arena; /* dies with the request */

	/* The handler's. */
	void *user;
	http_on_gone_fn *on_gone;       /* NULL: nobody to tell */
	http_on_body_fn *on_body;       /* NULL: the body is collected */
	http_on_drained_fn *on_drained; /* for http_reply_begin() */
	/* Starts as the listener's limit; holds for what comes and for what it inflates to. */
	size_t body_limit;
	/* Without on_body, other than HTTP_IDENTITY: the body is inflated as it comes. One that is not
	 * of that coding gets 400. Afterwards it tells which deflate it was. */
	enum http_coding body_coding;
};

struct http_response {
	unsigned status;
	const struct http_header *headers; /* besides Content-Length, Date and Connection */
	size_t header_count;
	const void *body; /* copied before http_reply() returns */
	size_t body_length;
	bool close; /* close the connection after this answer */
};

/* Bytes of collected bodies that all listeners sharing it may hold at once, whatever loop they are
 * on. A request whose body does not fit gets 503; one that ends gives its bytes back. */
struct http_budget {
	uint64_t limit;
	_Atomic uint64_t used; /* starts as 0 */
};

/* What a peer was refused for, by the name of the limit. */
enum http_limit {
	HTTP_LIMIT_CONNECTIONS,
	HTTP_LIMIT_CONNECTIONS_PER_ADDRESS,
	HTTP_LIMIT_DESCRIPTORS, /* of the room, or of the process */
	HTTP_LIMIT_HEADER_BYTES,
	HTTP_LIMIT_BODY_BYTES,
	HTTP_LIMIT_BODY_BUDGET,
	HTTP_LIMIT_HEAD_SECONDS,
	HTTP_LIMIT_BODY_SECONDS,
	HTTP_LIMIT_WRITE_SECONDS, /* an answer was not taken in time: it is cut short */
	HTTP_LIMIT_COUNT,
};

/* arg is that of the options. */
typedef bool http_is_exempt_fn(const struct sockaddr *peer, void *arg);
typedef void http_on_limit_fn(enum http_limit limit, void *arg);
typedef unsigned http_retry_after_fn(void *arg);

/* A client whose certificate was refused, in the handshake or later at a request. */
struct http_stranger {
	const struct sockaddr_storage *peer;
	const char *names; /* that it claims, one a line; NULL: none */
	const char *why;
};
typedef void http_on_stranger_fn(const struct http_stranger *stranger, void *arg);

/* Connections that all listeners of one event loop may hold together. */
struct http_room;
struct http_room *http_room_new(unsigned connections);
/* After its listeners. NULL is allowed. */
void http_room_free(struct http_room *room);

/* The header by which proxies tell for whom they forward: that which ours write, since the other one they
 * pass on as it comes. */
enum http_forwarded { HTTP_X_FORWARDED_FOR, HTTP_FORWARDED };

struct http_listener_options {
	evutil_socket_t fd;   /* from http_bind(); shared between loops, closed by its binder */
	struct http_tls *tls; /* NULL: plain HTTP. Borrowed until http_listener_free() */
	const struct http_limits *limits; /* borrowed until http_listener_free() */
	http_on_request_fn *on_request;
	http_on_headers_fn *on_headers; /* may be NULL */
	void *arg;
	/* Addresses (of proxies, of CGNAT) that connections_per_address does not hold for; may be
	 * NULL. */
	http_is_exempt_fn *is_exempt;
	/* Whose word on who stands behind them is believed; NULL: nobody's. A request that one of them
	 * forwards has the peer and is_tls that they tell, and a connection_id of its own, since a
	 * proxy's connection carries everybody's requests. */
	http_is_exempt_fn *is_proxy;
	enum http_forwarded forwarded;
	bool has_proxy_header; /* their connections begin with PROXY protocol, version 2 */
	struct http_budget *body_budget;  /* NULL: none. Borrowed until http_listener_free() */
	struct http_room *room;           /* NULL: none. Borrowed until http_listener_free() */
	atomic_uint *connections;         /* counts those open, of all loops; may be NULL */
	http_on_limit_fn *on_limit;       /* may be NULL */
	http_retry_after_fn *retry_after; /* seconds to say with our own 503; NULL: 10 */
	http_on_stranger_fn *on_stranger; /* may be NULL */
};

/* Binds and listens. address is "HOST:PORT", "[IPv6]:PORT" or ":PORT"; [::] takes IPv4 too; port
 * 0 picks a free one. Returns -1 and a text in why (its room in why_size). */
evutil_socket_t http_bind(const char *address, char *why, size_t why_size);
/* "HOST:PORT" of a bound socket, for URLs: IPv6 in brackets, a wildcard as 127.0.0.1. */
char *http_bound_address(struct arena *arena, evutil_socket_t fd);

struct http_listener *http_listener_new(
	struct event_base *base, const struct http_listener_options *options);
/* No new connections, and idle ones close; requests in progress go on. */
void http_listener_drain(struct http_listener *listener);
/* Closes all connections (on_gone is called for open requests). */
void http_listener_free(struct http_listener *listener);

const char *http_request_header(const struct http_request *request, const char *name);
/* Milliseconds since the request's latest bytes arrived: how long they lay in the kernel, if asked as soon
 * as they are read. Costs a system call; 0 when the system does not know. */
unsigned http_request_waited_ms(const struct http_request *request);
/* The peer's address as text, without port; an IPv4-mapped one as IPv4. */
char *http_peer_address(struct arena *arena, const struct http_request *request);
/* Names of a verified client certificate, one a line: the subject's common name and serial number,
 * and subject alternative DNS names and URIs; NULL without one. */
const char *http_client_certificate_name(const struct http_request *request);
/* Did the listener demand a client certificate of this connection? */
bool http_client_certificate_is_demanded(const struct http_request *request);

/* Answers and ends the request: it must not be touched afterwards. HEAD sends no body but the
 * length of it. 204 and 304 send neither body nor length. */
void http_reply(struct http_request *request, const struct http_response *response);
/* Answers piece by piece: begin, then body pieces (each followed by on_drained once it has left),
 * then end, which ends the request. With content_length UINT64_MAX the body is chunked. */
void http_reply_begin(struct http_request *request, const struct http_response *response,
	uint64_t content_length);
void http_reply_body(struct http_request *request, const void *bytes, size_t length);
void http_reply_end(struct http_request *request);
/* Gives up in the middle of an answer: the connection closes, the peer sees it is cut short. */
void http_reply_abort(struct http_request *request);

/* When there are too many connections, those are closed whose turn it is, to send a request or the rest
 * of one or to take an answer, the longest waiting first. Is this one to stay nevertheless? Until told
 * otherwise. */
void http_request_keep(struct http_request *request, bool is_kept);

/* Stops and restarts the reading of a body that comes by on_body. */
void http_request_pause(struct http_request *request);
void http_request_resume(struct http_request *request);

#endif
