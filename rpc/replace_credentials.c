/* replace_credentials: gives a device a name and a password of its own, in place of what it shares with others.
 * The pair is made and stored with its BOOTSTRAP, before it is sent: either counts until the device has used the new one,
 * so it does not matter which answer is lost. */
#include "rpc/method.h"

#include <string.h>

#include "base/crypto.h"
#include "db/parameter_key.h"

enum { USERNAME_CHARACTERS = 16, PASSWORD_CHARACTERS = 24 };

/* RFC 7616 3.4.2: A1, hashed both ways that devices are asked for. */
static struct auth_credential credential_of(
	struct arena *arena, const char *username, const char *realm, const char *password)
{
	char *md5 = arena_alloc(arena, MD5_HEX_BYTES),
	     *sha256 = arena_alloc(arena, SHA256_HEX_BYTES);
	const char *a1 = arena_printf(arena, "%s:%s:%s", username, realm, password);
	md5_hex(a1, strlen(a1), md5);
	sha256_hex(a1, strlen(a1), sha256);
	return (struct auth_credential){
		.username = username, .realm = realm, .ha1_md5 = md5, .ha1_sha256 = sha256
	};
}

void new_credentials_prepare(struct rpc_turn *turn)
{
	size_t length;
	struct arena *arena = turn->arena;
	const int64_t device_id = turn->session->device_id;
	const char *password = random_text(arena, PASSWORD_CHARACTERS);
	const struct auth_credential next = credential_of(
		arena, random_text(arena, USERNAME_CHARACTERS), turn->settings->realm, password);
	const void *sealed = keyring_seal(turn->settings->secrets, arena,
		credential_next_place(arena, device_id), password, strlen(password), &length);
	credentials_prepare(&turn->question, device_id, &next, sealed, length);
}

static bool check(struct arena *arena, json_t *arguments, const char **why)
{
	(void)arena, (void)arguments;
	*why = "method: ReplaceCredentials is for the server to queue, at BOOTSTRAP";
	return false;
}

/* NULL, and why: there is none, or it cannot be unsealed. */
static const char *password_of(
	const struct rpc_turn *turn, const struct rpc_task *task, const char **why)
{
	size_t length;
	if (!task->next_password.bytes) {
		*why = "the device has credentials of its own by now";
		return NULL;
	}
	const char *password = keyring_unseal(turn->settings->secrets, task->arena,
		credential_next_place(task->arena, turn->session->device_id),
		task->next_password.bytes, task->next_password.length, &length);
	if (!password)
		*why = "the device's new password was sealed with another secrets.key";
	return password;
}

static struct cwmp_value value_of(const struct rpc_task *task, const char *name, const char *value)
{
	return (struct cwmp_value){
		.name = arena_printf(task->arena, "%sManagementServer.%s", task->root, name),
		.value = value,
		.type = "xsd:string",
	};
}

static bool request(struct rpc_turn *turn, struct rpc_task *task, const char **why)
{
	const char *password = password_of(turn, task, why);
	if (!password)
		return false;
	if (!task->root) {
		*why = "the device's root object is not known";
		return false;
	}
	struct cwmp_value *values = arena_array(task->arena, 2, sizeof(*values));
	values[0] = value_of(task, "Username", task->next_username);
	values[1] = value_of(task, "Password", password);
	turn->out.request.set_parameter_values = (struct cwmp_set_parameter_values){
		.parameters = { .items = values, .count = 2 },
		.parameter_key = task->command_key,
	};
	struct arena *arena = turn->session->arena;
	turn->session->next = credential_of(
		arena, arena_strdup(arena, task->next_username), turn->settings->realm, password);
	return true;
}

static void respond(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end)
{
	parameter_key_expect(&turn->question, turn->session->device_id, task->command_key);
	end->result = json_pack("{s:i}", "status", (int)turn->in->response.status);
}

const struct rpc_task_method replace_credentials_task = {
	.name = "ReplaceCredentials",
	.method = CWMP_SET_PARAMETER_VALUES,
	.check = check,
	.request = request,
	.respond = respond,
};
