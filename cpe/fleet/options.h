/* options: what the command line asks of a fleet; the table is in cpe/options.c. */
#ifndef CPE_FLEET_OPTIONS_H
#define CPE_FLEET_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

#define FLEET_RATE_UNSET (-1.0)

struct fleet_options {
	unsigned devices; /* 0: no fleet, but one device */
	unsigned concurrency, seconds, sessions;
	unsigned first_serial;
	unsigned parameters, model_parameters, change;
	unsigned seed;
	double rate; /* sessions a second; negative: as many as there can be */
	double hold; /* seconds */
	char *mix, *connections, *tls_resume, *retry;
	char *source_addresses, *report, *journal;
	bool challenge_each_session, shares_nonces, in_turn, storm, periodic;
};

void fleet_options_init(struct fleet_options *options);
/* What the table of options cannot tell. */
void fleet_options_print_help(FILE *out);

#endif
