/* quirks: this node's copy of the quirk table, matched with every Inform.
 * A match costs no question: nodes look for a newer table in the background, and at once after a
 * change of their own. */
#include "acs/quirks.h"

#include <pthread.h>
#include <stdlib.h>

#include "acs/background.h"
#include "acs/log.h"
#include "acs/server.h"
#include "acs/settings.h"
#include "db/quirks.h"

struct copy {
	unsigned readers; /* atomic; the table itself is one */
	struct arena *arena;
	int64_t version;
	struct quirk_row *rows;
	size_t count;
};

struct quirk_table {
	pthread_mutex_t
		lock; /* of the pointer: held to fetch or replace it, never while matching */
	struct copy *copy;
};

static struct copy *copy_new(int64_t version, size_t rows)
{
	struct arena *arena = arena_new();
	struct copy *copy = ARENA_NEW(arena, struct copy);
	*copy = (struct copy){ .readers = 1, .arena = arena, .version = version };
	copy->rows = arena_array(arena, rows, sizeof(*copy->rows));
	return copy;
}

static void copy_release(struct copy *copy)
{
	if (__atomic_sub_fetch(&copy->readers, 1, __ATOMIC_ACQ_REL) == 0)
		arena_free(copy->arena);
}

static struct copy *copy_acquire(struct quirk_table *table)
{
	pthread_mutex_lock(&table->lock);
	struct copy *copy = table->copy;
	__atomic_add_fetch(&copy->readers, 1, __ATOMIC_RELAXED);
	pthread_mutex_unlock(&table->lock);
	return copy;
}

static const char *kept(struct arena *arena, const char *text)
{
	return text ? arena_strdup(arena, text) : NULL;
}

/* A newer node may have stored settings that this one does not know: the others count. */
static void read_row(struct copy *copy, const struct quirk_description *quirk)
{
	const char *why = "";
	json_t *settings = json_loads(quirk->settings, 0, NULL);
	struct quirk_row *row = &copy->rows[copy->count++];
	*row = (struct quirk_row){
		.name = kept(copy->arena, quirk->name),
		.manufacturer = kept(copy->arena, quirk->manufacturer),
		.oui = kept(copy->arena, quirk->oui),
		.product_class = kept(copy->arena, quirk->product_class),
		.software_version = kept(copy->arena, quirk->software_version),
	};
	if (!quirks_read(copy->arena, settings, &row->quirks, &why))
		LOG_WARNING("quirk-setting-ignored", LOG_TEXT("quirk", row->name),
			LOG_TEXT("why", why));
	json_decref(settings);
}

/* Answers of different loops may overtake each other, and a restored database may go back: whatever differs counts, and
 * the next look puts right what was overtaken. */
static void replace(struct quirk_table *table, struct copy *newer)
{
	pthread_mutex_lock(&table->lock);
	struct copy *older = table->copy;
	table->copy = newer;
	pthread_mutex_unlock(&table->lock);
	copy_release(older);
}

void quirk_table_take(struct quirk_table *table, const struct db_rows *rows)
{
	struct quirk_description quirk;
	int64_t version;
	size_t count;
	if (!quirks_loaded(rows, &version, &count))
		return;
	struct copy *copy = copy_new(version, count);
	for (size_t i = 0; i < count; i++) {
		quirks_read_row(rows, i, &quirk);
		read_row(copy, &quirk);
	}
	LOG_INFO("quirks-loaded", LOG_NUMBER("version", version), LOG_NUMBER("rows", count));
	replace(table, copy);
}

void quirk_table_ask(struct quirk_table *table, struct db_question *question)
{
	struct copy *copy = copy_acquire(table);
	quirks_load(question, copy->version);
	copy_release(copy);
}

static void refreshed(struct loop *loop, const struct db_answer *answer)
{
	quirk_table_take(loop->server->quirks, answer->results[0]);
}

void quirk_table_refresh(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	quirk_table_ask(loop->server->quirks, &question);
	background_ask(loop, arena, &question, "load-quirks", refreshed);
}

struct quirk_table *quirk_table_open(struct server *server)
{
	struct db_question question = db_question(server->arena);
	quirks_load(&question, -1);
	const struct db_answer answer = settings_ask_at_start(server, &question);
	if (answer.outcome != DB_OK) {
		LOG_ERROR("start-failed", LOG_TEXT("what", "quirks"),
			LOG_TEXT("reason", answer.text));
		return NULL;
	}
	struct quirk_table *table = calloc(1, sizeof(*table));
	if (!table)
		abort();
	pthread_mutex_init(&table->lock, NULL);
	table->copy = copy_new(-1, 0);
	quirk_table_take(table, answer.results[0]);
	return table;
}

void quirk_table_free(struct quirk_table *table)
{
	if (!table)
		return;
	copy_release(table->copy);
	pthread_mutex_destroy(&table->lock);
	free(table);
}

void quirk_table_match(
	struct quirk_table *table, const struct quirk_facts *facts, struct quirks *out)
{
	struct copy *copy = copy_acquire(table);
	*out = (struct quirks){ 0 };
	for (size_t i = 0; i < copy->count; i++)
		if (quirk_row_matches(&copy->rows[i], facts))
			quirks_merge(out, &copy->rows[i].quirks);
	copy_release(copy);
}

json_t *quirk_table_json(struct quirk_table *table, const struct quirk_facts *facts)
{
	struct copy *copy = copy_acquire(table);
	struct quirks merged = { 0 };
	json_t *names = json_array();
	for (size_t i = 0; i < copy->count; i++) {
		if (!quirk_row_matches(&copy->rows[i], facts))
			continue;
		json_array_append_new(names, json_string(copy->rows[i].name));
		quirks_merge(&merged, &copy->rows[i].quirks);
	}
	copy_release(copy);
	return json_pack("{s:o, s:o}", "rows", names, "settings", quirks_json(&merged));
}
