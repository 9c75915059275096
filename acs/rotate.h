/* rotate: `acs rotate-secrets`, which seals everything that is stored with the newest key. */
#ifndef ACS_ROTATE_H
#define ACS_ROTATE_H

#include <stdio.h>

struct config;

/* Without arguments: seals anew what was sealed with an older key or in an older form, seals what older servers left
 * in the clear, and forgets what devices told of secrets. With --new-key: puts a new key before those in the key file,
 * and does no more. Returns the exit status: 0, 1 on failure, 2 for a wrong command line. */
int rotate_command(struct config *config, int argc, char **argv);
void rotate_print_forms(FILE *out, const char *name);

#endif
