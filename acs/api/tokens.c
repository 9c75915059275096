/* tokens: who may use this API.
 * GET|POST /tokens, DELETE /tokens/{token}. A token is shown once, in the answer that made it. */
#include "acs/api/token.h"

#include <string.h>

#include "acs/api/page.h"
#include "base/crypto.h"
#include "db/tokens.h"
#include "http/url.h"

enum { TOKEN_CHARACTERS = 40 };

char *token_make(struct arena *arena, char hash[SHA256_HEX_BYTES])
{
	char *token = random_text(arena, TOKEN_CHARACTERS);
	sha256_hex(token, TOKEN_CHARACTERS, hash);
	return token;
}

/* Stands in paths and in the audit trail. */
bool token_name_is_good(const char *name)
{
	const size_t length = strlen(name);
	return length > 0 && !strchr(name, '/') &&
	       db_text_is_storable(name, length, TOKEN_NAME_BYTES);
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

void tokens_post(struct api_call *call)
{
	static const char *const known[] = { "name", "role", NULL };
	const char *name, *role_name;
	char hash[SHA256_HEX_BYTES];
	enum api_role role;
	if (!api_body_has_only(call, known) ||
		!api_body_text(call, "name", TOKEN_NAME_BYTES, &name) ||
		!api_body_text(call, "role", TOKEN_NAME_BYTES, &role_name))
		return;
	if (!name || !token_name_is_good(name)) {
		api_problem(call, 400, "name", "must be a text without '/'");
		return;
	}
	if (!role_name || !api_role_read(role_name, &role)) {
		api_problem(call, 400, "role", "must be read, operate or admin");
		return;
	}
	call->state = token_make(call->arena, hash);
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	tokens_create(&question, &note, name, role_name, hash);
	api_ask(call, &question, on_created);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such token");
	else
		api_reply_nothing(call);
}

void tokens_remove(struct api_call *call)
{
	const char *name = http_percent_decode(call->arena, call->segments[0]);
	if (!name || !token_name_is_good(name)) {
		api_problem(call, 404, NULL, "no such token");
		return;
	}
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	tokens_delete(&question, &note, name);
	api_ask(call, &question, on_removed);
}
