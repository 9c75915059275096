/* audit: entries about what was refused, which no statement of a change makes.
 * They are written in the background, and left out beyond audit.refusals_per_minute: see refusals.h. */
#ifndef ACS_AUDIT_H
#define ACS_AUDIT_H

#include "acs/loop.h"
#include "db/audit.h"
#include "http/server.h"

/* The actor where nobody has proved who he is: what he claims is in the entry's target. No token and no user has
 * this name, nor the next one. */
#define AUDIT_NOBODY "unknown"
/* The actor of what a device did, whose id is its own choice; the entry's device tells which it was. */
#define AUDIT_DEVICE_ITSELF "device"

/* A device's request is refused. device: public id that it claims to have; action: "inform", "download", "upload";
 * why: a text of ours, which holds nothing that the peer sent. On the loop's own thread, as below. */
void audit_refused_device(struct loop *loop, const struct http_request *request, const char *action,
	const char *device, const char *why);
/* A client's certificate was refused, perhaps before there was any request. names: that it claims, or NULL. */
void audit_refused_certificate(
	struct loop *loop, const struct sockaddr_storage *peer, const char *names, const char *why);
/* A call of the admin API ended with that status and changed nothing. outcome: "refused" or "failed". The note's
 * texts are copied. */
void audit_refused_call(
	struct loop *loop, const struct audit_note *note, const char *outcome, unsigned status);
/* What the note tells has been done, though not by the database. */
void audit_done(struct loop *loop, const struct audit_note *note);
/* It was tried, and nothing came of it. why: a text for the entry's detail. */
void audit_failed(struct loop *loop, const struct audit_note *note, const char *why);

#endif
