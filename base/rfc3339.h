/* rfc3339: times as operators write them. */
#ifndef BASE_RFC3339_H
#define BASE_RFC3339_H

#include <stdbool.h>

#include "base/compiler.h"

/* "2026-11-21T10:00:00Z", with fraction or offset: what PostgreSQL reads without doubt or error. */
bool rfc3339_is_good(const char *text) MUST_CHECK;

#endif
