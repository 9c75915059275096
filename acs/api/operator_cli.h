/* operator_cli: `acs token` and `acs user`, for the first one and for the day when all are lost. */
#ifndef ACS_API_OPERATOR_CLI_H
#define ACS_API_OPERATOR_CLI_H

#include <stdio.h>

struct config;

/* argv[0] is "token" or "user", then a command and its options; without one they are printed. A new token is printed
 * alone on its line; passwords come from a file, the terminal or standard input. Works while the server runs, and while
 * it does not. Returns the exit status: 0, 1 on failure, 2 for a wrong command line. */
int operator_command(struct config *config, int argc, char **argv);
/* A line for each command of "token" or "user". */
void operator_print_forms(FILE *out, const char *group);

#endif
