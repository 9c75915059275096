/* searched_parameters: parameters whose values have an index, so that devices are found by them.
 * requested -> backfilling -> ready; DELETE makes any of them 'dropping', and it is gone at the walk's end. */
#include "db/searched_parameters.h"

#include "base/compiler.h"

/* Objects, whose names end in '.', have no values. */
#define ASKED(condition) \
	"asked AS (SELECT path_id, name FROM path WHERE " condition " AND right(name, 1) <> '.')"
#define HAS_ROOM "(SELECT count(*) FROM searched_parameter) < $5"

static const struct db_statement ask = {
	.name = "searched_parameters_ask",
	.sql = "WITH " ASKED("name = ANY ($4::text[])") ","
	       " added AS (INSERT INTO searched_parameter (path_id) SELECT path_id FROM asked"
	       "  WHERE NOT EXISTS (SELECT FROM searched_parameter s WHERE s.path_id = asked.path_id)"
	       "  ORDER BY path_id LIMIT greatest($5 - (SELECT count(*) FROM searched_parameter), 0)"
	       "  ON CONFLICT DO NOTHING RETURNING path_id),"
	       AUDITED("added", "jsonb_build_object('searched',"
		       " (SELECT jsonb_agg(name) FROM asked JOIN added USING (path_id)))")
	       " SELECT asked.name, s.state = 'ready',"
	       "  s.state IS NULL AND added.path_id IS NULL AND NOT " HAS_ROOM ", added.path_id IS NOT NULL"
	       " FROM asked LEFT JOIN searched_parameter s USING (path_id) LEFT JOIN added USING (path_id)",
};

void searched_parameters_ask(struct db_question *question, const struct audit_note *note,
	const char *const *names, size_t count, unsigned most)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &ask, AUDIT_VALUES(question->arena, note), db_text_array(arena, names, count),
		db_int(arena, most));
}

struct searched_parameter searched_parameter_read(const struct db_rows *rows, size_t row)
{
	const bool is_ready = db_get_bool(rows, row, 1), is_left_out = db_get_bool(rows, row, 2);
	return (struct searched_parameter){
		.name = db_get_text(rows, row, 0),
		.state = is_ready ? SEARCHED_READY : is_left_out ? SEARCHED_NOT : SEARCHED_SOON,
		.is_new = db_get_bool(rows, row, 3),
	};
}

#define SEARCHED_JSON(s) \
	"json_build_object('name', name, 'state', " s ".state, 'requested', " DB_TIME(s ".requested") "," \
	" 'values', " s ".value_count)"

static const struct db_statement list = {
	.name = "searched_parameters_list",
	.sql = "SELECT " SEARCHED_JSON("s") " FROM searched_parameter s JOIN path USING (path_id)"
	       " ORDER BY name COLLATE \"C\"",
};

void searched_parameters_list(struct db_question *question)
{
	db_add(question, &list, NULL, 0);
}

/* One that is being dropped begins anew. */
static const struct db_statement put = {
	.name = "searched_parameters_put",
	.sql = "WITH " ASKED("name = $4") ","
	       " put AS (INSERT INTO searched_parameter AS s (path_id) SELECT path_id FROM asked"
	       "  WHERE EXISTS (SELECT FROM searched_parameter known WHERE known.path_id = asked.path_id)"
	       "   OR " HAS_ROOM
	       "  ON CONFLICT (path_id) DO UPDATE SET state = 'requested', requested = now(), walked = -1,"
	       "   value_count = 0 WHERE s.state = 'dropping' RETURNING *),"
	       AUDITED_SETTING("put", "NULL::jsonb", "jsonb_build_object('state', state)")
	       " SELECT CASE WHEN s.path_id IS NOT NULL THEN " SEARCHED_JSON("s") " END,"
	       "  EXISTS (SELECT FROM put)"
	       " FROM asked LEFT JOIN (SELECT * FROM put UNION ALL SELECT * FROM searched_parameter"
	       "  WHERE NOT EXISTS (SELECT FROM put)) AS s USING (path_id)",
};

void searched_parameters_put(struct db_question *question, const struct audit_note *note,
	const char *name, unsigned most)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &put, AUDIT_VALUES(arena, note), db_text(name), db_int(arena, most));
}

static const struct db_statement drop = {
	.name = "searched_parameters_drop",
	.sql = "WITH dropped AS (UPDATE searched_parameter s SET state = 'dropping', walked = -1,"
	       "  value_count = 0, since = clock_timestamp() FROM path"
	       "  WHERE path.path_id = s.path_id AND path.name = $4 RETURNING s.path_id),"
	       AUDITED("dropped", "NULL::jsonb")
	       " SELECT FROM dropped",
};

void searched_parameters_drop(
	struct db_question *question, const struct audit_note *note, const char *name)
{
	DB_ADD(question, &drop, AUDIT_VALUES(question->arena, note), db_text(name));
}

/* The walk. It goes by device, so that its cost does not grow with the number of parameters stored, and a step is
 * idempotent: whoever goes on after a crash goes on at searched_parameter.walked. */

/* `since` is taken from the clock when the request is seen to be committed: transactions that begin later see it,
 * too, and store hashes by themselves. */
static const struct db_statement begin = {
	.name = "searched_parameters_begin",
	.sql = "UPDATE searched_parameter SET state = 'backfilling', since = clock_timestamp()"
	       " WHERE state = 'requested'",
};

/* Nobody may be about to store a value who does not know yet that its hash is wanted, or not wanted any more. */
#define MAY_WALK \
	"s.state IN ('backfilling', 'dropping') AND (s.walked >= 0 OR NOT EXISTS (" \
	" SELECT FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.relation = 'parameter'::regclass" \
	" AND l.mode = 'RowExclusiveLock' AND l.pid <> pg_backend_pid() AND a.xact_start < s.since))"

/* What others hold is skipped, so that nobody can deadlock with the walk, and the same devices are looked at again.
 * OFFSET 0 has each device's parameter looked up by itself, whatever the planner knows. */
static const struct db_statement walk = {
	.name = "searched_parameters_walk",
	.sql = "WITH job AS MATERIALIZED (SELECT path_id, state, walked FROM searched_parameter s"
	       "  WHERE " MAY_WALK " ORDER BY path_id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED),"
	       " seen AS MATERIALIZED (SELECT device_id FROM device"
	       "  WHERE device_id > (SELECT walked FROM job) ORDER BY device_id LIMIT 500),"
	       " found AS MATERIALIZED (SELECT seen.device_id, p.value IS NOT NULL AS has_value,"
	       "   p.value_hash IS DISTINCT FROM"
	       "   CASE job.state WHEN 'backfilling' THEN hashtextextended(p.value, 0) END AS is_stale"
	       "  FROM job, seen, LATERAL (SELECT * FROM parameter WHERE device_id = seen.device_id"
	       "   AND path_id = job.path_id OFFSET 0) AS p),"
	       " held AS MATERIALIZED (SELECT p.device_id FROM found JOIN parameter p"
	       "   ON p.device_id = found.device_id AND p.path_id = (SELECT path_id FROM job)"
	       "  WHERE found.is_stale FOR NO KEY UPDATE OF p SKIP LOCKED),"
	       " hashed AS (UPDATE parameter p SET value_hash ="
	       "   CASE job.state WHEN 'backfilling' THEN hashtextextended(p.value, 0) END"
	       "  FROM job, held WHERE p.device_id = held.device_id AND p.path_id = job.path_id)"
	       " UPDATE searched_parameter s SET walked = (SELECT max(device_id) FROM seen),"
	       "  value_count = s.value_count + (SELECT count(*) FROM found WHERE has_value)"
	       " FROM job WHERE s.path_id = job.path_id AND EXISTS (SELECT FROM seen)"
	       "  AND (SELECT count(*) FROM found WHERE is_stale) = (SELECT count(*) FROM held)",
};

#define AT_THE_END \
	MAY_WALK " AND NOT EXISTS (SELECT FROM device WHERE device_id > s.walked)"

static const struct db_statement finish = {
	.name = "searched_parameters_finish",
	.sql = "UPDATE searched_parameter s SET state = 'ready' FROM path"
	       " WHERE path.path_id = s.path_id AND s.state = 'backfilling' AND " AT_THE_END
	       " RETURNING path.name, s.value_count",
};
static const struct db_statement forget = {
	.name = "searched_parameters_forget",
	.sql = "DELETE FROM searched_parameter s WHERE s.state = 'dropping' AND " AT_THE_END,
};
static const struct db_statement count_open = {
	.name = "searched_parameters_count_open",
	.sql = "SELECT count(*) FROM searched_parameter WHERE state <> 'ready'",
};

enum { WALK_BEGIN, WALK_STEP, WALK_FINISH, WALK_FORGET, WALK_COUNT };

void searched_parameters_walk(struct db_question *question)
{
	static const struct db_statement *const steps[] = { [WALK_BEGIN] = &begin, [WALK_STEP] = &walk,
		[WALK_FINISH] = &finish, [WALK_FORGET] = &forget, [WALK_COUNT] = &count_open };
	for (size_t i = 0; i < LENGTH_OF(steps); i++)
		db_add(question, steps[i], NULL, 0);
}

struct searched_walk searched_walk_read(const struct db_answer *answer)
{
	return (struct searched_walk){
		.ready = answer->results[WALK_FINISH],
		.has_moved = db_affected(answer->results[WALK_STEP]) > 0,
		.has_more = db_get_int(answer->results[WALK_COUNT], 0, 0) > 0,
	};
}
