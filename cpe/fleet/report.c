/* report: what a fleet tells of its run: a line a second, and all of it at the end.
 * The text is made from the JSON, so that both say the same. */
#include "cpe/fleet/report.h"

#include <event2/event.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/clock.h"
#include "cpe/fleet/dispatch.h"

struct progress {
	const struct fleet *fleet;
	struct event *timer;
	uint64_t started_us;
	uint64_t sessions, requests; /* at the last line */
};

static void on_second(evutil_socket_t fd, short what, void *arg)
{
	struct progress *progress = arg;
	const struct statistics *now = &progress->fleet->statistics;
	const struct dispatch *dispatch = progress->fleet->dispatch;
	(void)fd, (void)what;
	fprintf(stderr,
		"%4.0f s: %llu sessions/s, %llu requests/s, ok %llu, failed %llu, active %u, waiting %u\n",
		(double)(clock_us() - progress->started_us) / 1e6,
		(unsigned long long)(now->sessions_ok - progress->sessions),
		(unsigned long long)(now->requests - progress->requests),
		(unsigned long long)now->sessions_ok, (unsigned long long)now->sessions_failed,
		dispatch_active(dispatch), dispatch_waiting(dispatch));
	progress->sessions = now->sessions_ok;
	progress->requests = now->requests;
}

struct progress *progress_start(const struct fleet *fleet)
{
	const struct timeval second = { .tv_sec = 1 };
	struct progress *progress = calloc(1, sizeof(*progress));
	if (!progress)
		abort();
	progress->fleet = fleet;
	progress->started_us = clock_us();
	progress->timer = event_new(fleet->base, -1, EV_PERSIST, on_second, progress);
	event_add(progress->timer, &second);
	return progress;
}

void progress_stop(struct progress *progress)
{
	event_free(progress->timer);
	free(progress);
}

static json_t *latency(const struct histogram *histogram)
{
	return json_pack("{s:f,s:f,s:f,s:f}", "p50",
		(double)histogram_percentile(histogram, 0.5) / 1000, "p95",
		(double)histogram_percentile(histogram, 0.95) / 1000, "p99",
		(double)histogram_percentile(histogram, 0.99) / 1000, "max",
		(double)histogram->longest / 1000);
}

static json_t *counts(const struct counted *list, size_t room)
{
	json_t *object = json_object();
	for (size_t i = 0; i < room && list[i].name[0]; i++)
		json_object_set_new(object, list[i].name, json_integer((json_int_t)list[i].count));
	return object;
}

static double cpu_seconds(const struct rusage *usage)
{
	return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
	       (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

/* The most memory that it had, in bytes. getrusage() would tell that of who started it, if more. */
static json_int_t peak_rss(void)
{
	char line[128];
	unsigned long kilobytes = 0;
	FILE *status = fopen("/proc/self/status", "r");
	while (status && fgets(line, sizeof(line), status))
		if (strncmp(line, "VmHWM:", 6) == 0)
			kilobytes = strtoul(line + 6, NULL, 10);
	if (status)
		fclose(status);
	return (json_int_t)kilobytes * 1024;
}

static json_t *make_report(const struct fleet *fleet, double seconds)
{
	const struct statistics *s = &fleet->statistics;
	const double storm = dispatch_storm_seconds(fleet->dispatch);
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	json_t *report = json_object();
	const struct {
		const char *name;
		json_t *value;
	} members[] = {
		{ "devices", json_integer(fleet->device_count) },
		{ "seconds", json_real(seconds) },
		{ "sessions", json_pack("{s:I,s:I}", "ok", (json_int_t)s->sessions_ok, "failed",
				      (json_int_t)s->sessions_failed) },
		{ "failed_after_inform", json_integer((json_int_t)s->failed_after_inform) },
		{ "requests", json_integer((json_int_t)s->requests) },
		{ "challenges", json_integer((json_int_t)s->challenges) },
		{ "sessions_per_second", json_real((double)s->sessions_ok / seconds) },
		{ "requests_per_second", json_real((double)s->requests / seconds) },
		{ "latency_ms",
			json_pack("{s:o,s:o,s:o,s:o,s:o}", "session", latency(&s->session), "late",
				latency(&s->late), "admitted", latency(&s->admitted), "inform",
				latency(&s->inform), "request", latency(&s->request)) },
		{ "failures", counts(s->failures, FAILURE_KINDS_MAX) },
		{ "rpcs", counts(s->rpcs, RPC_KINDS_MAX) },
		{ "retry_after", json_integer((json_int_t)s->retry_after) },
		{ "cpu_seconds", json_real(cpu_seconds(&usage)) },
		{ "rss_bytes", json_integer(peak_rss()) },
		{ "storm_seconds", storm < 0 ? json_null() : json_real(storm) },
	};
	for (size_t i = 0; i < LENGTH_OF(members); i++)
		json_object_set_new(report, members[i].name, members[i].value);
	return report;
}

/* "latency_ms.session.p50  1.234", a line for each number. */
static void print_text(const json_t *value, const char *name)
{
	const char *key;
	json_t *member;
	char longer[128];
	if (json_is_object(value))
		json_object_foreach ((json_t *)(uintptr_t)value, key, member) {
			snprintf(longer, sizeof(longer), "%s%s%s", name, *name ? "." : "", key);
			print_text(member, longer);
		}
	else if (json_is_integer(value))
		printf("%-28s %lld\n", name, (long long)json_integer_value(value));
	else if (json_is_real(value))
		printf("%-28s %.3f\n", name, json_real_value(value));
	else
		printf("%-28s -\n", name);
}

bool report_write(const struct fleet *fleet, double seconds)
{
	const char *path = fleet->options->fleet.report;
	json_t *report = make_report(fleet, seconds);
	print_text(report, "");
	const bool ok = !path ||
			json_dump_file(report, path, JSON_INDENT(2) | JSON_REAL_PRECISION(9)) == 0;
	if (!ok)
		fprintf(stderr, "cpe: %s: cannot be written\n", path);
	json_decref(report);
	return ok;
}
