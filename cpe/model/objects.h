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
/* The row that DeleteObject may delete by that name, NULL (9005) without one. */
struct node *objects_row(const struct datamodel *model, const char *path);
/* Takes a row out of its table, which keeps its shape; nothing is recorded. The caller owns it until
 * objects_attach() puts it back. */
void objects_detach(struct node *row);
void objects_attach(struct node *table, struct node *row);
/* Gives the table rows that are part of the model: they are there from the start, so nothing is recorded. */
void objects_furnish(struct node *table, unsigned rows);
/* Repeats a change that was recorded before a restart; one that no longer fits is left out. */
void objects_replay(struct datamodel *model, const struct object_change *change);

#endif
