/* audit: who did what from where, to what, on which device, and what became of it.
 * What the database does is noted by the macro AUDITED, part of the statement that does it. */
#include "db/audit.h"

#include "base/compiler.h"

struct db_value audit_where(struct arena *arena, const struct audit_note *note)
{
	const char *const where[] = { note->target, note->address, note->device };
	return db_text_array(arena, where, LENGTH_OF(where));
}

static const struct db_statement add = {
	.name = "audit_add",
	.sql = "INSERT INTO audit (actor, action, target, address, device, outcome, detail)"
	       " VALUES ($1, $2, ($3::text[])[1], ($3::text[])[2]::inet, " AUDIT_DEVICE ", $4, $5::jsonb)",
};

void audit_add(struct db_question *question, const struct audit_note *note, const char *outcome,
	const char *detail)
{
	DB_ADD(question, &add, AUDIT_VALUES(note), db_text(outcome), db_text(detail));
}

static const struct db_statement list = {
	.name = "audit_list",
	.sql = "SELECT json_build_object('id', audit_id::text, 'at', " DB_TIME("at") ", 'actor', actor,"
	       "  'address', host(address), 'action', action, 'target', target, 'device', device,"
	       "  'outcome', outcome, 'detail', detail, 'before', before, 'after', after), audit_id"
	       " FROM audit WHERE audit_id < $1 ORDER BY audit_id DESC LIMIT $2",
};

void audit_list(struct db_question *question, int64_t before, unsigned limit)
{
	DB_ADD(question, &list, db_int(question->arena, before), db_int(question->arena, limit));
}
