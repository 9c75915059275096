/* config: every setting of the server, from file, environment and command line.
 * One table in config_table.c holds key, type, default and help; this struct is what it fills. */
#ifndef ACS_CONFIG_H
#define ACS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/compiler.h"

enum config_auth { AUTH_NONE, AUTH_BASIC, AUTH_DIGEST };

struct config {
	const char *file;     /* that was read, or NULL; borrowed from argv */
	bool *is_taken; /* of each setting of the table: it was said where it can not be read again */
	struct {
		char *dir;
	} data;
	struct {
		char *url;        /* "" for the private cluster */
		char *listen_url; /* of the connection that listens; "": the same */
		char *bin_dir;
		unsigned connections; /* per event loop */
		unsigned statement_timeout_ms;
		unsigned connect_timeout_ms;
		unsigned in_flight;
		unsigned batch;     /* Informs in one statement, at most */
		unsigned linger_us; /* that they wait for one another */
	} database;
	struct {
		unsigned loops;         /* 0: one per core */
		unsigned workers;       /* threads that read large envelopes */
		unsigned worker_jobs;   /* of these that may wait for a thread */
		unsigned stop_seconds;  /* that sessions have to finish after SIGTERM */
		unsigned sweep_seconds; /* between looks for expired tasks and overdue transfers */
		uint64_t body_bytes;    /* of all collected bodies together */
		char *proxies;          /* ranges of those that are believed whom they forward for */
		unsigned forwarded_header; /* enum http_forwarded */
		unsigned write_seconds, write_bytes_per_second; /* for a peer to take an answer */
		uint64_t inform_cache_bytes;
		bool core_dumps; /* which hold keys and passwords */
	} server;
	struct {
		char *listen, *tls_listen;
		unsigned auth; /* enum config_auth */
		bool proxy_protocol; /* from server.proxies */
		bool basic_over_http;
		char *realm;
		unsigned nonce_seconds;
		bool nonce_counter, shared_nonces;
		char *unknown; /* what becomes of devices that nobody knew: accept, quarantine, refuse */
		unsigned
			session_idle_seconds; /* between two requests of a session, TR-069 wants 30 at least */
		unsigned session_idle_max_seconds; /* that a SessionTimeout header may ask for */
		unsigned session_seconds;          /* whole session */
		unsigned sessions;                 /* open at once */
		unsigned retry_after_seconds, retry_after_max_seconds; /* in 503 answers */
		unsigned overload_ms; /* that a request may wait before new Informs are refused */
		unsigned waiting;     /* requests of one loop that wait for the database */
		unsigned informs_per_minute, boots_per_hour; /* of one device; 0: any number */
		uint64_t body_bytes;
		unsigned header_bytes;
		unsigned head_seconds, body_seconds, idle_seconds;
		unsigned requests_per_connection;
		unsigned connections, connections_per_address;
		char *exempt_addresses; /* ranges that the latter does not hold for */
		unsigned xml_depth, xml_text_bytes, xml_items, parse_ms, parse_ms_per_mb;
		unsigned parameters_per_device;
		unsigned parameter_names; /* of all devices together */
		bool xml_declaration;
		char *kicked_next_url;          /* "": the one that the device names */
		bool compression;               /* of requests, and of their answers */
		unsigned compression_min_bytes; /* of an answer */
		bool hold_requests;
		char *redirect_url; /* "" or absolute */
		bool plain_beside_client_ca; /* devices that prove nothing beside those with certificates */
	} cwmp;
	struct {
		bool proxy_protocol;
		char *listen, *tls_listen;
		bool auth;
		bool insecure_listen; /* beyond loopback without TLS, or without authentication */
		char *hosts;          /* names under which the API is reached, besides localhost */
		unsigned failures, lockout_seconds;
		unsigned passwords_waiting;
		uint64_t body_bytes; /* of JSON requests */
		unsigned header_bytes;
		unsigned head_seconds, body_seconds, idle_seconds;
		unsigned requests_per_connection;
		unsigned connections, connections_per_address;
		unsigned searched_parameters; /* that an index has the values of */
	} admin;
	struct {
		bool proxy_protocol;
		char *listen, *tls_listen;
		char *public_url;   /* "", or without a slash at its end */
		uint64_t max_bytes; /* of one file */
		unsigned auth;      /* enum config_auth */
		unsigned header_bytes;
		unsigned head_seconds, body_seconds, idle_seconds;
		unsigned requests_per_connection;
		unsigned connections, connections_per_address;
		unsigned downloads, downloads_per_device; /* at once */
		uint64_t bytes_per_second;                /* of all downloads; 0: any */
		uint64_t download_bytes_per_second;       /* of one */
		unsigned
			link_seconds; /* that a download link lives beyond the delay of its transfer */
		char *legacy_tls_listen; /* for phones that speak nothing newer than TLS 1.0 */
	} files;
	struct {
		char *certificate, *key; /* files, as below; several joined by ',' */
		char *client_ca;         /* "": devices need no certificate */
		char *client_ca_expired, *crl, *revoked;
		unsigned ticket_seconds; /* that one key makes session tickets */
		char *legacy_certificate, *legacy_key;
		char *client_identity; /* forms of a device's name in its certificate */
		bool client_certificate_is_enough;
	} tls;
	struct {
		unsigned
			retry_seconds; /* before the second attempt; times 4 for each further one */
		bool wake_for_retry; /* a connection request when its time has come */
		unsigned attempts;
		unsigned expires_seconds; /* default life of a queued task, 0: for ever */
		unsigned
			transfer_seconds; /* until a transfer that was never completed fails, beyond its delay */
		unsigned per_session;   /* requests sent in one session before it is ended */
		unsigned queue;         /* tasks waiting for one device */
		unsigned refresh_batch; /* names in one GetParameterValues of a Refresh */
		bool reprovision; /* onboarding again when a ParameterKey shows that it is lost */
		bool answer_request_download;
	} tasks;
	struct {
		unsigned connect_seconds, response_seconds;
		unsigned in_flight;
		unsigned retries; /* after 503 */
		unsigned retry_seconds;
		char *allow; /* address ranges besides the Inform's source address, "10.0.0.0/8,fd00::/8" */
		char *ports; /* that may be called, "80,443,1024-65535" */
		char *name_servers; /* for names in devices' URLs; "": those of resolv.conf */
		bool basic; /* answer a Basic challenge too */
	} connection_request;
	struct {
		unsigned days; /* 0: for ever */
	} events;
	struct {
		bool enabled;
		unsigned days; /* 0: for ever */
	} session_log;
	struct {
		unsigned days; /* 0: for ever */
	} history;
	struct {
		unsigned refusals_per_minute; /* that are written; 0: none */
	} audit;
	struct {
		char *key;      /* 64 hex digits; "" keeps one in the file */
		char *old_keys; /* of values that were sealed before */
		char *key_file; /* "": <data.dir>/secret.key */
		char *parameters; /* further ends of secret parameters' names */
	} secrets;
	struct {
		char *level; /* error, warning, info, debug */
	} log;
};

enum { NAME_SERVER_BYTES = 64 };
/* Takes the next of a list of "ADDRESS" or "ADDRESS:PORT", which *servers moves along. False at its end; one
 * that is too long is cut. */
bool config_next_name_server(const char **servers, char one[NAME_SERVER_BYTES]);

/* Where a setting's problem is, as a text with file and line, is appended to why for every error
 * found. */
struct buffer;

/* Fills config from defaults, then the file (NULL: none), then ACS_… variables of the environment
 * (ACS_CWMP_LISTEN), then --section.key=value arguments. Secret values and URLs in argv are overwritten.
 * Arguments that are not settings are moved to the front: *argc is their number. False when why has
 * an error; config_clear() follows either way. */
bool config_load(struct config *config, int *argc, char **argv, struct buffer *why) MUST_CHECK;
/* The same sources again, for a running server: what its command line said still stands. */
bool config_reload(
	struct config *fresh, const struct config *running, struct buffer *why) MUST_CHECK;
/* Can this user read the files that the settings name? */
bool config_check_files(const struct config *config, struct buffer *why) MUST_CHECK;
void config_clear(struct config *config);
/* JSON text of the settings that differ from their defaults; of secret ones only that they are set. */
struct arena;
const char *config_told(struct arena *arena, const struct config *config);
/* The table as --help text, and as a commented sample file. */
void config_print_help(FILE *out);
void config_print_sample(FILE *out);

#endif
