/* searched_parameters: parameters whose values have an index, so that devices are found by them.
 * A stored value has a hash in the index only if its parameter is one of these: all others cost nothing. */
#ifndef DB_SEARCHED_PARAMETERS_H
#define DB_SEARCHED_PARAMETERS_H

#include "db/audit.h"

/* SQL for what belongs into parameter.value_hash beside that value. Whoever stores a value stores it. */
#define SEARCHED_HASH(path_id, value) \
	"CASE WHEN " path_id " = ANY (ARRAY(SELECT s.path_id FROM searched_parameter s" \
	" WHERE s.state <> 'dropping')) THEN hashtextextended(" value ", 0) END"

/* Somebody searches by these names: those that devices have told become searched parameters, at most `most` in all.
 * Audited. Rows: see searched_parameter_read(); none for a name that no device has told. */
void searched_parameters_ask(struct db_question *question, const struct audit_note *note,
	const char *const *names, size_t count, unsigned most);

enum searched_state {
	SEARCHED_READY, /* the index has all values */
	SEARCHED_SOON,  /* it has not yet, or not any more */
	SEARCHED_NOT,   /* there are `most` others already */
};
struct searched_parameter {
	const char *name; /* borrowed from the rows */
	enum searched_state state;
	bool is_new; /* this question made it one */
};
struct searched_parameter searched_parameter_read(const struct db_rows *rows, size_t row);

/* By name. Rows: JSON text. */
void searched_parameters_list(struct db_question *question);
/* Makes it one. One row when a device has told such a name: JSON text, or NULL when there are `most` others
 * already; is it new? */
void searched_parameters_put(struct db_question *question, const struct audit_note *note,
	const char *name, unsigned most);
/* Its hashes go in the background, and then the parameter from the list. One row when there was one. */
void searched_parameters_drop(
	struct db_question *question, const struct audit_note *note, const char *name);

/* The next step of what is to be done in the background: the hashes of a few hundred devices. */
void searched_parameters_walk(struct db_question *question);
struct searched_walk {
	const struct db_rows
		*ready; /* rows: name, number of values; of what is complete since this step */
	bool has_moved; /* false: rows or the whole list are held by others just now */
	bool has_more;
};
struct searched_walk searched_walk_read(const struct db_answer *answer);

#endif
