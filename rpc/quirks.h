/* quirks: what devices of a kind cannot bear or do not do, as settings that the methods look at.
 * Rows of the table `quirk` are matched with what an Inform tells, and merged. */
#ifndef RPC_QUIRKS_H
#define RPC_QUIRKS_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/compiler.h"
#include "cwmp/message.h"

enum quirk_declaration { DECLARATION_AS_CONFIGURED, DECLARATION_LEFT_OUT, DECLARATION_SENT };
enum quirk_booleans { BOOLEANS_AS_DIGITS, BOOLEANS_AS_WORDS, BOOLEANS_AS_GIVEN };
enum quirk_names { NAMES_WHOLE_FIRST, NAMES_WHOLE, NAMES_BY_LEVELS };
enum quirk_response_id { RESPONSE_ID_EXACT, RESPONSE_ID_IGNORED };
enum quirk_transfer_success { TRANSFER_SUCCESS_TOLD, TRANSFER_SUCCESS_BY_VERSION };
enum quirk_parameter_key { PARAMETER_KEY_KEPT, PARAMETER_KEY_IGNORED };

/* Is the text as the pattern says, with '*' and '?', in any case? NULL allows all. */
bool quirk_pattern_matches(const char *pattern, const char *text) MUST_CHECK;

/* The table in quirks.c tells the settings' JSON names. All zero: a device without quirks. */
struct quirks {
	uint32_t given;                     /* bit i: a row sets the table's i-th setting */
	enum quirk_declaration declaration; /* of XML, before our envelopes */
	enum quirk_booleans booleans;       /* how values of that type are sent */
	enum quirk_names names;             /* how Refresh learns them */
	bool names_incomplete;              /* GetParameterNames never lists some */
	unsigned names_per_request;         /* of GetParameterValues; 0: as configured */
	unsigned requests_per_session;      /* that the device bears; 0: any number */
	enum quirk_response_id response_id; /* ignored: answers are matched by their order */
	enum quirk_parameter_key
		parameter_key; /* ignored: what Informs tell of it proves nothing */
	enum quirk_transfer_success transfer_success; /* by version: told success waits for it */
	bool close_after_transfer_complete; /* the device sends nothing after its answer */
	uint64_t unsupported_methods;       /* bit m: enum cwmp_method m is never sent */
};

/* What rows are matched with. Texts are borrowed; none is NULL, and one of over 255 bytes is "". */
struct quirk_facts {
	const char *manufacturer, *oui, *product_class, *software_version;
};
struct quirk_facts quirk_facts_of(const struct cwmp_inform *inform);

/* A row as it is matched: patterns with * and ?, in any case; NULL matches all. Borrowed. */
struct quirk_row {
	const char *name, *manufacturer, *oui, *product_class, *software_version;
	struct quirks quirks;
};
bool quirk_row_matches(const struct quirk_row *row, const struct quirk_facts *facts);

/* Reads {"names_per_request": 16, …}. False when a setting is unknown or its value is not one that it
 * takes; why then names it: "names_per_request: must be …". What can be read is read all the same. */
bool quirks_read(struct arena *arena, const json_t *settings, struct quirks *out,
	const char **why) MUST_CHECK;
/* What `over` gives takes the place of what `quirks` has. */
void quirks_merge(struct quirks *quirks, const struct quirks *over);
/* The settings that are given, as quirks_read() takes them. */
json_t *quirks_json(const struct quirks *quirks);
/* All settings that there are: [{"name", "kind", "choices", "most", "default", "help"}]. Where the default
 * is null, the configuration has it. */
json_t *quirks_describe(void);

bool quirks_lack_method(const struct quirks *quirks, enum cwmp_method method);

#endif
