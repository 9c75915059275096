/* lease: who of several nodes does what only one should do at a time.
 * The database's clock decides alone. */
#include "db/lease.h"

static const struct db_statement take = {
	.name = "lease_take",
	.sql = "INSERT INTO lease AS l (name, node, until)"
	       " VALUES ($1, $2, now() + make_interval(secs => $3))"
	       " ON CONFLICT (name) DO UPDATE SET node = excluded.node, until = excluded.until"
	       "  WHERE l.node = excluded.node OR l.until < now()",
};

void lease_take(struct db_question *question, const char *name, int64_t node, unsigned seconds)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &take, db_text(name), db_int(arena, node), db_int(arena, seconds));
}

bool lease_is_ours(const struct db_rows *rows)
{
	return db_affected(rows) > 0;
}

static const struct db_statement give_back = {
	.name = "lease_return",
	.sql = "DELETE FROM lease WHERE node = $1",
};

void lease_return(struct db_question *question, int64_t node)
{
	DB_ADD(question, &give_back, db_int(question->arena, node));
}
