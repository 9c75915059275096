/* commit: what a question says of its own commit. */
#include "db/db.h"

static const struct db_statement lazily = {
	.name = "db_commit_lazily",
	.sql = "SELECT set_config('synchronous_commit', 'off', true)",
};

void db_commit_lazily(struct db_question *question)
{
	db_add(question, &lazily, NULL, 0);
}
