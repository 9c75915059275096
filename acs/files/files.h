/* files: the listener that devices fetch files from and upload to, and the links it honours.
 * A link is <files.public_url>/d/<token>/<name>, or /u/ for uploads; the token is signed, is one
 * device's, and dies by itself. */
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

struct file_link {
	enum file_link_purpose purpose;
	int64_t device_id; /* whose it is */
	const char *name;
	time_t expires;
	/* What comes with it, in the same CWMP message, for files.auth: no one learns it from the URL. */
	const char *username, *password;
};

/* The URL of a link, whose user name and password are filled in. base_url without a slash at its end.
 * The whole URL is at most 256 bytes: NULL when the name makes it longer. */
char *file_link_make(
	struct arena *arena, const char *base_url, const uint8_t key[32], struct file_link *link);
/* Is path ("/d/<token>/<name>") a link of ours that is still alive? *link then tells all of it. */
bool file_link_check(struct arena *arena, const uint8_t key[32], enum file_link_purpose purpose,
	const char *path, time_t now, struct file_link *link) MUST_CHECK;

#endif
