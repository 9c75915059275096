/* events: what devices told beyond the ordinary, kept for a time.
 * One statement for each way to look, so that each has its index. */
#include "db/events.h"

static const struct db_statement add = {
	.name = "events_add",
	.sql = "INSERT INTO event (device_id, kind, detail)"
	       " SELECT $1, kind, detail::jsonb"
	       " FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS told(kind, detail, place)"
	       " ORDER BY place",
};

void events_add(struct db_question *question, int64_t device_id, const char *const *kinds,
	const char *const *details, size_t count)
{
	struct arena *arena = question->arena;
	if (count == 0)
		return;
	DB_ADD(question, &add, db_int(arena, device_id), db_text_array(arena, kinds, count),
		db_text_array(arena, details, count));
}

static const struct db_statement add_once = {
	.name = "events_add_once",
	.sql = "INSERT INTO event (device_id, kind, detail) SELECT $1, $2, $3::jsonb"
	       " WHERE NOT EXISTS (SELECT FROM"
	       "  (SELECT kind, detail FROM event WHERE device_id = $1 ORDER BY event_id DESC LIMIT 100) AS e"
	       "  WHERE e.kind = $2 AND e.detail = $3::jsonb)",
};

void events_add_once(struct db_question *question, int64_t device_id, const char *kind, const char *detail)
{
	DB_ADD(question, &add_once, db_int(question->arena, device_id), db_text(kind), db_text(detail));
}

#define LIST(condition) \
	"SELECT json_build_object('id', e.event_id::text, 'device', d.id, 'at', " DB_TIME("e.at") "," \
	"  'kind', e.kind, 'detail', e.detail), e.event_id" \
	" FROM event e JOIN device d USING (device_id)" \
	" WHERE " condition " AND ($2::text IS NULL OR e.kind = $2) AND e.event_id < $3 AND" IN_SCOPE("$5", "$6") \
	" ORDER BY e.event_id DESC LIMIT $4"

static const struct db_statement list_of_device = {
	.name = "events_list_of_device",
	.sql = LIST("e.device_id = $1"),
};
static const struct db_statement list_of_kind = {
	.name = "events_list_of_kind",
	.sql = LIST("$1::bigint = -1 AND e.kind = $2"),
};
static const struct db_statement list_all = {
	.name = "events_list_all",
	.sql = LIST("$1::bigint = -1"),
};

void events_list(struct db_question *question, const struct device_scope *scope, int64_t device_id,
	const char *kind, int64_t before, unsigned limit)
{
	struct arena *arena = question->arena;
	const struct db_statement *of_any_device = kind ? &list_of_kind : &list_all;
	DB_ADD(question, device_id >= 0 ? &list_of_device : of_any_device, db_int(arena, device_id),
		db_text(kind), db_int(arena, before), db_int(arena, limit), SCOPE_VALUES(scope));
}
