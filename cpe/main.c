/* main: the agent's command line.
 * `cpe` runs a device; `cpe set` and `cpe reboot` speak to one that runs. */
#include <event2/dns.h>
#include <event2/event.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/control.h"
#include "cpe/device.h"
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

/* `cpe set --state-dir D NAME=VALUE`, `cpe reboot --state-dir D`: what follows the command. */
static const char *take_state_dir(int argc, char **argv, const char **rest)
{
	const char *state_dir = NULL;
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--state-dir") == 0 && i + 1 < argc)
			state_dir = argv[++i];
		else if (strncmp(argv[i], "--state-dir=", 12) == 0)
			state_dir = argv[i] + 12;
		else
			*rest = argv[i];
	}
	return state_dir;
}

static json_t *set_request(const char *assignment)
{
	const char *equals = assignment ? strchr(assignment, '=') : NULL;
	if (!equals)
		return NULL;
	return json_pack("{s:s,s:o,s:s}", "command", "set", "name",
		json_stringn(assignment, (size_t)(equals - assignment)), "value", equals + 1);
}

static json_t *reboot_request(const char *rest)
{
	return rest ? NULL : json_pack("{s:s}", "command", "reboot");
}

static const struct command {
	const char *name;
	json_t *(*request)(const char *rest);
} commands[] = {
	{ "set", set_request },
	{ "reboot", reboot_request },
};

static int run_command(const struct command *command, int argc, char **argv)
{
	const char *rest = NULL;
	const char *state_dir = take_state_dir(argc, argv, &rest);
	json_t *request = state_dir ? command->request(rest) : NULL;
	if (request)
		return control_call(state_dir, request);
	options_print_help(stderr);
	return EXIT_USAGE;
}

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < LENGTH_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run_command(&commands[i], argc, argv);
	struct options options;
	int status = EXIT_USAGE;
	if (options_parse(&options, argc, argv))
		status = 0;
	if (options.help)
		options_print_help(stdout);
	else if (status == 0)
		status = run(&options);
	options_clear(&options);
	return status;
}
