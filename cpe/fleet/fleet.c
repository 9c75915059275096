/* fleet: many devices in one process, the load generator (cpe --fleet).
 * Here it is put together, run and taken apart. */
#include "cpe/fleet/fleet.h"

#include <ctype.h>
#include <errno.h>
#include <event2/dns.h>
#include <event2/event.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "base/crypto.h"
#include "cpe/fleet/dispatch.h"
#include "cpe/fleet/door.h"
#include "cpe/fleet/extra.h"
#include "cpe/fleet/report.h"
#include "cpe/journal.h"

enum { EXIT_USAGE = 2, OTHER_DESCRIPTORS = 64 };

static bool refuse(const char *about, const char *why)
{
	fprintf(stderr, "cpe: %s: %s\n", about, why);
	return false;
}

/* Every connection is a descriptor. */
static bool raise_descriptor_limit(uint32_t connections)
{
	struct rlimit limit;
	char why[120];
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return refuse("RLIMIT_NOFILE", "cannot be read");
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	if (limit.rlim_max >= connections + OTHER_DESCRIPTORS)
		return true;
	snprintf(why, sizeof(why),
		"%u connections need more than the %llu descriptors that are allowed", connections,
		(unsigned long long)limit.rlim_max);
	return refuse("--concurrency", why);
}

static bool read_choice(
	const char *about, const char *value, const char *yes, const char *no, bool *out)
{
	char why[80];
	snprintf(why, sizeof(why), "is %s or %s", yes, no);
	*out = strcmp(value, yes) == 0;
	return *out || strcmp(value, no) == 0 || refuse(about, why);
}

static bool read_options(struct fleet *fleet)
{
	const struct fleet_options *options = &fleet->options->fleet;
	char why[200];
	if (!http_url_parse(fleet->arena, fleet->options->acs_url, &fleet->url))
		return refuse("--acs-url", "not an http or https URL");
	if (!mix_parse(&fleet->mix, options->mix, why, sizeof(why)))
		return refuse("--mix", why);
	fleet->has_addresses = options->source_addresses != NULL;
	if (fleet->has_addresses &&
		!address_range_parse(&fleet->addresses, options->source_addresses))
		return refuse("--source-addresses", "not as 127.0.0.0/8");
	return read_choice("--connections", options->connections, "keep-alive", "per-session",
		       &fleet->keeps_connections) &&
	       read_choice("--tls-resume", options->tls_resume, "yes", "no", &fleet->resumes_tls) &&
	       read_choice("--retry", options->retry, "protocol", "never", &fleet->retries);
}

static void append_escaped(struct buffer *out, const char *part)
{
	for (const char *at = part; *at; at++)
		buffer_printf(out, isalnum((unsigned char)*at) || *at == '_' ? "%c" : "%%%02X",
			(unsigned char)*at);
	if (*part)
		buffer_append_text(out, "-");
}

/* Every byte outside of [A-Za-z0-9_] is escaped. False when it is too long. */
static bool make_id_prefix(struct fleet *fleet)
{
	const struct cwmp_device_id *identity = &fleet->model->tree->identity;
	struct buffer prefix = { 0 };
	append_escaped(&prefix, identity->oui);
	append_escaped(&prefix, identity->product_class);
	fleet->id_prefix = arena_strndup(fleet->arena, prefix.data, prefix.length);
	const bool fits = prefix.length + DEVICE_SERIAL_BYTES <= DEVICE_ID_BYTES;
	buffer_clear(&prefix);
	return fits || refuse("--product-class", "too long");
}

static bool open_tls(struct fleet *fleet)
{
	const struct http_tls_client_options options = {
		.ca_file = fleet->options->ca_file,
		.certificate = fleet->options->client_cert,
		.key = fleet->options->client_key,
	};
	char why[256];
	if (!fleet->url.is_https)
		return true;
	fleet->tls = http_tls_client(&options, why, sizeof(why));
	return fleet->tls || refuse("--ca-file", why);
}

static bool make_model(struct fleet *fleet)
{
	char why[256];
	fleet->model = fleet_model_new(fleet->options, why, sizeof(why));
	if (!fleet->model)
		return refuse("the model", why);
	if (!make_id_prefix(fleet))
		return false;
	fleet->version = version_by_name(fleet->options->cwmp_version);
	fleet->informs = informs_new(fleet);
	return true;
}

static bool open_journal(struct fleet *fleet)
{
	const char *path = fleet->options->fleet.journal;
	char why[256];
	if (!path)
		return true;
	fleet->journal = journal_open_file(path, why, sizeof(why));
	return fleet->journal || refuse("--journal", why);
}

/* Found out before the load, not after it. */
static bool try_report(const struct fleet *fleet)
{
	const char *path = fleet->options->fleet.report;
	FILE *file = path ? fopen(path, "ae") : NULL;
	if (file)
		fclose(file);
	return !path || file || refuse("--report", strerror(errno));
}

static bool open_door(struct fleet *fleet)
{
	char why[256];
	if (!fleet->options->listen)
		return true;
	fleet->door = door_open(fleet, why, sizeof(why));
	return fleet->door || refuse("--listen", why);
}

static bool build(struct fleet *fleet)
{
	const struct fleet_options *options = &fleet->options->fleet;
	const uint32_t connections = options->concurrency < options->devices ? options->concurrency
									     : options->devices;
	fleet->device_count = options->devices;
	if (!read_options(fleet) || !raise_descriptor_limit(connections) || !open_tls(fleet) ||
		!make_model(fleet) || !try_report(fleet) || !open_journal(fleet) ||
		!open_door(fleet))
		return false;
	fleet->devices = calloc(fleet->device_count, sizeof(*fleet->devices));
	if (!fleet->devices)
		return refuse("--fleet", strerror(errno));
	fleet->dispatch = dispatch_new(fleet, connections);
	return true;
}

static void take_apart(struct fleet *fleet)
{
	door_close(fleet->door);
	dispatch_free(fleet->dispatch);
	for (uint32_t i = 0; fleet->devices && i < fleet->device_count; i++) {
		free(fleet->devices[i].nonce);
		extra_free(fleet->devices[i].extra);
	}
	free(fleet->devices);
	informs_free(fleet->informs);
	fleet_model_free(fleet->model);
	journal_close(fleet->journal);
	realm_clear(&fleet->realm);
	http_tls_free(fleet->tls);
	arena_free(fleet->arena);
	cwmp_codec_free(fleet->codec);
	evdns_base_free(fleet->dns, 0);
	event_base_free(fleet->base);
	free(fleet);
}

/* A second signal does not wait for the sessions under way. */
static void on_signal(evutil_socket_t number, short what, void *arg)
{
	struct fleet *fleet = arg;
	(void)number, (void)what;
	if (fleet->is_interrupted)
		event_base_loopbreak(fleet->base);
	fleet->is_interrupted = true;
	dispatch_stop(fleet->dispatch);
}

static int run(struct fleet *fleet)
{
	struct event *interrupted = evsignal_new(fleet->base, SIGINT, on_signal, fleet);
	struct event *terminated = evsignal_new(fleet->base, SIGTERM, on_signal, fleet);
	event_add(interrupted, NULL);
	event_add(terminated, NULL);
	struct progress *progress = progress_start(fleet);
	const uint64_t started = clock_us();
	dispatch_start(fleet->dispatch);
	event_base_dispatch(fleet->base);
	const bool is_written = report_write(fleet, (double)(clock_us() - started) / 1e6);
	progress_stop(progress);
	event_free(interrupted);
	event_free(terminated);
	return is_written && fleet->statistics.sessions_failed == 0 ? 0 : 1;
}

/* Timers of a millisecond would make every session at a rate late. */
static struct event_base *make_base(void)
{
	struct event_config *config = event_config_new();
	if (!config)
		abort();
	event_config_set_flag(config, EVENT_BASE_FLAG_PRECISE_TIMER);
	struct event_base *base = event_base_new_with_config(config);
	event_config_free(config);
	return base;
}

int fleet_run(const struct options *options)
{
	struct fleet *fleet = calloc(1, sizeof(*fleet));
	if (!fleet)
		abort();
	fleet->options = options;
	fleet->arena = arena_new();
	fleet->base = make_base();
	fleet->dns = evdns_base_new(
		fleet->base, EVDNS_BASE_INITIALIZE_NAMESERVERS | EVDNS_BASE_DISABLE_WHEN_INACTIVE);
	fleet->codec = cwmp_codec_new(&cwmp_default_limits);
	signal(SIGPIPE, SIG_IGN);
	const int status = build(fleet) ? run(fleet) : EXIT_USAGE;
	take_apart(fleet);
	return status;
}
