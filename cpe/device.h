/* device: one CPE, everything that it is and does, on one event loop.
 * Several fit one process: what they share (loop, resolver, codec, options) is borrowed. */
#ifndef CPE_DEVICE_H
#define CPE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#include "cpe/model/datamodel.h"
#include "cpe/journal.h"
#include "cpe/options.h"
#include "cpe/state.h"
#include "cpe/trace.h"
#include "cpe/session/version.h"
#include "cwmp/codec.h"
#include "http/tls.h"

struct event;
struct event_base;
struct evdns_base;
struct connection_request;
struct control;
struct du_runner;
struct session;
struct timetable;
struct transfers_runner;

struct device {
	/* Borrowed. */
	const struct options *options;
	struct event_base *base;
	struct evdns_base *dns;
	struct cwmp_codec *codec;

	char *name; /* OUI-ProductClass-SerialNumber, for logs */
	struct datamodel *model;
	struct state state;
	struct journal *journal;
	struct trace *trace;     /* NULL without --trace-dir */
	struct http_tls *tls;    /* of the trust store as it is now */
	struct session *session; /* NULL between sessions */
	struct transfers_runner *transfers;
	struct du_runner *du_changes;
	struct timetable *timetable;
	struct connection_request *connection_request;
	struct control *control;

	struct event *session_timer; /* next session: at once, or the retry of a failed one */
	struct event *reboot_timer;  /* runs while the device is down */
	/* What the next Inform offers; within a session what was agreed. */
	const struct spoken_version *offered, *version;
	bool is_waiting_to_retry;
	bool is_down;
	uint64_t last_success; /* clock_ms() when a session ended well, 0 for not since power on */
	time_t phase;          /* of periodic Informs, when PeriodicInformTime gives none */
	bool is_uncompressed;  /* the ACS cannot read Content-Encoding */
	unsigned acs_requests; /* of all sessions, for --misbehave */
	int exit_status;       /* of --once */
};

struct device_shared {
	const struct options *options;
	struct event_base *base;
	struct evdns_base *dns;
	struct cwmp_codec *codec;
};

/* Loads model and state, listens for connection requests and the control socket. NULL and why. */
struct device *device_new(const struct device_shared *shared, char *why, size_t why_size);
/* Power on: boots and opens the first session. */
void device_start(struct device *device);
void device_free(struct device *device);

/* Writes the state; a failure is logged and ends the process, since nothing could be promised. */
void device_save(struct device *device);
/* Adds a line to the journal, with the same consequence of a failure. Takes entry. */
void device_witness(struct device *device, const char *kind, json_t *entry);

/* The URL to dial: --acs-url until the ACS sets another. */
const char *device_acs_url(const struct device *device);
/* Opens a session soon when an event asks for one and nothing stands against it. */
void device_wake(struct device *device);
/* The same, and cuts the wait for a retry short (connection request). */
void device_wake_now(struct device *device);
/* In a session or down: connection requests, transfers and the like wait. */
bool device_is_busy(const struct device *device);
/* The session is over; device->session has been freed. reason NULL: it succeeded. */
void device_on_session_ended(struct device *device, const char *reason);

/* Remembers to reboot once the session has ended; at once when there is none. The strongest
 * reason wins: factory reset, ACS, firmware, local. command_key: the ACS's, else NULL. */
void device_reboot(struct device *device, enum reboot_reason reason, const char *command_key);
/* Sets a value as the device itself does, with 4 VALUE CHANGE as its attribute tells; a reported
 * one is told actively as long as the ACS has set no attribute. The caller saves. */
enum notice { NOTICE_BY_ATTRIBUTE, NOTICE_ALWAYS };
void device_change(struct device *device, struct node *node, const char *value, enum notice notice);
/* Parameters that steer the device may have changed: timers follow. */
void device_reconfigure(struct device *device);
/* A transfer or a module's operation has ended: the next one begins, and the ACS is told. */
void device_on_work_done(struct device *device);
/* Rebuilds the TLS context from --ca-file and the certificates in the state folder. */
bool device_load_trust(struct device *device, char *why, size_t why_size) MUST_CHECK;
/* Removes what was downloaded into the trust store; device_load_trust() makes it count. */
void device_forget_trust(struct device *device);

#endif
