/* supervision: what the process does at a signal, each second and at each sweep, on the first loop.
 * A stop waits for the sessions that are open, up to a limit. */
#include "acs/supervision.h"

#include <signal.h>
#include <stdlib.h>

#include <event2/event.h>

#include "acs/admission.h"
#include "acs/housekeeping.h"
#include "acs/log.h"
#include "acs/server.h"
#include "acs/session.h"
#include "acs/settings.h"
#include "acs/ticket_keys.h"
#include "acs/turn.h"
#include "db/cluster.h"

struct supervision {
	struct server *server;
	struct event *term, *interrupt, *hangup, *tick, *sweep;
	unsigned stopping_seconds;
	uint64_t refused; /* new Informs, when it was last told */
};

static void begin_stop(evutil_socket_t signal_number, short what, void *arg)
{
	(void)what;
	struct supervision *s = arg;
	LOG_INFO("stopping", LOG_NUMBER("signal", signal_number),
		LOG_NUMBER("sessions", sessions_count(s->server->sessions)));
	__atomic_store_n(&s->server->is_stopping, true, __ATOMIC_RELEASE);
	housekeeping_leave(&s->server->loops[0]);
	event_active(s->tick, EV_TIMEOUT, 0);
}

static void reload(evutil_socket_t signal_number, short what, void *arg)
{
	(void)signal_number, (void)what;
	const struct supervision *s = arg;
	settings_reload(s->server);
}

static void stop_if_due(struct supervision *s)
{
	struct server *server = s->server;
	const bool is_late = s->stopping_seconds++ >= server->config->server.stop_seconds;
	if (!server->is_stopping || (sessions_count(server->sessions) > 0 && !is_late))
		return;
	for (unsigned i = 0; i < server->loop_count; i++)
		loop_stop(&server->loops[i]);
}

static void tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	struct supervision *s = arg;
	turn_expire_sessions(&s->server->loops[0]);
	s->refused = admission_log(s->server, s->refused);
	if (s->server->cluster && db_cluster_watch(s->server->cluster))
		LOG_WARNING("postgresql-restarted", LOG_TEXT("dir", s->server->config->data.dir));
	ticket_keys_renew(s->server);
	if (s->server->is_stopping)
		stop_if_due(s);
}

static void sweep(evutil_socket_t fd, short what, void *arg)
{
	(void)fd, (void)what;
	const struct supervision *s = arg;
	housekeeping_run(&s->server->loops[0]);
}

struct supervision *supervision_begin(struct server *server)
{
	struct supervision *s = calloc(1, sizeof(*s));
	struct event_base *base = server->loops[0].base;
	const struct timeval second = { .tv_sec = 1 };
	const struct timeval sweep_time = {
		.tv_sec = (time_t)server->config->server.sweep_seconds
	};
	if (!s)
		abort();
	s->server = server;
	s->term = evsignal_new(base, SIGTERM, begin_stop, s);
	s->interrupt = evsignal_new(base, SIGINT, begin_stop, s);
	s->hangup = evsignal_new(base, SIGHUP, reload, s);
	s->tick = event_new(base, -1, EV_PERSIST, tick, s);
	s->sweep = event_new(base, -1, EV_PERSIST, sweep, s);
	event_add(s->term, NULL);
	event_add(s->interrupt, NULL);
	event_add(s->hangup, NULL);
	event_add(s->tick, &second);
	event_add(s->sweep, &sweep_time);
	return s;
}

void supervision_end(struct supervision *s)
{
	event_free(s->term);
	event_free(s->interrupt);
	event_free(s->hangup);
	event_free(s->tick);
	event_free(s->sweep);
	free(s);
}
