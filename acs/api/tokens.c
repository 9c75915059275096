/* tokens: programs that may use this API.
 * GET|POST /tokens, DELETE /tokens/{token}. A token is shown once, in the answer that made it. */
#include "acs/api/token.h"

#include "acs/api/operator.h"
#include "acs/api/page.h"
#include "db/tokens.h"

enum { TOKEN_CHARACTERS = 40 };

char *token_make(struct arena *arena, char hash[SHA256_HEX_BYTES])
{
	char *token = random_text(arena, TOKEN_CHARACTERS);
	sha256_hex(token, TOKEN_CHARACTERS, hash);
	return token;
}

void tokens_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page))
		return;
	struct db_question question = db_question(call->arena);
	tokens_list(&question, page->after, page->limit);
	api_page_ask(call, &question, page, "tokens");
}

/* state is the token itself, which the database never sees. */
static void on_created(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[0];
	if (db_row_count(rows) == 0) {
		api_problem(call, 409, "name", "is taken");
		return;
	}
	json_t *document = json_loads(db_get_text(rows, 0, 0), 0, NULL);
	json_object_set_new(document, "token", json_string(call->state));
	api_reply_document(call, 201, document);
}

/* Seconds; null and nothing at all are for ever. False: answered with 400. */
static bool read_expiry(struct api_call *call, int64_t *seconds)
{
	const json_t *given = json_object_get(call->body, "expires_in");
	*seconds = -1;
	if (!given || json_is_null(given))
		return true;
	*seconds = json_integer_value(given);
	if (json_is_integer(given) && *seconds >= 1 && *seconds <= TOKEN_MOST_SECONDS)
		return true;
	api_problem(call, 400, "expires_in", "must be a whole number of seconds from 1 to %d",
		TOKEN_MOST_SECONDS);
	return false;
}

void tokens_post(struct api_call *call)
{
	static const char *const known[] = { "name", "role", "scope", "expires_in", NULL };
	struct operator_new who;
	struct token_new token;
	char hash[SHA256_HEX_BYTES];
	if (!api_body_has_only(call, known) || !operator_read(call, &who) ||
		!read_expiry(call, &token.expires_in))
		return;
	call->state = token_make(call->arena, hash);
	token.name = who.name;
	token.role = who.role;
	token.scope = who.scope;
	token.sha256_hex = hash;
	const struct audit_note note = api_note(call, token.name);
	struct db_question question = db_question(call->arena);
	tokens_create(&question, &note, &token);
	api_ask(call, &question, on_created);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	operator_removed(call, answer, "token");
}

void tokens_remove(struct api_call *call)
{
	const char *name = operator_name(call, "token");
	if (!name)
		return;
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	tokens_delete(&question, &note, name);
	api_ask(call, &question, on_removed);
}
