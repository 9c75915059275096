/* session_log: the record of CWMP sessions that are over, in partitions of a day each. */
#ifndef DB_SESSION_LOG_H
#define DB_SESSION_LOG_H

#include "db/db.h"

/* A session that is over. Texts must be storable; source_address may be NULL. */
struct session_log_row {
	int64_t device_id;
	int64_t since_begun_us, since_ended_us; /* as of now: the times are the database's */
	int64_t bytes_in, bytes_out, turns, requests, faults;
	const char *source_address, *session;
	const char *events; /* codes of its Inform, one on each line */
	const char *outcome;
};

/* Commits lazily. is_repeat: the answer to an earlier question with these rows was lost. */
void session_log_add(struct db_question *question, const char *node,
	const struct session_log_row *rows, size_t count, bool is_repeat);
/* Partitions of the days to come, and none older than days (0: all stay); by one caller at a time. */
void session_log_keep(struct db_question *question, unsigned days);
/* The device's, latest first. Rows: JSON text, cursor. after: "" for the first page. */
void session_log_list(
	struct db_question *question, int64_t device_id, const char *after, unsigned limit);

#endif
