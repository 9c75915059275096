/* process: PostgreSQL's programs as children of ours, run by the user that may run them.
 * Between fork and exec only async-signal-safe calls are made: other threads may hold locks. */
#include "db/process.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

bool process_user_find(struct process_user *user, const struct why *why)
{
	*user = (struct process_user){ .uid = geteuid(), .gid = getegid() };
	if (user->uid != 0)
		return true;
	char text[1024];
	struct passwd entry, *postgres;
	if (getpwnam_r("postgres", &entry, text, sizeof(text), &postgres) != 0 || !postgres)
		return why_not(why,
			"there is no user postgres to run PostgreSQL, which refuses to run as root");
	user->must_switch = true;
	user->uid = postgres->pw_uid;
	user->gid = postgres->pw_gid;
	user->groups_count = PROCESS_MOST_GROUPS;
	if (getgrouplist("postgres", user->gid, user->groups, &user->groups_count) < 0)
		return why_not(
			why, "the user postgres is in more than %d groups", PROCESS_MOST_GROUPS);
	return true;
}

static bool become(const struct process_user *user)
{
	if (!user->must_switch)
		return true;
	return setgroups((size_t)user->groups_count, user->groups) == 0 && setgid(user->gid) == 0 &&
	       setuid(user->uid) == 0;
}

/* exec keeps ignored signals and the mask; PostgreSQL's stop signals must reach it. */
static void reset_signals(void)
{
	sigset_t none;
	sigemptyset(&none);
	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void run_child(
	const char *const argv[], const struct process_user *user, int log_fd)
{
	static const char *const environment[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", "TZ=UTC",
		NULL };
	setsid();
	reset_signals();
	const int nothing = open("/dev/null", O_RDONLY);
	if (dup2(nothing, STDIN_FILENO) < 0 || dup2(log_fd, STDOUT_FILENO) < 0 ||
		dup2(log_fd, STDERR_FILENO) < 0)
		_exit(126);
	close_range(3, UINT_MAX, 0);
	if (!become(user) || chdir("/") != 0)
		_exit(126);
	execve(argv[0], (char *const *)argv, (char *const *)environment);
	_exit(127);
}

pid_t process_start(const char *const argv[], const struct process_user *user, int log_fd)
{
	const pid_t pid = fork();
	if (pid == 0)
		run_child(argv, user, log_fd);
	return pid;
}

static int wait_for(pid_t pid)
{
	int status;
	pid_t waited;
	do
		waited = waitpid(pid, &status, 0);
	while (waited < 0 && errno == EINTR);
	return waited == pid && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool process_run(const char *const argv[], const struct process_user *user, int log_fd)
{
	const pid_t pid = process_start(argv, user, log_fd);
	return pid > 0 && wait_for(pid) == 0;
}

/* Exits with 0, or with how many of the folders from the root on could be entered, plus one. */
static _Noreturn void try_to_enter(const char *path, const struct process_user *user)
{
	char part[PATH_MAX];
	int depth = 1;
	if (!become(user))
		_exit(255);
	for (const char *end = path; *end && depth < 254; depth++) {
		end += 1 + strcspn(end + 1, "/");
		memcpy(part, path, (size_t)(end - path));
		part[end - path] = '\0';
		if (access(part, X_OK) != 0)
			_exit(depth);
	}
	_exit(0);
}

bool process_can_enter(const char *path, const struct process_user *user, const struct why *why)
{
	if (strlen(path) >= PATH_MAX)
		return why_not(why, "%s: the path is too long", path);
	const pid_t pid = fork();
	if (pid == 0)
		try_to_enter(path, user);
	const int depth = pid > 0 ? wait_for(pid) : -1;
	if (depth == 0)
		return true;
	if (depth < 0 || depth == 255)
		return why_not(why, "cannot become the user that runs PostgreSQL");
	const char *end = path;
	for (int i = 0; i < depth; i++)
		end += 1 + strcspn(end + 1, "/");
	return why_not(why,
		"the user that runs PostgreSQL (uid %u) may not enter %.*s: choose another "
		"data.dir, or let others enter that folder",
		(unsigned)user->uid, (int)(end - path), path);
}

/* The command line is for everybody to read, unlike the working folder and the program. */
bool process_has_argument(pid_t pid, const char *argument)
{
	char path[64], *line = NULL;
	size_t room = 0;
	bool found = false;
	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	FILE *file = fopen(path, "re");
	while (file && !found && getdelim(&line, &room, '\0', file) > 0)
		found = strcmp(line, argument) == 0;
	free(line);
	if (file)
		fclose(file);
	return found;
}
