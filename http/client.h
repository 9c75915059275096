/* client: HTTP/1.1 requests to one server after another, on one event loop.
 * A client keeps one connection and reuses it while the server and the URL's origin allow.
 * The program must ignore SIGPIPE: writing to a socket that the peer has closed raises it. */
#ifndef HTTP_CLIENT_H
#define HTTP_CLIENT_H

#include <sys/socket.h>

#include "base/arena.h"
#include "http/http.h"
#include "http/tls.h"

struct event_base;
struct evdns_base;
struct http_client;

enum http_error {
	HTTP_OK,
	HTTP_BAD_URL,
	HTTP_DNS_FAILED,
	HTTP_ADDRESS_FORBIDDEN, /* by the client's allow_address */
	HTTP_REFUSED,           /* connection refused or unreachable */
	HTTP_TIMEOUT,
	HTTP_TLS_FAILED,
	HTTP_CLOSED,   /* closed before the answer was complete */
	HTTP_PROTOCOL, /* not HTTP */
	HTTP_TOO_LARGE,
};

struct http_client_response {
	enum http_error error; /* everything below is valid only with HTTP_OK */
	const char *error_text;
	unsigned status;
	const struct http_header *headers;
	size_t header_count;
	const char *body; /* NUL-terminated beyond body_length; "" with on_body */
	size_t body_length;
	bool closes; /* the server will not take another request on this connection */
};

/* Called once for each request, from the loop. The response is valid until it returns. The
 * client may be given its next request or be freed inside. */
typedef void http_on_response_fn(const struct http_client_response *response, void *arg);
/* Headers with a status are there; pieces of the body follow. False stops with HTTP_TOO_LARGE. */
typedef bool http_on_response_body_fn(
	const struct http_client_response *head, const void *bytes, size_t length, void *arg);
/* May this address be dialled? */
typedef bool http_allow_address_fn(const struct sockaddr *address, void *arg);

struct http_client_options {
	struct http_tls *tls; /* for https; NULL refuses https. Borrowed */
	unsigned connect_seconds;
	unsigned response_seconds; /* whole answer, from the last byte of the request */
	unsigned
		idle_read_seconds; /* with on_body: without any progress; response_seconds then 0 */
	size_t header_bytes, body_bytes;
	const char *bind_address;             /* local IP address or NULL */
	http_allow_address_fn *allow_address; /* NULL: every address */
	void *allow_arg;
};

struct http_client_request {
	const char *method;
	const char *url;                   /* http or https, userinfo refused; copied */
	const struct http_header *headers; /* besides Host, Content-Length and Connection; copied */
	size_t header_count;
	const void
		*body; /* copied; NULL for none. With POST and PUT Content-Length is always sent */
	size_t body_length;
	bool close;                        /* send Connection: close */
	bool is_http_1_0;                  /* say HTTP/1.0; for tests of servers, as is the next */
	bool has_own_framing;              /* headers and body say how long the body is */
	http_on_response_body_fn *on_body; /* NULL: the body is collected up to body_bytes */
};

struct http_client *http_client_new(
	struct event_base *base, struct evdns_base *dns, const struct http_client_options *options);
/* Sends a request; one at a time. The answer never comes from inside this call. */
void http_client_send(struct http_client *client, const struct http_client_request *request,
	http_on_response_fn *on_response, void *arg);
/* Closes the connection, for a next request to begin with a new one. */
void http_client_disconnect(struct http_client *client);
/* The local end of the open connection; false without one. */
bool http_client_local_address(const struct http_client *client, struct sockaddr_storage *local);
/* Ends what is under way without a callback. NULL is allowed. */
void http_client_free(struct http_client *client);

#endif
