/* token_cli: `acs token`, for the first token and for the day when all are lost. */
#ifndef ACS_API_TOKEN_CLI_H
#define ACS_API_TOKEN_CLI_H

struct config;

/* argv[0] is "token", then: create --name N --role read|operate|admin, list, delete --name N.
 * Prints a new token alone on its line. Works while the server runs, and while it does not. Returns
 * the exit status: 0, 1 on failure, 2 for a wrong command line. */
int token_command(struct config *config, int argc, char **argv);

#endif
