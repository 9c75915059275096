/* objects: rows of tables that come and go.
 * A new row takes the shape of its first sibling; the last row that goes leaves its shape behind.
 */
#ifndef CPE_OBJECTS_H
#define CPE_OBJECTS_H

#include "cpe/model/datamodel.h"

/* AddObject, TR-069 A.3.2.6: 0 or 9005. The number was never used in this table before. */
unsigned objects_add(struct datamodel *model, const char *table, unsigned *instance);
/* DeleteObject, A.3.2.7: 0 or 9005. */
unsigned objects_delete(struct datamodel *model, const char *row);
/* Gives the table rows that are part of the model: they are there from the start, so nothing is recorded. */
void objects_furnish(struct node *table, unsigned rows);
/* Repeats a change that was recorded before a restart; one that no longer fits is left out. */
void objects_replay(struct datamodel *model, const struct object_change *change);

#endif
