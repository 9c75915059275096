/* install: what becomes of a downloaded file, by its kind.
 * Firmware waits for a reboot; configuration sets values; certificates join the trust store; all
 * other files are kept. */
#ifndef CPE_INSTALL_H
#define CPE_INSTALL_H

#include "cpe/device.h"

/* Is it one of the types of TR-069 A.3.2.8, or a vendor's own ("X …")? */
bool install_is_possible(const char *file_type);
/* Takes the file at path away into the state folder. 0, or the fault code: then it is untouched. */
unsigned install_file(struct device *device, struct transfer *transfer, const char *path);

#endif
