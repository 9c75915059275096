/* session: one CWMP session, from Inform to the empty answer that ends it.
 * The phases are those of the state machine in TR-069 3.7.1; one exchange is under way at a time.
 */
#ifndef CPE_SESSION_H
#define CPE_SESSION_H

#include "cpe/device.h"

/* Sends the Inform. device_on_session_ended() is called from the loop when all is over, after the
 * session has been freed. */
struct session *session_start(struct device *device);
/* Drops the session without a word. NULL is allowed. */
void session_free(struct session *session);

#endif
