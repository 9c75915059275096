/* cluster_folder: where a private PostgreSQL lives: its programs, its data, its socket, its log.
 * Private to db/. Paths are in the arena of whoever opened it. */
#ifndef DB_CLUSTER_FOLDER_H
#define DB_CLUSTER_FOLDER_H

#include "base/arena.h"
#include "db/cluster.h"
#include "db/process.h"
#include "db/why.h"

#define CLUSTER_PORT "5432"

struct cluster_folder {
	const char *data_dir; /* canonical */
	const char *dir;      /* data_dir/postgresql, entered by PostgreSQL's user only */
	const char *pgdata;   /* dir/data */
	const char *log;      /* dir/log */
	const char *run_dir; /* holds the socket; short, since a socket's path may have 107 bytes */
	const char *initdb, *postgres;
	struct process_user user;
};

/* Finds the programs and makes the folders around the cluster. */
bool cluster_folder_open(struct cluster_folder *folder, struct arena *arena,
	const struct db_cluster_options *options, const struct why *why) MUST_CHECK;
/* Runs initdb when there is no cluster yet, and writes our settings. */
bool cluster_folder_create(const struct cluster_folder *folder, struct arena *arena,
	bool may_create, const struct why *why) MUST_CHECK;
/* The folder of the socket, which may vanish with a reboot. */
bool cluster_folder_create_run(
	const struct cluster_folder *folder, const struct why *why) MUST_CHECK;
/* Process that serves the cluster, 0 when there is none. Its socket becomes the folder's. */
pid_t cluster_folder_postmaster(struct cluster_folder *folder, struct arena *arena);
/* Is there the pid file of a PostgreSQL, running or killed? */
bool cluster_folder_has_pid_file(const struct cluster_folder *folder, struct arena *arena);
const char *cluster_folder_url(
	const struct cluster_folder *folder, struct arena *arena, const char *database);
/* For appending; -1 and errno on failure. A log that has grown large is put aside first. */
int cluster_folder_open_log(const struct cluster_folder *folder) MUST_CHECK;
void cluster_folder_last_log_line(const struct cluster_folder *folder, char *line, size_t size);

#endif
