/* background: questions that nobody waits for. */
#include "acs/background.h"

#include "acs/log.h"

struct errand {
	LIST_ENTRY(errand) others; /* under way on the same loop */
	struct db_wait wait;
	struct loop *loop;
	struct arena *arena; /* holds the errand itself */
	const char *name;
	background_done_fn *done;
};

static void errand_end(struct errand *errand)
{
	LIST_REMOVE(errand, others);
	db_abandon(&errand->wait);
	arena_free(errand->arena);
}

static void errand_done(const struct db_answer *answer, void *arg)
{
	struct errand *errand = arg;
	if (answer->outcome != DB_OK)
		LOG_WARNING("background-failed", LOG_TEXT("what", errand->name),
			LOG_TEXT("reason", answer->text));
	else if (errand->done)
		errand->done(errand->loop, answer);
	errand_end(errand);
}

void background_ask(struct loop *loop, struct arena *arena, const struct db_question *question,
	const char *name, background_done_fn *done)
{
	struct errand *errand = ARENA_NEW(arena, struct errand);
	*errand = (struct errand){ .loop = loop, .arena = arena, .name = name, .done = done };
	LIST_INSERT_HEAD(&loop->errands, errand, others);
	db_ask(loop->db, question, &errand->wait, errand_done, errand);
}

void background_drop(struct loop *loop)
{
	while (!LIST_EMPTY(&loop->errands))
		errand_end(LIST_FIRST(&loop->errands));
}
