/* gauges: how the process stands right now, for Prometheus: sessions, queues, database, memory.
 * Read where they are kept, whenever somebody looks; only open tasks are as of the look before. */
#include "acs/gauges.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "acs/background.h"
#include "acs/connreq.h"
#include "acs/listeners.h"
#include "acs/pace.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/worker.h"
#include "base/clock.h"
#include "db/db.h"

/* To count more would cost more than knowing it is worth. */
enum { TASKS_COUNTED = 100000 };

static void family(struct buffer *out, const char *name, const char *type, const char *help)
{
	buffer_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void gauge(struct buffer *out, const char *name, const char *help, double value)
{
	family(out, name, "gauge", help);
	buffer_printf(out, "%s %.15g\n", name, value);
}

static void counter(struct buffer *out, const char *name, const char *help, double value)
{
	family(out, name, "counter", help);
	buffer_printf(out, "%s %.15g\n", name, value);
}

static void write_connections(struct server *server, struct buffer *out)
{
	family(out, "acs_connections_open", "gauge", "Connections of peers, by listener.");
	for (int i = 0; i < LISTENER_COUNT; i++)
		if (server->sockets[i] >= 0)
			buffer_printf(out, "acs_connections_open{listener=\"%s\"} %u\n",
				listener_name(i), atomic_load(&server->connections[i]));
	gauge(out, "acs_body_bytes_held", "Bytes of request bodies in memory.",
		(double)atomic_load(&server->body_budget.used));
}

static void write_database(struct server *server, struct buffer *out)
{
	struct db_use sum = { 0 };
	for (unsigned i = 0; i < server->loop_count; i++) {
		const struct db_use use = db_use(server->loops[i].db);
		sum.up += use.up;
		sum.in_flight += use.in_flight;
		sum.asked += use.asked;
		sum.refused += use.refused;
	}
	gauge(out, "acs_database_connections", "Connections to the database that are wanted.",
		server->loop_count * server->config->database.connections);
	gauge(out, "acs_database_connections_up", "… and that are up, as of the last second.",
		sum.up);
	gauge(out, "acs_database_questions_in_flight", "Questions that wait for their answer.",
		sum.in_flight);
	counter(out, "acs_database_questions_total", "Questions to the database.",
		(double)sum.asked);
	counter(out, "acs_database_questions_refused_total",
		"Questions not even asked: no connection is up, or database.in_flight is reached.",
		(double)sum.refused);
}

static void write_queues(struct server *server, struct buffer *out)
{
	unsigned letters = 0, turns = 0, room = 0, calls, waiting;
	for (unsigned i = 0; i < server->loop_count; i++) {
		letters += loop_letters(&server->loops[i]);
		turns += atomic_load(&server->loops[i].overload.waiting);
		room += atomic_load(&server->loops[i].overload.room);
	}
	connection_requests_count(server->connection_requests, &calls, &waiting);
	gauge(out, "acs_turns_waiting", "Requests that wait for the database.", turns);
	gauge(out, "acs_turns_waiting_max",
		"… and how many may before new Informs are refused; follows what they wait.", room);
	gauge(out, "acs_loop_letters", "Calls that wait in the event loops' mailboxes.", letters);
	gauge(out, "acs_worker_jobs", "Large envelopes that wait for a worker.",
		workers_queued(server->workers));
	gauge(out, "acs_connection_requests_in_flight", "Devices being called.", calls);
	gauge(out, "acs_connection_requests_waiting", "Devices that are to be called.", waiting);
}

static void write_tasks(struct server *server, struct buffer *out)
{
	family(out, "acs_tasks_open", "gauge",
		"Tasks not finished, as of the call before; counted up to 100000 of each.");
	buffer_printf(out,
		"acs_tasks_open{state=\"queued\"} %u\nacs_tasks_open{state=\"sent\"} %u\n",
		atomic_load(&server->tasks_queued), atomic_load(&server->tasks_sent));
}

static const struct db_statement count_tasks = {
	.name = "gauges_count_tasks",
	.sql = "SELECT (SELECT count(*) FROM (SELECT FROM task WHERE state = 'queued' LIMIT $1) q),"
	       " (SELECT count(*) FROM (SELECT FROM task WHERE state = 'sent' LIMIT $1) s)",
};

static void on_sampled(struct loop *loop, const struct db_answer *answer)
{
	struct server *server = loop->server;
	atomic_store(&server->tasks_queued, (unsigned)db_get_int(answer->results[0], 0, 0));
	atomic_store(&server->tasks_sent, (unsigned)db_get_int(answer->results[0], 0, 1));
}

void gauges_sample(struct loop *loop)
{
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	DB_ADD(&question, &count_tasks, db_int(arena, TASKS_COUNTED));
	background_ask(loop, arena, &question, "count-tasks", on_sampled);
}

static double resident_bytes(void)
{
	char sizes[128];
	FILE *statm = fopen("/proc/self/statm", "r");
	if (!statm)
		return 0;
	const bool is_read = fgets(sizes, sizeof(sizes), statm) != NULL;
	fclose(statm);
	/* The second: resident pages. */
	const long pages = is_read ? strtol(sizes + strcspn(sizes, " "), NULL, 10) : 0;
	return (double)pages * (double)sysconf(_SC_PAGESIZE);
}

/* Linux tells their number as the folder's size since 6.2; before, they are listed. */
static double open_descriptors(void)
{
	struct stat folder;
	if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0)
		return (double)folder.st_size;
	DIR *list = opendir("/proc/self/fd");
	double count = -3; /* ".", ".." and the list's own */
	while (list && readdir(list))
		count++;
	if (list)
		closedir(list);
	return count;
}

static double seconds(struct timeval time)
{
	return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

/* Under the names that Prometheus' own libraries use. */
static void write_process(struct server *server, struct buffer *out)
{
	struct rusage use = { 0 };
	struct rlimit descriptors = { 0 };
	getrusage(RUSAGE_SELF, &use);
	getrlimit(RLIMIT_NOFILE, &descriptors);
	counter(out, "process_cpu_seconds_total", "CPU time, user and system.",
		seconds(use.ru_utime) + seconds(use.ru_stime));
	gauge(out, "process_resident_memory_bytes", "Memory in use.", resident_bytes());
	gauge(out, "process_open_fds", "Open file descriptors.", open_descriptors());
	gauge(out, "process_max_fds", "The most that may be open.", (double)descriptors.rlim_cur);
	gauge(out, "process_start_time_seconds", "When it started, in seconds since 1970.",
		(double)server->started);
	family(out, "acs_build_info", "gauge", "Always 1; the label is the version.");
	buffer_printf(out, "acs_build_info{version=\"%s\"} 1\n", ACS_VERSION);
}

void gauges_write(struct server *server, struct buffer *out)
{
	gauge(out, "acs_ready", "1 when every loop reaches the database.", server_is_ready(server));
	gauge(out, "acs_sessions_open", "CWMP sessions in progress.",
		sessions_count(server->sessions));
	gauge(out, "acs_devices_slowed", "Devices that inform or boot too often.",
		paces_slowed(server->paces, clock_us()));
	write_connections(server, out);
	write_database(server, out);
	write_queues(server, out);
	write_tasks(server, out);
	write_process(server, out);
}
