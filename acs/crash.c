/* crash: named points at which a test has the server die as by kill -9. */
#include "acs/crash.h"

#ifdef ACS_CRASH_POINTS

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "acs/log.h"

static bool is_this(const char *wanted, const char *moment, const char *method)
{
	const size_t length = strlen(moment);
	const size_t method_length = strlen(method);
	return strncmp(wanted, moment, length) == 0 && wanted[length] == ':' &&
	       strncmp(wanted + length + 1, method, method_length) == 0 &&
	       strchr("#", wanted[length + 1 + method_length]);
}

void crash_point(const char *moment, const char *method)
{
	static unsigned long reached;
	const char *wanted = getenv("ACS_CRASH_AT");
	if (!wanted || !is_this(wanted, moment, method))
		return;
	const char *number = strchr(wanted, '#');
	if (__atomic_add_fetch(&reached, 1, __ATOMIC_SEQ_CST) <
		(number ? strtoul(number + 1, NULL, 10) : 1))
		return;
	LOG_ERROR("crash-point", LOG_TEXT("moment", moment), LOG_TEXT("method", method));
	kill(getpid(), SIGKILL);
}

#endif
