/* session_log: the record of CWMP sessions that are over, in partitions of a day each.
 * Many rows travel in one statement, as arrays; the table and its partitions are in migrations/0008. */
#include "db/session_log.h"

/* A batch whose answer was lost may be there already. */
#define IS_NEW \
	"(NOT $14::boolean OR NOT EXISTS (SELECT FROM session_log s WHERE s.device_id = t.device_id" \
	"  AND s.session = t.session AND s.begun > now() - interval '1 day'" \
	"   - t.since_begun * interval '1 microsecond'))"

static const struct db_statement add = {
	.name = "session_log_add",
	.sql = "INSERT INTO session_log (device_id, begun, ended, bytes_in, bytes_out, turns, requests,"
	       "  faults, source_address, session, events, outcome, node)"
	       " SELECT t.device_id, now() - t.since_begun * interval '1 microsecond',"
	       "  now() - t.since_ended * interval '1 microsecond', t.bytes_in, t.bytes_out, t.turns,"
	       "  t.requests, t.faults, t.source_address::inet, t.session, t.events, t.outcome, $13"
	       " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[],"
	       "  $6::bigint[], $7::bigint[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[])"
	       "  AS t(device_id, since_begun, since_ended, bytes_in, bytes_out, turns, requests, faults,"
	       "   source_address, session, events, outcome)"
	       " WHERE " IS_NEW,
};

/* One field of all rows. */
#define NUMBERS(field) db_int_array(arena, numbers_of(arena, rows, count, \
	offsetof(struct session_log_row, field)), count)
#define TEXTS(field) db_text_array(arena, texts_of(arena, rows, count, \
	offsetof(struct session_log_row, field)), count)

static const int64_t *numbers_of(
	struct arena *arena, const struct session_log_row *rows, size_t count, size_t offset)
{
	int64_t *numbers = arena_array(arena, count, sizeof(*numbers));
	for (size_t i = 0; i < count; i++)
		numbers[i] = *(const int64_t *)(const void *)((const char *)&rows[i] + offset);
	return numbers;
}

static const char *const *texts_of(
	struct arena *arena, const struct session_log_row *rows, size_t count, size_t offset)
{
	const char **texts = arena_array(arena, count, sizeof(*texts));
	for (size_t i = 0; i < count; i++)
		texts[i] = *(const char *const *)(const void *)((const char *)&rows[i] + offset);
	return texts;
}

void session_log_add(struct db_question *question, const char *node,
	const struct session_log_row *rows, size_t count, bool is_repeat)
{
	struct arena *arena = question->arena;
	db_commit_lazily(question);
	DB_ADD(question, &add, NUMBERS(device_id), NUMBERS(since_begun_us), NUMBERS(since_ended_us),
		NUMBERS(bytes_in), NUMBERS(bytes_out), NUMBERS(turns), NUMBERS(requests),
		NUMBERS(faults), TEXTS(source_address), TEXTS(session), TEXTS(events),
		TEXTS(outcome), db_text(node), db_bool(is_repeat));
}

static const struct db_statement keep = {
	.name = "session_log_keep",
	.sql = "SELECT session_log_keep($1::bigint)",
};

void session_log_keep(struct db_question *question, unsigned days)
{
	DB_ADD(question, &keep, db_int(question->arena, days));
}

static const struct db_statement list = {
	.name = "session_log_list",
	.sql = "SELECT json_build_object('session', session, 'begun', " DB_TIME("begun") ", 'ended', "
	       DB_TIME("ended") ", 'source_address', host(source_address),"
	       "  'events', string_to_array(events, E'\\n'), 'turns', turns, 'requests', requests,"
	       "  'bytes_in', bytes_in, 'bytes_out', bytes_out, 'faults', faults, 'outcome', outcome,"
	       "  'node', node), begun::text"
	       " FROM session_log WHERE device_id = $1"
	       "  AND begun < coalesce(nullif($2, '')::timestamptz, 'infinity')"
	       " ORDER BY begun DESC LIMIT $3",
};

void session_log_list(
	struct db_question *question, int64_t device_id, const char *after, unsigned limit)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &list, db_int(arena, device_id), db_text(after), db_int(arena, limit));
}
