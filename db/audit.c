/* audit: who did what from where, to what, on which device, and what became of it.
 * What the database does is noted by the macro AUDITED, part of the statement that does it. */
#include "db/audit.h"

#include <string.h>

#include "base/compiler.h"

struct db_value audit_where(struct arena *arena, const struct audit_note *note)
{
	const char *const where[] = { note->target, note->address, note->device };
	return db_text_array(arena, where, LENGTH_OF(where));
}

static const struct db_statement add = {
	.name = "audit_add",
	.sql = "INSERT INTO audit (actor, action, target, address, device, outcome, detail)"
	       " VALUES ($1, $2, " AUDIT_TARGET ", " AUDIT_ADDRESS ", " AUDIT_DEVICE ", $4, $5::jsonb)",
};

void audit_add(struct db_question *question, const struct audit_note *note, const char *outcome,
	const char *detail)
{
	DB_ADD(question, &add, AUDIT_VALUES(question->arena, note), db_text(outcome), db_text(detail));
}

/* One statement for each filter to go by, so that each has its index; the others are looked at on the way. */
#define LIST(lead) \
	"SELECT json_build_object('id', audit_id::text, 'at', " DB_TIME("at") ", 'actor', actor," \
	"  'address', host(address), 'action', action, 'target', target, 'device', device," \
	"  'outcome', outcome, 'detail', detail, 'before', before, 'after', after), at || ' ' || audit_id" \
	" FROM audit WHERE " lead " AND ($1::text IS NULL OR device = $1)" \
	" AND ($2::inet IS NULL OR address = $2) AND ($3::text IS NULL OR actor = $3)" \
	" AND ($4::text IS NULL OR action = $4) AND ($5::text IS NULL OR outcome = $5)" \
	" AND at >= $6::timestamptz AND at < $7::timestamptz" \
	" AND (at, audit_id) < ($8::timestamptz, $9::bigint)" \
	" ORDER BY at DESC, audit_id DESC LIMIT $10"

static const struct db_statement list_of_device = { "audit_list_of_device", LIST("device = $1") };
static const struct db_statement list_of_address = { "audit_list_of_address", LIST("address = $2") };
static const struct db_statement list_of_actor = { "audit_list_of_actor", LIST("actor = $3") };
static const struct db_statement list_of_action = { "audit_list_of_action", LIST("action = $4") };
/* Nearly all are done. */
static const struct db_statement list_of_outcome = {
	"audit_list_of_outcome", LIST("outcome = $5 AND outcome <> 'done'")
};
static const struct db_statement list_all = { "audit_list", LIST("true") };

/* A list is planned once, perhaps while there is little to gather and sort. */
static const struct db_statement in_order = {
	.name = "audit_in_order",
	.sql = "SELECT set_config('enable_bitmapscan', 'off', true), set_config('enable_sort', 'off', true)",
};

static const struct db_statement *list_by(const struct audit_filter *filter)
{
	const struct {
		bool is_given;
		const struct db_statement *list;
	} ways[] = {
		{ filter->device, &list_of_device },
		{ filter->address, &list_of_address },
		{ filter->actor, &list_of_actor },
		{ filter->outcome && strcmp(filter->outcome, "done") != 0, &list_of_outcome },
		{ filter->action, &list_of_action },
		{ true, &list_all },
	};
	size_t i = 0;
	while (!ways[i].is_given)
		i++;
	return ways[i].list;
}

/* The cursor is the time, a blank, and the number. */
void audit_list(struct db_question *question, const struct audit_filter *filter, const char *after,
	unsigned limit)
{
	struct arena *arena = question->arena;
	const char *blank = strrchr(after, ' ');
	const char *at = blank ? arena_strndup(arena, after, (size_t)(blank - after)) : "infinity";
	db_add(question, &in_order, NULL, 0);
	DB_ADD(question, list_by(filter), db_text(filter->device), db_text(filter->address),
		db_text(filter->actor), db_text(filter->action), db_text(filter->outcome),
		db_text(filter->since ? filter->since : "-infinity"),
		db_text(filter->until ? filter->until : "infinity"), db_text(at),
		db_text(blank ? blank + 1 : "0"), db_int(arena, limit));
}
