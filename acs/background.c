/* background: questions that nobody waits for. */
#include "acs/background.h"

#include "acs/log.h"

struct errand {
	struct db_wait wait;
	struct loop *loop;
	struct arena *arena; /* holds the errand itself */
	const char *name;
	background_done_fn *done;
};

static void errand_done(const struct db_answer *answer, void *arg)
{
	struct errand *errand = arg;
	if (answer->outcome != DB_OK)
		LOG_WARNING("background-failed", LOG_TEXT("what", errand->name),
			LOG_TEXT("reason", answer->text));
	else if (errand->done)
		errand->done(errand->loop, answer);
	arena_free(errand->arena);
}

void background_ask(struct loop *loop, struct arena *arena, const struct db_question *question,
	const char *name, background_done_fn *done)
{
	struct errand *errand = ARENA_NEW(arena, struct errand);
	*errand = (struct errand){ .loop = loop, .arena = arena, .name = name, .done = done };
	db_ask(loop->db, question, &errand->wait, errand_done, errand);
}
