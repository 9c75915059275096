/* cluster: a private PostgreSQL under a data folder.
 * Whoever uses it holds a shared lock on a file; the last one to leave stops PostgreSQL. */
#include "db/cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "base/arena.h"
#include "base/clock.h"
#include "db/cluster_folder.h"
#include "db/process.h"
#include "db/why.h"

/* Recovery after a crash may replay much; a fast stop writes a checkpoint. */
enum { START_MS = 300000, STOP_MS = 30000, QUIT_MS = 10000, LOOK_MS = 20 };
/* After a kill, the dead one's processes hold its lock file and memory for a moment. */
enum { LEFTOVERS_MS = 10000, AGAIN_MS = 100 };

struct db_cluster {
	struct arena *arena;
	struct cluster_folder folder;
	const char *url;
	const char *connections; /* "max_connections=64" for whoever starts PostgreSQL, or NULL */
	int server_lock;         /* on acs.lock for as long as we serve; -1 for a tool */
	int use_lock;            /* shared by all who use PostgreSQL */
	int change_lock;         /* held while starting or stopping */
	pid_t pid;               /* of the postmaster, 0 when it is not known to run */
	bool is_child;
};

static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000 }, NULL);
}

static void name_ourselves(int lock)
{
	if (ftruncate(lock, 0) == 0)
		dprintf(lock, "%d\n", (int)getpid());
}

static bool lock_for_serving(struct db_cluster *cluster, const struct why *why)
{
	const char *path = arena_printf(cluster->arena, "%s/acs.lock", cluster->folder.data_dir);
	cluster->server_lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (cluster->server_lock < 0)
		return why_not(why, "%s: %s", path, strerror(errno));
	if (flock(cluster->server_lock, LOCK_EX | LOCK_NB) != 0) {
		char pid[32] = "";
		const ssize_t length = read(cluster->server_lock, pid, sizeof(pid) - 1);
		pid[length > 0 ? strcspn(pid, "\n") : 0] = '\0';
		return why_not(why, "another server (process %s) is running on %s", pid,
			cluster->folder.data_dir);
	}
	name_ourselves(cluster->server_lock);
	return true;
}

/* flock() that a signal does not end. */
static bool lock_file(int fd, int how)
{
	while (flock(fd, how) != 0)
		if (errno != EINTR)
			return false;
	return true;
}

static bool open_lock(struct db_cluster *cluster, const char *name, int *fd, const struct why *why)
{
	const char *path = arena_printf(cluster->arena, "%s/%s", cluster->folder.dir, name);
	*fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return *fd >= 0 || why_not(why, "%s: %s", path, strerror(errno));
}

/* Whether PostgreSQL runs on our folder, whoever started it. */
static void find_running(struct db_cluster *cluster)
{
	const pid_t pid = cluster_folder_postmaster(&cluster->folder, cluster->arena);
	cluster->is_child = cluster->is_child && pid == cluster->pid;
	cluster->pid = pid;
}

static bool start_postgres(struct db_cluster *cluster, const struct why *why)
{
	const struct cluster_folder *folder = &cluster->folder;
	const char *const argv[] = { folder->postgres, "-D", folder->pgdata, "-k", folder->run_dir,
		"-p", CLUSTER_PORT, "-c", "listen_addresses=", cluster->connections ? "-c" : NULL,
		cluster->connections, NULL };
	const int log = cluster_folder_open_log(folder);
	if (log < 0)
		return why_not(why, "%s: %s", folder->log, strerror(errno));
	cluster->pid = process_start(argv, &folder->user, log);
	close(log);
	if (cluster->pid < 0) {
		cluster->pid = 0;
		return why_not(why, "cannot start %s: %s", folder->postgres, strerror(errno));
	}
	cluster->is_child = true;
	return true;
}

/* Has the postmaster ended? An adopted one is waited for too: it is our child when we are process 1,
 * and as a zombie it would keep its successor from starting. */
static bool has_ended(struct db_cluster *cluster)
{
	const bool is_reaped = waitpid(cluster->pid, NULL, WNOHANG) == cluster->pid;
	const bool is_gone = is_reaped || (!cluster->is_child && !process_has_argument(cluster->pid,
									 cluster->folder.pgdata));
	if (is_gone) {
		cluster->pid = 0;
		cluster->is_child = false;
	}
	return is_gone;
}

static bool wait_until_ready(struct db_cluster *cluster, const struct why *why)
{
	for (int waited = 0; waited < START_MS; waited += LOOK_MS) {
		if (PQping(cluster->url) == PQPING_OK)
			return true;
		if (has_ended(cluster)) {
			char last[256];
			cluster_folder_last_log_line(&cluster->folder, last, sizeof(last));
			return why_not(why, "PostgreSQL ended while it started: %s (see %s)", last,
				cluster->folder.log);
		}
		pause_ms(LOOK_MS);
	}
	return why_not(why, "PostgreSQL was not ready after %d s (see %s)", START_MS / 1000,
		cluster->folder.log);
}

/* PostgreSQL is started again while remains of one that was killed keep it from starting. */
static bool start_until_ready(struct db_cluster *cluster, const struct why *why)
{
	const uint64_t deadline_ms = clock_ms() + LEFTOVERS_MS;
	while (cluster->pid || start_postgres(cluster, why)) {
		if (wait_until_ready(cluster, why))
			return true;
		if (cluster->pid ||
			!cluster_folder_has_pid_file(&cluster->folder, cluster->arena) ||
			clock_ms() > deadline_ms)
			return false;
		pause_ms(AGAIN_MS);
		find_running(cluster);
	}
	return false;
}

static bool is_ok(PGresult *result, ExecStatusType wanted)
{
	const bool ok = PQresultStatus(result) == wanted;
	PQclear(result);
	return ok;
}

static bool create_database(PGconn *pg)
{
	PGresult *found = PQexec(pg, "SELECT FROM pg_database WHERE datname = 'acs'");
	const bool exists = PQntuples(found) > 0;
	return is_ok(found, PGRES_TUPLES_OK) &&
	       (exists || is_ok(PQexec(pg, "CREATE DATABASE acs"), PGRES_COMMAND_OK));
}

static bool ensure_database(struct db_cluster *cluster, const struct why *why)
{
	const char *url = cluster_folder_url(&cluster->folder, cluster->arena, "postgres");
	PGconn *pg = PQconnectdb(url);
	const bool ok = PQstatus(pg) == CONNECTION_OK && create_database(pg);
	if (!ok)
		why_not(why, "cannot create the database: %s", PQerrorMessage(pg));
	PQfinish(pg);
	return ok;
}

/* Under the change lock: two starting at once would create the cluster twice. */
static bool bring_up(
	struct db_cluster *cluster, const struct db_cluster_options *options, const struct why *why)
{
	if (options->is_server && !lock_for_serving(cluster, why))
		return false;
	if (!cluster_folder_create(&cluster->folder, cluster->arena, options->may_create, why))
		return false;
	if (!lock_file(cluster->use_lock, LOCK_SH))
		return why_not(why, "cannot lock %s: %s", cluster->folder.dir, strerror(errno));
	find_running(cluster);
	cluster->url = cluster_folder_url(&cluster->folder, cluster->arena, "acs");
	return start_until_ready(cluster, why) && ensure_database(cluster, why);
}

static bool start(
	struct db_cluster *cluster, const struct db_cluster_options *options, const struct why *why)
{
	if (!cluster_folder_open(&cluster->folder, cluster->arena, options, why) ||
		!open_lock(cluster, "change.lock", &cluster->change_lock, why) ||
		!open_lock(cluster, "use.lock", &cluster->use_lock, why))
		return false;
	if (!lock_file(cluster->change_lock, LOCK_EX))
		return why_not(why, "cannot lock %s: %s", cluster->folder.dir, strerror(errno));
	const bool ok = bring_up(cluster, options, why);
	flock(cluster->change_lock, LOCK_UN);
	return ok;
}

struct db_cluster *db_cluster_start(
	const struct db_cluster_options *options, char *why, size_t why_size)
{
	struct arena *arena = arena_new();
	struct db_cluster *cluster = ARENA_NEW(arena, struct db_cluster);
	cluster->arena = arena;
	cluster->server_lock = cluster->use_lock = cluster->change_lock = -1;
	if (options->connections)
		cluster->connections = arena_printf(
			arena, "max_connections=%u", options->connections);
	if (start(cluster, options, &(struct why){ why, why_size }))
		return cluster;
	db_cluster_stop(cluster);
	return NULL;
}

const char *db_cluster_url(const struct db_cluster *cluster)
{
	return cluster->url;
}

bool db_cluster_watch(struct db_cluster *cluster)
{
	if (cluster->pid && !has_ended(cluster))
		return false;
	if (flock(cluster->change_lock, LOCK_EX | LOCK_NB) != 0)
		return false;
	char text
		[256]; /* not told: the next look tries again, and the log of PostgreSQL says why */
	const struct why why = { text, sizeof(text) };
	find_running(cluster);
	const bool had_to = !cluster->pid && cluster_folder_create_run(&cluster->folder, &why) &&
			    start_postgres(cluster, &why);
	flock(cluster->change_lock, LOCK_UN);
	return had_to;
}

static bool ends_within(struct db_cluster *cluster, int ms)
{
	for (int waited = 0; waited < ms; waited += LOOK_MS) {
		if (has_ended(cluster))
			return true;
		pause_ms(LOOK_MS);
	}
	return false;
}

/* SIGINT is the fast stop (sessions are ended, a checkpoint is written), SIGQUIT the one that leaves
 * the rest to recovery. */
static void stop_postgres(struct db_cluster *cluster)
{
	kill(cluster->pid, SIGINT);
	if (!ends_within(cluster, STOP_MS)) {
		kill(cluster->pid, SIGQUIT);
		ends_within(cluster, QUIT_MS);
	}
}

static void leave(struct db_cluster *cluster)
{
	if (cluster->use_lock < 0 || !lock_file(cluster->change_lock, LOCK_EX))
		return;
	flock(cluster->use_lock, LOCK_UN);
	const bool is_last = flock(cluster->use_lock, LOCK_EX | LOCK_NB) == 0;
	if (!is_last)
		return;
	if (cluster->pid && !has_ended(cluster))
		stop_postgres(cluster);
	rmdir(cluster->folder.run_dir);
}

void db_cluster_stop(struct db_cluster *cluster)
{
	if (!cluster)
		return;
	leave(cluster);
	/* Closing gives the locks back. */
	const int locks[] = { cluster->use_lock, cluster->server_lock, cluster->change_lock };
	for (size_t i = 0; i < LENGTH_OF(locks); i++)
		if (locks[i] >= 0)
			close(locks[i]);
	arena_free(cluster->arena);
}
