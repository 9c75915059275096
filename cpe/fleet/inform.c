/* inform: the Inform of a fleet's devices, and the answer that it should get.
 * An Inform costs the codec some 20 µs, and so does the answer; at thousands of sessions a second
 * that would be most of what the load costs. The bytes are the codec's all the same. */
#include "cpe/fleet/inform.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cpe/fleet/extra.h"
#include "cpe/fleet/fleet.h"
#include "cpe/fleet/template.h"
#include "cpe/schedule.h"
#include "cwmp/cwmp.h"

/* The gaps: these, and then the parameters. */
enum gap { GAP_ID, GAP_SERIAL, GAP_TIME, GAP_RETRY_COUNT, GAP_PARAMETERS };

static const char parameter_key[] = "ManagementServer.ParameterKey";

/* A number cannot carry a gap; this one stands for it and is replaced. */
#define RETRY_COUNT_MARK 4123456789u
#define RETRY_COUNT_TEXT ">4123456789<"

struct informs {
	struct template *templates[REASON_COUNT];
	time_t second; /* that `now` tells */
	char now[32];
	struct buffer before_id, after_id; /* of the InformResponse that was learned */
};

static const char *gap_text(struct arena *arena, unsigned gap)
{
	return arena_printf(arena, "{{%u}}", gap);
}

static bool is_informed(const struct fleet_model *model, const struct node *node)
{
	for (unsigned i = 0; i < model->informed_count; i++)
		if (model->informed[i].node == node)
			return true;
	return false;
}

static void add_own_value(
	struct cwmp_values *values, struct arena *arena, const char *name, const struct node *node)
{
	values->items[values->count++] = (struct cwmp_value){
		.name = name,
		.value = arena_strdup(arena, node_readable(node)),
		.type = node->type,
	};
}

/* While the device's own tree is in place: what every Inform carries, and what has changed. */
static struct cwmp_values own_values(
	const struct fleet_model *model, const struct events *events, struct arena *arena)
{
	struct cwmp_values values = {
		.items = arena_array(
			arena, model->informed_count + events->change_count, sizeof(*values.items)),
	};
	for (unsigned i = 0; i < model->informed_count; i++)
		add_own_value(&values, arena, model->informed[i].path, model->informed[i].node);
	for (size_t i = 0; i < events->change_count; i++) {
		const char *name = arena_strdup(arena, events->changes[i].name);
		const struct node *node = datamodel_find(model->tree, name);
		if (node && !is_informed(model, node))
			add_own_value(&values, arena, name, node);
	}
	return values;
}

static struct cwmp_values gap_values(const struct fleet_model *model, struct arena *arena)
{
	struct cwmp_values values = {
		.items = arena_array(arena, model->informed_count, sizeof(*values.items)),
		.count = model->informed_count,
	};
	for (unsigned i = 0; i < model->informed_count; i++) {
		const struct informed *informed = &model->informed[i];
		values.items[i] = (struct cwmp_value){
			.name = informed->path,
			.value = informed->kind == INFORMED_SHARED
					 ? node_readable(informed->node)
					 : gap_text(arena, GAP_PARAMETERS + i),
			.type = informed->node->type,
		};
	}
	return values;
}

/* All that Informs of a fleet have in common. */
static void begin_message(const struct fleet *fleet, struct cwmp_message *message, const char *id)
{
	const struct spoken_version *version = fleet->version;
	cwmp_make_request(message, version->ns, CWMP_INFORM, id);
	message->supported_versions = version->supported_versions;
	message->request.inform.device = fleet->model->tree->identity;
}

static const char *text_with_gaps(
	const struct fleet *fleet, enum fleet_reason reason, struct arena *arena)
{
	struct cwmp_message message;
	struct buffer text = { 0 };
	const char *codes[REASON_EVENTS_MAX];
	struct cwmp_event events[REASON_EVENTS_MAX];
	begin_message(fleet, &message, gap_text(arena, GAP_ID));
	struct cwmp_inform *inform = &message.request.inform;
	inform->device.serial_number = gap_text(arena, GAP_SERIAL);
	inform->event_count = reason_events(reason, codes);
	for (size_t i = 0; i < inform->event_count; i++)
		events[i] = (struct cwmp_event){ codes[i], "" };
	inform->events = events;
	inform->current_time = gap_text(arena, GAP_TIME);
	inform->retry_count = RETRY_COUNT_MARK;
	inform->parameters = gap_values(fleet->model, arena);
	cwmp_encode(fleet->codec, &message, NULL, &text);
	const char *count = strstr(text.data, RETRY_COUNT_TEXT);
	const char *with_gap = arena_printf(arena, "%.*s>%s<%s", (int)(count - text.data),
		text.data, gap_text(arena, GAP_RETRY_COUNT), count + strlen(RETRY_COUNT_TEXT));
	buffer_clear(&text);
	return with_gap;
}

struct informs *informs_new(const struct fleet *fleet)
{
	struct informs *informs = calloc(1, sizeof(*informs));
	if (!informs)
		abort();
	for (enum fleet_reason i = REASON_PERIODIC; i < REASON_COUNT; i++) {
		struct arena *arena = arena_new();
		const char *text = text_with_gaps(fleet, i, arena);
		informs->templates[i] = template_new(text, strlen(text));
		arena_free(arena);
	}
	return informs;
}

void informs_free(struct informs *informs)
{
	if (!informs)
		return;
	for (size_t i = 0; i < REASON_COUNT; i++)
		template_free(informs->templates[i]);
	buffer_clear(&informs->before_id);
	buffer_clear(&informs->after_id);
	free(informs);
}

static void append_number(struct buffer *out, uint64_t number)
{
	char digits[20];
	size_t at = sizeof(digits);
	do
		digits[--at] = (char)('0' + number % 10);
	while (number /= 10);
	buffer_append(out, digits + at, sizeof(digits) - at);
}

void inform_id(
	const struct fleet *fleet, const struct fleet_device *device, char id[INFORM_ID_BYTES])
{
	char serial[DEVICE_SERIAL_BYTES];
	device_serial(fleet, device, serial);
	snprintf(id, INFORM_ID_BYTES, "%s.%u", serial, device->sessions);
}

static const char *time_now(struct informs *informs)
{
	const time_t now = time(NULL);
	if (now != informs->second) {
		struct tm tm;
		strftime(informs->now, sizeof(informs->now), "%Y-%m-%dT%H:%M:%SZ",
			gmtime_r(&now, &tm));
		informs->second = now;
	}
	return informs->now;
}

/* The Inform of a device that has more to tell than a template. */
static void encode(
	struct fleet *fleet, struct fleet_device *device, const char *id, struct buffer *out)
{
	struct arena *arena = arena_new();
	struct cwmp_message message;
	struct events *events = &extra_of(device)->events;
	const char *codes[REASON_EVENTS_MAX];
	char serial[DEVICE_SERIAL_BYTES];
	begin_message(fleet, &message, id);
	const size_t count = reason_events(device->reason, codes);
	for (size_t i = 0; i < count; i++)
		events_add(events, codes[i], "");
	device->reason = REASON_PENDING;
	device_serial(fleet, device, serial);
	struct cwmp_inform *inform = &message.request.inform;
	inform->device.serial_number = serial;
	inform->events = events_send(events, arena, &inform->event_count);
	inform->current_time = time_now(fleet->informs);
	inform->retry_count = device->retry_count;
	extra_put_on(fleet, device);
	inform->parameters = own_values(fleet->model, events, arena);
	extra_take_off(device);
	cwmp_encode(fleet->codec, &message, NULL, out);
	arena_free(arena);
}

struct filling {
	struct fleet *fleet;
	const struct fleet_device *device;
	const char *id;
};

static void fill_parameter(const struct filling *filling, unsigned number, struct buffer *out)
{
	const struct informed *informed = &filling->fleet->model->informed[number];
	char text[DEVICE_TEXT_BYTES];
	switch (informed->kind) {
	case INFORMED_SHARED:
		break;
	case INFORMED_COUNTER:
		append_number(
			out, device_counter(filling->fleet, filling->device, informed->counter));
		break;
	case INFORMED_SERIAL:
		device_serial(filling->fleet, filling->device, text);
		buffer_append_text(out, text);
		break;
	case INFORMED_URL:
		device_request_url(filling->fleet, filling->device, text);
		buffer_append_text(out, text);
		break;
	case INFORMED_KEY:
		buffer_append_text(out, extra_text(filling->fleet, filling->device, parameter_key));
		break;
	}
}

static void fill(unsigned gap, struct buffer *out, void *arg)
{
	const struct filling *filling = arg;
	char serial[DEVICE_SERIAL_BYTES];
	switch (gap) {
	case GAP_ID:
		buffer_append_text(out, filling->id);
		break;
	case GAP_SERIAL:
		device_serial(filling->fleet, filling->device, serial);
		buffer_append_text(out, serial);
		break;
	case GAP_TIME:
		buffer_append_text(out, time_now(filling->fleet->informs));
		break;
	case GAP_RETRY_COUNT:
		append_number(out, filling->device->retry_count);
		break;
	default:
		fill_parameter(filling, gap - GAP_PARAMETERS, out);
	}
}

/* Will it do as it is in XML? */
static bool is_plain(const char *text)
{
	for (; *text; text++)
		if (*text < ' ' || strchr("<>&\"'{\x7f", *text))
			return false;
	return true;
}

static bool has_template(const struct fleet *fleet, const struct fleet_device *device)
{
	const struct fleet_extra *extra = device->extra;
	if (!extra)
		return true;
	return device->reason != REASON_PENDING && !extra->events.count && !extra->has_own_inform &&
	       is_plain(extra_text(fleet, device, parameter_key));
}

void inform_render(
	struct fleet *fleet, struct fleet_device *device, const char *id, struct buffer *out)
{
	if (!has_template(fleet, device)) {
		encode(fleet, device, id, out);
		return;
	}
	struct filling filling = { .fleet = fleet, .device = device, .id = id };
	template_render(fleet->informs->templates[device->reason], out, fill, &filling);
}

bool inform_answer_is_known(
	const struct informs *informs, const char *body, size_t length, const char *id)
{
	const struct buffer *before = &informs->before_id, *after = &informs->after_id;
	const size_t id_length = strlen(id);
	return before->length && length == before->length + id_length + after->length &&
	       memcmp(body, before->data, before->length) == 0 &&
	       memcmp(body + before->length, id, id_length) == 0 &&
	       memcmp(body + before->length + id_length, after->data, after->length) == 0;
}

void inform_answer_learn(struct informs *informs, const char *body, size_t length, const char *id)
{
	const char *at = strstr(body, id);
	const size_t id_length = strlen(id);
	if (!at || strstr(at + id_length, id))
		return;
	buffer_reset(&informs->before_id);
	buffer_reset(&informs->after_id);
	buffer_append(&informs->before_id, body, (size_t)(at - body));
	at += id_length;
	buffer_append(&informs->after_id, at, length - (size_t)(at - body));
}
