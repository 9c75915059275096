/* scope: the devices that a caller of the admin API reaches.
 * A caller's scope stays what PostgreSQL wrote: it goes back into statements as it came. */
#ifndef DB_SCOPE_H
#define DB_SCOPE_H

#include "db/db.h"

/* The devices that have one of the tags or one of the OUIs. All zero: all devices. */
struct device_scope {
	const char *tags, *ouis; /* arrays as text; both NULL or none */
	const char *only_tag, *only_oui; /* when it is just that one */
};

/* A scope to be given. */
struct scope_new {
	const char **tags, **ouis;
	size_t tag_count, oui_count; /* both 0: all devices */
};

/* Is device d in the scope that these parameters are? A CASE, since the planner takes no offence at one. */
#define IN_SCOPE(tags, ouis) \
	" CASE WHEN " tags "::text[] IS NULL THEN true" \
	" ELSE d.tags && " tags " OR upper(d.oui) = ANY (" ouis "::text[]) END"
#define SCOPE_VALUES(scope) db_text((scope)->tags), db_text((scope)->ouis)

/* One row when there is such a device, or such a task, within the scope. */
void scope_find_device(struct db_question *question, const struct device_scope *scope, int64_t device_id);
void scope_find_task(struct db_question *question, const struct device_scope *scope, int64_t task_id);
/* Rows: the indexes of those public ids whose devices are within the scope, in order. */
void scope_filter(struct db_question *question, const struct device_scope *scope, const char *const *ids,
	size_t count);

/* What tokens and users have in common: role, scope, and when they were used. */

/* A column list for scope_read() and, behind it, whether the last use was noted too long ago. */
#define SCOPE_COLUMNS \
	" tags::text, ouis::text, CASE WHEN cardinality(tags) = 1 AND ouis = '{}' THEN tags[1] END," \
	" CASE WHEN cardinality(ouis) = 1 AND tags = '{}' THEN ouis[1] END," \
	" coalesce(last_used < now() - interval '1 minute', true)"
enum { SCOPE_COLUMN_COUNT = 5 };
struct device_scope scope_read(
	struct arena *arena, const struct db_rows *rows, size_t row, size_t column);

/* Has no token and no user this name, in capitals or not? */
#define NAME_IS_FREE(wanted) \
	" NOT EXISTS (SELECT FROM api_token WHERE lower(name) = lower(" wanted "::text))" \
	" AND NOT EXISTS (SELECT FROM api_user WHERE lower(name) = lower(" wanted "::text))"

#define SCOPE_JSON \
	" 'scope', CASE WHEN tags IS NOT NULL THEN json_build_object('tags', tags, 'ouis', ouis) END," \
	" 'last_used', " DB_TIME("last_used") ", 'last_address', host(last_address)"
/* Two values, and what the columns tags and ouis become of them. */
#define SCOPE_NEW_VALUES(arena, scope) \
	db_text_array(arena, (scope)->tags, (scope)->tag_count), db_text_array(arena, (scope)->ouis, (scope)->oui_count)
#define SCOPE_NEW(tags, ouis) \
	" CASE WHEN " HAS_SCOPE(tags, ouis) " THEN " tags "::text[] END," \
	" CASE WHEN " HAS_SCOPE(tags, ouis) " THEN ARRAY(SELECT upper(oui) FROM unnest(" ouis "::text[]) AS o(oui)) END"
#define HAS_SCOPE(tags, ouis) "cardinality(" tags "::text[]) + cardinality(" ouis "::text[]) > 0"

#endif
