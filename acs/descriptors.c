/* descriptors: of those that the system allows, how many may be connections.
 * Without a reserve, a crowd of slow peers would take those of the database and of calls to devices. */
#include "acs/descriptors.h"

#include <sys/resource.h>

#include "acs/server.h"

/* A loop's: database, resolver, epoll, wake-up, who is being turned away, accepted but not yet counted. The
 * process's: files, sockets, the log, the listening connection, threads. */
enum { OF_A_LOOP = 160, OF_THE_PROCESS = 100 };

unsigned descriptors_raise(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
		return 1024;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_cur < UINT32_MAX ? (unsigned)limit.rlim_cur : UINT32_MAX;
}

static unsigned reserve(const struct server *server)
{
	const struct config *config = server->config;
	return OF_THE_PROCESS + config->connection_request.in_flight +
	       server->loop_count * (OF_A_LOOP + config->database.connections);
}

unsigned descriptors_of_connections(const struct server *server, unsigned descriptors)
{
	const unsigned kept = reserve(server);
	const unsigned half = descriptors / 2;
	const unsigned rest = kept < half ? descriptors - kept : half;
	return rest > server->loop_count ? rest / server->loop_count : 1;
}
