/* credentials: how a device proves itself to us, and we to it.
 * PUT|GET|DELETE /credentials/{device}, POST …/reopen. Passwords go in and never come out. */
#include "db/credentials.h"

#include <string.h>

#include "acs/api/call.h"
#include "base/crypto.h"
#include "http/digest.h"

enum { REOPENED_HOURS = 24, MOST_REOPENED_HOURS = 24 * 30 };
enum { MOST_BYTES = 256 }; /* ManagementServer.Username and the like are string(256) */

struct names {
	const char *username, *password;
	const char *connection_request_username, *connection_request_password;
};

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

/* A user name ends at its colon in Basic and in HA1. */
static bool check_username(struct api_call *call, const char *field, const char *username)
{
	if (!strchr(username, ':') && !has_control(username))
		return true;
	api_problem(call, 400, field, "must not hold ':' or control characters");
	return false;
}

static bool read_names(struct api_call *call, struct names *names)
{
	static const char *const known[] = { "username", "password", "connection_request_username",
		"connection_request_password", NULL };
	if (!api_body_has_only(call, known) ||
		!api_body_text(call, "username", MOST_BYTES, &names->username) ||
		!api_body_text(call, "password", MOST_BYTES, &names->password) ||
		!api_body_text(call, known[2], MOST_BYTES, &names->connection_request_username) ||
		!api_body_text(call, known[3], MOST_BYTES, &names->connection_request_password))
		return false;
	if (!names->username || !names->password) {
		api_problem(call, 400, names->username ? "password" : "username", "is needed");
		return false;
	}
	const char *called = names->connection_request_username;
	if (!called != !names->connection_request_password) {
		api_problem(call, 400, known[called ? 3 : 2],
			"is needed with the other one of the pair");
		return false;
	}
	return check_username(call, "username", names->username) &&
	       (!called || check_username(call, known[2], called));
}

static void on_put(struct api_call *call, const struct db_answer *answer)
{
	const struct db_rows *rows = answer->results[CREDENTIALS_RESULT];
	const char *json = db_get_text(rows, 0, 0);
	if (db_get_bool(rows, 0, 1))
		api_reply_created(call, 201, call->request->path, json);
	else
		api_reply_json(call, 200, json);
}

/* The pair for connection requests stays when the body does not name it; null removes it. */
void credentials_put_one(struct api_call *call)
{
	struct names names;
	struct arena *arena = call->arena;
	const struct server *server = call->loop->server;
	const char *realm = server->config->cwmp.realm;
	if (!read_names(call, &names))
		return;
	struct credential_new credential = {
		.device_id = call->device_id,
		.id = call->device,
		.oui = call->oui,
		.product_class = call->product_class,
		.serial_number = call->serial_number,
		.username = names.username,
		.realm = realm,
		.ha1_md5 = digest_ha1(arena, DIGEST_MD5, names.username, realm, names.password),
		.ha1_sha256 = digest_ha1(
			arena, DIGEST_SHA256, names.username, realm, names.password),
		.has_connection_request = json_object_get(
			call->body, "connection_request_username"),
		.connection_request_username = names.connection_request_username,
	};
	if (names.connection_request_password)
		credential.connection_request_password = keyring_seal(server->secrets, arena,
			credential_place(arena, call->device_id), names.connection_request_password,
			strlen(names.connection_request_password),
			&credential.connection_request_password_length);
	const struct audit_note note = api_note(call, call->device);
	struct db_question question = db_question(arena);
	credentials_put(&question, &note, &credential);
	api_ask(call, &question, on_put);
}

static void on_credential(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "credential");
}

void credentials_get_one(struct api_call *call)
{
	struct db_question question = db_question(call->arena);
	credentials_get(&question, call->device_id);
	api_ask(call, &question, on_credential);
}

static void on_reopened(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "credential");
}

/* For a device that lost its own credentials otherwise than by our FactoryReset. */
void credentials_post_reopen(struct api_call *call)
{
	static const char *const known[] = { "hours", NULL };
	const json_t *given = json_object_get(call->body, "hours");
	const json_int_t hours = given ? json_integer_value(given) : REOPENED_HOURS;
	if (!api_body_has_only(call, known))
		return;
	if ((given && !json_is_integer(given)) || hours < 1 || hours > MOST_REOPENED_HOURS) {
		api_problem(call, 400, "hours", "must be a whole number from 1 to %d",
			MOST_REOPENED_HOURS);
		return;
	}
	const struct audit_note note = api_note(call, call->device);
	struct db_question question = db_question(call->arena);
	credentials_reopen(&question, &note, call->device_id, (unsigned)hours);
	api_ask(call, &question, on_reopened);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[CREDENTIALS_RESULT]) == 0)
		api_problem(call, 404, NULL, "no such credential");
	else
		api_reply_nothing(call);
}

void credentials_remove(struct api_call *call)
{
	const struct audit_note note = api_note(call, call->device);
	struct db_question question = db_question(call->arena);
	credentials_delete(&question, &note, call->device_id);
	api_ask(call, &question, on_removed);
}
