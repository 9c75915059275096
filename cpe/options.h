/* options: the command line of the agent.
 * One table in options.c holds name, kind, default and help of each. */
#ifndef CPE_OPTIONS_H
#define CPE_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#include "base/compiler.h"
#include "cpe/fleet/options.h"
#include "cpe/misbehave/misbehave.h"
#include "cwmp/message.h"

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
	struct fleet_options fleet;
};

/* Fills options from defaults and argv. Secrets in argv are overwritten. False when something was
 * wrong, which has been told on standard error. */
bool options_parse(struct options *options, int argc, char **argv) MUST_CHECK;
void options_clear(struct options *options);
void options_print_help(FILE *out);

#endif
