/* load: sessions of many devices from one event loop, a fixed number of them at a time.
 * Prints "begin" and "end" around the measured time, then its figures as one line of JSON. */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "device.h"

enum { EXIT_USAGE = 2 };

enum phase {
	PHASE_ROUND, /* every device once, in order */
	PHASE_WARMUP,
	PHASE_MEASURE,
	PHASE_DRAIN, /* no new sessions */
};

struct load {
	struct device_shared shared;
	unsigned device_count, concurrency;
	unsigned warmup_seconds, seconds; /* seconds 0: the round is all */
	struct device **devices;
	enum phase phase;
	unsigned next; /* of the round */
	unsigned open; /* sessions */
	struct event *timer;
	bool has_failed;
	uint64_t requests, challenges; /* while measuring */
	uint32_t *session_us;          /* of the measured sessions */
	size_t session_count, session_capacity;
};

/* Drawn evenly, so that which device comes next cannot be foreseen by any cache. */
static struct device *idle_device(const struct load *load)
{
	struct device *device;
	do
		device = load->devices[(unsigned long)random() % load->device_count];
	while (device_is_busy(device));
	return device;
}

static struct device *next_device(struct load *load)
{
	if (load->phase == PHASE_DRAIN)
		return NULL;
	if (load->phase != PHASE_ROUND)
		return idle_device(load);
	return load->next < load->device_count ? load->devices[load->next++] : NULL;
}

static void on_done(struct device *device, const char *why, void *arg);

static void begin_sessions(struct load *load)
{
	struct device *device;
	while (load->open < load->concurrency && (device = next_device(load)) != NULL) {
		load->open++;
		device_begin_session(device, on_done, load);
	}
}

static void tell(const char *word)
{
	printf("%s\n", word);
	fflush(stdout);
}

/* The counts since the phase began are those of now less those of then. */
static void count_from_here(struct load *load)
{
	load->requests = load->shared.requests - load->requests;
	load->challenges = load->shared.challenges - load->challenges;
}

static void enter(struct load *load, enum phase phase)
{
	const unsigned seconds = phase == PHASE_WARMUP ? load->warmup_seconds : load->seconds;
	load->phase = phase;
	if (phase == PHASE_MEASURE || phase == PHASE_DRAIN) {
		tell(phase == PHASE_MEASURE ? "begin" : "end");
		count_from_here(load);
	}
	if (phase != PHASE_DRAIN)
		event_add(load->timer, &(const struct timeval){ .tv_sec = seconds });
	begin_sessions(load);
}

static void on_time(evutil_socket_t fd, short what, void *arg)
{
	struct load *load = arg;
	(void)fd, (void)what;
	enter(load, load->phase == PHASE_WARMUP ? PHASE_MEASURE : PHASE_DRAIN);
}

static void record(struct load *load, const struct device *device)
{
	if (load->session_count == load->session_capacity) {
		load->session_capacity = 2 * load->session_capacity + 4096;
		load->session_us = reallocarray(
			load->session_us, load->session_capacity, sizeof(*load->session_us));
		if (!load->session_us)
			abort();
	}
	load->session_us[load->session_count++] = (uint32_t)device_session_us(device);
}

/* One session that went wrong makes the figures worthless, so it ends the run. */
static void on_done(struct device *device, const char *why, void *arg)
{
	struct load *load = arg;
	load->open--;
	if (why) {
		fprintf(stderr, "load: %s\n", why);
		load->has_failed = true;
		event_base_loopbreak(load->shared.base);
		return;
	}
	if (load->phase == PHASE_MEASURE)
		record(load, device);
	begin_sessions(load);
	if (load->open)
		return;
	if (load->phase == PHASE_ROUND && load->seconds)
		enter(load, PHASE_WARMUP);
	else
		event_base_loopbreak(load->shared.base);
}

static int compare(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

static unsigned percentile(const struct load *load, unsigned percent)
{
	return load->session_count ? load->session_us[(load->session_count - 1) * percent / 100]
				   : 0;
}

static void print_figures(struct load *load)
{
	uint64_t sum = 0;
	for (unsigned i = 0; i < load->device_count; i++)
		sum += device_counter_sum(load->devices[i]);
	if (load->session_count)
		qsort(load->session_us, load->session_count, sizeof(*load->session_us), compare);
	printf("{\"sessions\": %zu, \"requests\": %llu, \"challenges\": %llu, \"counter_sum\": %llu,"
	       " \"p50_us\": %u, \"p95_us\": %u, \"p99_us\": %u}\n",
		load->session_count, (unsigned long long)load->requests,
		(unsigned long long)load->challenges, (unsigned long long)sum, percentile(load, 50),
		percentile(load, 95), percentile(load, 99));
}

static void run(struct load *load)
{
	load->shared.base = event_base_new();
	load->shared.codec = cwmp_codec_new(&cwmp_default_limits);
	load->timer = evtimer_new(load->shared.base, on_time, load);
	load->devices = calloc(load->device_count, sizeof(struct device *));
	if (!load->shared.base || !load->timer || !load->devices)
		abort();
	for (unsigned i = 0; i < load->device_count; i++)
		load->devices[i] = device_new(&load->shared, i);
	begin_sessions(load);
	event_base_dispatch(load->shared.base);
	if (!load->has_failed)
		print_figures(load);
	for (unsigned i = 0; i < load->device_count; i++)
		device_free(load->devices[i]);
	free(load->devices);
	free(load->session_us);
	event_free(load->timer);
	cwmp_codec_free(load->shared.codec);
	event_base_free(load->shared.base);
}

static const struct option options[] = {
	{ "url", required_argument, NULL, 'u' },
	{ "devices", required_argument, NULL, 'd' },
	{ "concurrency", required_argument, NULL, 'c' },
	{ "event", required_argument, NULL, 'e' },
	{ "warmup", required_argument, NULL, 'w' },
	{ "seconds", required_argument, NULL, 's' },
	{ "challenge", no_argument, NULL, 'C' },
	{ "connect", no_argument, NULL, 'N' },
	{ "change", no_argument, NULL, 'V' },
	{ 0 },
};

static bool set_option(struct load *load, int option)
{
	switch (option) {
	case 'u':
		load->shared.url = optarg;
		return true;
	case 'd':
		load->device_count = (unsigned)strtoul(optarg, NULL, 10);
		return true;
	case 'c':
		load->concurrency = (unsigned)strtoul(optarg, NULL, 10);
		return true;
	case 'e':
		load->shared.event = optarg;
		return true;
	case 'w':
		load->warmup_seconds = (unsigned)strtoul(optarg, NULL, 10);
		return true;
	case 's':
		load->seconds = (unsigned)strtoul(optarg, NULL, 10);
		return true;
	case 'C':
		load->shared.is_challenged_each_time = true;
		return true;
	case 'N':
		load->shared.is_connected_each_time = true;
		return true;
	case 'V':
		load->shared.changes_values = true;
		return true;
	default:
		return false;
	}
}

static bool read_options(struct load *load, int argc, char **argv)
{
	int option;
	while ((option = getopt_long(argc, argv, "", options, NULL)) != -1)
		if (!set_option(load, option))
			return false;
	/* Half of the devices at least are idle, so that drawing one ends soon. */
	return load->shared.url && load->concurrency && load->device_count >= 2 * load->concurrency;
}

int main(int argc, char **argv)
{
	struct load load = {
		.shared.event = "2 PERIODIC",
		.device_count = 2000,
		.concurrency = 32,
		.warmup_seconds = 3,
	};
	if (!read_options(&load, argc, argv)) {
		fprintf(stderr,
			"usage: load --url URL [--devices N] [--concurrency C] [--event CODE]"
			" [--warmup S] [--seconds S] [--challenge] [--connect] [--change]\n");
		return EXIT_USAGE;
	}
	signal(SIGPIPE, SIG_IGN);
	run(&load);
	return load.has_failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
