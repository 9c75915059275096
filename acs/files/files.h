/* files: the listener that devices fetch files from and upload to, and the links it honours.
 * A link is <files.public_url>/d/<token>/<name>, or /u/ for uploads; the token is signed and dies by
 * itself. */
#ifndef ACS_FILES_FILES_H
#define ACS_FILES_FILES_H

#include <stdint.h>
#include <time.h>

#include "base/arena.h"
#include "http/server.h"

/* For the files listeners; arg is the struct loop. */
void files_on_headers(struct http_request *request, void *arg);
void files_on_request(struct http_request *request, void *arg);

/* The letter in the path. A link is good for its purpose only. */
enum file_link_purpose { FILE_LINK_DOWNLOAD = 'd', FILE_LINK_UPLOAD = 'u' };

/* base_url without a slash at its end. The whole URL is at most 256 bytes: NULL when name makes it
 * longer. */
char *file_link(struct arena *arena, const char *base_url, const uint8_t key[32],
	enum file_link_purpose purpose, const char *name, time_t expires);
/* Is path ("/d/<token>/<name>") a link of ours that is still alive? *name is then the file's. */
bool file_link_check(struct arena *arena, const uint8_t key[32], enum file_link_purpose purpose,
	const char *path, time_t now, const char **name) MUST_CHECK;

#endif
