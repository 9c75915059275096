/* reports: the requests of our own that wait for the ACS's answer, TransferComplete and its kin.
 * A report lasts over restarts until it is answered; its event is what makes a session for it. */
#ifndef CPE_REPORTS_H
#define CPE_REPORTS_H

#include <jansson.h>

#include "cpe/device.h"
#include "cwmp/message.h"

struct report {
	enum cwmp_method method;
	const char *m_event;     /* "M Download", NULL without one */
	const char *command_key; /* "" without one */
	bool may_follow;         /* may go into a session whose Inform does not announce it */
};

/* Queues a report with its events; content as the method's row in reports.c wants it (taken). */
void reports_add(struct device *device, const struct report *report, json_t *content);
/* An Inform is built: all reports that wait are announced by it. */
void reports_announce(struct state *state);
/* Drops the reports and events that the version spoken does not have: an older ACS could not read
 * them, TR-069 3.4.5. */
void reports_forget_newer(struct device *device, enum cwmp_version version);
/* The first one that may be sent in the session in progress, or NULL. Borrowed. */
json_t *reports_next(const struct state *state);
/* Fills the request that the report is. */
void reports_build(struct arena *arena, enum cwmp_namespace ns, const char *id,
	const json_t *report, struct cwmp_message *out);
/* The ACS has answered it, by a response or a fault: told to the journal and forgotten, with the
 * events that it was for. */
void reports_on_answer(
	struct device *device, json_t *report, const char *id, const struct cwmp_message *answer);
enum cwmp_method report_method(const json_t *report);
/* Does a report of that CommandKey wait? */
bool reports_have_key(const struct state *state, const char *command_key);
/* How many of that method wait. */
size_t reports_count(const struct state *state, enum cwmp_method method);

#endif
