/* request: what handlers read from a call: query and body, with the 400 that names the field.
 * Every function here that says false has answered the call. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "acs/api/call.h"
#include "http/url.h"

const char *api_query(const struct api_call *call, const char *name)
{
	for (size_t i = 0; i < call->query_count; i++)
		if (strcmp(call->query[i].name, name) == 0)
			return call->query[i].value;
	return NULL;
}

bool api_query_number(struct api_call *call, const char *name, int64_t least, int64_t most,
	int64_t absent, int64_t *number)
{
	const char *text = api_query(call, name);
	*number = absent;
	if (!text)
		return true;
	char *end;
	errno = 0;
	*number = strtoll(text, &end, 10);
	const bool is_number = *text >= '0' && *text <= '9' && !*end && !errno;
	if (is_number && *number >= least && *number <= most)
		return true;
	api_problem(call, 400, name, "must be a whole number from %lld to %lld", (long long)least,
		(long long)most);
	return false;
}

bool api_check_text(struct api_call *call, const char *field, const char *text, size_t most)
{
	if (!text)
		return true;
	const size_t length = strlen(text);
	if (length > 0 && db_text_is_storable(text, length, most))
		return true;
	api_problem(call, 400, field, "must be UTF-8 text of 1 to %zu bytes", most);
	return false;
}

bool api_body_text(struct api_call *call, const char *field, size_t most, const char **text)
{
	const json_t *value = json_object_get(call->body, field);
	*text = NULL;
	if (!value || json_is_null(value))
		return true;
	*text = json_string_value(value);
	if (*text)
		return api_check_text(call, field, *text, most);
	api_problem(call, 400, field, "must be a text");
	return false;
}

bool api_body_has_only(struct api_call *call, const char *const *known)
{
	const char *name;
	json_t *value;
	json_object_foreach (call->body, name, value) {
		const char *const *k = known;
		while (*k && strcmp(*k, name) != 0)
			k++;
		if (*k)
			continue;
		api_problem(call, 400, name, "is not known here");
		return false;
	}
	return true;
}

const char *api_path_name(struct api_call *call)
{
	const char *name = http_percent_decode(call->arena, call->segments[0]);
	const size_t length = name ? strlen(name) : 0;
	const bool is_good = length > 0 && !strchr(name, '/') &&
			     db_text_is_storable(name, length, API_NAME_BYTES);
	return is_good ? name : NULL;
}
