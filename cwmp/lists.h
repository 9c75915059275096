/* lists: the SOAP arrays that several methods carry.
 * Private to cwmp/. The declared arrayType is ignored on input: what is there counts. */
#ifndef CWMP_LISTS_H
#define CWMP_LISTS_H

#include "cwmp/soap.h"

/* in may be NULL: an empty list. */
void strings_in(struct decoding *d, const struct cwmp__Strings *in, struct cwmp_strings *out);
/* Members without a Name are left out. */
void values_in(
	struct decoding *d, const struct cwmp__ParameterValueList *in, struct cwmp_values *out);

void strings_out(struct encoding *e, const struct cwmp_strings *in, struct cwmp__Strings *out);
void values_out(
	struct encoding *e, const struct cwmp_values *in, struct cwmp__ParameterValueList *out);

#endif
