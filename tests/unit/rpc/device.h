/* device: a CPE of the lab that talks to rpc/ message by message, without HTTP and XML.
 * Each call is one turn; what it returns is the message that the device gets. */
#ifndef TEST_RPC_DEVICE_H
#define TEST_RPC_DEVICE_H

#include "cwmp/cwmp.h"
#include "db/inform_touch.h"
#include "db/tasks.h"
#include "lab.h"
#include "rpc/task.h"

static inline struct device *device_with_serial(const char *serial_number)
{
	struct device *d = ARENA_NEW(lab.arena, struct device);
	*d = (struct device){
		.oui = "00AA11",
		.product_class = "Lab",
		.serial_number = serial_number,
		.root = "InternetGatewayDevice.",
	};
	d->session.device_id = device_id_of(d->oui, d->product_class, d->serial_number);
	assert_true(lab.device_count < LAB_DEVICES);
	return lab.devices[lab.device_count++] = d;
}

/* One that no test before has seen. */
static inline struct device *new_device(void)
{
	return device_with_serial(arena_printf(lab.arena, "S%u", ++lab.serial));
}

static inline void note_settled(const struct queue_settled *settled, void *arg)
{
	struct device *d = arg;
	assert_true(d->settled_count < LAB_SETTLED);
	d->settled[d->settled_count++] = settled->task_id;
}

static inline bool has_settled(const struct device *d, int64_t task)
{
	for (size_t i = 0; i < d->settled_count; i++)
		if (d->settled[i] == task)
			return true;
	return false;
}

/* As the device reads it, off the wire. */
static inline const struct cwmp_message *on_the_wire(const struct cwmp_message *out)
{
	struct buffer envelope = { 0 };
	struct cwmp_message *in = ARENA_NEW(lab.arena, struct cwmp_message);
	const char *why = "";
	cwmp_encode(lab.codec, out, NULL, &envelope);
	if (cwmp_decode(lab.codec, lab.arena, envelope.data, envelope.length, NULL, in, &why) !=
		CWMP_DECODED)
		fail_msg("%s: %s", why, envelope.data);
	buffer_clear(&envelope);
	return in;
}

struct touched {
	bool is_over, has_hit;
	const char *text;
	struct device_session session;
};

static inline void on_touched(const struct db_answer *answer, int row, void *arg)
{
	struct touched *touched = arg;
	touched->is_over = true;
	touched->text = arena_strdup(lab.arena, answer->text);
	touched->has_hit = inform_touch_read(answer, row, &touched->session);
}

/* A batch of one. */
static inline enum rpc_next touch(struct device *d)
{
	struct touched touched = { 0 };
	batch_add(lab.touches, &d->turn.touch->entry, d->session.device_id, on_touched, &touched);
	while (!touched.is_over)
		event_base_loop(lab.base, EVLOOP_ONCE);
	d->questions++;
	assert_string_equal(touched.text, "");
	return rpc_touched(&d->turn, touched.has_hit ? &touched.session : NULL);
}

/* A turn as acs/turn.c runs it: what the device posts (NULL: nothing), and what it gets; NULL when
 * that is no message: d->next and d->sqlstate tell. */
static inline const struct cwmp_message *post(struct device *d, const struct cwmp_message *in)
{
	d->turn = (struct rpc_turn){
		.arena = lab.arena,
		.session = &d->session,
		.settings = &lab_settings,
		.now = time(NULL),
		.in = in,
	};
	d->questions = 0;
	d->settled_count = 0;
	d->sqlstate = "";
	d->next = rpc_begin(&d->turn);
	if (d->next == RPC_TOUCH)
		d->next = touch(d);
	while (d->next == RPC_ASK) {
		const struct db_answer answer = db_ask_and_wait(
			lab.db, lab.base, lab.arena, &d->turn.question);
		d->questions++;
		d->sqlstate = answer.sqlstate;
		if (answer.outcome != DB_OK)
			return NULL;
		rpc_each_settled(&d->turn, &answer, note_settled, d);
		d->next = rpc_continue(&d->turn, &answer);
	}
	if (d->turn.learned)
		d->known = d->turn.learned;
	return d->next == RPC_REPLY ? on_the_wire(&d->turn.out) : NULL;
}

static inline struct cwmp_message *message(enum cwmp_kind kind, enum cwmp_method method)
{
	struct cwmp_message *m = ARENA_NEW(lab.arena, struct cwmp_message);
	m->kind = kind;
	m->method = method;
	m->method_name = cwmp_method_name(method);
	m->hold_requests = -1;
	return m;
}

/* What an Inform tells beyond the ordinary; all optional. */
struct telling {
	const char *event, *command_key, *event_2; /* else "2 PERIODIC" */
	const char *version;                       /* else "1.0" */
	const char *parameter_key;                 /* else "" */
	bool no_parameters;
	struct cwmp_value extra;        /* one more parameter */
	const char *supported_versions; /* sent in namespace 1-2 */
	enum cwmp_namespace ns;         /* without that */
	const char *ns_uri;             /* one that no schema has */
	unsigned session_timeout, retry_count;
};

static inline void inform_parameters(
	const struct device *d, const struct telling *told, struct cwmp_values *out)
{
	const struct cwmp_value values[] = {
		{ "DeviceInfo.HardwareVersion", "B1", "xsd:string" },
		{ "DeviceInfo.SoftwareVersion", told->version ? told->version : "1.0",
			"xsd:string" },
		{ "ManagementServer.ConnectionRequestURL", "http://192.0.2.1:7547/", "xsd:string" },
		{ "ManagementServer.ParameterKey", told->parameter_key ? told->parameter_key : "",
			"xsd:string" },
	};
	out->items = arena_array(lab.arena, LENGTH_OF(values) + 1, sizeof(*out->items));
	for (size_t i = 0; i < LENGTH_OF(values) && !told->no_parameters; i++) {
		out->items[out->count] = values[i];
		out->items[out->count++].name = arena_printf(
			lab.arena, "%s%s", d->root, values[i].name);
	}
	if (told->extra.name)
		out->items[out->count++] = told->extra;
}

static inline struct cwmp_message *inform_message(
	const struct device *d, const struct telling *told)
{
	struct cwmp_message *m = message(CWMP_REQUEST, CWMP_INFORM);
	struct cwmp_inform *inform = &m->request.inform;
	m->id = "inform-1";
	m->ns = told->supported_versions ? CWMP_NS_1_2 : told->ns;
	m->ns_uri = told->ns_uri;
	m->session_timeout = told->session_timeout;
	m->supported_versions = told->supported_versions;
	inform->retry_count = told->retry_count;
	inform->device = (struct cwmp_device_id){ "Lab Ltd", d->oui, d->product_class,
		d->serial_number };
	inform->current_time = CWMP_UNKNOWN_TIME;
	inform->events = arena_array(lab.arena, 2, sizeof(*inform->events));
	inform->events[inform->event_count++] = (struct cwmp_event){
		told->event ? told->event : "2 PERIODIC", told->command_key ? told->command_key : ""
	};
	if (told->event_2)
		inform->events[inform->event_count++] = (struct cwmp_event){ told->event_2, "" };
	inform_parameters(d, told, &inform->parameters);
	return m;
}

/* A new session. What the device had been asked in an earlier one stays unanswered. */
static inline const struct cwmp_message *inform_telling(
	struct device *d, const struct telling *told)
{
	rpc_task_free(d->session.task);
	d->session = (struct rpc_session){
		.arena = lab.arena,
		.device_id = device_id_of(d->oui, d->product_class, d->serial_number),
		.id = device_public_id(lab.arena, d->oui, d->product_class, d->serial_number),
		.source_address = "192.0.2.1",
		.files_url = "http://acs.example:7567",
		.credential = d->credential,
		.known = d->is_forgotten ? NULL : d->known,
	};
	return post(d, inform_message(d, told));
}
#define inform(device, ...) inform_telling((device), &(const struct telling){ __VA_ARGS__ })

/* The device hands over: the ACS's next request, or NULL when the session is over. */
static inline const struct cwmp_message *empty(struct device *d)
{
	return post(d, NULL);
}

/* Answers to the latest request. Each returns the ACS's next one, or NULL. */
static inline struct cwmp_message *answer_to(const struct device *d)
{
	struct cwmp_message *m = message(CWMP_RESPONSE, d->turn.out.method);
	m->id = d->turn.out.id;
	return m;
}

static inline const struct cwmp_message *respond_status(struct device *d, unsigned status)
{
	struct cwmp_message *m = answer_to(d);
	m->response.status = status;
	return post(d, m);
}

/* For methods whose response is empty. */
static inline const struct cwmp_message *respond(struct device *d)
{
	return post(d, answer_to(d));
}

static inline const struct cwmp_message *respond_values(
	struct device *d, struct cwmp_value *items, size_t count)
{
	struct cwmp_message *m = answer_to(d);
	m->response.values = (struct cwmp_values){ items, count };
	return post(d, m);
}
#define VALUES(...) \
	(struct cwmp_value[]){ __VA_ARGS__ }, \
		sizeof((struct cwmp_value[]){ __VA_ARGS__ }) / sizeof(struct cwmp_value)

static inline const struct cwmp_message *respond_names(
	struct device *d, struct cwmp_name *items, size_t count)
{
	struct cwmp_message *m = answer_to(d);
	m->response.names = (struct cwmp_names){ items, count };
	return post(d, m);
}
#define NAMES(...) \
	(struct cwmp_name[]){ __VA_ARGS__ }, \
		sizeof((struct cwmp_name[]){ __VA_ARGS__ }) / sizeof(struct cwmp_name)

static inline const struct cwmp_message *respond_transfer(struct device *d, unsigned status)
{
	struct cwmp_message *m = answer_to(d);
	m->response.transfer = (struct cwmp_transfer_response){ status, "", "" };
	return post(d, m);
}

static inline const struct cwmp_message *respond_added(struct device *d, unsigned instance_number)
{
	struct cwmp_message *m = answer_to(d);
	m->response.add_object = (struct cwmp_add_object_response){ instance_number, 0 };
	return post(d, m);
}

static inline const struct cwmp_message *respond_fault(struct device *d, unsigned code)
{
	struct cwmp_message *m = message(CWMP_FAULT, CWMP_UNKNOWN_METHOD);
	m->id = d->turn.out.id;
	m->fault = (struct cwmp_fault){
		.fault_code = "Client",
		.fault_string = "CWMP fault",
		.has_detail = true,
		.code = code,
		.text = cwmp_fault_text(code),
	};
	return post(d, m);
}

/* code 0: the transfer went well. */
static inline const struct cwmp_message *transfer_complete(
	struct device *d, const char *command_key, unsigned code)
{
	struct cwmp_message *m = message(CWMP_REQUEST, CWMP_TRANSFER_COMPLETE);
	m->id = "transfer-1";
	m->request.transfer_complete = (struct cwmp_transfer_complete){
		.command_key = command_key,
		.fault = { code, code ? cwmp_fault_text(code) : "" },
		.start_time = CWMP_UNKNOWN_TIME,
		.complete_time = CWMP_UNKNOWN_TIME,
	};
	return post(d, m);
}

/* What became of software modules: one result each. */
static inline const struct cwmp_message *du_state_change_complete(struct device *d,
	enum cwmp_method method, const char *command_key, struct cwmp_du_result *results,
	size_t count)
{
	struct cwmp_message *m = message(CWMP_REQUEST, method);
	m->ns = CWMP_NS_1_2;
	m->id = "du-1";
	m->request.du_state_change = (struct cwmp_du_state_change){
		.results = results, .count = count, .command_key = command_key
	};
	return post(d, m);
}

/* The connection breaks in the middle of the session. */
static inline void break_off(struct device *d)
{
	struct db_question question = db_question(lab.arena);
	if (rpc_task_lost(&d->session, &question))
		lab_ask(&question);
}

/* JSON with ' for ", so that orders can be read. */
static inline json_t *json_of(const char *text)
{
	char *copy = strdup(text);
	for (char *at = copy; *at; at++)
		if (*at == '\'')
			*at = '"';
	json_t *value = json_loads(copy, JSON_DECODE_ANY, NULL);
	free(copy);
	assert_non_null(value);
	return value;
}

/* Queues what the admin API would: the row of tasks_add(). */
static inline const struct db_rows *add_task(const struct device *d, const char *order_text)
{
	struct task_order order;
	const char *why = "";
	json_t *body = json_of(order_text);
	const bool ok = task_order_read(lab.arena, body, &order, &why);
	json_decref(body);
	if (!ok)
		fail_msg("%s", why);
	struct db_question question = db_question(lab.arena);
	tasks_add(&question, &(const struct task_new){
				     .device_id = d->session.device_id,
				     .method = order.method,
				     .arguments = order.arguments,
				     .note = &(const struct audit_note){ .actor = "tester",
					     .action = "POST" },
				     .expires_in = order.expires_in,
				     .not_before = order.not_before,
				     .file = order.file,
				     .needs_version = order.needs_version,
				     .queue_limit = 100,
			     });
	return lab_ask(&question);
}

/* The outcome of what cannot be queued. */
static inline const char *verdict_on(const struct device *d, const char *order_text)
{
	return db_get_text(add_task(d, order_text), 0, 0);
}

/* The task's id. */
static inline int64_t queue(const struct device *d, const char *order_text)
{
	const struct db_rows *rows = add_task(d, order_text);
	assert_text(db_get_text(rows, 0, 0), "queued");
	return db_get_int(rows, 0, 2);
}

/* A device that has informed, without onboarding. */
static inline struct device *known_device(void)
{
	struct device *d = new_device();
	assert_non_null(inform(d));
	return d;
}

/* Likewise, one that speaks every version. */
static inline struct device *modern_device(void)
{
	struct device *d = new_device();
	assert_non_null(inform(d, .supported_versions = "1.0,1.1,1.2,1.3,1.4"));
	return d;
}

static inline const struct cwmp_message *send_modern_task(
	struct device *d, const char *order_text, int64_t *task)
{
	*task = queue(d, order_text);
	inform(d, .supported_versions = "1.0,1.1,1.2,1.3,1.4");
	const struct cwmp_message *request = empty(d);
	assert_non_null(request);
	return request;
}

/* Queues one task and begins a session: the request that comes of it. */
static inline const struct cwmp_message *send_task(
	struct device *d, const char *order_text, int64_t *task)
{
	*task = queue(d, order_text);
	inform(d);
	const struct cwmp_message *request = empty(d);
	assert_non_null(request);
	return request;
}

#endif
