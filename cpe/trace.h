/* trace: every envelope sent and received as a file of its own, NNNNNN-sent-Inform.xml.
 * Numbers go on where the files of an earlier run end. */
#ifndef CPE_TRACE_H
#define CPE_TRACE_H

#include <stddef.h>

struct trace;

enum trace_direction { TRACE_SENT, TRACE_RECEIVED };

/* Makes the folder when it is missing. NULL and why on failure. */
struct trace *trace_open(const char *dir, char *why, size_t why_size);
/* name is "InformResponse", "Fault"… Nothing happens when trace is NULL. */
void trace_envelope(struct trace *trace, enum trace_direction direction, const char *name,
	const void *bytes, size_t length);
void trace_close(struct trace *trace);

#endif
