/* cluster_folder: where a private PostgreSQL lives: its programs, its data, its socket, its log.
 * All of it belongs to the user that runs PostgreSQL; only the data folder itself is ours. */
#include "db/cluster_folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/crypto.h"

enum { LARGEST_LOG_BYTES = 16 << 20, RUN_HASH_DIGITS = 12 };

/* Appended to postgresql.conf once; then the file is the operator's. Terse logs leave out a failed
 * row's values. A server that starts PostgreSQL asks for its own max_connections. */
static const char settings[] = "\n# Written by acs when it created this cluster.\n"
			       "max_connections = 64\n"
			       "synchronous_commit = on\n"
			       "jit = off\n"
			       "timezone = 'UTC'\n"
			       "log_timezone = 'UTC'\n"
			       "log_line_prefix = '%m [%p] '\n"
			       "log_checkpoints = off\n"
			       "log_error_verbosity = terse\n"
			       "log_min_error_statement = panic\n";

/* First line number `wanted` (from 1) of a small file, without its newline. */
static bool read_line(const char *path, int wanted, char *line, size_t size)
{
	FILE *file = fopen(path, "re");
	if (!file)
		return false;
	bool found = false;
	for (int n = 1; n <= wanted; n++)
		found = fgets(line, (int)size, file) != NULL;
	fclose(file);
	if (found)
		line[strcspn(line, "\n")] = '\0';
	return found;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Folders */

static bool make_with_parents(const char *path, const struct why *why)
{
	char part[PATH_MAX];
	if (path[0] != '/' || strlen(path) >= sizeof(part))
		return why_not(why, "%s: not an absolute path that could be a data folder", path);
	for (const char *end = path; *end;) {
		end += 1 + strcspn(end + 1, "/");
		memcpy(part, path, (size_t)(end - path));
		part[end - path] = '\0';
		if (mkdir(part, 0711) != 0 && errno != EEXIST)
			return why_not(why, "%s: %s", part, strerror(errno));
	}
	return true;
}

/* A folder that only the user of PostgreSQL may enter. One that is somebody else's is refused: in /tmp
 * anybody could have made it before us. */
static bool make_private(const char *path, const struct process_user *user, const struct why *why)
{
	if (mkdir(path, 0700) == 0) {
		if (user->must_switch && chown(path, user->uid, user->gid) != 0)
			return why_not(why, "%s: %s", path, strerror(errno));
	} else if (errno != EEXIST) {
		return why_not(why, "%s: %s", path, strerror(errno));
	}
	struct stat about;
	if (lstat(path, &about) != 0)
		return why_not(why, "%s: %s", path, strerror(errno));
	if (!S_ISDIR(about.st_mode) || about.st_uid != user->uid || (about.st_mode & 0077) != 0)
		return why_not(why, "%s: must be a folder of uid %u that nobody else may enter",
			path, (unsigned)user->uid);
	return true;
}

bool cluster_folder_create_run(const struct cluster_folder *folder, const struct why *why)
{
	return make_private(folder->run_dir, &folder->user, why);
}

/* Programs */

/* /usr/lib/postgresql/15/bin/postgres -> 15 */
static double version_of(const char *program)
{
	return strtod(program + strlen("/usr/lib/postgresql/"), NULL);
}

/* The folder of the version that made the cluster, of the newest one while there is no cluster. */
static const char *installed_bin_dir(struct arena *arena, const char *pgdata)
{
	char version[16];
	const char *const file = arena_printf(arena, "%s/PG_VERSION", pgdata);
	const double wanted = read_line(file, 1, version, sizeof(version)) ? strtod(version, NULL)
									   : 0;
	const char *best = NULL;
	glob_t found;
	if (glob("/usr/lib/postgresql/*/bin/postgres", 0, NULL, &found) != 0)
		return NULL;
	for (size_t i = 0; i < found.gl_pathc; i++) {
		const double this = version_of(found.gl_pathv[i]);
		const bool is_better = !best || this > version_of(best);
		if (wanted > 0 ? !(this < wanted) && !(this > wanted) : is_better)
			best = found.gl_pathv[i];
	}
	best = best ? arena_strndup(arena, best, strlen(best) - strlen("/postgres")) : NULL;
	globfree(&found);
	return best;
}

static bool find_programs(struct cluster_folder *folder, struct arena *arena, const char *bin_dir,
	const struct why *why)
{
	if (!bin_dir || !*bin_dir)
		bin_dir = installed_bin_dir(arena, folder->pgdata);
	if (!bin_dir)
		return why_not(why,
			"PostgreSQL is not installed, or not in the version that made %s",
			folder->pgdata);
	folder->initdb = arena_printf(arena, "%s/initdb", bin_dir);
	folder->postgres = arena_printf(arena, "%s/postgres", bin_dir);
	if (access(folder->initdb, X_OK) != 0 || access(folder->postgres, X_OK) != 0)
		return why_not(why, "%s: no initdb and postgres there", bin_dir);
	return true;
}

/* Opening */

static bool choose_run_dir(
	struct cluster_folder *folder, struct arena *arena, const struct why *why)
{
	char hash[SHA256_HEX_BYTES];
	sha256_hex(folder->data_dir, strlen(folder->data_dir), hash);
	const char *session = getenv("XDG_RUNTIME_DIR");
	const char *parent = folder->user.must_switch ? "/run"
			     : session && *session    ? session
						      : "/tmp";
	folder->run_dir = arena_printf(arena, "%s/acs-%.*s", parent, RUN_HASH_DIGITS, hash);
	const size_t length = strlen(folder->run_dir) + strlen("/.s.PGSQL." CLUSTER_PORT);
	if (length >= sizeof(((struct sockaddr_un *)NULL)->sun_path))
		return why_not(why, "%s: too long for a socket's path", folder->run_dir);
	return true;
}

bool cluster_folder_open(struct cluster_folder *folder, struct arena *arena,
	const struct db_cluster_options *options, const struct why *why)
{
	if (!process_user_find(&folder->user, why) || !make_with_parents(options->data_dir, why))
		return false;
	char canonical[PATH_MAX];
	if (!realpath(options->data_dir, canonical))
		return why_not(why, "%s: %s", options->data_dir, strerror(errno));
	folder->data_dir = arena_strdup(arena, canonical);
	folder->dir = arena_printf(arena, "%s/postgresql", canonical);
	folder->pgdata = arena_printf(arena, "%s/data", folder->dir);
	folder->log = arena_printf(arena, "%s/log", folder->dir);
	return process_can_enter(folder->data_dir, &folder->user, why) &&
	       make_private(folder->dir, &folder->user, why) &&
	       find_programs(folder, arena, options->bin_dir, why) &&
	       choose_run_dir(folder, arena, why);
}

/* Creating */

static int remove_entry(const char *path, const struct stat *about, int kind, struct FTW *walk)
{
	(void)about, (void)kind, (void)walk;
	return remove(path);
}

/* Of whole pages in the write-ahead log. LZ4, which PostgreSQL has since 15 where it was built in, takes a fraction of the
 * time of its own method, which is what "on" means. */
static const char *wal_compression(const struct cluster_folder *folder, const char *target)
{
	const char *const argv[] = { folder->postgres, "-D", target, "-c", "wal_compression=lz4", "-C",
		"wal_compression", NULL };
	const int log = cluster_folder_open_log(folder);
	const bool has_lz4 = log >= 0 && process_run(argv, &folder->user, log);
	if (log >= 0)
		close(log);
	return has_lz4 ? "lz4" : "on";
}

enum { SHARED_BUFFERS_LEAST_MB = 128, SHARED_BUFFERS_MOST_MB = 1024, SHARE_OF_MEMORY = 8 };

/* Some hundred thousand devices' rows and indexes fit into a gigabyte. It is taken only as far as it is used. */
static long shared_buffers_mb(void)
{
	const long mb = sysconf(_SC_PHYS_PAGES) / ((1 << 20) / sysconf(_SC_PAGESIZE)) / SHARE_OF_MEMORY;
	if (mb < SHARED_BUFFERS_LEAST_MB)
		return SHARED_BUFFERS_LEAST_MB;
	return mb < SHARED_BUFFERS_MOST_MB ? mb : SHARED_BUFFERS_MOST_MB;
}

static bool append_text(const char *path, const char *text, const struct why *why)
{
	const int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW);
	const ssize_t length = (ssize_t)strlen(text);
	const bool ok = fd >= 0 && write(fd, text, (size_t)length) == length && fsync(fd) == 0;
	if (!ok)
		why_not(why, "%s: %s", path, strerror(errno));
	if (fd >= 0)
		close(fd);
	return ok;
}

static bool run_initdb(
	const struct cluster_folder *folder, const char *target, const struct why *why)
{
	/* Trust is safe: nobody else may enter the folder of the only socket. */
	const char *const argv[] = { folder->initdb, "-D", target, "-E", "UTF8", "--locale=C",
		"--auth=trust", "-U", "acs", "--data-checksums", "--no-instructions", NULL };
	const int log = cluster_folder_open_log(folder);
	if (log < 0)
		return why_not(why, "%s: %s", folder->log, strerror(errno));
	const bool ok = process_run(argv, &folder->user, log);
	close(log);
	if (ok)
		return true;
	char last[256];
	cluster_folder_last_log_line(folder, last, sizeof(last));
	return why_not(why, "initdb failed: %s (see %s)", last, folder->log);
}

/* Built beside and renamed, so that a cluster which is there is whole. */
bool cluster_folder_create(const struct cluster_folder *folder, struct arena *arena,
	bool may_create, const struct why *why)
{
	if (!cluster_folder_create_run(folder, why))
		return false;
	if (exists(arena_printf(arena, "%s/PG_VERSION", folder->pgdata)))
		return true;
	if (!may_create)
		return why_not(why, "%s: there is no database here", folder->data_dir);
	const char *target = arena_printf(arena, "%s.new", folder->pgdata);
	nftw(target, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
	if (!run_initdb(folder, target, why))
		return false;
	const char *text = arena_printf(arena, "%sshared_buffers = %ldMB\nwal_compression = %s\n",
		settings, shared_buffers_mb(), wal_compression(folder, target));
	if (!append_text(arena_printf(arena, "%s/postgresql.conf", target), text, why))
		return false;
	return rename(target, folder->pgdata) == 0 ||
	       why_not(why, "%s: %s", folder->pgdata, strerror(errno));
}

/* Running */

/* postmaster.pid: process, data folder, start time, port, folder of the socket, … */
pid_t cluster_folder_postmaster(struct cluster_folder *folder, struct arena *arena)
{
	char path[PATH_MAX], line[PATH_MAX];
	const int length = snprintf(path, sizeof(path), "%s/postmaster.pid", folder->pgdata);
	if (length >= (int)sizeof(path) || !read_line(path, 1, line, sizeof(line)))
		return 0;
	const pid_t pid = (pid_t)strtol(line, NULL, 10);
	if (pid <= 0 || !process_has_argument(pid, folder->pgdata))
		return 0;
	/* Whoever started it may have had another place for sockets. */
	if (read_line(path, 5, line, sizeof(line)) && strcmp(line, folder->run_dir) != 0 &&
		line[0] == '/')
		folder->run_dir = arena_strdup(arena, line);
	return pid;
}

bool cluster_folder_has_pid_file(const struct cluster_folder *folder, struct arena *arena)
{
	return access(arena_printf(arena, "%s/postmaster.pid", folder->pgdata), F_OK) == 0;
}

/* As libpq reads it: quotes and backslashes inside quotes are escaped. */
static const char *quoted(struct arena *arena, const char *text)
{
	char *copy = arena_alloc(arena, 2 * strlen(text) + 1), *at = copy;
	for (; *text; text++) {
		if (*text == '\'' || *text == '\\')
			*at++ = '\\';
		*at++ = *text;
	}
	return copy;
}

const char *cluster_folder_url(
	const struct cluster_folder *folder, struct arena *arena, const char *database)
{
	return arena_printf(arena, "host='%s' port=" CLUSTER_PORT " user=acs dbname=%s",
		quoted(arena, folder->run_dir), database);
}

/* Log */

int cluster_folder_open_log(const struct cluster_folder *folder)
{
	struct stat about;
	char old[PATH_MAX];
	if (stat(folder->log, &about) == 0 && about.st_size > LARGEST_LOG_BYTES &&
		snprintf(old, sizeof(old), "%s.old", folder->log) < (int)sizeof(old))
		(void)!rename(folder->log, old);
	return open(folder->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
}

void cluster_folder_last_log_line(const struct cluster_folder *folder, char *line, size_t size)
{
	char next[1024];
	FILE *file = fopen(folder->log, "re");
	snprintf(line, size, "no word in its log");
	while (file && fgets(next, sizeof(next), file))
		if (next[0] != '\n')
			snprintf(line, size, "%.*s", (int)strcspn(next, "\n"), next);
	if (file)
		fclose(file);
}
