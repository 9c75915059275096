/* lists: the SOAP arrays and structs that several methods carry.
 * Private to cwmp/. The declared arrayType is ignored on input: what is there counts. */
#ifndef CWMP_LISTS_H
#define CWMP_LISTS_H

#include "cwmp/soap.h"

/* Room for a list whose members came under their own name or another, which is noted. */
void *list_room(struct decoding *d, int named, int other, size_t size);
/* Is an entry of a list left out, which is noted, because it has not even a name? */
bool is_dropped(struct decoding *d, const char *name);

/* in may be NULL: an empty list. */
void strings_in(struct decoding *d, const struct cwmp__Strings *in, struct cwmp_strings *out);
/* Members without a Name are left out. */
void values_in(
	struct decoding *d, const struct cwmp__ParameterValueList *in, struct cwmp_values *out);

/* in may be NULL: no fault. */
struct cwmp_fault_struct fault_struct_in(struct decoding *d, const struct cwmp__FaultStruct *in);

void strings_out(struct encoding *e, const struct cwmp_strings *in, struct cwmp__Strings *out);
void values_out(
	struct encoding *e, const struct cwmp_values *in, struct cwmp__ParameterValueList *out);

#endif
