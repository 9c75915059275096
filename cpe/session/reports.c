/* reports: the requests of our own that wait for the ACS's answer, TransferComplete and its kin.
 * One table says which event each goes with, how it is built and what the journal should know. */
#include "cpe/session/reports.h"

#include <assert.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/log.h"
#include "cpe/session/report_messages.h"
#include "cwmp/cwmp.h"

static const struct report_kind {
	enum cwmp_method method;
	const char *event; /* delivered when no report of the method waits any more; or NULL */
	report_build_fn *build;
	report_witness_fn *witness; /* may be NULL */
} kinds[] = {
	{ CWMP_TRANSFER_COMPLETE, "7 TRANSFER COMPLETE", report_build_transfer,
		report_witness_transfer },
	{ CWMP_AUTONOMOUS_TRANSFER_COMPLETE, "10 AUTONOMOUS TRANSFER COMPLETE",
		report_build_autonomous_transfer, NULL },
	{ CWMP_DU_STATE_CHANGE_COMPLETE, "11 DU STATE CHANGE COMPLETE", report_build_du_change,
		report_witness_du_change },
	{ CWMP_AUTONOMOUS_DU_STATE_CHANGE_COMPLETE, "12 AUTONOMOUS DU STATE CHANGE COMPLETE",
		report_build_du_change, report_witness_du_change },
	{ CWMP_REQUEST_DOWNLOAD, "9 REQUEST DOWNLOAD", report_build_request_download, NULL },
	{ CWMP_KICKED, "5 KICKED", report_build_kicked, report_witness_kicked },
	{ CWMP_GET_RPC_METHODS, NULL, report_build_nothing, report_witness_methods },
};

static const struct report_kind *find_kind(enum cwmp_method method)
{
	for (size_t i = 0; i < LENGTH_OF(kinds); i++)
		if (kinds[i].method == method)
			return &kinds[i];
	return NULL;
}

/* Of a report that is ours: added, or found by reports_next. */
static const struct report_kind *kind_of(enum cwmp_method method)
{
	const struct report_kind *kind = find_kind(method);
	assert(kind);
	return kind;
}

enum cwmp_method report_method(const json_t *report)
{
	return cwmp_method_by_name(state_text(report, "method"));
}

bool reports_have_key(const struct state *state, const char *command_key)
{
	size_t i;
	const json_t *report;
	json_array_foreach (state->reports, i, report)
		if (strcmp(state_text(report, "command_key"), command_key) == 0 &&
			report_method(report) == CWMP_TRANSFER_COMPLETE)
			return true;
	return false;
}

size_t reports_count(const struct state *state, enum cwmp_method method)
{
	size_t count = 0, i;
	const json_t *report;
	json_array_foreach (state->reports, i, report)
		count += report_method(report) == method;
	return count;
}

void reports_add(struct device *device, const struct report *report, json_t *content)
{
	struct state *state = &device->state;
	const struct report_kind *kind = kind_of(report->method);
	json_array_append_new(state->reports,
		json_pack("{s:s,s:s,s:s,s:b,s:b,s:o}", "method", cwmp_method_name(report->method),
			"m_event", report->m_event ? report->m_event : "", "command_key",
			report->command_key, "may_follow", report->may_follow, "announced", 0,
			"content", content));
	if (kind->event)
		events_add(&state->events, kind->event, "");
	if (report->m_event)
		events_add(&state->events, report->m_event, report->command_key);
}

void reports_announce(struct state *state)
{
	size_t i;
	json_t *report;
	json_array_foreach (state->reports, i, report)
		json_object_set_new(report, "announced", json_true());
}

json_t *reports_next(const struct state *state)
{
	size_t i;
	json_t *report;
	json_array_foreach (state->reports, i, report)
		if (find_kind(report_method(report)) &&
			(json_is_true(json_object_get(report, "announced")) ||
				json_is_true(json_object_get(report, "may_follow"))))
			return report;
	return NULL;
}

void reports_build(struct arena *arena, enum cwmp_namespace ns, const char *id,
	const json_t *report, struct cwmp_message *out)
{
	const struct report_kind *kind = kind_of(report_method(report));
	cwmp_make_request(out, ns, kind->method, id);
	kind->build(arena, json_object_get(report, "content"), out);
}

static void forget_events(
	struct events *events, const struct report_kind *kind, const json_t *report, size_t left)
{
	const char *m_event = state_text(report, "m_event");
	if (m_event[0])
		events_remove(events, m_event, state_text(report, "command_key"));
	if (kind->event && left == 0)
		events_remove(events, kind->event, "");
}

static void forget(struct state *state, const struct report_kind *kind, json_t *report)
{
	size_t at = 0;
	while (json_array_get(state->reports, at) != report)
		at++;
	json_incref(report);
	json_array_remove(state->reports, at);
	forget_events(&state->events, kind, report, reports_count(state, kind->method));
	json_decref(report);
}

void reports_forget_newer(struct device *device, enum cwmp_version version)
{
	struct state *state = &device->state;
	for (size_t i = json_array_size(state->reports); i-- > 0;) {
		json_t *report = json_array_get(state->reports, i);
		const enum cwmp_method method = report_method(report);
		const struct report_kind *kind = find_kind(method);
		if (!kind || cwmp_method_since(method) <= version)
			continue;
		LOG(device->name, "report-dropped", LOG_TEXT("method", cwmp_method_name(method)),
			LOG_TEXT("version", cwmp_version_name(version)));
		forget(state, kind, report);
	}
	events_forget_newer(&state->events, version);
}

void reports_on_answer(
	struct device *device, json_t *report, const char *id, const struct cwmp_message *answer)
{
	const struct report_kind *kind = kind_of(report_method(report));
	json_t *entry = json_pack("{s:s,s:s,s:s,s:i}", "method", cwmp_method_name(kind->method),
		"id", id, "command_key", state_text(report, "command_key"), "acs_fault",
		(int)answer->fault.code);
	if (kind->witness)
		kind->witness(entry, json_object_get(report, "content"), answer);
	device_witness(device, "acknowledged", entry);
	forget(&device->state, kind, report);
	device_save(device);
}
