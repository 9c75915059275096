/* download: one file fetched by HTTP or HTTPS into the state folder.
 * The bytes go to download.part, which never outlives the download. */
#ifndef CPE_DOWNLOAD_H
#define CPE_DOWNLOAD_H

#include "cpe/device.h"

/* device_on_download_ended() is called from the loop, after the download has been freed. transfer
 * is borrowed until then. */
struct download *download_start(struct device *device, struct transfer *transfer);
/* Gives up without a word. NULL is allowed. */
void download_free(struct download *download);
/* Removes what a crash left behind. */
void download_sweep(const char *state_dir);

#endif
