/* metrics: counters of what happens seldom, by words, for Prometheus; see tally.h for the rest.
 * Any thread may count; a counter appears when it is first counted. */
#ifndef ACS_METRICS_H
#define ACS_METRICS_H

#include <stdint.h>

#include "base/buffer.h"

enum metric {
	METRIC_API_CALLS,           /* status */
	METRIC_CONNECTION_REQUESTS, /* outcome: "ok" or the error's name */
	METRIC_FILE_BYTES,          /* direction: "in", "out" */
	METRIC_REPAIRS,             /* repair: what received messages needed */
	METRIC_TASKS,               /* method, outcome: the final state */
	METRIC_COUNT,
};

/* The second label is NULL where the metric has one only. Labels are copied, cut at 31 bytes; a
 * peer's own words do not belong here. Beyond the table's room a pair is counted as "other". */
void metrics_add(enum metric metric, const char *first, const char *second, uint64_t count);
/* All these counters in Prometheus' text format. */
void metrics_write(struct buffer *out);

#endif
