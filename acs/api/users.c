/* users: people who may use this API, by name and password.
 * GET|POST /users, PUT /users/{user}/password, DELETE /users/{user}. Passwords go in and never come out. */
#include "db/users.h"

#include "acs/api/internal.h"
#include "acs/api/operator.h"
#include "acs/api/page.h"
#include "acs/passwords.h"

struct change {
	struct operator_new who; /* with a name only: his password changes */
	struct password_job *job;
};

void users_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page))
		return;
	struct db_question question = db_question(call->arena);
	users_list(&question, page->after, page->limit);
	api_page_ask(call, &question, page, "users");
}

static void on_created(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0)
		api_problem(call, 409, "name", "is taken");
	else
		api_reply_json(call, 201, db_get_text(rows, 0, 0));
}

static void on_password_set(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "user");
}

static void store(struct api_call *call, const struct operator_new *who, const char *hash)
{
	const struct audit_note note = api_note(call, who->name);
	struct db_question question = db_question(call->arena);
	if (!who->role) {
		users_set_password(&question, &note, who->name, hash);
		api_ask(call, &question, on_password_set);
		return;
	}
	users_create(&question, &note,
		&(const struct user_new){
			.name = who->name,
			.role = who->role,
			.password_hash = hash,
			.scope = who->scope,
		});
	api_ask(call, &question, on_created);
}

static void on_hashed(bool matches, const char *hash, void *arg)
{
	struct api_call *call = arg;
	struct change *change = call->state;
	(void)matches;
	call->release = NULL;
	api_call_enter(call);
	store(call, &change->who, hash);
	api_call_leave(call);
}

static void forget_job(struct api_call *call)
{
	struct change *change = call->state;
	password_cancel(change->job);
}

/* With the operator, and the body's password made into what is stored. */
static void hash_and_store(struct api_call *call, const struct operator_new *who)
{
	const char *password;
	struct change *change = ARENA_NEW(call->arena, struct change);
	if (!api_body_text(call, "password", PASSWORD_MOST_BYTES, &password))
		return;
	if (!password || !password_is_good(password)) {
		api_problem(call, 400, "password",
			"must be %d to %d bytes of UTF-8 without control characters",
			PASSWORD_LEAST_BYTES, PASSWORD_MOST_BYTES);
		return;
	}
	change->who = *who;
	change->job = password_make(call->loop, password, on_hashed, call);
	if (!change->job) {
		api_reply_unavailable(
			call, API_RETRY_SECONDS, "too many passwords are being checked");
		return;
	}
	call->state = change;
	call->release = forget_job;
}

void users_post(struct api_call *call)
{
	static const char *const known[] = { "name", "role", "scope", "password", NULL };
	struct operator_new who;
	if (api_body_has_only(call, known) && operator_read(call, &who))
		hash_and_store(call, &who);
}

void users_put_password(struct api_call *call)
{
	static const char *const known[] = { "password", NULL };
	const struct operator_new who = { .name = operator_name(call, "user") };
	if (who.name && api_body_has_only(call, known))
		hash_and_store(call, &who);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	operator_removed(call, answer, "user");
}

void users_remove(struct api_call *call)
{
	const char *name = operator_name(call, "user");
	if (!name)
		return;
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	users_delete(&question, &note, name);
	api_ask(call, &question, on_removed);
}
