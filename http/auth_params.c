/* auth_params: the grammar that Authorization and WWW-Authenticate share.
 * A word with "=" behind it is a parameter, any other word names a scheme. */
#include "http/auth_params.h"

#include <string.h>
#include <strings.h>

static const struct {
	const char *name;
	enum digest_algorithm algorithm;
	bool is_session;
} algorithms[] = {
	{ "MD5", DIGEST_MD5, false },
	{ "MD5-sess", DIGEST_MD5, true },
	{ "SHA-256", DIGEST_SHA256, false },
	{ "SHA-256-sess", DIGEST_SHA256, true },
};

/* *text stands behind the opening quote. NULL when the closing one is missing. */
static char *read_quoted(struct arena *arena, const char **text)
{
	const char *in = *text;
	char *value = arena_alloc(arena, strlen(in) + 1), *out = value;
	for (; *in != '"'; in++) {
		if (*in == '\\' && in[1])
			in++;
		if (!*in)
			return NULL;
		*out++ = *in;
	}
	*text = in + 1;
	return value;
}

static char *read_bare(struct arena *arena, const char **text)
{
	const size_t length = strcspn(*text, ", \t");
	char *value = arena_strndup(arena, *text, length);
	*text += length;
	return value;
}

enum auth_item auth_next(struct arena *arena, const char **text, struct auth_token *token)
{
	const char *at = *text + strspn(*text, ", \t");
	*text = at;
	*token = (struct auth_token){ 0 };
	if (!*at)
		return AUTH_END;
	const size_t length = strcspn(at, "=, \t\"");
	if (length == 0)
		return AUTH_BAD;
	token->name = arena_strndup(arena, at, length);
	at += length;
	*text = at;
	at += strspn(at, " \t");
	if (*at != '=')
		return AUTH_SCHEME;
	at++;
	at += strspn(at, " \t");
	if (*at == '"') {
		at++;
		token->value = read_quoted(arena, &at);
	} else {
		token->value = read_bare(arena, &at);
	}
	*text = at;
	return token->value ? AUTH_PARAM : AUTH_BAD;
}

bool auth_store(
	const struct auth_field *fields, size_t count, void *record, const struct auth_token *token)
{
	for (size_t i = 0; i < count; i++) {
		if (strcasecmp(fields[i].name, token->name) != 0)
			continue;
		const char **slot = (const char **)(void *)((char *)record + fields[i].offset);
		if (*slot)
			return false;
		*slot = token->value;
		return true;
	}
	return true;
}

bool auth_algorithm(const char *name, enum digest_algorithm *algorithm, bool *is_session)
{
	for (size_t i = 0; i < LENGTH_OF(algorithms); i++) {
		if (strcasecmp(name ? name : "MD5", algorithms[i].name) == 0) {
			*algorithm = algorithms[i].algorithm;
			*is_session = algorithms[i].is_session;
			return true;
		}
	}
	return false;
}

const char *auth_algorithm_name(enum digest_algorithm algorithm, bool is_session)
{
	for (size_t i = 0; i < LENGTH_OF(algorithms); i++) {
		if (algorithms[i].algorithm == algorithm && algorithms[i].is_session == is_session)
			return algorithms[i].name;
	}
	return NULL;
}

char *auth_quote(struct arena *arena, const char *text)
{
	char *quoted = arena_alloc(arena, strlen(text) * 2 + 3), *out = quoted;
	*out++ = '"';
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			*out++ = '\\';
		*out++ = *text;
	}
	*out = '"';
	return quoted;
}
