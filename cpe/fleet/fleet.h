/* fleet: many devices in one process, the load generator (cpe --fleet).
 * Devices are small and share all they can; a session needs one of the few connections. */
#ifndef CPE_FLEET_FLEET_H
#define CPE_FLEET_FLEET_H

#include <stdbool.h>
#include <stdint.h>

#include "cpe/fleet/addresses.h"
#include "cpe/fleet/credentials.h"
#include "cpe/fleet/device.h"
#include "cpe/fleet/inform.h"
#include "cpe/fleet/mix.h"
#include "cpe/fleet/model.h"
#include "cpe/fleet/statistics.h"
#include "cpe/options.h"
#include "cpe/session/version.h"
#include "cwmp/codec.h"
#include "http/tls.h"
#include "http/url.h"

struct dispatch;
struct door;
struct event_base;
struct evdns_base;
struct journal;

/* What its devices and connections have in common. */
struct fleet {
	const struct options *options;
	struct event_base *base;
	struct evdns_base *dns;
	struct cwmp_codec *codec;
	struct arena *arena; /* as old as the fleet */
	struct http_tls *tls;
	struct http_url url; /* of the ACS */
	const struct spoken_version *version;
	struct fleet_model *model;
	char *id_prefix; /* OUI-ProductClass, escaped as in device ids, and '-' */
	struct mix mix;
	struct informs *informs;
	struct realm realm; /* of the ACS's challenges */
	struct address_range addresses;
	bool has_addresses, keeps_connections, resumes_tls, retries;
	struct journal *journal; /* NULL without --journal */
	struct door *door;       /* NULL without --listen */
	unsigned transfers_running;
	struct fleet_device *devices;
	uint32_t device_count;
	struct dispatch *dispatch;
	bool is_interrupted; /* by a signal */
	struct statistics statistics;
};

/* Runs it to its end and reports. Returns the exit status: 0 when no session failed, 1 otherwise, 2
 * when it cannot be as asked for. */
int fleet_run(const struct options *options);

#endif
