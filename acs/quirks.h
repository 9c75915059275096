/* quirks: this node's copy of the quirk table, matched with every Inform.
 * The copy is never changed, only replaced as a whole: a reader keeps the one that it began with. */
#ifndef ACS_QUIRKS_H
#define ACS_QUIRKS_H

#include <jansson.h>

#include "acs/loop.h"
#include "base/compiler.h"
#include "db/db.h"
#include "rpc/quirks.h"

struct quirk_table;

/* Reads the table before the loops run. Logs and returns NULL on failure. */
struct quirk_table *quirk_table_open(struct server *server) MUST_CHECK;
/* No loop may use it any more. NULL is allowed. */
void quirk_table_free(struct quirk_table *table);

/* Asks for a newer table in the background; on the loop's own thread. */
void quirk_table_refresh(struct loop *loop);
/* The same as part of a question: adds what asks, and takes what it was answered. */
void quirk_table_ask(struct quirk_table *table, struct db_question *question);
void quirk_table_take(struct quirk_table *table, const struct db_rows *rows);

/* What the rows that match give together; no settings where none does. */
void quirk_table_match(
	struct quirk_table *table, const struct quirk_facts *facts, struct quirks *out);
/* {"rows": [names], "settings": {…}}: the same, to be shown. */
json_t *quirk_table_json(struct quirk_table *table, const struct quirk_facts *facts);

#endif
