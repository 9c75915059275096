/* report: what a fleet tells of its run: a line a second, and all of it at the end. */
#ifndef CPE_FLEET_REPORT_H
#define CPE_FLEET_REPORT_H

#include <stdbool.h>

#include "base/compiler.h"
#include "cpe/fleet/fleet.h"

struct progress;

/* Writes a line to standard error every second. */
struct progress *progress_start(const struct fleet *fleet);
void progress_stop(struct progress *progress);

/* The report on standard output and, as JSON, in --report. False when that could not be written. */
bool report_write(const struct fleet *fleet, double seconds) MUST_CHECK;

#endif
