/* upload: what the device sends when the ACS asks for a file, TR-069 A.4.1.5.
 * Its configuration is the CSV that a Download takes back; its log is the end of the journal. */
#ifndef CPE_UPLOAD_H
#define CPE_UPLOAD_H

#include "base/buffer.h"
#include "cpe/model/datamodel.h"
#include "cwmp/cwmp.h"

/* Has the device files of that type, in that version of CWMP? A vendor's own type ("X …") gets the
 * log. */
bool upload_is_possible(const char *file_type, enum cwmp_version version);
/* Appends the file. state_dir holds the journal; NULL: there is none, and logs are empty. */
void upload_content(const struct datamodel *model, const char *state_dir, const char *file_type,
	struct buffer *out);
/* The file's type as GetAllQueuedTransfers counts them. */
const char *upload_queued_type(struct arena *arena, const char *file_type);

#endif
