/* cluster: a private PostgreSQL under a data folder, for those who have no server of their own.
 * These calls block; they run at start-up, at stop, and in command line tools. */
#ifndef DB_CLUSTER_H
#define DB_CLUSTER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/compiler.h"

struct db_cluster;

struct db_cluster_options {
	const char *data_dir; /* absolute; "<data_dir>/postgresql" holds the cluster and its log */
	const char *
		bin_dir; /* folder of initdb and postgres, NULL: the newest that Debian installed */
	/* max_connections of a PostgreSQL that is started; 0: what its postgresql.conf says. One that
	 * already runs keeps what it has. */
	unsigned connections;
	bool may_create; /* false: a missing cluster is an error */
	bool is_server;  /* takes <data_dir>/acs.lock, which keeps two servers apart */
};

/* Creates the cluster if needed, adopts a running one or starts it (as the postgres user when we
 * are root), waits until it takes connections. NULL and a text in why on failure. */
struct db_cluster *db_cluster_start(
	const struct db_cluster_options *options, char *why, size_t why_size) MUST_CHECK;
/* Connection string of the "acs" database over the Unix socket; borrowed. */
const char *db_cluster_url(const struct db_cluster *cluster);
/* Non-blocking look, once a second: starts PostgreSQL again when it died (killed, out of memory).
 * Returns true when it had to, for the log. */
bool db_cluster_watch(struct db_cluster *cluster);
/* Gives the locks back, and stops PostgreSQL unless another process still uses it: the last one to leave
 * stops it, whoever started it. NULL is allowed. */
void db_cluster_stop(struct db_cluster *cluster);

#endif
