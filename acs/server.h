/* server: what all event loops share, from start to stop.
 * Filled before the loops start; afterwards read-only but for what locks itself. */
#ifndef ACS_SERVER_H
#define ACS_SERVER_H

#include <stdatomic.h>
#include <stdint.h>
#include <time.h>

#include "acs/config.h"
#include "acs/loop.h"
#include "cwmp/codec.h"
#include "http/server.h"
#include "rpc/rpc.h"

/* Kinds of TLS listeners, see tls_profiles.h. */
enum tls_profile { TLS_DEVICES, TLS_OPERATORS, TLS_LEGACY, TLS_PROFILE_COUNT, TLS_NONE };

struct server {
	struct config *config;
	struct arena *arena; /* of texts that live as long as the server */
	const char *database_url;
	struct db_cluster *cluster; /* NULL: a database of the operator's own */
	const char *node_name;      /* for operators: its host, and the port that devices come to */
	struct loop *loops;
	unsigned loop_count;
	int sockets[LISTENER_COUNT];     /* -1: not configured */
	char *addresses[LISTENER_COUNT]; /* "127.0.0.1:7547" of each socket */
	struct http_limits limits[LISTENER_COUNT];
	struct http_budget body_budget; /* shared by all listeners of all loops */
	atomic_uint connections[LISTENER_COUNT];
	unsigned connections_of_loop; /* that the descriptors suffice for */
	atomic_uint tasks_queued, tasks_sent; /* as of the last count */
	time_t started;
	struct http_tls *tls[TLS_PROFILE_COUNT]; /* NULL: no listener of that kind */
	struct ticket_keys *ticket_keys;         /* of their sessions; NULL without them */
	struct http_tls *client_tls; /* for https connection requests */
	uint8_t nonce_key[32];     /* of digest challenges; in the database, so that all nodes share it */
	uint8_t challenge_key[32]; /* the same, or this node's own (cwmp.shared_nonces) */
	uint8_t link_key[32];      /* of download links; likewise */
	struct keyring *secrets; /* seals what must be stored and read again */
	struct cwmp_limits codec_limits;
	unsigned slowness; /* of this build: 1, under sanitizers more */
	struct workers *workers;
	struct sessions *sessions;
	struct inform_cache *informs;
	struct waiters *waiters;
	struct downloads *downloads;
	struct paces *paces;
	struct lockout *lockout;
	struct passwords *passwords;
	struct refusals *refusals;
	struct quirk_table *quirks;
	struct device_classes *device_classes;
	struct replays *replays;
	struct connection_requests *connection_requests;
	struct retention *retention;
	struct search_index *search_index;
	int64_t node; /* random: who we are among the nodes on one database */
	struct peers *peers;
	struct rpc_settings rpc;
	unsigned loops_that_ask; /* atomic: loops with a connection to the database */
	bool was_ready;          /* atomic: the ready line is printed once */
	bool is_stopping;        /* no new sessions; those that are open may finish */
};

/* A loop can ask the database from now on, or cannot any more. When all can for the first time, the
 * server prints that it is ready. */
void server_loop_can_ask(struct server *server, bool can_ask);
bool server_is_ready(const struct server *server);
/* Counts a task that has come to its end, and tells those who wait for it; arg is the loop that we are on. */
void server_task_settled(const struct queue_settled *settled, void *arg);

/* Runs the server until SIGTERM or SIGINT. Returns the exit status: 0 after a clean stop, 1 on
 * failure. */
int server_run(struct config *config);

#endif
