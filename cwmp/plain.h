/* plain: reads an Inform, names or values that are written as the schema has it, without gSOAP.
 * Private to cwmp/. It accepts less than gSOAP does, never more, and never reads it differently. */
#ifndef CWMP_PLAIN_H
#define CWMP_PLAIN_H

#include "cwmp/soap.h"

enum plain_message { PLAIN_INFORM, PLAIN_VALUES, PLAIN_NAMES };

struct plain {
	enum cwmp_namespace ns;
	struct SOAP_ENV__Header header;
	enum plain_message message;
	const char *name; /* "Inform", "GetParameterValuesResponse", … */
	union {
		struct cwmp__Inform inform;
		struct cwmp__ParameterValueList *values;
		struct cwmp__ParameterInfoList *names;
	};
};

/* Reads the root element of an envelope into gSOAP's own structs, which live in arena. False, with
 * out half filled, when gSOAP has to look at it: another method, an element out of its place, a
 * namespace or an attribute of no use here, an entity, a character that is not ASCII. */
bool plain_read(struct span root, const struct cwmp_limits *limits, struct arena *arena,
	struct plain *out) MUST_CHECK;

#endif
