/* key_file: the keys that seal secrets, as the configuration, the environment or a file gives them. */
#ifndef ACS_KEY_FILE_H
#define ACS_KEY_FILE_H

#include <stddef.h>

#include "acs/config.h"
#include "base/compiler.h"
#include "base/keyring.h"

/* Fills ring with secrets.key and secrets.old_keys; without the former with the lines of the key file, which is
 * made when it is absent. False when there is no good key, or when others may read the file: why tells. */
bool key_file_read(const struct config *config, struct keyring *ring, char *why,
	size_t why_size) MUST_CHECK;
/* Puts a new key in front of those in the file. False: why tells. */
bool key_file_add(const struct config *config, char *why, size_t why_size) MUST_CHECK;

#endif
