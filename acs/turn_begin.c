/* turn_begin: what a turn is made of: the request, its cookie, and the session that an Inform opens. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "acs/certificate.h"
#include "acs/device_classes.h"
#include "acs/quirks.h"
#include "acs/server.h"
#include "acs/turn_internal.h"
#include "base/buffer.h"
#include "base/clock.h"
#include "cwmp/cwmp.h"
#include "db/devices.h"
#include "db/inform_touch.h"
#include "http/address.h"
#include "http/cookie.h"

enum { IDENTITY_PART_MAX = 255 };

struct turn *turn_new(struct loop *loop, struct http_request *request)
{
	struct turn *t = calloc(1, sizeof(*t));
	if (!t)
		abort();
	t->loop = loop;
	t->server = loop->server;
	t->request = request;
	t->arena = arena_new();
	t->now = time(NULL);
	t->clock = clock_seconds();
	t->outcome = "";
	t->begun_us = clock_us();
	return t;
}

void turn_free(struct turn *t)
{
	if (t->is_waiting)
		overload_abandoned(&t->loop->overload);
	db_abandon(&t->wait);
	batch_abandon(&t->credential_entry);
	if (t->rpc.touch)
		batch_abandon(&t->rpc.touch->entry);
	arena_free(t->arena);
	buffer_clear(&t->body);
	free(t);
}

const char *request_cookie(const struct http_request *request)
{
	const char *cookie = NULL;
	for (size_t i = 0; i < request->header_count && !cookie; i++)
		if (strcasecmp(request->headers[i].name, "Cookie") == 0)
			cookie = http_cookie(
				request->arena, request->headers[i].value, SESSION_COOKIE_NAME);
	return cookie;
}

const char *turn_method(const struct turn *t)
{
	if (!t->in)
		return "empty";
	if (t->in->kind == CWMP_FAULT)
		return "Fault";
	const char *name = t->in->method_name ? t->in->method_name : "";
	return t->in->kind == CWMP_RESPONSE ? arena_printf(t->arena, "%sResponse", name) : name;
}

static bool has_event(const struct cwmp_inform *inform, const char *code)
{
	for (size_t i = 0; i < inform->event_count; i++)
		if (strncmp(inform->events[i].code, code, strlen(code)) == 0)
			return true;
	return false;
}

bool inform_is_called(const struct cwmp_inform *inform)
{
	return has_event(inform, "6 ");
}

bool inform_is_ours(const struct cwmp_inform *inform)
{
	return inform_is_called(inform) || has_event(inform, "7 ") || has_event(inform, "M ");
}

bool inform_is_boot(const struct cwmp_inform *inform)
{
	return has_event(inform, "1 ") && !has_event(inform, "M ");
}

static bool fits(const char *part)
{
	const size_t length = strlen(part);
	return length <= IDENTITY_PART_MAX && db_text_is_storable(part, length, IDENTITY_PART_MAX);
}

unsigned request_auth_schemes(const struct server *server, const struct http_request *request)
{
	const struct config *config = server->config;
	const unsigned wanted = device_classes_schemes(server->device_classes) |
				1u << config->cwmp.auth;
	unsigned schemes = 0;
	if (certificate_is_enough(config, request))
		return 1u << AUTH_NONE;
	for (int scheme = AUTH_NONE; scheme <= AUTH_DIGEST; scheme++)
		if (wanted >> scheme & 1)
			schemes |= 1u << auth_scheme(
					   config, (enum config_auth)scheme, request->is_tls);
	return schemes;
}

enum config_auth turn_auth_scheme(const struct turn *t)
{
	const struct config *config = t->server->config;
	if (certificate_is_enough(config, t->request))
		return AUTH_NONE;
	return auth_scheme(config, t->session->class.auth, t->request->is_tls);
}

/* Where this device can reach our files: as configured, else the address it reached us at. */
static const char *files_url(struct turn *t, struct arena *arena)
{
	const struct config *config = t->server->config;
	if (*config->files.public_url)
		return config->files.public_url;
	const bool tls = t->request->is_tls && t->server->addresses[LISTENER_FILES_TLS];
	const char *listener = t->server->addresses[tls ? LISTENER_FILES_TLS : LISTENER_FILES];
	const char *port = listener ? strrchr(listener, ':') : "";
	const char *host = address_text(t->arena, &t->request->local);
	const bool is_ipv6 = strchr(host, ':') != NULL;
	return arena_printf(arena, "%s://%s%s%s%s", tls ? "https" : "http", is_ipv6 ? "[" : "",
		host, is_ipv6 ? "]" : "", port);
}

/* SessionTimeout (TR-069 3.4.2) may make a session's patience longer, within a limit. */
static unsigned idle_seconds(const struct config *config, unsigned session_timeout)
{
	const unsigned usual = config->cwmp.session_idle_seconds;
	const unsigned most = config->cwmp.session_idle_max_seconds;
	const unsigned wanted = session_timeout > usual ? session_timeout : usual;
	return wanted < most ? wanted : most;
}

static struct cwmp_device_id copy_identity(struct arena *arena, const struct cwmp_device_id *device)
{
	return (struct cwmp_device_id){
		.manufacturer = arena_strdup(arena, device->manufacturer),
		.oui = arena_strdup(arena, device->oui),
		.product_class = arena_strdup(arena, device->product_class),
		.serial_number = arena_strdup(arena, device->serial_number),
	};
}

bool turn_make_session(struct turn *t, const char **why)
{
	const struct cwmp_device_id *device = &t->in->request.inform.device;
	if (!fits(device->oui) || !fits(device->product_class) || !fits(device->serial_number)) {
		*why = "the identity in DeviceId is longer than 255 bytes";
		return false;
	}
	struct session *s = t->session = session_new(t->server->sessions, t->clock);
	struct arena *arena = s->rpc.arena;
	s->connection_id = s->proven_connection_id = t->request->connection_id;
	s->is_tls = t->request->is_tls;
	s->turns = 1;
	s->bytes_in = t->request->body_length;
	s->idle_seconds = idle_seconds(t->server->config, t->in->session_timeout);
	s->device = copy_identity(arena, device);
	const struct quirk_facts facts = quirk_facts_of(&t->in->request.inform);
	quirk_table_match(t->server->quirks, &facts, &s->rpc.quirks);
	device_classes_match(t->server->device_classes, t->server->config, &s->device, &s->class);
	s->rpc.unknown = s->class.unknown;
	s->rpc.ns = t->in->ns;
	s->rpc.ns_uri = arena_strdup(arena, t->in->ns_uri);
	s->rpc.device_id = device_id_of(device->oui, device->product_class, device->serial_number);
	s->rpc.id = device_public_id(
		arena, device->oui, device->product_class, device->serial_number);
	s->rpc.source_address = http_peer_address(arena, t->request);
	s->rpc.files_url = files_url(t, arena);
	return true;
}
