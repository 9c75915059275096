/* devices: found, shown, tagged, deleted; and what is known of their parameters.
 * GET /devices, GET|PATCH|DELETE /devices/{device}, PUT|DELETE …/tags/{tag}, GET …/parameters. */
#include <string.h>

#include "acs/api/internal.h"
#include "acs/api/page.h"
#include "acs/log.h"
#include "acs/pace.h"
#include "acs/quirks.h"
#include "base/clock.h"
#include "cwmp/secret_names.h"
#include "db/device_list.h"
#include "db/searched_parameters.h"
#include "http/url.h"
#include "rpc/secrets.h"

enum { MOST_TAG_BYTES = 128 };

static const char parameter_prefix[] = "parameter.";

struct search {
	struct device_filter filter;
	struct api_page page;
};

/* All values of ?tag= and all of ?parameter.NAME=. */
static void read_lists(struct api_call *call, struct search *search)
{
	struct device_filter *filter = &search->filter;
	const char **tags = arena_array(call->arena, call->query_count + 1, sizeof(*tags));
	const char **names = arena_array(call->arena, call->query_count, sizeof(*names));
	const char **values = arena_array(call->arena, call->query_count, sizeof(*values));
	for (size_t i = 0; i < call->query_count; i++) {
		const struct api_query *item = &call->query[i];
		if (strcmp(item->name, "tag") == 0)
			tags[filter->tag_count++] = item->value;
		if (strncmp(item->name, parameter_prefix, strlen(parameter_prefix)) != 0)
			continue;
		names[filter->parameter_count] = item->name + strlen(parameter_prefix);
		values[filter->parameter_count++] = item->value;
	}
	/* What each that is reached must have leads to an index as what was asked for does. */
	if (call->scope.only_tag)
		tags[filter->tag_count++] = call->scope.only_tag;
	if (!filter->oui)
		filter->oui = call->scope.only_oui;
	filter->scope = call->scope;
	filter->tags = tags;
	filter->names = names;
	filter->values = values;
}

static void note_unready(struct api_call *call, const struct searched_parameter *parameter)
{
	call->timeout_detail =
		"an index of the parameter's values is being made: try again in a while";
	if (parameter->is_new)
		LOG_INFO("searched-parameter-added", LOG_TEXT("name", parameter->name));
	if (parameter->state != SEARCHED_NOT)
		return;
	call->timeout_detail = "the parameter has no index, and no other may have one";
	LOG_WARNING("searched-parameters-full", LOG_TEXT("name", parameter->name));
}

/* As long as no index has all values, devices are looked at one by one. */
static void note_searched(struct api_call *call, const struct db_rows *rows)
{
	for (size_t i = 0; i < db_row_count(rows); i++) {
		const struct searched_parameter parameter = searched_parameter_read(rows, i);
		if (parameter.state != SEARCHED_READY)
			note_unready(call, &parameter);
	}
}

static void on_weighed(struct api_call *call, const struct db_answer *answer)
{
	struct search *search = call->state;
	if (search->filter.parameter_count)
		note_searched(call, answer->results[0]);
	devices_lead(&search->filter, answer->results[answer->count - 1]);
	struct db_question question = db_question(call->arena);
	devices_list(
		&question, &search->filter, api_page_number(&search->page, -1), search->page.limit);
	api_page_ask(call, &question, &search->page, "devices");
}

static void weigh(struct api_call *call, const struct search *search)
{
	const struct device_filter *filter = &search->filter;
	const struct audit_note note = api_note(call, NULL);
	struct db_question question = db_question(call->arena);
	if (filter->parameter_count)
		searched_parameters_ask(&question, &note, filter->names, filter->parameter_count,
			call->loop->server->config->admin.searched_parameters);
	devices_weigh(&question, filter);
	api_ask(call, &question, on_weighed);
}

/* Trying values would tell the one that is stored. */
static bool check_searched(struct api_call *call, const struct device_filter *filter)
{
	for (size_t i = 0; i < filter->parameter_count; i++) {
		if (!cwmp_name_is_secret(filter->names[i],
			    call->loop->server->config->secrets.parameters))
			continue;
		api_problem(call, 400,
			arena_printf(call->arena, "%s%s", parameter_prefix, filter->names[i]),
			"is a secret, by which devices are not found");
		return false;
	}
	return true;
}

void devices_get_list(struct api_call *call)
{
	struct search *search = ARENA_NEW(call->arena, struct search);
	search->filter = (struct device_filter){
		.oui = api_query(call, "oui"),
		.product_class = api_query(call, "product_class"),
		.serial_number = api_query(call, "serial_number"),
		.software_version = api_query(call, "software_version"),
		.admission = api_query(call, "admission"),
		.words = api_query(call, "q"),
	};
	if (!api_page_read(call, &search->page))
		return;
	read_lists(call, search);
	if (!check_searched(call, &search->filter))
		return;
	call->state = search;
	weigh(call, search);
}

static const char *member(const json_t *device, const char *name)
{
	const char *text = json_string_value(json_object_get(device, name));
	return text ? text : "";
}

static json_t *slowed_json(const struct api_call *call)
{
	char since[32];
	struct pace_state state;
	struct tm tm;
	if (!pace_state(call->loop->server->paces, call->device_id, clock_us(), &state))
		return json_null();
	strftime(since, sizeof(since), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&state.since, &tm));
	return json_pack("{s:s, s:s, s:i}", "since", since, "limit", state.limit, "refused",
		(int)state.refused);
}

/* With the quirks that its next Inform would be matched with. */
static void show_device(struct api_call *call, const struct db_rows *rows)
{
	if (db_row_count(rows) == 0) {
		api_problem(call, 404, NULL, "no such device");
		return;
	}
	json_t *device = json_loads(db_get_text(rows, 0, 0), 0, NULL);
	const struct quirk_facts facts = {
		.manufacturer = member(device, "manufacturer"),
		.oui = member(device, "oui"),
		.product_class = member(device, "product_class"),
		.software_version = member(device, "software_version"),
	};
	json_object_set_new(device, "quirks", quirk_table_json(call->loop->server->quirks, &facts));
	json_object_set_new(device, "slowed", slowed_json(call));
	api_reply_document(call, 200, device);
}

static void on_device(struct api_call *call, const struct db_answer *answer)
{
	show_device(call, answer->results[0]);
}

void devices_get_one(struct api_call *call)
{
	struct db_question question = db_question(call->arena);
	devices_get(&question, call->device_id);
	api_ask(call, &question, on_device);
}

/* Each once, in the order given. False: answered with 400. */
static bool read_tags(struct api_call *call, const json_t *list, const char **tags, size_t *count)
{
	size_t i, known;
	json_t *item;
	json_array_foreach (list, i, item) {
		const char *tag = json_string_value(item);
		if (!tag) {
			api_problem(call, 400, "tags", "must be a list of texts");
			return false;
		}
		if (!api_check_text(call, "tags", tag, MOST_TAG_BYTES))
			return false;
		for (known = 0; known < *count && strcmp(tags[known], tag) != 0; known++)
			continue;
		if (known == *count)
			tags[(*count)++] = tag;
	}
	return true;
}

bool api_read_tags(struct api_call *call, const json_t *list, const char **tags, size_t *count)
{
	if (json_is_array(list) && json_array_size(list) <= API_MOST_TAGS)
		return read_tags(call, list, tags, count);
	api_problem(call, 400, "tags", "must be a list of at most %d texts", API_MOST_TAGS);
	return false;
}

bool api_read_admission(struct api_call *call, const char **admission)
{
	static const char *const known[] = { "active", "quarantined", "blocked" };
	if (!api_body_text(call, "admission", MOST_TAG_BYTES, admission))
		return false;
	for (size_t i = 0; *admission && i < LENGTH_OF(known); i++)
		if (strcmp(known[i], *admission) == 0)
			return true;
	if (*admission)
		api_problem(call, 400, "admission", "must be active, quarantined or blocked");
	return !*admission;
}

static void on_patched(struct api_call *call, const struct db_answer *answer)
{
	show_device(call, answer->results[answer->count - 1]);
}

/* Tags and admission are all that an operator may change; the rest is the device's own word. */
void devices_patch(struct api_call *call)
{
	static const char *const known[] = { "tags", "admission", NULL };
	const char *tags[API_MOST_TAGS], *admission;
	size_t count = 0;
	const json_t *list = json_object_get(call->body, "tags");
	if (!api_body_has_only(call, known) || !api_read_admission(call, &admission))
		return;
	if (!list && !admission) {
		api_problem(call, 400, NULL, "tags or an admission are needed");
		return;
	}
	if (list && !api_read_tags(call, list, tags, &count))
		return;
	const struct audit_note note = api_note(call, call->device);
	struct db_question question = db_question(call->arena);
	if (list)
		devices_set_tags(&question, &note, call->device_id, tags, count);
	if (admission)
		devices_set_admission(&question, &note, call->device_id, admission);
	api_ask(call, &question, on_patched);
}

static void on_changed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[answer->count - 1]) == 0)
		api_problem(call, 404, NULL, "no such device");
	else
		api_reply_nothing(call);
}

void devices_remove(struct api_call *call)
{
	const struct audit_note note = api_note(call, call->device);
	struct db_question question = db_question(call->arena);
	devices_delete(&question, &note, call->device_id);
	api_ask(call, &question, on_changed);
}

static void set_tag(struct api_call *call, bool has_tag)
{
	const char *tag = http_percent_decode(call->arena, call->segments[1]);
	if (!api_check_text(call, "tag", tag ? tag : "", MOST_TAG_BYTES))
		return;
	const struct audit_note note = api_note(
		call, arena_printf(call->arena, "%s %s", call->device, tag));
	struct db_question question = db_question(call->arena);
	devices_tag(&question, &note, call->device_id, tag, has_tag);
	api_ask(call, &question, on_changed);
}

void devices_put_tag(struct api_call *call)
{
	set_tag(call, true);
}

void devices_remove_tag(struct api_call *call)
{
	set_tag(call, false);
}

/* What servers before this one have stored of secrets is hidden here. */
static const char *shown_parameter(struct api_call *call, const struct db_rows *rows, size_t row)
{
	const char *json = db_get_text(rows, row, 0);
	const char *more = call->loop->server->config->secrets.parameters;
	return cwmp_name_is_secret(db_get_text(rows, row, 1), more)
		       ? secrets_document(call->arena, json, more)
		       : json;
}

static void on_parameters(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such device");
	else
		api_page_reply(call, call->state, "parameters", answer->results[1]);
}

/* Objects have no value; they are listed on request only. */
void devices_get_parameters(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	const char *prefix = api_query(call, "prefix"), *objects = api_query(call, "objects");
	const bool is_bool = !objects || strcmp(objects, "true") == 0 ||
			     strcmp(objects, "false") == 0;
	if (!api_page_read(call, page))
		return;
	if (!is_bool) {
		api_problem(call, 400, "objects", "must be true or false");
		return;
	}
	const struct parameter_filter filter = {
		.prefix = prefix ? prefix : "",
		.with_objects = objects && strcmp(objects, "true") == 0,
	};
	struct db_question question = db_question(call->arena);
	page->shown = shown_parameter;
	devices_exists(&question, call->device_id);
	devices_parameters(&question, call->device_id, &filter, page->after, page->limit);
	call->state = page;
	api_ask(call, &question, on_parameters);
}
