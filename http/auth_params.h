/* auth_params: the grammar that Authorization and WWW-Authenticate share.
 * Lenient as devices need it: values quoted or not, blanks and commas anywhere between. */
#ifndef HTTP_AUTH_PARAMS_H
#define HTTP_AUTH_PARAMS_H

#include <stdbool.h>
#include <stddef.h>

#include "http/digest.h"

enum auth_item { AUTH_END, AUTH_SCHEME, AUTH_PARAM, AUTH_BAD };

/* One thing of a header: a scheme's name, or a parameter and its value with quotes taken off. */
struct auth_token {
	const char *name;
	const char *value; /* NULL for a scheme */
};

/* Reads what stands at *text and moves *text behind it. */
enum auth_item auth_next(
	struct arena *arena, const char **text, struct auth_token *token) MUST_CHECK;

/* A parameter that is known, and where a struct keeps its value (a const char *). */
struct auth_field {
	const char *name;
	size_t offset;
};

/* Stores a parameter in `record` when one of the fields has its name. False when it was there
 * already. */
bool auth_store(const struct auth_field *fields, size_t count, void *record,
	const struct auth_token *token) MUST_CHECK;

/* NULL is MD5 (RFC 7616, 3.3). False for an algorithm that is not spoken here. */
bool auth_algorithm(
	const char *name, enum digest_algorithm *algorithm, bool *is_session) MUST_CHECK;
/* As it is spelled in a header. */
const char *auth_algorithm_name(enum digest_algorithm algorithm, bool is_session);

/* H(text) as lower-case hex. */
char *digest_hash(struct arena *arena, enum digest_algorithm algorithm, const char *text);
/* The response value of an authorization whose fields are set; the parts it lacks (qop) leave the
 * formula as RFC 2069 has it. NULL when its qop is not "auth" or lacks nc or cnonce. */
char *digest_response(struct arena *arena, const struct http_authorization *authorization,
	const char *ha1, const char *method);
/* The text between double quotes, for a header. */
char *auth_quote(struct arena *arena, const char *text);

#endif
