/* device: a session as steps in the order of time; read the file downwards from device_begin_session(). */
#include "device.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "cwmp/cwmp.h"
#include "http/client.h"
#include "http/digest.h"
#include "http/url.h"

enum { COUNTERS = 6, CHANGED_AT_ONCE = 2, DEVICES_PER_ADDRESS = 50, TEXT = 64 };

struct device {
	struct device_shared *shared;
	struct http_client *client;
	char serial[TEXT], password[TEXT], address[TEXT];
	unsigned sessions;
	unsigned counters[COUNTERS];

	struct arena *challenge_arena; /* NULL: none yet */
	struct http_challenge *challenge;

	/* Of the session under way. */
	struct arena *arena; /* NULL: idle */
	const char *inform, *cookie;
	bool was_challenged;
	struct timespec begun;
	uint64_t session_us;
	device_done_fn *on_done;
	void *arg;
};

static const char *const counter_names[COUNTERS] = {
	"InternetGatewayDevice.DeviceInfo.UpTime",
	"InternetGatewayDevice.LANDevice.1.LANHostConfigInterfaceNumberOfEntries",
	"InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.TotalAssociations",
	"InternetGatewayDevice.LANDevice.1.WLANConfiguration.1.TotalBytesSent",
	"InternetGatewayDevice.WANDevice.1.WANCommonInterfaceConfig.TotalBytesReceived",
	"InternetGatewayDevice.WANDevice.1.WANCommonInterfaceConfig.TotalBytesSent",
};

static const struct cwmp_value fixed_values[] = {
	{ "InternetGatewayDevice.DeviceInfo.HardwareVersion", "HW 1", "xsd:string" },
	{ "InternetGatewayDevice.DeviceInfo.SoftwareVersion", "1.0.0", "xsd:string" },
	{ "InternetGatewayDevice.ManagementServer.ConnectionRequestURL",
		"http://192.0.2.1:7547/a1b2c3", "xsd:string" },
	{ "InternetGatewayDevice.ManagementServer.ParameterKey", "", "xsd:string" },
};

struct device *device_new(struct device_shared *shared, unsigned number)
{
	struct device *device = calloc(1, sizeof(*device));
	if (!device)
		abort();
	device->shared = shared;
	snprintf(device->serial, sizeof(device->serial), "B%06u", number);
	snprintf(device->password, sizeof(device->password), "secret-%06u", number);
	snprintf(device->address, sizeof(device->address), "127.0.1.%u",
		number / DEVICES_PER_ADDRESS % 250 + 1);
	const struct http_client_options options = {
		.connect_seconds = 10,
		.response_seconds = 30,
		.header_bytes = 16384,
		.body_bytes = 65536,
		.bind_address = device->address,
	};
	device->client = http_client_new(shared->base, NULL, &options);
	return device;
}

bool device_is_busy(const struct device *device)
{
	return device->arena != NULL;
}

uint64_t device_session_us(const struct device *device)
{
	return device->session_us;
}

uint64_t device_counter_sum(const struct device *device)
{
	uint64_t sum = 0;
	for (size_t i = 0; i < COUNTERS; i++)
		sum += device->counters[i];
	return sum;
}

static void forget_challenge(struct device *device)
{
	arena_free(device->challenge_arena);
	device->challenge_arena = NULL;
	device->challenge = NULL;
}

static uint64_t elapsed_us(const struct timespec *since)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)((now.tv_sec - since->tv_sec) * 1000000 +
			  (now.tv_nsec - since->tv_nsec) / 1000);
}

static void end_session(struct device *device, const char *why)
{
	struct arena *arena = device->arena;
	device->session_us = elapsed_us(&device->begun);
	if (why || device->shared->is_connected_each_time)
		http_client_disconnect(device->client);
	device->arena = NULL;
	device->on_done(device, why, device->arg);
	arena_free(arena); /* why may be in it */
}

static const char *authorization(struct device *device)
{
	if (!device->challenge)
		return NULL;
	struct http_url url;
	if (!http_url_parse(device->arena, device->shared->url, &url))
		return NULL;
	return http_challenge_answer(device->arena, device->challenge, "POST", url.target,
		device->serial, device->password);
}

/* Authorization goes with both POSTs, before it is asked for, as devices' HTTP libraries do it. */
static void post(struct device *device, const char *body, http_on_response_fn *on_response)
{
	struct http_header headers[4];
	size_t count = 0;
	const char *proof = authorization(device);
	if (*body) {
		headers[count++] = (struct http_header){ "Content-Type",
			"text/xml; charset=utf-8" };
		headers[count++] = (struct http_header){ "SOAPAction", "" };
	}
	if (proof)
		headers[count++] = (struct http_header){ "Authorization", proof };
	if (device->cookie)
		headers[count++] = (struct http_header){ "Cookie", device->cookie };
	device->shared->requests++;
	http_client_send(device->client,
		&(const struct http_client_request){ .method = "POST",
			.url = device->shared->url,
			.headers = headers,
			.header_count = count,
			.body = body,
			.body_length = strlen(body) },
		on_response, device);
}

static void fail(
	struct device *device, const char *where, const struct http_client_response *response)
{
	end_session(device,
		response->error ? arena_printf(device->arena, "%s: %s", where, response->error_text)
				: arena_printf(device->arena, "%s: status %u: %s", where,
					  response->status, response->body));
}

static void on_no_more(const struct http_client_response *response, void *arg)
{
	struct device *device = arg;
	if (response->error || response->status != 204 || response->body_length)
		fail(device, "empty POST", response);
	else
		end_session(device, NULL);
}

static const char *session_cookie(struct arena *arena, const struct http_client_response *response)
{
	const char *set = http_header(response->headers, response->header_count, "Set-Cookie");
	return set ? arena_strndup(arena, set, strcspn(set, ";")) : NULL;
}

static bool is_inform_response(struct device *device, const struct http_client_response *response)
{
	struct cwmp_message message;
	const char *why;
	return cwmp_decode(device->shared->codec, device->arena, response->body,
		       response->body_length, NULL, &message, &why) == CWMP_DECODED &&
	       message.kind == CWMP_RESPONSE && message.method == CWMP_INFORM && message.id &&
	       strtoul(message.id, NULL, 10) == device->sessions &&
	       message.response.max_envelopes == 1;
}

/* The first challenge, as devices that know only MD5 see it. */
static bool take_challenge(struct device *device, const struct http_client_response *response)
{
	size_t i = 0;
	while (i < response->header_count &&
		strcasecmp(response->headers[i].name, "WWW-Authenticate") != 0)
		i++;
	if (i == response->header_count || device->was_challenged)
		return false;
	forget_challenge(device);
	device->was_challenged = true;
	device->challenge_arena = arena_new();
	device->challenge = http_challenge_choose(
		device->challenge_arena, &response->headers[i], 1, false);
	return device->challenge != NULL;
}

static void on_informed(const struct http_client_response *response, void *arg)
{
	struct device *device = arg;
	if (!response->error && response->status == 401 && take_challenge(device, response)) {
		device->shared->challenges++;
		post(device, device->inform, on_informed);
		return;
	}
	if (response->error || response->status != 200 || !is_inform_response(device, response)) {
		fail(device, "Inform", response);
		return;
	}
	device->cookie = session_cookie(device->arena, response);
	post(device, "", on_no_more);
}

static struct cwmp_values values(const struct device *device)
{
	const size_t fixed = LENGTH_OF(fixed_values);
	struct cwmp_value *items = arena_array(device->arena, fixed + COUNTERS, sizeof(*items));
	memcpy(items, fixed_values, sizeof(fixed_values));
	for (size_t i = 0; i < COUNTERS; i++)
		items[fixed + i] = (struct cwmp_value){ counter_names[i],
			arena_printf(device->arena, "%u", device->counters[i]), "xsd:unsignedInt" };
	return (struct cwmp_values){ .items = items, .count = fixed + COUNTERS };
}

static const char *encode_inform(struct device *device)
{
	struct cwmp_event event = { device->shared->event, "" };
	struct cwmp_message message;
	char now[TEXT];
	const time_t seconds = time(NULL);
	struct tm tm;
	strftime(now, sizeof(now), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&seconds, &tm));
	cwmp_make_request(&message, CWMP_NS_1_0, CWMP_INFORM,
		arena_printf(device->arena, "%u", device->sessions));
	message.request.inform = (struct cwmp_inform){
		.device = { "Example Networks", "00D09E", "HG7100", device->serial },
		.events = &event,
		.event_count = 1,
		.current_time = now,
		.parameters = values(device),
	};
	struct buffer envelope = { 0 };
	cwmp_encode(device->shared->codec, &message, NULL, &envelope);
	const char *text = arena_strdup(device->arena, envelope.data);
	buffer_clear(&envelope);
	return text;
}

static void change_values(struct device *device)
{
	for (unsigned i = 0; i < CHANGED_AT_ONCE; i++)
		device->counters[(device->sessions * CHANGED_AT_ONCE + i) % COUNTERS]++;
}

void device_begin_session(struct device *device, device_done_fn *on_done, void *arg)
{
	device->arena = arena_new();
	device->cookie = NULL;
	device->was_challenged = false;
	device->on_done = on_done;
	device->arg = arg;
	device->sessions++;
	if (device->shared->is_challenged_each_time)
		forget_challenge(device);
	if (device->shared->changes_values)
		change_values(device);
	device->inform = encode_inform(device);
	clock_gettime(CLOCK_MONOTONIC, &device->begun);
	post(device, device->inform, on_informed);
}

void device_free(struct device *device)
{
	http_client_free(device->client);
	arena_free(device->challenge_arena);
	arena_free(device->arena);
	free(device);
}
