/* secret_names: which parameters hold secrets, by their names.
 * The one list of them: for what is stored, shown and logged, and for what the agent reads back empty. */
#ifndef CWMP_SECRET_NAMES_H
#define CWMP_SECRET_NAMES_H

#include <stdbool.h>

/* Does the name (of a parameter, a JSON member, an XML element) end like that of a secret, in whatever case, digits
 * behind it left out? more: further ends, separated by commas; "" for none. Objects hold no value. */
bool cwmp_name_is_secret(const char *name, const char *more);

#endif
