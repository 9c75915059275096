/* operator: what tokens and users have in common: a name, a role, and the devices that they reach. */
#ifndef ACS_API_OPERATOR_H
#define ACS_API_OPERATOR_H

#include <stdbool.h>

#include "acs/api/call.h"
#include "base/compiler.h"
#include "db/scope.h"

enum { OPERATOR_NAME_BYTES = 64, OPERATOR_SCOPE_ITEMS = 100, OPERATOR_ITEM_BYTES = 128 };
enum { PASSWORD_LEAST_BYTES = 8, PASSWORD_MOST_BYTES = 256 };

struct operator_new {
	const char *name, *role; /* NULL: not given */
	struct scope_new scope;
};

/* NULL when all is well, else "field: what it must be". */
const char *operator_check(const struct operator_new *new);
/* No control characters, and long enough. */
bool password_is_good(const char *password) MUST_CHECK;

/* name, role and scope of the body, checked as above. False: answered with 400. */
bool operator_read(struct api_call *call, struct operator_new *out) MUST_CHECK;
/* The name that the path ends with; NULL: answered with 404, "no such <what>". */
const char *operator_name(struct api_call *call, const char *what);
/* 204 for a row, else 404 "no such <what>". */
void operator_removed(struct api_call *call, const struct db_answer *answer, const char *what);

#endif
