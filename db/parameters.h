/* parameters: what is known of a device's data model, one row for each object and parameter. */
#ifndef DB_PARAMETERS_H
#define DB_PARAMETERS_H

#include "db/db.h"

struct parameter {
	const char *name;
	const char *value; /* or NULL: only the name is told */
	const char *type;  /* "xsd:…" or NULL: not told */
	bool writable;     /* told by parameters_store_names() only */
};

/* Sorts by name and drops all but the last of a name; returns how many are left. Every function
 * below wants its list like that. */
size_t parameters_sort(struct arena *arena, struct parameter *parameters, size_t count);

/* New names beyond these are not stored; what is known already is always updated. */
struct parameter_limits {
	unsigned of_device; /* parameters and objects of one device */
	unsigned in_all;    /* different names of all devices */
};

/* Into the dictionary: those names that are new and within the limits. */
void parameters_add_paths(struct db_question *question, int64_t device_id,
	const char *const *names, size_t count, const struct parameter_limits *limits);

/* In what the device told them. */
enum parameters_teller {
	TELLER_INFORM, /* the hash of the latest Inform stays valid; every other teller clears it */
	TELLER_ANSWER,
};
/* Values and types; rows that stay the same are not written. */
void parameters_store(struct db_question *question, int64_t device_id,
	const struct parameter *parameters, size_t count, enum parameters_teller teller,
	const struct parameter_limits *limits);
/* What becomes of parameters that the device does not list. */
enum parameters_unlisted {
	UNLISTED_STAY,              /* the list is a part */
	UNLISTED_GO,                /* the device does not have them any more */
	UNLISTED_GO_IF_ONCE_LISTED, /* nor those; but there are some that it never lists */
};
/* Names and whether they are writable, as GetParameterNames told for path (a partial path, or ""
 * for all). */
void parameters_store_names(struct db_question *question, int64_t device_id, const char *path,
	const struct parameter *parameters, size_t count, enum parameters_unlisted unlisted,
	const struct parameter_limits *limits);
struct parameter_notification {
	const char *name;
	unsigned notification; /* 0 to 6 */
};
/* Notifications of parameters that are known; of several for one the last counts. With is_below a name that ends
 * in '.' means all parameters below it. */
void parameters_store_notifications(struct db_question *question, int64_t device_id,
	const struct parameter_notification *told, size_t count, bool is_below);
/* Forgets an object and all below it. path ends in '.'. */
void parameters_forget(struct db_question *question, int64_t device_id, const char *path);

#endif
