/* transfers: Download, Upload, ScheduleDownload and ChangeDUState while the device is at them.
 * The row in table transfer goes with the statement that settles it, so that it happens once. */
#include "db/transfers.h"

#include <stdlib.h>

#include "db/task_sql.h"

int64_t transfer_task_of_key(const char *command_key)
{
	char *end;
	const long long task_id = strtoll(command_key, &end, 10);
	return *end == '.' && task_id > 0 ? task_id : 0;
}

/* A device repeats what was not acknowledged: the fault of an attempt that was settled already must not
 * end the one that followed it, which would send a third. */
static const struct db_statement complete = {
	.name = "transfers_complete",
	.sql = "WITH open AS ("
	       "  SELECT transfer.task_id, task.command_key FROM transfer JOIN task USING (task_id)"
	       "  WHERE transfer.device_id = $1 AND (task.method = 'ChangeDUState') = $8"
	       "  FOR UPDATE OF transfer),"
	       " meant AS ("
	       "  SELECT task_id FROM open WHERE CASE WHEN $2::bigint IS NULL"
	       "   THEN (SELECT count(*) FROM open) = 1"
	       "   ELSE task_id = $2 AND ($4::jsonb IS NULL OR command_key = $9) END),"
	       " doubted AS ("
	       "  UPDATE transfer SET told = now() FROM meant, device d"
	       "  WHERE $10 AND $4 IS NULL AND transfer.task_id = meant.task_id AND d.device_id = $1"
	       "   AND transfer.version IS NOT NULL AND transfer.version IS DISTINCT FROM d.software_version"
	       "  RETURNING transfer.task_id),"
	       " settled AS (SELECT task_id FROM meant WHERE task_id NOT IN (SELECT task_id FROM doubted)),"
	       " gone AS (DELETE FROM transfer USING settled WHERE transfer.task_id = settled.task_id)"
	       " UPDATE task SET awaits = NULL,"
	       "  fault = CASE WHEN $4 IS NULL AND " IS_WITHOUT_FILE " THEN " WITHOUT_FILE " ELSE $4::jsonb END,"
	       "  state = CASE WHEN $4 IS NULL AND NOT " IS_WITHOUT_FILE " THEN 'done'"
	       "   WHEN $4 IS NOT NULL AND $5 AND attempts < $7 THEN 'queued' ELSE 'failed' END,"
	       "  result = $3::jsonb || " RESULT_BESIDES ","
	       "  finished = CASE WHEN $4 IS NULL OR NOT ($5 AND attempts < $7) THEN now() END,"
	       "  retry_at = CASE WHEN $4 IS NOT NULL THEN " RETRY_AT("$6") " END"
	       " FROM settled WHERE " IS_SENT_AMONG("settled")
	       " RETURNING task.task_id, state <> 'queued', method, state" AWAITED_BY,
};

void transfers_complete(struct db_question *question, int64_t device_id, const struct transfer_end *end)
{
	struct arena *arena = question->arena;
	const int64_t task_id = transfer_task_of_key(end->command_key);
	DB_ADD(question, &complete, db_int(arena, device_id),
		*end->command_key ? db_int(arena, task_id) : db_null(), db_text(end->result),
		db_text(end->fault), db_bool(end->may_retry), db_int(arena, end->retry_seconds),
		db_int(arena, end->attempts), db_bool(end->is_du_state_change),
		db_text(end->command_key), db_bool(end->needs_version));
}

static const struct db_statement complete_by_version = {
	.name = "transfers_complete_by_version",
	.sql = "WITH gone AS ("
	       "  DELETE FROM transfer WHERE device_id = $1 AND version = $2"
	       "   AND version_before IS DISTINCT FROM $2 RETURNING task_id)"
	       " UPDATE task SET state = 'done', awaits = NULL, finished = now(),"
	       "  result = '{\"status\": 0, \"start_time\": null, \"complete_time\": null}'::jsonb"
	       " FROM gone WHERE " IS_SENT_AMONG("gone")
	       " RETURNING task.task_id, true, method, state" AWAITED_BY,
};

void transfers_complete_by_version(
	struct db_question *question, int64_t device_id, const char *software_version)
{
	DB_ADD(question, &complete_by_version, db_int(question->arena, device_id),
		db_text(software_version));
}

static const struct db_statement cancel = {
	.name = "transfers_cancel",
	.sql = "WITH gone AS ("
	       "  DELETE FROM transfer USING task WHERE transfer.device_id = $1"
	       "   AND task.task_id = transfer.task_id AND task.command_key = $2"
	       "   AND task.method <> 'ChangeDUState'"
	       "  RETURNING transfer.task_id)"
	       " UPDATE task SET state = 'failed', awaits = NULL, finished = now(),"
	       "  fault = " OWN_FAULT("'cancelled by CancelTransfer'")
	       " FROM gone WHERE " IS_SENT_AMONG("gone")
	       " RETURNING task.task_id, true, method, state" AWAITED_BY,
};

void transfers_cancel(struct db_question *question, int64_t device_id, const char *command_key)
{
	DB_ADD(question, &cancel, db_int(question->arena, device_id), db_text(command_key));
}

static const struct db_statement sweep = {
	.name = "transfers_sweep",
	.sql = "WITH gone AS (DELETE FROM transfer WHERE deadline <= now() RETURNING task_id, told)"
	       " UPDATE task SET state = 'failed', awaits = NULL, finished = now(), fault = "
	       OWN_FAULT("CASE WHEN gone.told IS NULL THEN 'outcome unknown: no ' || CASE method"
			 " WHEN 'ChangeDUState' THEN 'DUStateChangeComplete' ELSE 'TransferComplete' END"
			 " || ' came in time'"
			 " ELSE 'the device told of success, but its software version did not change in time' END")
	       " FROM gone WHERE task.task_id = gone.task_id AND task.state = 'sent'"
	       " RETURNING task.task_id, true, method, state" AWAITED_BY,
};

void transfers_sweep(struct db_question *question)
{
	db_add(question, &sweep, NULL, 0);
}

/* The newest first and then its version, so that a device that runs the newest is not sent an older one. */
static const struct db_statement answer_request = {
	.name = "transfers_answer_request",
	.sql = "WITH newest AS ("
	       "  SELECT f.name, f.version, d.software_version FROM device d JOIN file f"
	       "   ON upper(f.oui) = upper(d.oui)"
	       "   AND (f.product_class IS NULL OR f.product_class = d.product_class)"
	       "  WHERE d.device_id = $1 AND f.file_type = $2"
	       "  ORDER BY f.uploaded DESC, f.name LIMIT 1),"
	       " queued AS ("
	       "  INSERT INTO task (device_id, method, arguments, actor)"
	       "  SELECT $1, 'Download', jsonb_build_object('file', name), 'request-download'"
	       "  FROM newest WHERE version IS DISTINCT FROM software_version"
	       "   AND NOT EXISTS (SELECT FROM task WHERE task.device_id = $1"
	       "    AND task.state IN ('queued', 'sent') AND task.method = 'Download'"
	       "    AND task.arguments ->> 'file' = newest.name)"
	       "  RETURNING task_id)"
	       " SELECT task_id FROM queued",
};

void transfers_answer_request(
	struct db_question *question, int64_t device_id, const char *file_type)
{
	DB_ADD(question, &answer_request, db_int(question->arena, device_id), db_text(file_type));
}

static const struct db_statement record_fault = {
	.name = "transfers_record_fault",
	.sql = "INSERT INTO fault (device_id, task_id, method, code, message, detail)"
	       " SELECT $1, (SELECT task_id FROM task WHERE device_id = $1 AND task_id = $2),"
	       "  $3, $4, $5, told.detail"
	       " FROM (SELECT $6::jsonb || jsonb_build_object('command_key', $7::text) AS detail) AS told"
	       " WHERE $7 = '' OR NOT EXISTS (SELECT FROM (SELECT method, detail FROM fault WHERE device_id = $1"
	       "   ORDER BY fault_id DESC LIMIT 100) AS f WHERE f.method = $3 AND f.detail = told.detail)",
};

void transfers_record_fault(struct db_question *question, int64_t device_id, const char *command_key,
	const char *method, unsigned code, const char *message, const char *detail)
{
	struct arena *arena = question->arena;
	const int64_t task_id = transfer_task_of_key(command_key);
	/* Told by the device: it may be more than the column holds, and must not fail the question. */
	const int64_t stored_code = code < INT32_MAX ? code : INT32_MAX;
	DB_ADD(question, &record_fault, db_int(arena, device_id),
		task_id ? db_int(arena, task_id) : db_null(), db_text(method),
		db_int(arena, stored_code), db_text(message), db_text(detail), db_text(command_key));
}
