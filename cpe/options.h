/* options: the command line of the agent.
 * One table in options.c holds name, kind, default and help of each. */
#ifndef CPE_OPTIONS_H
#define CPE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/compiler.h"
#include "cwmp/message.h"

enum { BAD_NAMES_MAX = 16 };

/* What --misbehave asks for: deviations seen in the field, for tests of an ACS. */
struct misbehaviour {
	bool no_cookie;            /* cookies are never returned */
	bool close_each;           /* a new TCP connection for each POST */
	bool late_empty;           /* one more empty POST after the closing 204 */
	bool no_transfer_complete; /* downloads end in silence */
	bool omit_writable;        /* GetParameterNamesResponse without its Writable elements */
	bool own_namespace;        /* versions 1.3 and 1.4 in URIs of their own */
	bool wrong_id;             /* answers carry another ID than the request */
	bool empty_answer;     /* the first request of each session is answered by an empty POST */
	unsigned drop_session; /* the Nth request of the ACS is executed, its answer never sent */
	unsigned drop_request; /* the Nth request of the ACS is not even executed */
	unsigned gpv_limit;    /* 9004 when GetParameterValues would give more values */
	char *bad_names[BAD_NAMES_MAX]; /* 9005 whenever one is in a GetParameterValues */
	size_t bad_name_count;
};

struct options {
	char *acs_url, *data_model, *state_dir;
	char *oui, *product_class, *serial;
	char *username, *password, *password_file;
	char *connection_request_username, *connection_request_password;
	char *listen;
	char *ca_file, *client_cert, *client_key;
	char *trace_dir;
	char *cwmp_version;
	unsigned periodic_interval; /* seconds; 0: the model's */
	unsigned reboot_seconds;
	unsigned response_seconds;
	unsigned connection_request_limit; /* accepted within one second */
	double retry_scale;
	bool once, basic_over_http, help;
	struct misbehaviour misbehave;
};

/* Fills options from defaults and argv. Secrets in argv are overwritten. False when something was
 * wrong, which has been told on standard error. */
bool options_parse(struct options *options, int argc, char **argv) MUST_CHECK;
void options_clear(struct options *options);
void options_print_help(FILE *out);

/* What --cwmp-version stands for on the wire. */
struct spoken_version {
	const char *name;
	enum cwmp_namespace ns, own_ns;
	bool has_session_timeout;
	const char *supported_versions; /* or NULL */
};
const struct spoken_version *options_version(const struct options *options);

#endif
