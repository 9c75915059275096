/* crash: named points at which a test has the server die as by kill -9: "asking" before a turn's question
 * leaves, "committed" when its answer has come, "reply" before the answer to the peer is written.
 * Only in builds with sanitizers; elsewhere it is nothing. ACS_CRASH_AT="committed:Inform" dies when that
 * point is reached, ACS_CRASH_AT="committed:Inform#3" the third time. */
#ifndef ACS_CRASH_H
#define ACS_CRASH_H

#ifdef ACS_CRASH_POINTS
void crash_point(const char *moment, const char *method);
#else
#define crash_point(moment, method) ((void)0)
#endif

#endif
