/* report_messages: how each report of reports.c is written as a CWMP request.
 * The content is JSON, as the state keeps it; texts are copied into the message's arena. */
#include "cpe/session/report_messages.h"

#include "cpe/schedule.h"
#include "cwmp/cwmp.h"

static const char *text(struct arena *arena, const json_t *content, const char *key)
{
	const char *value = json_string_value(json_object_get(content, key));
	return value ? arena_strdup(arena, value) : "";
}

static const char *moment(struct arena *arena, const json_t *content, const char *key)
{
	const json_int_t time = json_integer_value(json_object_get(content, key));
	return time ? time_text(arena, (time_t)time) : CWMP_UNKNOWN_TIME;
}

/* A code that the namespace does not know is told as the one that comes nearest. */
static struct cwmp_fault_struct fault(const json_t *content, enum cwmp_namespace ns)
{
	const unsigned code = (unsigned)json_integer_value(json_object_get(content, "fault"));
	return (struct cwmp_fault_struct){
		.code = code ? cwmp_fault_code_for(ns, code) : 0,
		.text = code ? cwmp_fault_text(code) : "",
	};
}

void report_build_transfer(struct arena *arena, const json_t *content, struct cwmp_message *out)
{
	out->request.transfer_complete = (struct cwmp_transfer_complete){
		.command_key = text(arena, content, "command_key"),
		.fault = fault(content, out->ns),
		.start_time = moment(arena, content, "started"),
		.complete_time = moment(arena, content, "completed"),
	};
}

void report_witness_transfer(
	json_t *entry, const json_t *content, const struct cwmp_message *answer)
{
	(void)answer;
	json_object_set(entry, "fault", json_object_get(content, "fault"));
}

void report_build_autonomous_transfer(
	struct arena *arena, const json_t *content, struct cwmp_message *out)
{
	out->request.autonomous_transfer = (struct cwmp_autonomous_transfer){
		.announce_url = text(arena, content, "announce_url"),
		.transfer_url = text(arena, content, "transfer_url"),
		.is_download = json_is_true(json_object_get(content, "is_download")),
		.file_type = text(arena, content, "file_type"),
		.file_size = (uint64_t)json_integer_value(json_object_get(content, "file_size")),
		.target_file_name = text(arena, content, "target_file_name"),
		.fault = fault(content, out->ns),
		.start_time = moment(arena, content, "started"),
		.complete_time = moment(arena, content, "completed"),
	};
}

static struct cwmp_du_result du_result(
	struct arena *arena, const json_t *result, enum cwmp_namespace ns)
{
	return (struct cwmp_du_result){
		.uuid = text(arena, result, "uuid"),
		.deployment_unit_ref = text(arena, result, "reference"),
		.version = text(arena, result, "version"),
		.current_state = text(arena, result, "state"),
		.resolved = json_is_true(json_object_get(result, "resolved")),
		.execution_unit_refs = text(arena, result, "executions"),
		.start_time = moment(arena, result, "started"),
		.complete_time = moment(arena, result, "completed"),
		.fault = fault(result, ns),
		.operation = text(arena, result, "operation"),
	};
}

void report_build_du_change(struct arena *arena, const json_t *content, struct cwmp_message *out)
{
	struct cwmp_du_state_change *change = &out->request.du_state_change;
	const json_t *results = json_object_get(content, "results");
	change->command_key = text(arena, content, "command_key");
	change->results = arena_array(arena, json_array_size(results), sizeof(*change->results));
	for (change->count = 0; change->count < json_array_size(results); change->count++)
		change->results[change->count] = du_result(
			arena, json_array_get(results, change->count), out->ns);
}

void report_witness_du_change(
	json_t *entry, const json_t *content, const struct cwmp_message *answer)
{
	(void)answer;
	json_object_set(entry, "results", json_object_get(content, "results"));
}

void report_build_request_download(
	struct arena *arena, const json_t *content, struct cwmp_message *out)
{
	struct cwmp_request_download *request = &out->request.request_download;
	json_t *arguments = json_object_get(content, "arguments");
	const char *name;
	json_t *value;
	request->file_type = text(arena, content, "file_type");
	request->arguments = arena_array(
		arena, json_object_size(arguments), sizeof(*request->arguments));
	json_object_foreach (arguments, name, value)
		request->arguments[request->argument_count++] = (struct cwmp_argument){
			.name = arena_strdup(arena, name),
			.value = arena_strdup(arena, json_string_value(value)),
		};
}

void report_build_kicked(struct arena *arena, const json_t *content, struct cwmp_message *out)
{
	out->request.kicked = (struct cwmp_kicked){
		.command = text(arena, content, "command"),
		.referer = text(arena, content, "referer"),
		.argument = text(arena, content, "argument"),
		.next = text(arena, content, "next"),
	};
}

void report_witness_kicked(json_t *entry, const json_t *content, const struct cwmp_message *answer)
{
	(void)content;
	if (answer->kind == CWMP_RESPONSE)
		json_object_set_new(entry, "next_url", json_string(answer->response.next_url));
}

void report_build_nothing(struct arena *arena, const json_t *content, struct cwmp_message *out)
{
	(void)arena;
	(void)content;
	(void)out;
}

void report_witness_methods(json_t *entry, const json_t *content, const struct cwmp_message *answer)
{
	(void)content;
	if (answer->kind != CWMP_RESPONSE)
		return;
	json_t *names = json_array();
	for (size_t i = 0; i < answer->response.methods.count; i++)
		json_array_append_new(names, json_string(answer->response.methods.items[i]));
	json_object_set_new(entry, "methods", names);
}
