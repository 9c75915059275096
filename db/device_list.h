/* device_list: devices as operators see them: found, tagged, deleted, and their parameters. */
#ifndef DB_DEVICE_LIST_H
#define DB_DEVICE_LIST_H

#include "db/audit.h"
#include "db/scope.h"

/* All that is set must hold; NULL and empty lists say nothing. */
struct device_filter {
	const char *oui, *product_class, *serial_number, *software_version;
	const char *admission;
	const char *words; /* part of the identity, manufacturer, version or tags, in any case */
	const char **tags;
	size_t tag_count;
	const char **names, **values; /* parameters that have these values */
	size_t parameter_count;
	struct device_scope scope; /* none outside of it */
	const struct db_statement *list; /* of the part that leads: set by devices_lead() */
};

/* Which part of the filter do the fewest devices fit? The answer is for devices_lead(). */
void devices_weigh(struct db_question *question, const struct device_filter *filter);
/* Sets filter->list, and what leads among tags or parameters goes to the front. */
void devices_lead(struct device_filter *filter, const struct db_rows *weights);
/* By device_id. Rows: JSON text, cursor. after: cursor of the last one seen, -1 for none. */
void devices_list(struct db_question *question, const struct device_filter *filter, int64_t after,
	unsigned limit);
/* One row with the device as JSON text, or none. */
void devices_get(struct db_question *question, int64_t device_id);
/* Likewise: the device as it is now. */
void devices_set_tags(struct db_question *question, const struct audit_note *note,
	int64_t device_id, const char *const *tags, size_t count);
/* Likewise, in the last result. admission: "active", "quarantined" or "blocked". */
void devices_set_admission(struct db_question *question, const struct audit_note *note,
	int64_t device_id, const char *admission);

/* Identities to be registered before their devices have informed, as columns. */
struct device_registration {
	const int64_t *device_ids;
	const char **ids, **ouis, **product_classes, **serial_numbers;
	size_t count;
	const char *const *tags;
	size_t tag_count;
	const char *admission;
};
/* Known devices stay as they are. One row: how many were unknown. */
void devices_register(struct db_question *question, const struct audit_note *note,
	const struct device_registration *registration);
/* One row when there is such a device; with has_tag it then has the tag, else it has not. */
void devices_tag(struct db_question *question, const struct audit_note *note, int64_t device_id,
	const char *tag, bool has_tag);
/* With all that belongs to the device. The last result has one row when there was one. */
void devices_delete(struct db_question *question, const struct audit_note *note, int64_t device_id);
/* One row when there is such a device. */
void devices_exists(struct db_question *question, int64_t device_id);
/* Rows: the device_id of each that there is within the scope. */
void devices_which_exist(struct db_question *question, const struct device_scope *scope,
	const int64_t *device_ids, size_t count);
/* Rows: the device_id of each that informed within the last seconds. */
void devices_which_informed(
	struct db_question *question, const int64_t *device_ids, size_t count, unsigned seconds);

struct parameter_filter {
	const char *prefix; /* "" for all */
	bool with_objects;  /* names that end in '.' too */
};
/* By name. Rows: JSON text, cursor (the name). after: "" for the first page. */
void devices_parameters(struct db_question *question, int64_t device_id,
	const struct parameter_filter *filter, const char *after, unsigned limit);

#endif
