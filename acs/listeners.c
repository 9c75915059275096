/* listeners: where devices and operators reach the server, and what each listener allows.
 * The sockets are the server's; each loop accepts from all of them. */
#include "acs/listeners.h"

#include <stdio.h>

#include "acs/address.h"
#include "acs/api/api.h"
#include "acs/audit.h"
#include "acs/files/files.h"
#include "acs/log.h"
#include "acs/server.h"
#include "acs/tally.h"
#include "acs/turn.h"
#include "base/compiler.h"
#include "http/address.h"

enum { WHY_SIZE = 512 };

/* Many devices share a proxy's or a carrier's address. */
static bool is_exempt(const struct sockaddr *peer, void *arg)
{
	const struct loop *loop = arg;
	return address_is_in(peer, loop->server->config->cwmp.exempt_addresses);
}

static bool is_proxy(const struct sockaddr *peer, void *arg)
{
	const struct loop *loop = arg;
	return address_is_in(peer, loop->server->config->server.proxies);
}

static bool has_proxy_header(const struct config *config, int listener)
{
	switch (listener) {
	case LISTENER_CWMP:
	case LISTENER_CWMP_TLS:
		return config->cwmp.proxy_protocol;
	case LISTENER_ADMIN:
	case LISTENER_ADMIN_TLS:
		return config->admin.proxy_protocol;
	default:
		return config->files.proxy_protocol;
	}
}

static const struct {
	const char *name;
	enum tls_profile tls;
	http_on_request_fn *on_request;
	http_on_headers_fn *on_headers;
	http_is_exempt_fn *is_exempt;
} listeners[LISTENER_COUNT] = {
	[LISTENER_CWMP] = { "cwmp", TLS_NONE, turn_on_request, turn_on_headers, is_exempt },
	[LISTENER_CWMP_TLS] = { "cwmp_tls", TLS_DEVICES, turn_on_request, turn_on_headers,
		is_exempt },
	[LISTENER_ADMIN] = { "admin", TLS_NONE, api_on_request, api_on_headers, NULL },
	[LISTENER_ADMIN_TLS] = { "admin_tls", TLS_OPERATORS, api_on_request, api_on_headers, NULL },
	[LISTENER_FILES] = { "files", TLS_NONE, files_on_request, files_on_headers, is_exempt },
	[LISTENER_FILES_TLS] = { "files_tls", TLS_DEVICES, files_on_request, files_on_headers,
		is_exempt },
	[LISTENER_FILES_LEGACY] = { "files_legacy", TLS_LEGACY, files_on_request, files_on_headers,
		is_exempt },
};

const char *listener_name(int listener)
{
	return listeners[listener].name;
}

static bool is_tls(int listener)
{
	return listeners[listener].tls != TLS_NONE;
}

static bool cannot_bind(int listener, const char *why)
{
	LOG_ERROR(
		"start-failed", LOG_TEXT("what", listener_name(listener)), LOG_TEXT("reason", why));
	return false;
}

bool listeners_bind(struct server *server)
{
	const struct config *config = server->config;
	const char *const addresses[LISTENER_COUNT] = {
		[LISTENER_CWMP] = config->cwmp.listen,
		[LISTENER_CWMP_TLS] = config->cwmp.tls_listen,
		[LISTENER_ADMIN] = config->admin.listen,
		[LISTENER_ADMIN_TLS] = config->admin.tls_listen,
		[LISTENER_FILES] = config->files.listen,
		[LISTENER_FILES_TLS] = config->files.tls_listen,
		[LISTENER_FILES_LEGACY] = config->files.legacy_tls_listen,
	};
	char why[WHY_SIZE];
	for (int i = 0; i < LISTENER_COUNT; i++) {
		server->sockets[i] = -1;
		if (!*addresses[i])
			continue;
		server->sockets[i] = http_bind(addresses[i], why, sizeof(why));
		if (server->sockets[i] < 0)
			return cannot_bind(i, why);
		server->addresses[i] = http_bound_address(server->arena, server->sockets[i]);
	}
	return true;
}

/* The limits that every kind of listener has. */
#define LIMITS_OF(config, section) \
	(struct http_limits) \
	{ \
		.header_bytes = (config)->section.header_bytes, \
		.head_seconds = (config)->section.head_seconds, \
		.body_seconds = (config)->section.body_seconds, \
		.idle_seconds = (config)->section.idle_seconds, \
		.write_seconds = (config)->server.write_seconds, \
		.write_bytes_per_second = (config)->server.write_bytes_per_second, \
		.requests_per_connection = (config)->section.requests_per_connection, \
		.connections = (config)->section.connections, \
		.connections_per_address = (config)->section.connections_per_address, \
	}

void listeners_set_limits(struct server *server)
{
	const struct config *config = server->config;
	struct http_limits *limits = server->limits;
	limits[LISTENER_CWMP] = LIMITS_OF(config, cwmp);
	limits[LISTENER_CWMP].body_bytes = config->cwmp.body_bytes;
	limits[LISTENER_CWMP_TLS] = limits[LISTENER_CWMP];
	limits[LISTENER_ADMIN] = LIMITS_OF(config, admin);
	limits[LISTENER_ADMIN].body_bytes = config->admin.body_bytes;
	limits[LISTENER_ADMIN_TLS] = limits[LISTENER_ADMIN];
	limits[LISTENER_FILES] = LIMITS_OF(config, files);
	limits[LISTENER_FILES_TLS] = limits[LISTENER_FILES_LEGACY] = limits[LISTENER_FILES];
	server->body_budget.limit = config->server.body_bytes;
}

static struct http_tls *tls_of(const struct server *server, int listener)
{
	return is_tls(listener) ? server->tls[listeners[listener].tls] : NULL;
}

static void on_limit(enum http_limit limit, void *arg)
{
	static const enum tally_limit limits[HTTP_LIMIT_COUNT] = {
		[HTTP_LIMIT_CONNECTIONS] = LIMIT_CONNECTIONS,
		[HTTP_LIMIT_CONNECTIONS_PER_ADDRESS] = LIMIT_CONNECTIONS_OF_ADDRESS,
		[HTTP_LIMIT_DESCRIPTORS] = LIMIT_DESCRIPTORS,
		[HTTP_LIMIT_HEADER_BYTES] = LIMIT_HEADER_BYTES,
		[HTTP_LIMIT_BODY_BYTES] = LIMIT_BODY_BYTES,
		[HTTP_LIMIT_BODY_BUDGET] = LIMIT_BODIES,
		[HTTP_LIMIT_HEAD_SECONDS] = LIMIT_HEAD_SECONDS,
		[HTTP_LIMIT_BODY_SECONDS] = LIMIT_BODY_SECONDS,
		[HTTP_LIMIT_WRITE_SECONDS] = LIMIT_WRITE_SECONDS,
	};
	(void)arg;
	tally_limit(limits[limit]);
}

static unsigned retry_after(void *arg)
{
	return loop_retry_after(arg);
}

static void on_stranger(const struct http_stranger *stranger, void *arg)
{
	struct arena *arena = arena_new();
	LOG_WARNING("certificate-refused", LOG_TEXT("peer", address_text(arena, stranger->peer)),
		LOG_TEXT("names", stranger->names), LOG_TEXT("why", stranger->why));
	audit_refused_certificate(arg, stranger->peer, stranger->names, stranger->why);
	arena_free(arena);
}

void listeners_open(struct loop *loop)
{
	struct server *server = loop->server;
	const struct config *config = server->config;
	loop->room = http_room_new(server->connections_of_loop);
	for (int i = 0; i < LISTENER_COUNT; i++) {
		if (server->sockets[i] < 0)
			continue;
		loop->listeners[i] = http_listener_new(
			loop->base, &(const struct http_listener_options){
					    .fd = server->sockets[i],
					    .tls = tls_of(server, i),
					    .limits = &server->limits[i],
					    .on_request = listeners[i].on_request,
					    .on_headers = listeners[i].on_headers,
					    .arg = loop,
					    .is_exempt = listeners[i].is_exempt,
					    .is_proxy = *config->server.proxies ? is_proxy : NULL,
					    .forwarded = config->server.forwarded_header,
					    .has_proxy_header = has_proxy_header(config, i),
					    .body_budget = &server->body_budget,
					    .room = loop->room,
					    .connections = &server->connections[i],
					    .on_limit = on_limit,
					    .retry_after = retry_after,
					    .on_stranger = on_stranger,
				    });
	}
}

void listeners_close(struct loop *loop)
{
	for (int i = 0; i < LISTENER_COUNT; i++)
		if (loop->listeners[i])
			http_listener_free(loop->listeners[i]);
	http_room_free(loop->room);
}

void listeners_print(const struct server *server)
{
	static const int order[LISTENER_COUNT] = { LISTENER_CWMP, LISTENER_ADMIN, LISTENER_FILES,
		LISTENER_CWMP_TLS, LISTENER_FILES_TLS, LISTENER_ADMIN_TLS, LISTENER_FILES_LEGACY };
	for (size_t i = 0; i < LENGTH_OF(order); i++) {
		const int listener = order[i];
		const bool is_cwmp = listener == LISTENER_CWMP || listener == LISTENER_CWMP_TLS;
		if (server->addresses[listener])
			printf(" %s=%s://%s%s", listeners[listener].name,
				is_tls(listener) ? "https" : "http", server->addresses[listener],
				is_cwmp ? "/" : "");
	}
}
