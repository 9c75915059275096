/* background: questions that nobody waits for. */
#ifndef ACS_BACKGROUND_H
#define ACS_BACKGROUND_H

#include "acs/loop.h"
#include "db/db.h"

/* Called with the answer when it is DB_OK; anything else is logged under name and forgotten. */
typedef void background_done_fn(struct loop *loop, const struct db_answer *answer);

/* Asks and frees arena (the question's) afterwards. done may be NULL. On the loop's own thread. */
void background_ask(struct loop *loop, struct arena *arena, const struct db_question *question,
	const char *name, background_done_fn *done);
/* Forgets what is still under way, before the loop's database is closed. */
void background_drop(struct loop *loop);

#endif
