/* private_cluster: a PostgreSQL of a test's own, in a folder that goes with it.
 * Included by the test programs that need one. */
#ifndef TEST_PRIVATE_CLUSTER_H
#define TEST_PRIVATE_CLUSTER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "db/cluster.h"

struct private_cluster {
	char dir[64];
	struct db_cluster *cluster;
};

static inline void private_cluster_folder(struct private_cluster *server)
{
	snprintf(server->dir, sizeof(server->dir), "/tmp/acs-test-XXXXXX");
	/* 0755: as root, PostgreSQL runs as another user and must get in. */
	if (!mkdtemp(server->dir) || chmod(server->dir, 0755) != 0)
		abort();
}

static inline void private_cluster_start(struct private_cluster *server)
{
	char why[512] = "";
	private_cluster_folder(server);
	const struct db_cluster_options options = {
		.data_dir = server->dir, .may_create = true, .is_server = true
	};
	server->cluster = db_cluster_start(&options, why, sizeof(why));
	if (!server->cluster) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
}

static inline int remove_entry(
	const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	(void)about, (void)kind, (void)walk;
	return remove(path);
}

static inline void private_cluster_stop(struct private_cluster *server)
{
	db_cluster_stop(server->cluster);
	nftw(server->dir, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
