/* device_classes: how devices of a kind prove who they are, and what they share until they have credentials of their own.
 * GET /device-classes, GET|PUT|DELETE /device-classes/{class}. Passwords go in and never come out. A change counts on
 * this node when it is answered, on others as soon as they hear of it. */
#include "acs/device_classes.h"

#include <string.h>

#include "acs/api/call.h"
#include "acs/peers.h"
#include "db/device_classes.h"
#include "http/digest.h"

enum { MOST_PATTERN = 255, MOST_NOTE = 2000, MOST_POSITION = 1000000 };
enum { MOST_CREDENTIAL = 256 }; /* ManagementServer.Username and the like are string(256) */
enum { DEFAULT_POSITION = 1000 };

static void on_list(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	json_t *classes = json_array();
	for (size_t i = 0; i < db_row_count(rows); i++)
		json_array_append_new(classes, json_loads(db_get_text(rows, i, 0), 0, NULL));
	api_reply_document(call, 200, json_pack("{s:o}", "device_classes", classes));
}

void device_classes_get_list(struct api_call *call)
{
	struct db_question question = db_question(call->arena);
	device_classes_list(&question);
	api_ask(call, &question, on_list);
}

static void on_class(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "device class");
}

void device_classes_get_one(struct api_call *call)
{
	const char *name = api_path_name(call);
	if (!name) {
		api_problem(call, 404, NULL, "no such device class");
		return;
	}
	struct db_question question = db_question(call->arena);
	device_classes_get(&question, name);
	api_ask(call, &question, on_class);
}

/* This node's copy is as new as the change before the call is answered, those of others soon. */
static void reload(struct api_call *call,
	void (*reloaded)(struct api_call *call, const struct db_answer *answer))
{
	struct db_question question = db_question(call->arena);
	peers_tell_device_classes(call->loop);
	device_classes_ask(call->loop->server->device_classes, &question);
	api_ask(call, &question, reloaded);
}

struct put {
	const char *json;
	bool is_new;
};

static void on_put_loaded(struct api_call *call, const struct db_answer *answer)
{
	const struct put *put = call->state;
	device_classes_take(call->loop->server->device_classes, answer->results[0]);
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

/* NULL where it is absent or null. False: answered with 400. */
static bool read_word(
	struct api_call *call, const char *field, const char *const *words, const char **out)
{
	if (!api_body_text(call, field, MOST_PATTERN, out))
		return false;
	for (; *out && *words; words++)
		if (strcmp(*words, *out) == 0)
			return true;
	if (*out)
		api_problem(call, 400, field, "is none of the words that it may be");
	return !*out;
}

/* False: answered with 400. */
static bool read_counter(struct api_call *call, struct device_class_row *row)
{
	const json_t *counter = json_object_get(call->body, "nonce_counter");
	if (counter && !json_is_null(counter) && !json_is_boolean(counter)) {
		api_problem(call, 400, "nonce_counter", "must be true, false or null");
		return false;
	}
	if (json_is_boolean(counter))
		row->nonce_counter = json_is_true(counter) ? "true" : "false";
	return true;
}

/* False: answered with 400. */
static bool read_position(struct api_call *call, struct device_class_row *row)
{
	const json_t *position = json_object_get(call->body, "position");
	row->position = position ? json_integer_value(position) : DEFAULT_POSITION;
	if ((!position || json_is_integer(position)) && row->position >= 0 &&
		row->position <= MOST_POSITION)
		return true;
	api_problem(call, 400, "position", "must be a whole number from 0 to %d", MOST_POSITION);
	return false;
}

/* Both or none of them. False: answered with 400. */
static bool read_shared(struct api_call *call, struct device_class_row *row)
{
	const char *username, *password, *realm = call->loop->server->config->cwmp.realm;
	if (!api_body_text(call, "username", MOST_CREDENTIAL, &username) ||
		!api_body_text(call, "password", MOST_CREDENTIAL, &password))
		return false;
	if (!username != !password) {
		api_problem(call, 400, username ? "password" : "username",
			"is needed with the other one of the pair");
		return false;
	}
	if (!username)
		return true;
	if (strchr(username, ':')) {
		api_problem(call, 400, "username", "must not hold ':'");
		return false;
	}
	row->shared = (struct auth_credential){
		.username = username,
		.realm = realm,
		.ha1_md5 = digest_ha1(call->arena, DIGEST_MD5, username, realm, password),
		.ha1_sha256 = digest_ha1(call->arena, DIGEST_SHA256, username, realm, password),
	};
	return true;
}

static bool read_class(struct api_call *call, struct device_class_row *row)
{
	static const char *const known[] = { "position", "oui", "product_class", "serial_number",
		"auth", "unknown", "nonce_counter", "username", "password", "note", NULL };
	static const char *const schemes[] = { "none", "basic", "digest", NULL };
	static const char *const unknown[] = { "accept", "quarantine", "refuse", NULL };
	row->note = "";
	const char *note = NULL;
	if (!api_body_has_only(call, known) || !read_position(call, row) ||
		!api_body_text(call, "oui", MOST_PATTERN, &row->oui) ||
		!api_body_text(call, "product_class", MOST_PATTERN, &row->product_class) ||
		!api_body_text(call, "serial_number", MOST_PATTERN, &row->serial_number) ||
		!read_word(call, "auth", schemes, &row->auth) ||
		!read_word(call, "unknown", unknown, &row->unknown) || !read_counter(call, row) ||
		!read_shared(call, row) || !api_body_text(call, "note", MOST_NOTE, &note))
		return false;
	if (note)
		row->note = note;
	return true;
}

void device_classes_put_one(struct api_call *call)
{
	struct device_class_row row = { .name = api_path_name(call) };
	if (!row.name) {
		api_problem(call, 400, "name", "must be a text of at most %d bytes without '/'",
			API_NAME_BYTES);
		return;
	}
	if (!read_class(call, &row))
		return;
	const struct audit_note note = api_note(call, row.name);
	struct db_question question = db_question(call->arena);
	device_classes_put(&question, &note, &row);
	api_ask(call, &question, on_put);
}

static void on_removed_loaded(struct api_call *call, const struct db_answer *answer)
{
	device_classes_take(call->loop->server->device_classes, answer->results[0]);
	api_reply_nothing(call);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such device class");
	else
		reload(call, on_removed_loaded);
}

void device_classes_remove(struct api_call *call)
{
	const char *name = api_path_name(call);
	if (!name) {
		api_problem(call, 404, NULL, "no such device class");
		return;
	}
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	device_classes_delete(&question, &note, name);
	api_ask(call, &question, on_removed);
}
