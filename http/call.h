/* call: one request of a client and what has come of its answer. */
#ifndef HTTP_CALL_H
#define HTTP_CALL_H

#include "base/buffer.h"
#include "http/client.h"
#include "http/url.h"

struct call {
	struct arena *arena;
	struct http_url url;
	/* Scheme, host and port: what a connection is good for. NULL for an unusable URL. */
	const char *origin;
	struct buffer head;
	const void *body;
	size_t body_length;
	struct http_client_response response;
	struct buffer response_body;
	http_on_response_body_fn *on_body;
	http_on_response_fn *on_response;
	void *arg;
	bool is_head;    /* the method is HEAD */
	bool closes;     /* Connection: close was asked for */
	bool is_reuse;   /* goes over a connection that served before */
	bool has_answer; /* a byte of the answer has come */
	bool is_interim; /* the head that was read is a 1xx */
};

/* Copies all it needs of the request. */
struct call *call_new(
	const struct http_client_request *request, http_on_response_fn *on_response, void *arg);
void call_free(struct call *call);

#endif
