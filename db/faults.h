/* faults: what devices refused, and tasks that failed for other reasons. */
#ifndef DB_FAULTS_H
#define DB_FAULTS_H

#include "db/db.h"
#include "db/scope.h"

/* Newest first. Rows: JSON text, cursor. device_id -1: of all devices. before: cursor of the last
 * one seen, INT64_MAX for none. */
void faults_list(struct db_question *question, const struct device_scope *scope, int64_t device_id,
	int64_t before, unsigned limit);

#endif
