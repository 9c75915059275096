/* session_recorder: sessions that are over, on their way into the log of sessions; one for each loop.
 * Rows wait in memory for a moment, so that many are written by one statement. */
#ifndef ACS_SESSION_RECORDER_H
#define ACS_SESSION_RECORDER_H

#include "acs/loop.h"
#include "acs/session.h"

struct session_recorder;

/* NULL: nothing is recorded (session_log.enabled), which all functions below bear. */
struct session_recorder *session_recorder_new(struct loop *loop);
/* Takes down a session that is over and has informed; outcome is static text. On the recorder's loop. */
void session_recorder_add(
	struct session_recorder *recorder, const struct session *session, const char *outcome);
/* A clean stop: writes what waits, turning the loop until that is answered, and frees. */
void session_recorder_close(struct session_recorder *recorder);

#endif
