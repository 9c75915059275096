/* commands: `cpe set`, `cpe reboot` and `cpe send`, which speak to an agent that runs.
 * Here the words of the command line become the request of control.h. */
#ifndef CPE_COMMANDS_H
#define CPE_COMMANDS_H

#include <stdbool.h>

/* Runs the command that argv[1] names, and gives its exit status. False when it names none. */
bool commands_run(int argc, char **argv, int *status);

#endif
