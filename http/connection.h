/* connection: what listener, reader and answerer of the server share about one connection.
 * Reading and answering change its state; after each outermost change connection_settle() sets
 * the deadline that the state calls for. Nothing is freed before the listener's reaper runs. */
#ifndef HTTP_CONNECTION_H
#define HTTP_CONNECTION_H

#include <sys/queue.h>

#include <event2/bufferevent.h>
#include <event2/event.h>
#include <openssl/ssl.h>
#include <uthash.h>

#include "base/buffer.h"
#include "http/message_parser.h"
#include "http/server.h"

enum connection_state {
	CONNECTION_IDLE,      /* nothing of a request has come */
	CONNECTION_HEAD,      /* reading the request line and headers */
	CONNECTION_BODY,      /* reading the body */
	CONNECTION_HANDLED,   /* the handler has the whole request */
	CONNECTION_ANSWERING, /* between http_reply_begin() and http_reply_end() */
	CONNECTION_WRITING,   /* the answer is complete, its rest waits to be sent */
	CONNECTION_LINGERING, /* answered and shut; what still comes is thrown away */
	CONNECTION_CLOSED,    /* waits for the reaper */
};

/* One request and its answer; in the request's arena. */
struct exchange {
	struct http_request request; /* first, so that one is found from the other */
	struct connection *connection;
	struct buffer body;
	uint64_t body_received;
	struct http_inflater *inflater; /* with a body_coding, once bytes have come */
	uint64_t charged;               /* to the listener's body budget */
	bool is_head;                   /* the method is HEAD */
	bool has_no_body;               /* the answer: HEAD, 204, 304 */
	bool is_chunked;                /* the answer */
	uint64_t unsent;                /* of the answer's Content-Length; UINT64_MAX without one */
};

/* Who has come, by what the kernel says, or a proxy in its PROXY header. */
struct arrival {
	evutil_socket_t fd;
	struct sockaddr_storage peer;
	struct sockaddr_storage local; /* that the peer connected to; AF_UNSPEC: the kernel knows */
	bool is_tls;                   /* to the proxy */
};

struct connection {
	TAILQ_ENTRY(connection) link, waiting_link;
	struct http_listener *listener;
	struct address_count *address; /* NULL when it is turned away or exempt */
	struct bufferevent *io;
	SSL *ssl; /* owned by io; NULL on plain TCP */
	struct event *deadline;
	struct message_parser parser;
	struct exchange *exchange; /* NULL between requests */
	enum connection_state state;
	unsigned requests;   /* answered */
	unsigned trust_seen; /* see tls_objection() */
	uint64_t id;
	struct sockaddr_storage peer, local;
	uint64_t deadline_us;      /* by clock_us() */
	uint64_t waiting_since_us; /* while is_waiting */
	uint64_t body_us_left;     /* while paused */
	size_t output_left;        /* at the last look, to see progress */
	size_t discarded;
	unsigned accept_ms;  /* that it lay in the kernel before it was accepted */
	bool is_turned_away; /* beyond a limit: gets 503, counts nowhere */
	bool is_of_proxy;    /* its peer is a proxy: requests on it may be anybody's */
	bool has_tls_before; /* a proxy said that its peer speaks TLS to it */
	bool is_waiting;     /* it is the peer's turn, who may have to make room for others */
	bool is_kept;        /* the handler has spoken for it: it does not have to */
	bool is_receiving;   /* connection_receive() is on the stack */
	bool is_paused;      /* the handler wants no more of the body for now */
	bool deadline_due;   /* the state changed since the deadline was set */
	bool peer_closes;    /* it asked for Connection: close, or speaks HTTP/1.0 */
	bool peer_closed;    /* its end of the stream was seen */
	bool closes;         /* after the answer */
	bool lingers; /* when closing: read on for a while, or the peer may lose the answer */
};

TAILQ_HEAD(connection_list, connection);

struct address_count {
	uint8_t address[16];
	unsigned connections;
	UT_hash_handle hh;
};

struct http_listener {
	struct event_base *base;
	struct http_listener_options options;
	struct http_limits limits; /* every zero replaced by its default */
	struct event *acceptable;  /* the listening socket */
	struct event *resume_accepting;
	struct event *reaper; /* frees the dead, outside of every callback */
	struct connection_list connections, dead;
	struct connection_list waiting; /* of the connections, the longest waiting first */
	LIST_ENTRY(http_listener) roommates;
	LIST_HEAD(, introduction) introductions;
	struct address_count *addresses;
	unsigned connection_count, turned_away_count;
	struct buffer head; /* room to build an answer's head in */
	bool is_draining;
};

/* listener.c */
void listener_forget(struct connection *connection);
/* It is known who has come: takes the descriptor, and makes it a connection unless there is no room. */
void listener_admit(struct http_listener *listener, const struct arrival *arrival);
/* A connection more or less, also one that is none yet. */
void listener_count(struct http_listener *listener);
void listener_uncount(struct http_listener *listener);
bool listener_is_proxy(
	const struct http_listener *listener, const struct sockaddr_storage *address);
/* Tells the listener's owner that a peer met a limit. */
void listener_limit(struct http_listener *listener, enum http_limit limit);

/* connection.c */
struct connection *connection_new(struct http_listener *listener, const struct arrival *arrival);
/* Unique in the process. */
uint64_t connection_next_id(void);
void connection_set_state(struct connection *connection, enum connection_state state);
void connection_settle(struct connection *connection);
/* The answer is complete and sent: the next request, or the end. */
void connection_answered(struct connection *connection);
void connection_end_exchange(struct connection *connection);
/* Ends it at once; on_gone is told when a request was open. */
void connection_close(struct connection *connection);
void connection_free(struct connection *connection);

/* client_certificate.c */
/* The handshake failed: tells the listener's owner whose certificate was refused, if one was. */
void connection_tell_handshake(const struct connection *connection);
/* Is the client's certificate good no more? Then the listener's owner is told. */
bool connection_has_stranger(struct connection *connection);

/* receive.c */
/* Milliseconds since bytes came last, or since the connection came, without any. */
unsigned connection_silent_ms(const struct connection *connection);
void connection_receive(struct connection *connection);

/* reply.c */
/* Our own answer to what cannot be a request; closes. */
void connection_refuse(struct connection *connection, unsigned status);
void connection_continue(struct connection *connection);

#endif
