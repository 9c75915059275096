/* process: PostgreSQL's programs as children of ours, run by the user that may run them.
 * Private to db/. PostgreSQL refuses to run as root, so root hands over to the user postgres. */
#ifndef DB_PROCESS_H
#define DB_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/compiler.h"
#include "db/why.h"

enum { PROCESS_MOST_GROUPS = 64 };

struct process_user {
	bool must_switch; /* are we root? */
	uid_t uid;
	gid_t gid;
	gid_t groups[PROCESS_MOST_GROUPS];
	int groups_count;
};

/* Looked up once, since a child of a threaded program may not. */
bool process_user_find(struct process_user *user, const struct why *why) MUST_CHECK;
/* Starts argv[0] as user in a session of its own, output appended to log_fd. -1 when there can be no
 * process. */
pid_t process_start(
	const char *const argv[], const struct process_user *user, int log_fd) MUST_CHECK;
/* The same, and waits: true when it exited with 0. */
bool process_run(const char *const argv[], const struct process_user *user, int log_fd) MUST_CHECK;
/* May user enter the folder and all above it? Tells which one not. */
bool process_can_enter(
	const char *path, const struct process_user *user, const struct why *why) MUST_CHECK;
/* Is the process alive, with this argument on its command line (which tells it from a later one with its
 * number)? */
bool process_has_argument(pid_t pid, const char *argument);

#endif
