/* question: what db_add() leaves in a struct db_question for the connection that sends it.
 * Private to db/. */
#ifndef DB_QUESTION_H
#define DB_QUESTION_H

#include "db/db.h"

/* One statement with its parameters, as the arrays that libpq wants. */
struct db_step {
	const struct db_statement *statement;
	int count;
	const char **values;
	int *lengths;
	int *is_binary;
};

#endif
