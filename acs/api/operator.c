/* operator: what tokens and users have in common: a name, a role, and the devices that they reach.
 * Their names are the actors of tasks and of the audit: none may be taken for the server, or for a device. */
#include "acs/api/operator.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "acs/audit.h"
#include "http/url.h"

/* Actors that are nobody's name; "onboarding" is also what the server knows its own tasks by. */
static bool is_reserved(const char *name)
{
	static const char *const reserved[] = { "onboarding", "anonymous", "command line", "acs",
		"server", "system", "request-download", AUDIT_DEVICE_ITSELF, AUDIT_NOBODY };
	for (size_t i = 0; i < LENGTH_OF(reserved); i++)
		if (strcasecmp(name, reserved[i]) == 0)
			return true;
	return false;
}

/* "00D09E-…" is how the id of a device begins. */
static bool is_like_a_device(const char *name)
{
	size_t digits = 0;
	while (isxdigit((unsigned char)name[digits]))
		digits++;
	return digits == 6 && name[digits] == '-';
}

static bool has_control(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return true;
	return false;
}

static bool is_storable(const char *text, size_t most)
{
	return *text && !has_control(text) && db_text_is_storable(text, strlen(text), most);
}

static bool are_storable(const char *const *items, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!is_storable(items[i], OPERATOR_ITEM_BYTES))
			return false;
	return count <= OPERATOR_SCOPE_ITEMS;
}

/* What a reader of the audit could take for another is none: nothing but printable ASCII, and no blanks around it. */
static bool is_plain_name(const char *name)
{
	const size_t length = strlen(name);
	for (const char *at = name; *at; at++)
		if (*at < ' ' || *at > '~' || *at == '/' || *at == ':')
			return false;
	return length > 0 && length <= OPERATOR_NAME_BYTES && *name != ' ' &&
	       name[length - 1] != ' ';
}

const char *operator_check(const struct operator_new *new)
{
	enum api_role role;
	const struct scope_new *scope = &new->scope;
	if (!new->name || !is_plain_name(new->name))
		return "name: must be 1 to 64 printable ASCII characters without '/', ':' and blanks around them";
	if (is_reserved(new->name))
		return "name: is the server's own";
	if (is_like_a_device(new->name))
		return "name: looks like a device's";
	if (!new->role || !api_role_read(new->role, &role))
		return "role: must be read, operate or admin";
	if (!are_storable(scope->tags, scope->tag_count) ||
		!are_storable(scope->ouis, scope->oui_count))
		return "scope: must name at most 100 tags and as many OUIs, each 1 to 128 bytes";
	if (role == ROLE_ADMIN && scope->tag_count + scope->oui_count > 0)
		return "scope: an admin reaches all devices";
	return NULL;
}

bool password_is_good(const char *password)
{
	return strlen(password) >= PASSWORD_LEAST_BYTES &&
	       is_storable(password, PASSWORD_MOST_BYTES);
}

/* False: answered with 400. */
static bool read_items(
	struct api_call *call, const json_t *list, const char ***items, size_t *count)
{
	if (list && (!json_is_array(list) || json_array_size(list) > OPERATOR_SCOPE_ITEMS)) {
		api_problem(call, 400, "scope", "must hold lists of at most %d texts",
			OPERATOR_SCOPE_ITEMS);
		return false;
	}
	*items = arena_array(call->arena, json_array_size(list), sizeof(**items));
	for (; *count < json_array_size(list); ++*count) {
		(*items)[*count] = json_string_value(json_array_get(list, *count));
		if ((*items)[*count])
			continue;
		api_problem(call, 400, "scope", "must hold lists of texts");
		return false;
	}
	return true;
}

/* null and nothing at all are all devices; an empty scope is a mistake. False: answered with 400. */
static bool read_scope(struct api_call *call, struct scope_new *scope)
{
	const json_t *given = json_object_get(call->body, "scope");
	const json_t *tags = json_object_get(given, "tags"), *ouis = json_object_get(given, "ouis");
	if (!given || json_is_null(given))
		return true;
	const size_t known = (tags ? 1U : 0U) + (ouis ? 1U : 0U);
	if (!json_is_object(given) || json_object_size(given) != known) {
		api_problem(call, 400, "scope", "must be an object of \"tags\" and \"ouis\"");
		return false;
	}
	if (!read_items(call, tags, &scope->tags, &scope->tag_count) ||
		!read_items(call, ouis, &scope->ouis, &scope->oui_count))
		return false;
	if (scope->tag_count + scope->oui_count > 0)
		return true;
	api_problem(call, 400, "scope", "must name a tag or an OUI");
	return false;
}

bool operator_read(struct api_call *call, struct operator_new *out)
{
	*out = (struct operator_new){ 0 };
	if (!api_body_text(call, "name", OPERATOR_NAME_BYTES, &out->name) ||
		!api_body_text(call, "role", OPERATOR_NAME_BYTES, &out->role) ||
		!read_scope(call, &out->scope))
		return false;
	const char *why = operator_check(out);
	if (why)
		api_problem_why(call, why);
	return !why;
}

const char *operator_name(struct api_call *call, const char *what)
{
	const char *name = http_percent_decode(call->arena, call->segments[0]);
	if (name && db_text_is_storable(name, strlen(name), OPERATOR_ITEM_BYTES))
		return name;
	api_problem(call, 404, NULL, "no such %s", what);
	return NULL;
}

void operator_removed(struct api_call *call, const struct db_answer *answer, const char *what)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such %s", what);
	else
		api_reply_nothing(call);
}
