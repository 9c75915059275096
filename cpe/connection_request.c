/* connection_request: the HTTP door at which the ACS knocks, TR-069 3.2.2.
 * Digest authentication, a path that cannot be guessed, and a limit on how often it opens. */
#include "cpe/connection_request.h"

#include <event2/event.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/crypto.h"
#include "cpe/log.h"
#include "http/address.h"
#include "http/digest.h"
#include "http/server.h"
#include "http/url.h"

enum { NONCE_SECONDS = 300, PATH_CHARACTERS = 24 };

enum { LATE_MILLISECONDS = 300 }; /* of --misbehave knock-late */

struct connection_request {
	struct device *device;
	evutil_socket_t fd;
	struct http_listener *listener; /* NULL while connection requests are disabled */
	char *address;                  /* to listen at, with the port of the first time */
	char *url;
	uint8_t key[32];     /* of nonces */
	time_t second;       /* in which … */
	unsigned accepted;   /* … so many have been accepted */
	uint64_t challenged; /* the connection that was sent the last challenge */
};

static const struct misbehaviour *misbehaviour(const struct connection_request *door)
{
	return &door->device->options->misbehave;
}

static const char *realm(const struct connection_request *door)
{
	return misbehaviour(door)->knock_realm ? misbehaviour(door)->knock_realm : "cpe";
}

static void reply(struct http_request *request, unsigned status)
{
	const struct http_response response = { .status = status };
	http_reply(request, &response);
}

static void refuse_method(struct http_request *request)
{
	const struct http_header allow = { "Allow", "GET" };
	const struct http_response response = {
		.status = 405, .headers = &allow, .header_count = 1
	};
	http_reply(request, &response);
}

/* The challenges of a good door, the strongest first, or the one of a misbehaving one. */
static size_t make_challenges(struct connection_request *door, struct http_request *request,
	bool is_stale, struct http_header headers[2])
{
	struct arena *arena = request->arena;
	const char *nonce = digest_nonce(arena, door->key, time(NULL));
	headers[0].name = headers[1].name = "WWW-Authenticate";
	if (misbehaviour(door)->knock_basic) {
		headers[0].value = arena_printf(arena, "Basic realm=\"%s\"", realm(door));
		return 1;
	}
	if (misbehaviour(door)->knock_no_qop) {
		headers[0].value = arena_printf(
			arena, "Digest realm=\"%s\", nonce=\"%s\"", realm(door), nonce);
		return 1;
	}
	headers[0].value = digest_challenge(arena, realm(door), nonce, DIGEST_SHA256, is_stale);
	headers[1].value = digest_challenge(arena, realm(door), nonce, DIGEST_MD5, is_stale);
	return 2;
}

static void challenge(struct connection_request *door, struct http_request *request, bool is_stale)
{
	struct http_header headers[2];
	const struct http_response response = {
		.status = 401,
		.headers = headers,
		.header_count = make_challenges(door, request, is_stale, headers),
	};
	door->challenged = request->connection_id;
	http_reply(request, &response);
}

/* Does the header prove that the ACS knows the credentials? */
static bool proves(const struct connection_request *door, struct http_request *request,
	const struct http_authorization *authorization)
{
	const struct datamodel *model = door->device->model;
	const char *username = datamodel_text(model, "ManagementServer.ConnectionRequestUsername");
	const char *password = datamodel_text(model, "ManagementServer.ConnectionRequestPassword");
	const bool is_basic = misbehaviour(door)->knock_basic;
	if (authorization->scheme != (is_basic ? HTTP_AUTH_BASIC : HTTP_AUTH_DIGEST) ||
		!authorization->username ||
		!text_equal_in_constant_time(authorization->username, username))
		return false;
	if (is_basic)
		return text_equal_in_constant_time(authorization->password, password);
	const char *ha1 = digest_ha1(
		request->arena, authorization->algorithm, username, realm(door), password);
	return digest_matches(request->arena, authorization, ha1, request->method);
}

static enum digest_nonce_state nonce_state(
	const struct connection_request *door, const struct http_authorization *authorization)
{
	if (authorization->scheme == HTTP_AUTH_BASIC)
		return NONCE_FRESH; /* it needs none */
	return digest_nonce_check(door->key, authorization->nonce, time(NULL), NONCE_SECONDS);
}

/* False when the request has been answered with a challenge. Without credentials in the tree every
 * request is welcome, as with devices in the field. */
static bool authenticate(struct connection_request *door, struct http_request *request)
{
	const struct datamodel *model = door->device->model;
	if (misbehaviour(door)->knock_open)
		return true;
	if (!*datamodel_text(model, "ManagementServer.ConnectionRequestUsername") &&
		!*datamodel_text(model, "ManagementServer.ConnectionRequestPassword"))
		return true;
	struct http_authorization authorization;
	const char *header = http_request_header(request, "Authorization");
	bool is_stale = false;
	if (http_authorization_parse(request->arena, header, &authorization) &&
		proves(door, request, &authorization)) {
		const enum digest_nonce_state state = nonce_state(door, &authorization);
		if (state == NONCE_FRESH)
			return true;
		is_stale = state == NONCE_STALE;
	}
	challenge(door, request, is_stale);
	return false;
}

static bool is_over_limit(struct connection_request *door)
{
	const time_t now = time(NULL);
	if (now != door->second) {
		door->second = now;
		door->accepted = 0;
	}
	return ++door->accepted > door->device->options->connection_request_limit;
}

/* knock-late: the answer waits in the request's user pointer for its timer. */
static void on_late(evutil_socket_t fd, short what, void *arg)
{
	struct http_request *request = arg;
	(void)fd, (void)what;
	event_free(request->user);
	reply(request, 200);
}

static void on_late_gone(struct http_request *request)
{
	event_free(request->user);
}

static void welcome(struct connection_request *door, struct http_request *request)
{
	static const struct timeval wait = { .tv_usec = LATE_MILLISECONDS * 1000 };
	if (!misbehaviour(door)->knock_late) {
		reply(request, 200);
		return;
	}
	request->user = evtimer_new(door->device->base, on_late, request);
	request->on_gone = on_late_gone;
	event_add(request->user, &wait);
}

static void on_request(struct http_request *request, void *arg)
{
	struct connection_request *door = arg;
	struct device *device = door->device;
	if (strcmp(request->path, device->state.request_path) != 0) {
		reply(request, 404);
		return;
	}
	if (strcmp(request->method, "GET") != 0) {
		refuse_method(request);
		return;
	}
	if (misbehaviour(door)->knock_drop && door->challenged == request->connection_id) {
		http_reply_abort(request);
		return;
	}
	if (!authenticate(door, request))
		return;
	if (device_is_busy(device) || is_over_limit(door)) {
		reply(request, 503); /* without Retry-After, TR-069 3.2.2 */
		return;
	}
	welcome(door, request);
	LOG(device->name, "connection-request", LOG_NUMBER("status", 200));
	if (misbehaviour(door)->knock_ignored)
		return;
	events_add(&device->state.events, "6 CONNECTION REQUEST", "");
	device_wake_now(device);
}

/* The address that this host shows on the way to the ACS, NULL when it cannot be told. */
static char *address_towards(struct arena *arena, const char *acs_url)
{
	struct http_url url;
	const struct addrinfo hints = { .ai_socktype = SOCK_DGRAM };
	struct addrinfo *found = NULL;
	if (!http_url_parse(arena, acs_url, &url) ||
		getaddrinfo(url.host, "9", &hints, &found) != 0)
		return NULL;
	char host[NI_MAXHOST], *text = NULL;
	struct sockaddr_storage local;
	socklen_t length = sizeof(local);
	const int fd = socket(found->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0 &&
		getsockname(fd, (struct sockaddr *)&local, &length) == 0 &&
		getnameinfo((struct sockaddr *)&local, length, host, sizeof(host), NULL, 0,
			NI_NUMERICHOST) == 0)
		text = arena_printf(arena, strchr(host, ':') ? "[%s]" : "%s", host);
	if (fd >= 0)
		close(fd);
	freeaddrinfo(found);
	return text;
}

static bool is_wildcard(evutil_socket_t fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t length = sizeof(address);
	if (getsockname(fd, (struct sockaddr *)&address, &length) != 0)
		return false;
	return address_is_any((const struct sockaddr *)&address);
}

static char *make_url(const struct connection_request *door, struct arena *arena)
{
	const char *bound = http_bound_address(arena, door->fd);
	const char *host = is_wildcard(door->fd)
				   ? address_towards(arena, device_acs_url(door->device))
				   : NULL;
	if (host)
		bound = arena_printf(arena, "%s%s", host, strrchr(bound, ':'));
	char *url = NULL;
	if (asprintf(&url, "http://%s%s", bound, door->device->state.request_path) < 0)
		abort();
	return url;
}

/* Listens at the address, and makes that of the first time hold: port 0 stands for any. */
static bool open_port(struct connection_request *door, char *why, size_t why_size)
{
	door->fd = http_bind(door->address, why, why_size);
	if (door->fd < 0)
		return false;
	const struct http_listener_options options = {
		.fd = door->fd,
		.limits = &http_default_limits,
		.on_request = on_request,
		.arg = door,
	};
	door->listener = http_listener_new(door->device->base, &options);
	return true;
}

static void close_port(struct connection_request *door)
{
	http_listener_free(door->listener);
	door->listener = NULL;
	if (door->fd >= 0)
		close(door->fd);
	door->fd = -1;
}

/* Every model without the parameter has it enabled. */
static bool is_enabled(const struct datamodel *model)
{
	static const char name[] = "ManagementServer.HTTPConnectionRequestEnable";
	return !datamodel_at(model, name) || datamodel_flag(model, name);
}

static const char *shown_url(const struct connection_request *door)
{
	const char *false_url = misbehaviour(door)->knock_url;
	if (false_url)
		return false_url;
	return door->listener ? door->url : "";
}

void connection_request_follow(struct connection_request *door)
{
	struct datamodel *model = door->device->model;
	char why[200];
	if (!is_enabled(model))
		close_port(door);
	else if (!door->listener && !open_port(door, why, sizeof(why)))
		LOG(door->device->name, "connection-request-port", LOG_TEXT("why", why));
	datamodel_show(model, "ManagementServer.ConnectionRequestURL", shown_url(door));
}

static void choose_path(struct state *state, struct arena *arena)
{
	if (!state->request_path[0])
		state_set_text(&state->request_path,
			arena_printf(arena, "/%s", random_text(arena, PATH_CHARACTERS)));
}

static char *bound_address(const struct connection_request *door, struct arena *arena)
{
	const char *listen = door->device->options->listen;
	const char *port = strrchr(http_bound_address(arena, door->fd), ':');
	const char *end = strrchr(listen, ':');
	char *address = NULL;
	if (asprintf(&address, "%.*s%s", (int)(end ? end - listen : 0), listen, port) < 0)
		abort();
	return address;
}

struct connection_request *connection_request_open(
	struct device *device, char *why, size_t why_size)
{
	struct connection_request *door = calloc(1, sizeof(*door));
	if (!door)
		abort();
	door->device = device;
	door->address = strdup(device->options->listen);
	random_bytes(door->key, sizeof(door->key));
	if (!open_port(door, why, why_size)) {
		connection_request_close(door);
		return NULL;
	}
	struct arena *arena = arena_new();
	choose_path(&device->state, arena);
	door->url = make_url(door, arena);
	free(door->address);
	door->address = bound_address(door, arena);
	arena_free(arena);
	connection_request_follow(door);
	return door;
}

void connection_request_close(struct connection_request *door)
{
	if (!door)
		return;
	close_port(door);
	free(door->address);
	free(door->url);
	free(door);
}
