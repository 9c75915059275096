/* audit: reading the trail that every audited statement leaves.
 * Writing is the macro AUDITED, part of the statement that changes something. */
#include "db/audit.h"

static const struct db_statement list = {
	.name = "audit_list",
	.sql = "SELECT json_build_object('id', audit_id::text, 'at', " DB_TIME("at") ","
	       "  'actor', actor, 'action', action, 'target', target, 'detail', detail), audit_id"
	       " FROM audit WHERE audit_id < $1 ORDER BY audit_id DESC LIMIT $2",
};

void audit_list(struct db_question *question, int64_t before, unsigned limit)
{
	DB_ADD(question, &list, db_int(question->arena, before), db_int(question->arena, limit));
}
