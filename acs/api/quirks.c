/* quirks: what is known of devices that need to be treated in a way of their own.
 * GET /quirks, GET|PUT|DELETE /quirks/{quirk}. A change counts on this node when it is answered, on
 * others as soon as they hear of it. */
#include <stdlib.h>
#include <string.h>

#include "acs/api/call.h"
#include "acs/peers.h"
#include "acs/quirks.h"
#include "db/quirks.h"

enum { MOST_PATTERN = 255, MOST_NOTE = 2000, MOST_POSITION = 1000000 };
/* Behind all that are shipped. */
enum { DEFAULT_POSITION = 1000 };

static void on_list(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	json_t *quirks = json_array();
	for (size_t i = 0; i < db_row_count(rows); i++)
		json_array_append_new(quirks, json_loads(db_get_text(rows, i, 0), 0, NULL));
	api_reply_document(call, 200,
		json_pack("{s:o, s:o}", "quirks", quirks, "settings", quirks_describe()));
}

void quirks_get_list(struct api_call *call)
{
	struct db_question question = db_question(call->arena);
	quirks_list(&question);
	api_ask(call, &question, on_list);
}

static void on_quirk(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "quirk");
}

void quirks_get_one(struct api_call *call)
{
	const char *name = api_path_name(call);
	if (!name) {
		api_problem(call, 404, NULL, "no such quirk");
		return;
	}
	struct db_question question = db_question(call->arena);
	quirks_get(&question, name);
	api_ask(call, &question, on_quirk);
}

/* Whatever came of the change: this node's copy is as new as it before the call is answered, those of others soon. */
static void reload(struct api_call *call,
	void (*reloaded)(struct api_call *call, const struct db_answer *answer))
{
	struct db_question question = db_question(call->arena);
	peers_tell_quirks(call->loop);
	quirk_table_ask(call->loop->server->quirks, &question);
	api_ask(call, &question, reloaded);
}

struct put {
	const char *json;
	bool is_new;
};

static void on_put_loaded(struct api_call *call, const struct db_answer *answer)
{
	const struct put *put = call->state;
	quirk_table_take(call->loop->server->quirks, answer->results[0]);
	if (put->is_new)
		api_reply_created(call, 201, call->request->path, put->json);
	else
		api_reply_json(call, 200, put->json);
}

static void on_put(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	struct put *put = ARENA_NEW(call->arena, struct put);
	put->json = arena_strdup(call->arena, db_get_text(rows, 0, 0));
	put->is_new = db_get_bool(rows, 0, 1);
	call->state = put;
	reload(call, on_put_loaded);
}

/* False: answered with 400. */
static bool read_settings(struct api_call *call, struct quirk_description *quirk)
{
	const json_t *settings = json_object_get(call->body, "settings");
	struct quirks known;
	const char *why = "must be an object";
	if (!json_is_object(settings)) {
		api_problem(call, 400, "settings", "%s", why);
		return false;
	}
	if (!quirks_read(call->arena, settings, &known, &why)) {
		api_problem_why(call, arena_printf(call->arena, "settings.%s", why));
		return false;
	}
	char *json = json_dumps(settings, JSON_COMPACT);
	quirk->settings = arena_strdup(call->arena, json);
	free(json);
	return true;
}

/* May be left out, or empty. False: answered with 400. */
static bool read_note(struct api_call *call, struct quirk_description *quirk)
{
	const json_t *note = json_object_get(call->body, "note");
	const char *text = "";
	const bool is_empty = json_is_string(note) && json_string_length(note) == 0;
	if (!is_empty && !api_body_text(call, "note", MOST_NOTE, &text))
		return false;
	quirk->note = text ? text : "";
	return true;
}

/* False: answered with 400. */
static bool read_order(struct api_call *call, struct quirk_description *quirk)
{
	const json_t *enabled = json_object_get(call->body, "enabled");
	const json_t *position = json_object_get(call->body, "position");
	quirk->is_enabled = !enabled || json_is_true(enabled);
	quirk->position = position ? json_integer_value(position) : DEFAULT_POSITION;
	if (enabled && !json_is_boolean(enabled)) {
		api_problem(call, 400, "enabled", "must be true or false");
		return false;
	}
	if ((position && !json_is_integer(position)) || quirk->position < 0 ||
		quirk->position > MOST_POSITION) {
		api_problem(call, 400, "position", "must be a whole number from 0 to %d",
			MOST_POSITION);
		return false;
	}
	return true;
}

/* What is shown may come back: the name must then be that of the path, the origin says nothing. */
static bool read_quirk(struct api_call *call, struct quirk_description *quirk)
{
	static const char *const known[] = { "name", "origin", "enabled", "position",
		"manufacturer", "oui", "product_class", "software_version", "settings", "note",
		NULL };
	const json_t *name = json_object_get(call->body, "name");
	if (!api_body_has_only(call, known))
		return false;
	if (name && (!json_is_string(name) || strcmp(json_string_value(name), quirk->name) != 0)) {
		api_problem(call, 400, "name", "is not the name in the path");
		return false;
	}
	return api_body_text(call, "manufacturer", MOST_PATTERN, &quirk->manufacturer) &&
	       api_body_text(call, "oui", MOST_PATTERN, &quirk->oui) &&
	       api_body_text(call, "product_class", MOST_PATTERN, &quirk->product_class) &&
	       api_body_text(call, "software_version", MOST_PATTERN, &quirk->software_version) &&
	       read_order(call, quirk) && read_settings(call, quirk) && read_note(call, quirk);
}

void quirks_put_one(struct api_call *call)
{
	struct quirk_description quirk = { .name = api_path_name(call) };
	if (!quirk.name) {
		api_problem(call, 400, "name", "must be a text of at most %d bytes without '/'",
			API_NAME_BYTES);
		return;
	}
	if (!read_quirk(call, &quirk))
		return;
	const struct audit_note note = api_note(call, quirk.name);
	struct db_question question = db_question(call->arena);
	quirks_put(&question, &note, &quirk);
	api_ask(call, &question, on_put);
}

static void on_removed_loaded(struct api_call *call, const struct db_answer *answer)
{
	quirk_table_take(call->loop->server->quirks, answer->results[0]);
	api_reply_nothing(call);
}

static void on_still_there(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such quirk");
	else
		api_problem(call, 409, NULL,
			"is shipped and as it was: disable it by PUT with \"enabled\": false");
}

/* What is not the operator's own may still be there. */
static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) > 0) {
		reload(call, on_removed_loaded);
		return;
	}
	struct db_question question = db_question(call->arena);
	quirks_get(&question, call->state);
	api_ask(call, &question, on_still_there);
}

void quirks_remove(struct api_call *call)
{
	const char *name = api_path_name(call);
	if (!name) {
		api_problem(call, 404, NULL, "no such quirk");
		return;
	}
	call->state = arena_strdup(call->arena, name);
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	quirks_delete(&question, &note, name);
	api_ask(call, &question, on_removed);
}
