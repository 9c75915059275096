/* inform: the first message of every session (TR-069 A.3.3.1).
 * Most Informs tell little that is new, so the cheap way comes first, a touch in a batch, and the full one only
 * if that misses. */
#include "rpc/method.h"

#include <stdlib.h>
#include <string.h>

#include "db/inform_touch.h"
#include "db/parameter_key.h"
#include "db/transfers.h"
#include "rpc/inform_known.h"

/* What a touch may carry; more goes the full way. */
enum { TOUCH_CHANGED_MAX = 50, TOUCH_TEXT_MAX = 4096 };

struct inform_state {
	struct device_inform device;
	struct parameter *parameters;
	size_t parameter_count;
	const struct inform_known *told;
	struct queue_evidence evidence;
	bool has_transfer_complete;
};

static bool has_event(const struct cwmp_inform *inform, const char *code)
{
	for (size_t i = 0; i < inform->event_count; i++)
		if (strcmp(inform->events[i].code, code) == 0)
			return true;
	return false;
}

/* What the device's row shows of them: no more than the protocol allows. */
static const char *events_json(struct arena *arena, const struct cwmp_inform *inform)
{
	json_t *events = json_array();
	for (size_t i = 0; i < inform->event_count && i < CWMP_EVENTS_MAX; i++)
		json_array_append_new(events,
			json_pack("{s:s, s:s}", "code", event_text(arena, inform->events[i].code),
				"command_key", event_text(arena, inform->events[i].command_key)));
	const char *text = json_text(arena, events);
	json_decref(events);
	return text;
}

/* The root is what the parameters begin with, not what the product suggests. */
static const char *root_of(const struct cwmp_values *parameters)
{
	static const char *const roots[] = { "Device.", "InternetGatewayDevice." };
	for (size_t i = 0; i < parameters->count; i++)
		for (size_t r = 0; r < LENGTH_OF(roots); r++)
			if (strncmp(parameters->items[i].name, roots[r], strlen(roots[r])) == 0)
				return roots[r];
	return NULL;
}

/* Of what a device's row keeps: longer than data models allow, short enough for an index. */
enum { COLUMN_TEXT_MAX = 1024 };

/* The value of root + suffix among the Inform's parameters, or NULL. */
static const char *parameter_value(const struct inform_state *state, const char *suffix)
{
	const size_t root_length = state->device.root ? strlen(state->device.root) : 0;
	for (size_t i = 0; i < state->parameter_count && root_length; i++) {
		const struct parameter *p = &state->parameters[i];
		if (strncmp(p->name, state->device.root, root_length) == 0 &&
			strcmp(p->name + root_length, suffix) == 0)
			return strlen(p->value) <= COLUMN_TEXT_MAX ? p->value : NULL;
	}
	return NULL;
}

/* Of what is told of one Inform only. */
static uint64_t hash_news(const struct cwmp_inform *inform, const struct device_inform *d)
{
	uint64_t hash = inform_hash_text((uint64_t)d->retry_count, d->source_address);
	for (size_t i = 0; i < inform->event_count && i < CWMP_EVENTS_MAX; i++) {
		hash = inform_hash_text(hash, inform->events[i].code);
		hash = inform_hash_text(hash, inform->events[i].command_key);
	}
	return hash;
}

static void gather_evidence(struct rpc_turn *turn, struct inform_state *state)
{
	const struct cwmp_inform *inform = &turn->in->request.inform;
	const char **keys = arena_array(turn->arena, inform->event_count, sizeof(*keys));
	size_t count = 0;
	for (size_t i = 0; i < inform->event_count; i++)
		if (strncmp(inform->events[i].code, "M ", 2) == 0)
			keys[count++] = inform->events[i].command_key;
	state->evidence = (struct queue_evidence){
		.command_keys = keys,
		.command_key_count = count,
		.parameter_key = turn->session->quirks.parameter_key == PARAMETER_KEY_IGNORED
					 ? NULL
					 : state->device.parameter_key,
		.is_bootstrap = state->device.is_bootstrap,
		.attempts = turn->settings->attempts,
	};
}

static struct inform_state *read_inform(struct rpc_turn *turn)
{
	const struct cwmp_inform *inform = &turn->in->request.inform;
	const struct cwmp_device_id *device = &inform->device;
	struct inform_state *state = ARENA_NEW(turn->arena, struct inform_state);
	state->parameter_count = parameters_from_values(
		turn, &inform->parameters, &state->parameters);
	state->device = (struct device_inform){
		.device_id = turn->session->device_id,
		.id = turn->session->id,
		.oui = device->oui,
		.product_class = device->product_class,
		.serial_number = device->serial_number,
		.manufacturer = device->manufacturer,
		.root = root_of(&inform->parameters),
		.cwmp_version = cwmp_version_name(turn->session->version),
		.source_address = turn->session->source_address,
		.retry_count = inform->retry_count,
		.is_bootstrap = has_event(inform, "0 BOOTSTRAP"),
		.is_boot = has_event(inform, "1 BOOT") || has_event(inform, "0 BOOTSTRAP"),
		.is_shared = turn->session->proof == PROOF_SHARED,
		.unknown = turn->session->unknown,
	};
	struct device_inform *d = &state->device;
	d->software_version = parameter_value(state, "DeviceInfo.SoftwareVersion");
	d->hardware_version = parameter_value(state, "DeviceInfo.HardwareVersion");
	d->connection_request_url = parameter_value(state, "ManagementServer.ConnectionRequestURL");
	d->parameter_key = parameter_value(state, "ManagementServer.ParameterKey");
	const char *interval = parameter_value(state, "ManagementServer.PeriodicInformInterval");
	const long long seconds = interval ? strtoll(interval, NULL, 10) : 0;
	d->periodic_interval = seconds > 0 && seconds <= INT32_MAX ? seconds : 0;
	state->has_transfer_complete = has_event(inform, "7 TRANSFER COMPLETE");
	d->credential = turn->session->credential;
	state->told = inform_known_of(turn->arena, d, hash_news(inform, d), state->parameters,
		state->parameter_count, d->credential);
	d->hash = state->told->hash;
	d->known = inform_known_bytes(turn->arena, state->told);
	return state;
}

static enum rpc_next ask_in_full(struct rpc_turn *turn, struct inform_state *state);

static enum rpc_next inform_respond(struct rpc_turn *turn, const struct device_session *session)
{
	turn->session->epoch = session->epoch;
	turn->session->has_tasks = session->has_tasks;
	cwmp_make_response(&turn->out, turn->in);
	turn->out.response.max_envelopes = 1;
	hold_begin(turn);
	if (turn->in->supported_versions)
		turn->out.use_version = cwmp_version_name(turn->session->version);
	turn->outcome = "informed";
	return RPC_REPLY;
}

static enum rpc_next full_answer(struct rpc_turn *turn, const struct db_answer *answer)
{
	const struct inform_state *state = turn->state;
	struct device_session session;
	if (!device_session_read(answer->results[answer->count - 1], &session)) {
		turn->why = "the device was deleted in this moment";
		return RPC_REFUSED;
	}
	if (session.is_hashed)
		turn->learned = state->told;
	return inform_respond(turn, &session);
}

enum rpc_next rpc_touched(struct rpc_turn *turn, const struct device_session *session)
{
	struct inform_state *state = turn->state;
	if (!session || session->is_unsettled)
		return ask_in_full(turn, state);
	turn->learned = state->told;
	return inform_respond(turn, session);
}

static enum rpc_next ask_in_full(struct rpc_turn *turn, struct inform_state *state)
{
	struct device_inform *d = &state->device;
	struct db_question *q = &turn->question;
	d->events = events_json(turn->arena, &turn->in->request.inform);
	gather_evidence(turn, state);
	*q = db_question(turn->arena);
	turn->settling_count = 0;
	turn->answer = full_answer;
	if (turn->session->proof == PROOF_NEXT)
		credentials_promote(q, d->device_id, d->credential);
	devices_store_inform(q, d);
	if (state->evidence.command_key_count) {
		queue_settle_late(q, d->device_id, &state->evidence);
		note_settling(turn);
	}
	queue_settle_lost(q, d->device_id, &state->evidence);
	note_settling(turn);
	if (state->evidence.parameter_key && !d->is_bootstrap)
		parameter_key_check(q, d->device_id, state->evidence.parameter_key,
			turn->settings->reprovisions);
	if (d->is_bootstrap) {
		devices_forget_learned(q, d->device_id);
		note_settling(turn);
	}
	parameters_store(q, d->device_id, state->parameters, state->parameter_count, TELLER_INFORM,
		&turn->settings->limits);
	/* With 7 TRANSFER COMPLETE the message itself follows in this session, and knows better. */
	if (d->software_version && !state->has_transfer_complete) {
		transfers_complete_by_version(q, d->device_id, d->software_version);
		note_settling(turn);
	}
	if (d->is_bootstrap && turn->session->proof == PROOF_SHARED)
		new_credentials_prepare(turn);
	if (d->is_bootstrap)
		devices_begin_onboarding(q, d->device_id);
	note_inform_events(turn, &turn->in->request.inform);
	devices_read_session(q, d->device_id);
	return RPC_ASK;
}

/* What the device speaks in this session. False when it names no version that we speak. */
static bool take_version(struct rpc_turn *turn)
{
	struct rpc_session *session = turn->session;
	session->version = version_of(turn->in);
	session->ns_uri = arena_strdup(session->arena, turn->in->ns_uri);
	return !turn->in->supported_versions ||
	       version_agree(turn->in->supported_versions, &session->version);
}

static bool is_short_text(const char *text)
{
	return db_text_is_storable(text, strnlen(text, TOUCH_TEXT_MAX + 1), TOUCH_TEXT_MAX);
}

/* False when it is more than a touch may carry, or something that PostgreSQL would not take. */
static bool add_changed(struct rpc_turn *turn, const struct inform_state *state,
	const struct inform_known *known)
{
	struct parameter *changed = arena_array(turn->arena, TOUCH_CHANGED_MAX, sizeof(*changed));
	size_t count = 0;
	for (size_t i = 0; i < state->parameter_count; i++) {
		const struct parameter *p = &state->parameters[i];
		if (inform_knows(known, p))
			continue;
		if (count == TOUCH_CHANGED_MAX || !is_short_text(p->value) ||
			(p->type && !is_short_text(p->type)))
			return false;
		changed[count++] = *p;
	}
	turn->touch->changed = changed;
	turn->touch->changed_count = count;
	return true;
}

/* What this node does not remember, it asks for as unchanged. False when a touch cannot tell the difference. */
static bool make_touch(struct rpc_turn *turn, const struct inform_state *state)
{
	const struct inform_known *known = turn->session->known, *told = state->told;
	struct inform_touch *touch = turn->touch = ARENA_NEW(turn->arena, struct inform_touch);
	if (!known || known->credential != told->credential)
		known = told;
	touch->device_id = state->device.device_id;
	memcpy(touch->known_hash, known->hash, DEVICE_HASH_BYTES);
	memcpy(touch->hash, told->hash, DEVICE_HASH_BYTES);
	if (memcmp(known->hash, told->hash, DEVICE_HASH_BYTES) == 0)
		return true;
	touch->known = state->device.known;
	if (known->news != told->news) {
		touch->events = events_json(turn->arena, &turn->in->request.inform);
		touch->source_address = state->device.source_address;
		touch->retry_count = state->device.retry_count;
	}
	return known->constant == told->constant && add_changed(turn, state, known);
}

static enum rpc_next inform_ask(struct rpc_turn *turn)
{
	if (!take_version(turn)) {
		cwmp_make_fault(&turn->out, turn->in, 8006, NULL);
		turn->outcome = "fault 8006";
		return RPC_REPLY;
	}
	struct inform_state *state = read_inform(turn);
	turn->state = state;
	if (state->device.is_boot || turn->session->has_no_hash ||
		turn->session->proof == PROOF_NEXT || events_are_notable(&turn->in->request.inform) || !make_touch(turn, state))
		return ask_in_full(turn, state);
	return RPC_TOUCH;
}

const struct rpc_cpe_method inform_method = {
	.method = CWMP_INFORM,
	.ask = inform_ask,
	.answer = full_answer,
};
