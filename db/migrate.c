/* migrate: brings a database to this program's schema, forward only.
 * What was applied is in the table schema_migration: name and SHA-256 of each file, and the oldest server that can
 * live with it, so that old and new servers run side by side while one follows the other. */
#include "db/migrate.h"

#include <stdio.h>
#include <string.h>

#include <libpq-fe.h>

#include "base/crypto.h"
#include "db/migration_files.h"
#include "db/why.h"

/* Any number that nobody else uses: "acs-migr" in ASCII. Held by the session, so it goes with it. */
#define LOCK_SQL "SELECT pg_advisory_lock(7017289204263808882)"

enum { NUMBER_SIZE = sizeof("0001") };

static void ignore_notice(void *arg, const PGresult *notice)
{
	(void)arg, (void)notice;
}

static PGconn *connect_to(const char *url, const struct why *why)
{
	static const char *const keys[] = { "dbname", "client_encoding",
		"fallback_application_name", NULL };
	const char *const values[] = { url, "UTF8", "acs-migrate", NULL };
	PGconn *pg = PQconnectdbParams(keys, values, 1);
	if (PQstatus(pg) == CONNECTION_OK) {
		PQsetNoticeReceiver(pg, ignore_notice, NULL);
		return pg;
	}
	why_not(why, "cannot connect to the database: %s", PQerrorMessage(pg));
	PQfinish(pg);
	return NULL;
}

static bool succeeded(PGresult *result)
{
	const ExecStatusType status = PQresultStatus(result);
	PQclear(result);
	return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
}

static bool run(PGconn *pg, const char *sql, const struct why *why)
{
	return succeeded(PQexec(pg, sql)) || why_not(why, "%s", PQerrorMessage(pg));
}

/* Row of the file in what was applied, -1 when it is missing. */
static int row_of(const PGresult *applied, const char *name)
{
	for (int row = 0; row < PQntuples(applied); row++)
		if (strcmp(PQgetvalue(applied, row, 0), name) == 0)
			return row;
	return -1;
}

static bool is_ours(const char *name)
{
	for (size_t i = 0; i < migration_files_count; i++)
		if (strcmp(migration_files[i].name, name) == 0)
			return true;
	return false;
}

/* A file that we do not know only adds if the oldest server that it lives with ("0006") is not newer than we are. */
static bool can_live_with(const PGresult *applied, int row)
{
	const char *oldest = PQgetvalue(applied, row, 2);
	const char *newest_of_ours = migration_files[migration_files_count - 1].name;
	return *oldest && strncmp(newest_of_ours, oldest, strlen(oldest)) >= 0;
}

/* Nothing that we cannot live with, and what we know unchanged. */
static bool is_compatible(const PGresult *applied, const struct why *why)
{
	for (int row = 0; row < PQntuples(applied); row++)
		if (!is_ours(PQgetvalue(applied, row, 0)) && !can_live_with(applied, row))
			return why_not(why, "the database is newer than this program: it has %s",
				PQgetvalue(applied, row, 0));
	for (size_t i = 0; i < migration_files_count; i++) {
		const struct migration_file *file = &migration_files[i];
		const int row = row_of(applied, file->name);
		char hash[SHA256_HEX_BYTES];
		sha256_hex(file->sql, file->length, hash);
		if (row >= 0 && strcmp(PQgetvalue(applied, row, 1), hash) != 0)
			return why_not(
				why, "%s is not what was applied to the database", file->name);
	}
	return true;
}

#define UNDEFINED_TABLE "42P01"

/* What was applied; NULL when it cannot be read or does not go with this program. The table may be older than its
 * column oldest_server. */
static PGresult *read_applied(PGconn *pg, const struct why *why)
{
	PGresult *applied = PQexec(pg,
		"SELECT name, sha256, to_jsonb(m) ->> 'oldest_server' FROM schema_migration m ORDER BY name");
	const char *sqlstate = PQresultErrorField(applied, PG_DIAG_SQLSTATE);
	bool ok;
	if (PQresultStatus(applied) == PGRES_TUPLES_OK)
		ok = is_compatible(applied, why);
	else if (sqlstate && strcmp(sqlstate, UNDEFINED_TABLE) == 0)
		ok = why_not(why, "the database has no schema yet: run migrate");
	else
		ok = why_not(why, "%s", PQerrorMessage(pg));
	if (ok)
		return applied;
	PQclear(applied);
	return NULL;
}

/* As the file says in a line of its own; one that says nothing lives with those only that know it. */
static void read_oldest_server(const struct migration_file *file, char oldest[NUMBER_SIZE])
{
	static const char mark[] = "\n-- Oldest server: ";
	const char *line = strstr(file->sql, mark);
	snprintf(oldest, NUMBER_SIZE, "%s", line ? line + strlen(mark) : file->name);
}

static bool record(PGconn *pg, const struct migration_file *file)
{
	char hash[SHA256_HEX_BYTES], oldest[NUMBER_SIZE];
	sha256_hex(file->sql, file->length, hash);
	read_oldest_server(file, oldest);
	const char *const values[] = { file->name, hash, oldest };
	return succeeded(PQexecParams(pg,
		"INSERT INTO schema_migration (name, sha256, oldest_server) VALUES ($1, $2, $3)", 3,
		NULL, values, NULL, NULL, 0));
}

static bool apply(PGconn *pg, const struct migration_file *file, const struct why *why)
{
	if (succeeded(PQexec(pg, "BEGIN")) && succeeded(PQexec(pg, file->sql)) &&
		record(pg, file) && succeeded(PQexec(pg, "COMMIT")))
		return true;
	return why_not(why, "%s: %s", file->name, PQerrorMessage(pg));
}

static bool apply_missing(PGconn *pg, void (*on_applied)(const char *name, void *arg), void *arg,
	const struct why *why)
{
	PGresult *applied = read_applied(pg, why);
	bool ok = applied != NULL;
	for (size_t i = 0; ok && i < migration_files_count; i++) {
		const struct migration_file *file = &migration_files[i];
		if (row_of(applied, file->name) >= 0)
			continue;
		ok = apply(pg, file, why);
		if (ok && on_applied)
			on_applied(file->name, arg);
	}
	PQclear(applied);
	return ok;
}

bool db_migrate(const char *url, void (*on_applied)(const char *name, void *arg), void *arg,
	char *text, size_t text_size)
{
	const struct why why = { text, text_size };
	PGconn *pg = connect_to(url, &why);
	if (!pg)
		return false;
	const bool ok =
		run(pg, "SET statement_timeout = 0", &why) && run(pg, LOCK_SQL, &why) &&
		run(pg,
			"CREATE TABLE IF NOT EXISTS schema_migration (name text PRIMARY KEY,"
			" sha256 text NOT NULL, applied timestamptz NOT NULL DEFAULT now())",
			&why) &&
		run(pg, "ALTER TABLE schema_migration ADD COLUMN IF NOT EXISTS oldest_server text",
			&why) &&
		/* Servers wait behind us for what we wait for: better to be told and to run again. */
		run(pg, "SET lock_timeout = '3s'", &why) &&
		apply_missing(pg, on_applied, arg, &why);
	PQfinish(pg);
	return ok;
}

bool db_schema_is_current(const char *url, char *text, size_t text_size)
{
	const struct why why = { text, text_size };
	PGconn *pg = connect_to(url, &why);
	if (!pg)
		return false;
	PGresult *applied = read_applied(pg, &why);
	bool ok = applied != NULL;
	for (size_t i = 0; ok && i < migration_files_count; i++)
		if (row_of(applied, migration_files[i].name) < 0)
			ok = why_not(&why, "%s has not been applied to the database: run migrate",
				migration_files[i].name);
	PQclear(applied);
	PQfinish(pg);
	return ok;
}
