/* rotate: `acs rotate-secrets`, which seals everything that is stored with the newest key.
 * It may run beside servers that know that key already, and again: what is sealed as it should be stays as it is. */
#include "acs/rotate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "acs/config.h"
#include "acs/key_file.h"
#include "acs/secrets.h"
#include "cwmp/secret_names.h"
#include "db/cluster.h"
#include "db/credentials.h"
#include "db/migrate.h"
#include "db/queue.h"
#include "db/sealed.h"
#include "db/settings.h"
#include "rpc/secrets.h"
#include "rpc/task.h"

enum { USAGE = 2, WHY_BYTES = 512 };

struct rotation {
	const struct config *config;
	struct keyring *ring;
	struct event_base *base;
	struct db *db;
	struct arena *arena; /* of one batch */
	int64_t sealed, forgotten, lost; /* lost: no key opens it */
};

static int fail(const char *why)
{
	fprintf(stderr, "acs rotate-secrets: %s\n", why);
	return EXIT_FAILURE;
}

/* False, and told, when the database refuses. */
static bool ask(
	struct rotation *r, const struct db_question *question, struct db_answer *answer)
{
	*answer = db_ask_and_wait(r->db, r->base, r->arena, question);
	if (answer->outcome != DB_OK)
		fail(answer->text);
	return answer->outcome == DB_OK;
}

static bool tell(struct rotation *r, const struct db_question *question)
{
	struct db_answer answer;
	return question->count == 0 || ask(r, question, &answer);
}

static void begin_batch(struct rotation *r)
{
	arena_free(r->arena);
	r->arena = arena_new();
}

/* NULL: it is as it should be, or lost. */
static struct db_bytes seal_anew(
	struct rotation *r, const char *place, const struct db_bytes *sealed)
{
	struct db_bytes fresh = { NULL, 0 };
	size_t length;
	if (keyring_is_current(r->ring, sealed->bytes, sealed->length))
		return fresh;
	const char *text = keyring_unseal(
		r->ring, r->arena, place, sealed->bytes, sealed->length, &length);
	if (text)
		fresh.bytes = keyring_seal(
			r->ring, r->arena, place, text, length, &fresh.length);
	r->sealed += text != NULL;
	r->lost += text == NULL;
	return fresh;
}

/* Columns of devices. */

static const char *column_place(
	struct arena *arena, enum sealed_column column, int64_t device_id)
{
	static const char *(*const places[])(struct arena *arena, int64_t device_id) = {
		[SEALED_CONNECTION_REQUEST_PASSWORD] = credential_place,
		[SEALED_NEXT_PASSWORD] = credential_next_place,
	};
	return places[column](arena, device_id);
}

static void seal_rows(struct rotation *r, struct db_question *question,
	enum sealed_column column, const struct db_rows *rows)
{
	int64_t ids[SEALED_BATCH];
	struct db_bytes old[SEALED_BATCH], fresh[SEALED_BATCH];
	size_t count = 0;
	for (size_t i = 0; i < db_row_count(rows); i++) {
		ids[count] = db_get_int(rows, i, 0);
		old[count].bytes = db_get_bytea(r->arena, rows, i, 1, &old[count].length);
		fresh[count] = seal_anew(
			r, column_place(r->arena, column, ids[count]), &old[count]);
		count += fresh[count].bytes != NULL;
	}
	if (count)
		sealed_replace_of_devices(question, column, ids, old, fresh, count);
}

static bool seal_column(struct rotation *r, enum sealed_column column)
{
	struct db_answer answer;
	int64_t after = INT64_MIN;
	for (size_t count = 1; count;) {
		begin_batch(r);
		struct db_question list = db_question(r->arena);
		sealed_of_devices(&list, column, after);
		if (!ask(r, &list, &answer))
			return false;
		count = db_row_count(answer.results[0]);
		after = count ? db_get_int(answer.results[0], count - 1, 0) : after;
		struct db_question changes = db_question(r->arena);
		seal_rows(r, &changes, column, answer.results[0]);
		if (!tell(r, &changes))
			return false;
	}
	return true;
}

/* Tasks. */

static const char *task_place(struct arena *arena, const struct sealed_task *task)
{
	return task->is_onboarding ? onboarding_place(arena, task->method)
				   : queue_place(arena, task->device_id, task->method);
}

/* As the API stores it: sealed in whole, with what may be seen beside. False: there is no secret in it. */
static bool hide_arguments(struct rotation *r, struct sealed_task *task)
{
	const char *place = task_place(r->arena, task);
	json_t *arguments = json_loads(task->arguments, 0, NULL);
	const bool is_secret = task->is_onboarding
				       ? secrets_hide_onboarding(arguments,
						 r->config->secrets.parameters)
				       : secrets_hide_arguments(arguments,
						 r->config->secrets.parameters);
	if (is_secret) {
		task->sealed.bytes = keyring_seal(r->ring, r->arena, place, task->arguments,
			strlen(task->arguments), &task->sealed.length);
		char *shown = json_dumps(arguments, JSON_COMPACT);
		task->arguments = arena_strdup(r->arena, shown);
		free(shown);
		r->sealed++;
	}
	json_decref(arguments);
	return is_secret;
}

static bool seal_arguments(struct rotation *r, struct sealed_task *task)
{
	if (!task->sealed.bytes)
		return hide_arguments(r, task);
	const struct db_bytes fresh = seal_anew(r, task_place(r->arena, task), &task->sealed);
	if (!fresh.bytes)
		return false;
	task->sealed = fresh;
	return true;
}

/* What servers before this one kept of a device's answer. */
static bool hide_result(struct rotation *r, struct sealed_task *task)
{
	json_t *found = json_array(), *result = task->result ? json_loads(task->result, 0, NULL)
							     : NULL;
	secrets_hide(result, r->config->secrets.parameters, found);
	const bool is_secret = json_array_size(found) > 0;
	if (is_secret) {
		char *shown = json_dumps(result, JSON_COMPACT);
		task->result = arena_strdup(r->arena, shown);
		free(shown);
		r->forgotten++;
	}
	json_decref(result);
	json_decref(found);
	return is_secret;
}

static bool seal_tasks(struct rotation *r)
{
	struct sealed_task tasks[SEALED_BATCH];
	struct db_answer answer;
	int64_t after = 0;
	for (size_t rows = 1; rows;) {
		size_t count = 0;
		begin_batch(r);
		struct db_question list = db_question(r->arena);
		sealed_tasks(&list, after);
		if (!ask(r, &list, &answer))
			return false;
		rows = db_row_count(answer.results[0]);
		for (size_t i = 0; i < rows; i++) {
			sealed_task_read(r->arena, answer.results[0], i, &tasks[count]);
			after = tasks[count].task_id;
			const bool is_hidden = hide_result(r, &tasks[count]);
			count += seal_arguments(r, &tasks[count]) || is_hidden;
		}
		struct db_question changes = db_question(r->arena);
		if (count)
			sealed_replace_tasks(&changes, tasks, count);
		if (!tell(r, &changes))
			return false;
	}
	return true;
}

/* Documents. */

static bool seal_key(struct rotation *r, json_t *keys, const char *name)
{
	const char *stored = json_string_value(json_object_get(keys, name));
	const char *hex = stored ? secrets_unseal_key(r->ring, r->arena, name, stored) : NULL;
	if (!hex)
		return false;
	json_object_set_new(
		keys, name, json_string(secrets_seal_key(r->ring, r->arena, name, hex)));
	return true;
}

static bool seal_keys(struct rotation *r, json_t *keys)
{
	return seal_key(r, keys, "nonce") && seal_key(r, keys, "link");
}

static bool seal_onboarding(struct rotation *r, json_t *document)
{
	if (!onboarding_unseal(r->arena, r->ring, document))
		return false;
	onboarding_seal(r->arena, r->ring, document, r->config->secrets.parameters);
	return true;
}

/* Nobody else changes the keys; an onboarding document that an operator changes meanwhile is sealed already. */
static bool seal_document(struct rotation *r, const char *name,
	bool (*seal_in)(struct rotation *r, json_t *document))
{
	const struct audit_note note = { .actor = "command line",
		.action = "acs rotate-secrets",
		.target = name };
	struct db_answer answer;
	begin_batch(r);
	struct db_question question = db_question(r->arena);
	settings_get(&question, name);
	if (!ask(r, &question, &answer))
		return false;
	if (db_row_count(answer.results[0]) == 0)
		return true;
	const char *old = db_get_text(answer.results[0], 0, 0);
	json_t *document = json_loads(old, 0, NULL);
	const bool is_sealed = seal_in(r, document);
	char *fresh = json_dumps(document, JSON_COMPACT);
	struct db_question change = db_question(r->arena);
	sealed_replace_setting(&change, &note, name, old, arena_strdup(r->arena, fresh));
	free(fresh);
	json_decref(document);
	r->sealed += is_sealed;
	r->lost += !is_sealed;
	return !is_sealed || tell(r, &change);
}

/* Values that devices told. */

struct path_ids {
	int64_t *items;
	size_t count;
};

static void add_secret_paths(
	const struct rotation *r, const struct db_rows *rows, struct path_ids *ids)
{
	for (size_t i = 0; i < db_row_count(rows); i++)
		if (cwmp_name_is_secret(db_get_text(rows, i, 1), r->config->secrets.parameters)) {
			ids->items = realloc(
				ids->items, (ids->count + 1) * sizeof(*ids->items));
			if (!ids->items)
				abort();
			ids->items[ids->count++] = db_get_int(rows, i, 0);
		}
}

static bool find_secret_paths(struct rotation *r, struct path_ids *ids)
{
	struct db_answer answer;
	int64_t after = 0;
	for (size_t count = 1; count;) {
		begin_batch(r);
		struct db_question list = db_question(r->arena);
		sealed_paths(&list, after);
		if (!ask(r, &list, &answer))
			return false;
		count = db_row_count(answer.results[0]);
		after = count ? db_get_int(answer.results[0], count - 1, 0) : after;
		add_secret_paths(r, answer.results[0], ids);
	}
	return true;
}

static bool forget_values(struct rotation *r, const struct path_ids *ids)
{
	struct db_answer answer;
	for (int64_t after = INT64_MIN;;) {
		begin_batch(r);
		struct db_question question = db_question(r->arena);
		sealed_forget_values(&question, ids->items, ids->count, after);
		if (!ask(r, &question, &answer))
			return false;
		if (db_is_null(answer.results[0], 0, 0))
			return true;
		after = db_get_int(answer.results[0], 0, 0);
		r->forgotten += db_get_int(answer.results[0], 0, 1);
	}
}

static bool forget_told(struct rotation *r)
{
	struct path_ids ids = { .count = 0 };
	const bool ok = find_secret_paths(r, &ids) && (!ids.count || forget_values(r, &ids));
	free(ids.items);
	return ok;
}

static bool opens(struct rotation *r, const json_t *keys, const char *name)
{
	const char *stored = json_string_value(json_object_get(keys, name));
	return stored && secrets_unseal_key(r->ring, r->arena, name, stored);
}

/* With the keys of another database, or none, nothing may be sealed. */
static bool knows_keys(struct rotation *r)
{
	struct db_answer answer;
	begin_batch(r);
	struct db_question question = db_question(r->arena);
	settings_get(&question, "keys");
	if (!ask(r, &question, &answer))
		return false;
	if (db_row_count(answer.results[0]) == 0)
		return true;
	json_t *keys = json_loads(db_get_text(answer.results[0], 0, 0), 0, NULL);
	const bool ok = opens(r, keys, "nonce") && opens(r, keys, "link");
	json_decref(keys);
	if (!ok)
		fail("the keys in table setting were sealed with another secrets.key; nothing is changed");
	return ok;
}

/* The keys first: from then on no older server can start, and those of this version seal in the new form. */
static bool rotate(struct rotation *r)
{
	return knows_keys(r) && seal_document(r, "keys", seal_keys) &&
	       seal_document(r, "onboarding", seal_onboarding) &&
	       seal_column(r, SEALED_CONNECTION_REQUEST_PASSWORD) &&
	       seal_column(r, SEALED_NEXT_PASSWORD) && seal_tasks(r) && forget_told(r);
}

static int run(struct rotation *r, const char *url)
{
	r->base = event_base_new();
	r->db = db_open(r->base, &(struct db_options){
					 .url = url,
					 .connections = 1,
					 .statement_timeout_ms = 60000,
					 .connect_timeout_ms = r->config->database.connect_timeout_ms,
					 .reconnect_min_ms = 100,
					 .reconnect_max_ms = 1000,
					 .in_flight = 1,
				 });
	const bool ok = rotate(r);
	db_close(r->db);
	event_base_free(r->base);
	arena_free(r->arena);
	if (!ok)
		return EXIT_FAILURE;
	printf("sealed %lld, forgot %lld, could not open %lld\n", (long long)r->sealed,
		(long long)r->forgotten, (long long)r->lost);
	return r->lost ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int run_with_database(struct rotation *r)
{
	char why[WHY_BYTES] = "";
	struct db_cluster *cluster = NULL;
	const struct config *config = r->config;
	const char *url = config->database.url;
	int status = EXIT_FAILURE;
	if (!*url) {
		const struct db_cluster_options options = {
			.data_dir = config->data.dir,
			.bin_dir = *config->database.bin_dir ? config->database.bin_dir : NULL,
		};
		cluster = db_cluster_start(&options, why, sizeof(why));
		url = cluster ? db_cluster_url(cluster) : NULL;
	}
	if (url && db_schema_is_current(url, why, sizeof(why)))
		status = run(r, url);
	else
		fprintf(stderr, "acs rotate-secrets: %s\n", why);
	db_cluster_stop(cluster);
	return status;
}

static int add_key(const struct config *config)
{
	char why[WHY_BYTES];
	if (!key_file_add(config, why, sizeof(why)))
		return fail(why);
	printf("a new key stands first in the key file: reload every server (SIGHUP), then run"
	       " acs rotate-secrets\n");
	return EXIT_SUCCESS;
}

void rotate_print_forms(FILE *out, const char *name)
{
	fprintf(out, "  acs %s [--new-key]\n", name);
}

int rotate_command(struct config *config, int argc, char **argv)
{
	char why[WHY_BYTES];
	struct rotation rotation = { .config = config, .ring = keyring_new() };
	int status = USAGE;
	if (argc == 2 && strcmp(argv[1], "--new-key") == 0)
		status = add_key(config);
	else if (argc > 1)
		rotate_print_forms(stderr, argv[0]);
	else if (!key_file_read(config, rotation.ring, why, sizeof(why)))
		status = fail(why);
	else
		status = run_with_database(&rotation);
	keyring_free(rotation.ring);
	return status;
}
