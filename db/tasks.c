/* tasks: what operators do with tasks.
 * Each change is one statement that checks the state it leaves, so that a session cannot come between. */
#include "db/tasks.h"

#include "db/task_sql.h"

/* As it is stored: what is secret in it is for rpc/secrets.h to hide. */
#define TASK_JSON \
	"json_build_object('id', t.task_id::text, 'device', d.id, 'method', t.method," \
	" 'arguments', t.arguments, 'state', t.state, 'attempts', t.attempts," \
	" 'command_key', t.command_key, 'created', " DB_TIME("t.created") ", 'not_before', " \
	DB_TIME("t.not_before") ", 'expires', " DB_TIME("t.expires") ", 'sent', " DB_TIME("t.sent") "," \
	" 'finished', " DB_TIME("t.finished") ", 'result', t.result, 'fault', t.fault, 'actor', t.actor)"

/* What this device cannot be asked fails here, before anybody waits for it; queue_claim looks again, since
 * the device may have told more by then. Versions are one digit each, so texts compare as numbers do. */
#define REFUSAL \
	"CASE WHEN d.cwmp_version < $9 THEN" \
	"  $2::text || ' needs CWMP ' || $9 || ', the device speaks ' || d.cwmp_version" \
	" ELSE " METHOD_REFUSAL("$2::text") " END"

static const struct db_statement add = {
	.name = "tasks_add",
	.sql = "WITH d AS (SELECT device_id, id, " REFUSAL " AS refusal FROM device d WHERE device_id = $1),"
	       " verdict AS (SELECT CASE"
	       "   WHEN NOT EXISTS (SELECT FROM d) THEN 'no-device'"
	       "   WHEN $7::text IS NOT NULL AND NOT EXISTS (SELECT FROM file f WHERE f.name = $7"
	       "    AND ($14 OR f.device IS NULL OR f.device = (SELECT id FROM d))) THEN 'no-file'"
	       "   WHEN $2 = 'CancelTransfer' AND $3::jsonb ? 'task' AND NOT EXISTS (SELECT FROM task t"
	       "    WHERE " IS_CANCELLABLE("$1", "$3::jsonb") ") THEN 'no-transfer'"
	       "   WHEN $2 = 'Upload' AND EXISTS (SELECT FROM file f, d WHERE f.name = $3::jsonb ->> 'file_name'"
	       "    AND f.device IS DISTINCT FROM d.id) THEN 'name-taken'"
	       "   WHEN (SELECT count(*) FROM task WHERE device_id = $1 AND state IN ('queued', 'sent')) >= $8"
	       "    THEN 'queue-full' ELSE 'queued' END AS outcome),"
	       " t AS (INSERT INTO task (device_id, method, arguments, actor, expires, not_before, state,"
	       "   finished, fault, awaited_by, awaited_until, sealed)"
	       "  SELECT $1, $2, $3::jsonb, $4,"
	       "   CASE WHEN $5::bigint >= 0 THEN now() + make_interval(secs => $5) END, $6::timestamptz,"
	       "   CASE WHEN refusal IS NULL THEN 'queued' ELSE 'failed' END,"
	       "   CASE WHEN refusal IS NOT NULL THEN now() END,"
	       "   CASE WHEN refusal IS NOT NULL THEN " OWN_FAULT("refusal") " END,"
	       "   CASE WHEN $11::bigint > 0 THEN $10::bigint END,"
	       "   CASE WHEN $11::bigint > 0 THEN now() + make_interval(secs => $11) END, $15::bytea"
	       "  FROM verdict, d WHERE outcome = 'queued' RETURNING *),"
	       " audited AS (INSERT INTO audit (actor, action, target, address, device, detail)"
	       "  SELECT $4, $12, d.id, ($13::text[])[2]::inet, d.id,"
	       "   jsonb_build_object('task', t.task_id::text, 'method', t.method) FROM t, d)"
	       " SELECT v.outcome, " TASK_JSON ", t.task_id"
	       " FROM verdict v LEFT JOIN t ON true LEFT JOIN d ON true",
};

void tasks_add(struct db_question *question, const struct task_new *task)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &add, db_int(arena, task->device_id), db_text(task->method),
		db_text(task->arguments), db_text(task->note->actor), db_int(arena, task->expires_in),
		db_text(task->not_before), db_text(task->file), db_int(arena, task->queue_limit),
		db_text(task->needs_version), db_int(arena, task->awaited_by),
		db_int(arena, task->awaited_seconds), db_text(task->note->action),
		audit_where(arena, task->note), db_bool(task->may_take_files_of_others),
		task->sealed ? db_bytea(task->sealed, task->sealed_length) : db_null());
}

static const struct db_statement get = {
	.name = "tasks_get",
	.sql = "SELECT " TASK_JSON ", t.device_id, t.state NOT IN ('queued', 'sent')"
	       " FROM task t JOIN device d USING (device_id) WHERE t.task_id = $1",
};

void tasks_get(struct db_question *question, int64_t task_id)
{
	DB_ADD(question, &get, db_int(question->arena, task_id));
}

#define LIST(indexed) \
	"SELECT " TASK_JSON ", t.task_id FROM task t JOIN device d USING (device_id)" \
	" WHERE " indexed " AND ($1::bigint = -1 OR t.device_id = $1)" \
	" AND ($2::text IS NULL OR t.state = $2) AND t.task_id < $3 AND" IN_SCOPE("$5", "$6") \
	" ORDER BY t.task_id DESC LIMIT $4"

static const struct db_statement list_of_device = {
	.name = "tasks_list_of_device",
	.sql = LIST("t.device_id = $1"),
};
static const struct db_statement list_of_state = {
	.name = "tasks_list_of_state",
	.sql = LIST("t.state = $2"),
};
static const struct db_statement list_all = {
	.name = "tasks_list_all",
	.sql = LIST("true"),
};

void tasks_list(struct db_question *question, const struct device_scope *scope, int64_t device_id,
	const char *state, int64_t before, unsigned limit)
{
	struct arena *arena = question->arena;
	const struct db_statement *of_any_device = state ? &list_of_state : &list_all;
	DB_ADD(question, device_id >= 0 ? &list_of_device : of_any_device, db_int(arena, device_id),
		db_text(state), db_int(arena, before), db_int(arena, limit), SCOPE_VALUES(scope));
}

static const struct db_statement ended = {
	.name = "tasks_ended",
	.sql = "SELECT task_id FROM task WHERE task_id = ANY ($1) AND state NOT IN ('queued', 'sent')",
};

void tasks_ended(struct db_question *question, const int64_t *task_ids, size_t count)
{
	DB_ADD(question, &ended, db_int_array(question->arena, task_ids, count));
}

#define DEVICE_OF(task) "(SELECT id FROM device WHERE device_id = " task ".device_id)"
/* The row as it became, or as it is when nothing changed. */
#define CHANGED_OR_NOT \
	" SELECT true, " TASK_JSON ", t.device_id" AWAITED_BY " FROM changed t JOIN device d USING (device_id)" \
	" UNION ALL SELECT false, " TASK_JSON ", t.device_id, NULL FROM task t JOIN device d USING (device_id)" \
	" WHERE t.task_id = $4 AND NOT EXISTS (SELECT FROM changed)"

static const struct db_statement cancel = {
	.name = "tasks_cancel",
	.sql = "WITH changed AS (UPDATE task SET state = 'cancelled', finished = now(), retry_at = NULL"
	       "  WHERE task_id = $4 AND state = 'queued' RETURNING *),"
	       AUDITED_ON("changed", DEVICE_OF("changed"), "jsonb_build_object('method', method)")
	       CHANGED_OR_NOT,
};

void tasks_cancel(struct db_question *question, const struct audit_note *note, int64_t task_id)
{
	DB_ADD(question, &cancel, AUDIT_VALUES(question->arena, note), db_int(question->arena, task_id));
}

/* Attempts count on, so that every attempt has a CommandKey of its own. Without the epoch of its last
 * session the next attempt is no repetition of a lost one. */
static const struct db_statement retry = {
	.name = "tasks_retry",
	.sql = "WITH changed AS (UPDATE task SET state = 'queued', retry_at = NULL, not_before = NULL,"
	       "   expires = CASE WHEN $5::bigint >= 0 THEN now() + make_interval(secs => $5) END,"
	       "   sent = NULL, finished = NULL, result = NULL, fault = NULL, session_epoch = NULL"
	       "  WHERE task_id = $4 AND state IN ('failed', 'expired', 'cancelled') RETURNING *),"
	       AUDITED_ON("changed", DEVICE_OF("changed"), "jsonb_build_object('method', method)")
	       CHANGED_OR_NOT,
};

void tasks_retry(struct db_question *question, const struct audit_note *note, int64_t task_id,
	int64_t expires_in)
{
	DB_ADD(question, &retry, AUDIT_VALUES(question->arena, note), db_int(question->arena, task_id),
		db_int(question->arena, expires_in));
}
