/* inform_touch: the cheap way of an Inform whose device tells little or nothing new.
 * Whatever the lists' length, the statements look rows up one by one: LIMIT keeps the planner from expecting many. */
#include "db/inform_touch.h"

#include "db/searched_parameters.h"

/* Rows that another session holds are misses: one device's long write delays no other. */
#define HELD(also, lists, columns, and_if) \
	"SELECT live.ctid, live.device_id, told.hash" also \
	" FROM (SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bytea[]" lists ")" \
	"   AS touch(device_id, known_hash, hash" columns ") LIMIT $4) AS told" \
	" JOIN device_live live ON live.device_id = told.device_id AND live.inform_hash = told.known_hash" \
	and_if " FOR NO KEY UPDATE OF live SKIP LOCKED"

/* What is held cannot move, so it is found by its place. What waits for the device, in one look: 2 when a task sent
 * earlier is unanswered, 1 when one is due. */
#define TOUCH(also, held) \
	"UPDATE device_live l SET last_inform = now(), session_epoch = l.session_epoch + 1," \
	"  inform_hash = held.hash" also \
	" FROM " held " AS held WHERE l.ctid = held.ctid" \
	" RETURNING l.device_id, l.session_epoch," \
	"  (SELECT max(CASE WHEN state = 'queued' THEN 1 ELSE 2 END) FROM task" \
	"   WHERE task.device_id = l.device_id AND state IN ('queued', 'sent')" \
	"   AND CASE WHEN state = 'queued' THEN not_before IS NULL OR not_before <= now()" \
	"    ELSE awaits = 'answer' END)"

static const struct db_statement touch = {
	.name = "inform_touch",
	.sql = TOUCH("", "(" HELD("", "", "", "") ")"),
};

/* A device whose parameter or path is unknown is left out as a whole. */
static const struct db_statement touch_and_store = {
	.name = "inform_touch_and_store",
	.sql = "WITH changed AS MATERIALIZED (SELECT told.device_id, told.value, told.type, p.path_id"
	       "  FROM (SELECT one.*, (SELECT path_id FROM path WHERE path.name = one.name)"
	       "   FROM unnest($5::bigint[], $6::text[], $7::text[], $8::text[])"
	       "    AS one(device_id, name, value, type) LIMIT $9) AS told"
	       "  LEFT JOIN parameter p ON p.device_id = told.device_id AND p.path_id = told.path_id),"
	       " held AS MATERIALIZED (" HELD(", told.known", ", $15::bytea[]", ", known",
		       " WHERE told.device_id <> ALL (ARRAY("
		       "  SELECT device_id FROM changed WHERE path_id IS NULL))") "),"
	       " stored AS (UPDATE parameter p SET value = changed.value,"
	       "   value_hash = " SEARCHED_HASH("changed.path_id", "changed.value") ","
	       "   type = coalesce(changed.type, p.type), updated = now() FROM changed"
	       "  WHERE p.device_id = changed.device_id AND p.path_id = changed.path_id"
	       "  AND changed.device_id = ANY (ARRAY(SELECT device_id FROM held))),"
	       " told AS (UPDATE device d SET events = news.events::jsonb,"
	       "   source_address = news.source_address::inet, retry_count = news.retry_count"
	       "  FROM (SELECT * FROM unnest($10::bigint[], $11::text[], $12::text[], $13::bigint[])"
	       "   AS one(device_id, events, source_address, retry_count) LIMIT $14) AS news"
	       "  WHERE d.device_id = news.device_id"
	       "  AND news.device_id = ANY (ARRAY(SELECT device_id FROM held))) "
	       TOUCH(", inform_known = coalesce(held.known, l.inform_known)", "held"),
};

/* The touches' lists, item by item. */
struct columns {
	int64_t *device_ids;
	struct db_bytes *known_hashes, *hashes, *known;

	int64_t *changed_ids;
	const char **names, **values, **types;
	size_t changed_count;

	int64_t *news_ids, *retry_counts;
	const char **events, **addresses;
	size_t news_count;
};

static void make_room(
	struct arena *arena, struct columns *c, struct batch_entry *const *entries, size_t count)
{
	size_t changed = 0;
	for (size_t i = 0; i < count; i++)
		changed += ((const struct inform_touch *)entries[i])->changed_count;
	c->device_ids = arena_array(arena, count, sizeof(int64_t));
	c->known_hashes = arena_array(arena, count, sizeof(struct db_bytes));
	c->hashes = arena_array(arena, count, sizeof(struct db_bytes));
	c->known = arena_array(arena, count, sizeof(struct db_bytes));
	c->changed_ids = arena_array(arena, changed, sizeof(int64_t));
	c->names = arena_array(arena, changed, sizeof(char *));
	c->values = arena_array(arena, changed, sizeof(char *));
	c->types = arena_array(arena, changed, sizeof(char *));
	c->news_ids = arena_array(arena, count, sizeof(int64_t));
	c->retry_counts = arena_array(arena, count, sizeof(int64_t));
	c->events = arena_array(arena, count, sizeof(char *));
	c->addresses = arena_array(arena, count, sizeof(char *));
}

static void add_changes(struct columns *c, const struct inform_touch *t)
{
	for (size_t i = 0; i < t->changed_count; i++) {
		c->changed_ids[c->changed_count] = t->device_id;
		c->names[c->changed_count] = t->changed[i].name;
		c->values[c->changed_count] = t->changed[i].value;
		c->types[c->changed_count++] = t->changed[i].type;
	}
}

static void add_news(struct columns *c, const struct inform_touch *t)
{
	if (!t->events)
		return;
	c->news_ids[c->news_count] = t->device_id;
	c->retry_counts[c->news_count] = t->retry_count;
	c->events[c->news_count] = t->events;
	c->addresses[c->news_count++] = t->source_address;
}

static struct columns columns_of(
	struct arena *arena, struct batch_entry *const *entries, size_t count)
{
	struct columns c = { 0 };
	make_room(arena, &c, entries, count);
	for (size_t i = 0; i < count; i++) {
		const struct inform_touch *t = (const struct inform_touch *)entries[i];
		c.device_ids[i] = t->device_id;
		c.known_hashes[i] = (struct db_bytes){ t->known_hash, DEVICE_HASH_BYTES };
		c.hashes[i] = (struct db_bytes){ t->hash, DEVICE_HASH_BYTES };
		c.known[i] = t->known;
		add_changes(&c, t);
		add_news(&c, t);
	}
	return c;
}

void inform_touches_ask(
	struct db_question *question, struct batch_entry *const *entries, size_t count)
{
	struct arena *arena = question->arena;
	const struct columns c = columns_of(arena, entries, count);
	const struct db_value ids = db_int_array(arena, c.device_ids, count),
			      known = db_bytea_array(arena, c.known_hashes, count),
			      hashes = db_bytea_array(arena, c.hashes, count),
			      limit = db_int(arena, (int64_t)count);
	if (!c.changed_count && !c.news_count) {
		DB_ADD(question, &touch, ids, known, hashes, limit);
		return;
	}
	DB_ADD(question, &touch_and_store, ids, known, hashes, limit,
		db_int_array(arena, c.changed_ids, c.changed_count),
		db_text_array(arena, c.names, c.changed_count),
		db_text_array(arena, c.values, c.changed_count),
		db_text_array(arena, c.types, c.changed_count),
		db_int(arena, (int64_t)c.changed_count),
		db_int_array(arena, c.news_ids, c.news_count),
		db_text_array(arena, c.events, c.news_count),
		db_text_array(arena, c.addresses, c.news_count),
		db_int_array(arena, c.retry_counts, c.news_count),
		db_int(arena, (int64_t)c.news_count), db_bytea_array(arena, c.known, count));
}

bool inform_touch_read(const struct db_answer *answer, int row, struct device_session *out)
{
	if (row == BATCH_NO_ROW)
		return false;
	const struct db_rows *rows = answer->results[0];
	enum { NONE, DUE, UNANSWERED };
	const int64_t waiting = db_get_int(rows, (size_t)row, 2);
	*out = (struct device_session){
		.epoch = db_get_int(rows, (size_t)row, 1),
		.has_tasks = waiting == DUE,
		.is_unsettled = waiting == UNANSWERED,
	};
	return true;
}
