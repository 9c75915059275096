/* door: the one HTTP port at which the ACS knocks for all devices of a fleet, TR-069 3.2.2. */
#include "cpe/fleet/door.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/crypto.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "http/digest.h"
#include "http/server.h"

enum { NONCE_SECONDS = 300 };

static const char realm[] = "cpe";

struct door {
	struct fleet *fleet;
	evutil_socket_t fd;
	struct http_listener *listener;
	struct http_limits limits;
	char *url;
	uint8_t key[32]; /* of nonces */
};

static void reply(struct http_request *request, unsigned status)
{
	http_reply(request, &(const struct http_response){ .status = status });
}

static void challenge(const struct door *door, struct http_request *request, bool is_stale)
{
	const char *nonce = digest_nonce(request->arena, door->key, time(NULL));
	const struct http_header header = { "WWW-Authenticate",
		digest_challenge(request->arena, realm, nonce, DIGEST_MD5, is_stale) };
	http_reply(request, &(const struct http_response){
				    .status = 401, .headers = &header, .header_count = 1 });
}

/* False when the request was answered with a challenge. A device without credentials welcomes everybody,
 * as those in the field do. */
static bool authenticate(
	const struct door *door, const struct fleet_device *device, struct http_request *request)
{
	char username[DEVICE_TEXT_BYTES], password[DEVICE_TEXT_BYTES];
	struct http_authorization a;
	extra_request_username(door->fleet, device, username, sizeof(username));
	extra_request_password(door->fleet, device, password, sizeof(password));
	if (!*username && !*password)
		return true;
	const char *header = http_request_header(request, "Authorization");
	bool is_stale = false;
	if (http_authorization_parse(request->arena, header, &a) && a.scheme == HTTP_AUTH_DIGEST &&
		a.username && strcmp(a.username, username) == 0) {
		const char *ha1 = digest_ha1(
			request->arena, a.algorithm, username, realm, password);
		const enum digest_nonce_state state = digest_nonce_check(
			door->key, a.nonce, time(NULL), NONCE_SECONDS);
		const bool is_right = digest_matches(request->arena, &a, ha1, request->method);
		if (is_right && state == NONCE_FRESH)
			return true;
		is_stale = is_right && state == NONCE_STALE;
	}
	challenge(door, request, is_stale);
	return false;
}

static void on_request(struct http_request *request, void *arg)
{
	struct door *door = arg;
	struct fleet_device *device = device_by_serial(door->fleet, request->path + 1);
	if (!device)
		reply(request, 404);
	else if (strcmp(request->method, "GET") != 0)
		reply(request, 405);
	else if (!authenticate(door, device, request))
		return;
	else if (!dispatch_call(door->fleet->dispatch, device))
		reply(request, 503); /* without Retry-After, TR-069 3.2.2 */
	else
		reply(request, 200);
}

struct door *door_open(struct fleet *fleet, char *why, size_t why_size)
{
	struct door *door = calloc(1, sizeof(*door));
	if (!door)
		abort();
	door->fleet = fleet;
	random_bytes(door->key, sizeof(door->key));
	door->fd = http_bind(fleet->options->listen, why, why_size);
	if (door->fd < 0) {
		free(door);
		return NULL;
	}
	door->limits = http_default_limits;
	door->limits.connections_per_address = door->limits.connections; /* all from the ACS */
	const struct http_listener_options options = {
		.fd = door->fd,
		.limits = &door->limits,
		.on_request = on_request,
		.arg = door,
	};
	door->listener = http_listener_new(fleet->base, &options);
	struct arena *arena = arena_new();
	if (asprintf(&door->url, "http://%s/", http_bound_address(arena, door->fd)) < 0)
		abort();
	arena_free(arena);
	return door;
}

const char *door_url(const struct door *door)
{
	return door->url;
}

void door_close(struct door *door)
{
	if (!door)
		return;
	http_listener_free(door->listener);
	close(door->fd);
	free(door->url);
	free(door);
}
