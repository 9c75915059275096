/* main: the agent's command line.
 * `cpe` runs a device; `cpe set`, `cpe reboot` and `cpe send` speak to one that runs. */
#include <event2/dns.h>
#include <event2/event.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/commands.h"
#include "cpe/device.h"
#include "cpe/fleet/fleet.h"
#include "cpe/log.h"

enum { EXIT_USAGE = 2 };

static void on_signal(evutil_socket_t number, short what, void *arg)
{
	(void)what;
	LOG(NULL, "stopping", LOG_NUMBER("signal", number));
	event_base_loopbreak(arg);
}

static int run_device(const struct device_shared *shared)
{
	char why[512];
	struct device *device = device_new(shared, why, sizeof(why));
	if (!device) {
		fprintf(stderr, "cpe: %s\n", why);
		return 1;
	}
	LOG(device->name, "ready", LOG_TEXT("acs", device_acs_url(device)),
		LOG_TEXT("connection_request",
			datamodel_text(device->model, "ManagementServer.ConnectionRequestURL")));
	device_start(device);
	event_base_dispatch(shared->base);
	const int status = device->exit_status;
	device_free(device);
	return status;
}

static int run(const struct options *options)
{
	struct event_base *base = event_base_new();
	struct evdns_base *dns = base ? evdns_base_new(
						base, EVDNS_BASE_INITIALIZE_NAMESERVERS |
							      EVDNS_BASE_DISABLE_WHEN_INACTIVE)
				      : NULL;
	struct cwmp_codec *codec = cwmp_codec_new(&cwmp_default_limits);
	struct event *interrupted = evsignal_new(base, SIGINT, on_signal, base);
	struct event *terminated = evsignal_new(base, SIGTERM, on_signal, base);
	event_add(interrupted, NULL);
	event_add(terminated, NULL);
	signal(SIGPIPE, SIG_IGN);
	const struct device_shared shared = {
		.options = options,
		.base = base,
		.dns = dns,
		.codec = codec,
	};
	const int status = run_device(&shared);
	event_free(interrupted);
	event_free(terminated);
	cwmp_codec_free(codec);
	if (dns)
		evdns_base_free(dns, 0);
	event_base_free(base);
	return status;
}

int main(int argc, char **argv)
{
	struct options options;
	int status = EXIT_USAGE;
	if (commands_run(argc, argv, &status))
		return status;
	if (options_parse(&options, argc, argv))
		status = 0;
	if (options.help)
		options_print_help(stdout);
	else if (status == 0)
		status = options.fleet.devices ? fleet_run(&options) : run(&options);
	options_clear(&options);
	return status;
}
