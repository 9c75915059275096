/* queue: what sessions do with tasks: claim the next, settle what was sent.
 * Every statement checks the state that it leaves, so that a task changes once whoever comes first. */
#include "db/queue.h"

#include <stdlib.h>
#include <string.h>

#include "db/path_sql.h"
#include "db/task_sql.h"
#include "db/transfers.h"

/* In order, one at a time: the oldest task whose time has come; if it waits for its retry, none. */
static const struct db_statement claim = {
	.name = "queue_claim",
	.sql = "WITH head AS ("
	       "  SELECT task_id, retry_at, session_epoch FROM task"
	       "  WHERE device_id = $1 AND state = 'queued'"
	       "   AND (not_before IS NULL OR not_before <= now())"
	       "   AND (expires IS NULL OR expires > now())"
	       "   AND EXISTS (SELECT FROM device WHERE device_id = $1 AND admission = 'active')"
	       "  ORDER BY task_id LIMIT 1 FOR UPDATE),"
	       " claimed AS ("
	       "  UPDATE task SET state = 'sent', awaits = 'answer', attempts = attempts + 1,"
	       "   sent = now(), session_epoch = $2, retry_at = NULL, fault = NULL,"
	       "   command_key = task.task_id || '.' || (attempts + 1)"
	       "  FROM head WHERE task.task_id = head.task_id"
	       "   AND (head.retry_at IS NULL OR head.retry_at <= now())"
	       "   AND EXISTS (SELECT FROM device_live WHERE device_id = $1 AND session_epoch = $2)"
	       "  RETURNING task.*, head.session_epoch IS NOT NULL AS is_repeat),"
	       " reopened AS ("
	       "  UPDATE credential SET reopened_until = now() + interval '24 hours' FROM claimed"
	       "  WHERE claimed.method = 'FactoryReset' AND credential.device_id = $1"
	       "   AND credential.username IS NOT NULL),"
	       " begun AS ("
	       "  INSERT INTO transfer AS t (device_id, task_id, file_name, version, version_before, deadline)"
	       "  SELECT $1, c.task_id, f.name, CASE WHEN f.kind = 'firmware' THEN f.version END,"
	       "   d.software_version,"
	       "   now() + make_interval(secs =>"
	       "    $3 + coalesce((c.arguments ->> 'delay_seconds')::bigint, (SELECT"
	       "     max((w ->> 'end')::bigint) FROM jsonb_array_elements(c.arguments -> 'windows') w), 0))"
	       "  FROM claimed c JOIN device d ON d.device_id = $1"
	       "  LEFT JOIN file f ON f.name = c.arguments ->> 'file'"
	       "  WHERE c.method IN " TRANSFERS
	       "  ON CONFLICT (device_id, task_id) DO UPDATE SET deadline = excluded.deadline,"
	       "   file_name = excluded.file_name, version = excluded.version,"
	       "   version_before = excluded.version_before)"
	       " SELECT c.task_id, c.method, c.arguments, c.command_key, c.attempts,"
	       "  CASE WHEN c.method = 'SetParameterValues' THEN"
	       "   (SELECT jsonb_object_agg(e ->> 'name', p.type)"
	       "    FROM jsonb_array_elements(c.arguments -> 'parameters') e"
	       "    JOIN " PATH_OF_NAME("e ->> 'name'") " ON true"
	       "    JOIN parameter p ON p.device_id = $1 AND p.path_id = path.path_id"
	       "    WHERE p.type IS NOT NULL) END,"
	       "  (SELECT jsonb_build_object('file_type', f.file_type, 'size', f.size)"
	       "   FROM file f WHERE f.name = c.arguments ->> 'file'),"
	       "  d.root, d.refresh_batch, c.actor = 'onboarding', c.is_repeat, " METHOD_REFUSAL("c.method")
	       "  , CASE WHEN c.method = 'CancelTransfer' THEN (SELECT t.command_key FROM task t"
	       "    WHERE " IS_CANCELLABLE("$1", "c.arguments") ") END,"
	       "  (SELECT p.progress FROM task_progress p WHERE p.task_id = c.task_id"
	       "   AND p.at > now() - " PROGRESS_LIFE "), n.next_username, n.next_password, c.sealed"
	       " FROM claimed c JOIN device d ON d.device_id = $1"
	       " LEFT JOIN credential n ON n.device_id = $1 AND c.method = 'ReplaceCredentials'",
};

void queue_claim(
	struct db_question *question, int64_t device_id, int64_t epoch, unsigned transfer_seconds)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &claim, db_int(arena, device_id), db_int(arena, epoch),
		db_int(arena, transfer_seconds));
}

const char *queue_place(struct arena *arena, int64_t device_id, const char *method)
{
	return arena_printf(arena, "task %lld %s", (long long)device_id, method);
}

bool queue_task_read(struct arena *arena, const struct db_rows *rows, struct queue_task *out)
{
	if (db_row_count(rows) == 0)
		return false;
	*out = (struct queue_task){
		.task_id = db_get_int(rows, 0, 0),
		.method = db_get_text(rows, 0, 1),
		.arguments = db_get_text(rows, 0, 2),
		.command_key = db_get_text(rows, 0, 3),
		.attempts = (unsigned)db_get_int(rows, 0, 4),
		.types = db_get_text(rows, 0, 5),
		.file = db_get_text(rows, 0, 6),
		.root = db_get_text(rows, 0, 7),
		.refresh_batch = (unsigned)db_get_int(rows, 0, 8),
		.is_onboarding = db_get_bool(rows, 0, 9),
		.is_repeat = db_get_bool(rows, 0, 10),
		.refusal = db_get_text(rows, 0, 11),
		.cancelled_key = db_get_text(rows, 0, 12),
		.progress = db_get_text(rows, 0, 13),
		.next_username = db_get_text(rows, 0, 14),
	};
	out->next_password.bytes = db_get_bytea(arena, rows, 0, 15, &out->next_password.length);
	out->sealed = db_get_bytea(arena, rows, 0, 16, &out->sealed_length);
	return true;
}

static const struct db_statement finish = {
	.name = "queue_finish",
	.sql = "WITH ended AS ("
	       "  UPDATE task SET awaits = NULL, finished = now(), result = $4::jsonb || " RESULT_BESIDES ","
	       "   state = CASE WHEN $3 AND NOT " IS_WITHOUT_FILE " THEN 'done' ELSE 'failed' END,"
	       "   fault = CASE WHEN $3 AND " IS_WITHOUT_FILE " THEN " WITHOUT_FILE " ELSE $5::jsonb END"
	       "  WHERE task_id = $1 AND " IS_UNANSWERED " AND session_epoch = $2"
	       "  RETURNING task_id, true, method, state" AWAITED_BY "),"
	       " " FORGET_TRANSFER("$1") ", " FORGET_PROGRESS("$1") " SELECT * FROM ended",
};

void queue_finish(struct db_question *question, int64_t task_id, int64_t epoch, bool is_done,
	const char *result, const char *fault)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &finish, db_int(arena, task_id), db_int(arena, epoch), db_bool(is_done),
		db_text(result), db_text(fault));
}

static const struct db_statement retry = {
	.name = "queue_retry",
	.sql = "WITH ended AS ("
	       "  UPDATE task SET awaits = NULL, fault = $3::jsonb, session_epoch = NULL,"
	       "   state = CASE WHEN attempts < $5 THEN 'queued' ELSE 'failed' END,"
	       "   finished = CASE WHEN attempts < $5 THEN NULL ELSE now() END,"
	       "   retry_at = " RETRY_AT(
		       "$4") "  WHERE task_id = $1 AND " IS_UNANSWERED " AND session_epoch = $2"
			     "  RETURNING task_id, state = 'failed', method, state" AWAITED_BY "),"
			     " " FORGET_TRANSFER("$1") ", " FORGET_PROGRESS("$1") " SELECT * FROM ended",
};

void queue_retry(struct db_question *question, int64_t task_id, int64_t epoch, const char *fault,
	unsigned retry_seconds, unsigned attempts)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &retry, db_int(arena, task_id), db_int(arena, epoch), db_text(fault),
		db_int(arena, retry_seconds), db_int(arena, attempts));
}

static const struct db_statement await_transfer = {
	.name = "queue_await_transfer",
	.sql = "UPDATE task SET awaits = 'transfer'"
	       " WHERE task_id = $1 AND " IS_UNANSWERED " AND session_epoch = $2",
};

void queue_await_transfer(struct db_question *question, int64_t task_id, int64_t epoch)
{
	DB_ADD(question, &await_transfer, db_int(question->arena, task_id),
		db_int(question->arena, epoch));
}

/* Losing a session is often not the task's fault, so it may be lost more often than it may fail. */
#define IS_WORN_OUT(attempts_allowed) "attempts >= 4 * " attempts_allowed "::bigint"
#define WORN_OUT OWN_FAULT("'no answer: the session broke off at every attempt'")
#define UNKNOWN_LOST OWN_FAULT("'outcome unknown: the answer was lost with its session'")

/* A device that was given a ParameterKey and has not shown it since shows nothing by another one. */
#define SHOWS_NO_KEYS(shown) \
	"EXISTS (SELECT FROM device d WHERE d.device_id = $1 AND d.expected_key <> " shown \
	" AND NOT d.expected_key_shown)"

/* What a lost answer means, method by method: what may be repeated is; a transfer is waited for; the rest
 * happened if the device shows it, else nobody knows. */
static const struct db_statement settle_lost = {
	.name = "queue_settle_lost",
	.sql = "WITH lost AS ("
	       "  SELECT task_id, CASE"
	       "    WHEN method IN " TRANSFERS " THEN 'transfer'"
	       "    WHEN method = 'AddObject' AND $3 = command_key THEN 'done'"
	       "    WHEN method = 'AddObject' AND ($3 IS NULL OR " SHOWS_NO_KEYS("$3") ") THEN 'unknown'"
	       "    WHEN method IN " REPEATABLE " OR method = 'AddObject' THEN"
	       "     CASE WHEN " IS_WORN_OUT("$5") " THEN 'worn out' ELSE 'repeat' END"
	       "    WHEN method = 'FactoryReset' AND $4 THEN 'done'"
	       "    WHEN command_key = ANY ($2::text[]) THEN 'done'"
	       "    ELSE 'unknown' END AS fate"
	       "  FROM task WHERE device_id = $1 AND state = 'sent' AND " IS_UNANSWERED " FOR UPDATE)"
	       " UPDATE task SET"
	       "  state = CASE fate WHEN 'transfer' THEN 'sent' WHEN 'repeat' THEN 'queued'"
	       "   WHEN 'done' THEN 'done' ELSE 'failed' END,"
	       "  awaits = CASE fate WHEN 'transfer' THEN 'transfer' END,"
	       "  finished = CASE WHEN fate IN ('transfer', 'repeat') THEN NULL ELSE now() END,"
	       "  result = CASE WHEN fate <> 'done' THEN NULL WHEN method = 'AddObject'"
	       "   THEN '{\"instance_number\": null, \"status\": 0}'::jsonb ELSE '{}'::jsonb END,"
	       "  fault = CASE fate"
	       "   WHEN 'worn out' THEN " WORN_OUT "   WHEN 'unknown' THEN " UNKNOWN_LOST " END"
	       " FROM lost WHERE " IS_SENT_AMONG("lost")
	       " RETURNING task.task_id, fate NOT IN ('transfer', 'repeat'), method, state" AWAITED_BY,
};

/* A device may inform once more before it reboots; what its next Inform shows then is still true. A BOOTSTRAP tells not
 * which FactoryReset it comes from, so those stay unknown. */
static const struct db_statement settle_late = {
	.name = "queue_settle_late",
	.sql = "UPDATE task SET state = 'done', finished = now(), fault = NULL, result = '{}'::jsonb"
	       " WHERE device_id = $1 AND state = 'failed' AND method IN " SHOWN_BY_EVENT
	       " AND command_key = ANY ($2::text[])"
	       " AND starts_with(fault ->> 'message', 'outcome unknown')"
	       " RETURNING task_id, true, method, state" AWAITED_BY,
};

void queue_settle_late(
	struct db_question *question, int64_t device_id, const struct queue_evidence *evidence)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &settle_late, db_int(arena, device_id),
		db_text_array(arena, evidence->command_keys, evidence->command_key_count));
}

void queue_settle_lost(
	struct db_question *question, int64_t device_id, const struct queue_evidence *evidence)
{
	struct arena *arena = question->arena;
	DB_ADD(question, &settle_lost, db_int(arena, device_id),
		db_text_array(arena, evidence->command_keys, evidence->command_key_count),
		db_text(evidence->parameter_key), db_bool(evidence->is_bootstrap),
		db_int(arena, evidence->attempts));
}

static const struct db_statement expire = {
	.name = "queue_expire",
	.sql = "UPDATE task SET state = 'expired', finished = now()"
	       " WHERE state = 'queued' AND expires <= now()"
	       " RETURNING task_id, true, method, state" AWAITED_BY,
};

static const struct db_statement requeue = {
	.name = "queue_requeue",
	.sql = "UPDATE task SET awaits = NULL,"
	       "  state = CASE WHEN " IS_WORN_OUT("$2") " THEN 'failed' ELSE 'queued' END,"
	       "  finished = CASE WHEN " IS_WORN_OUT("$2") " THEN now() END,"
	       "  fault = CASE WHEN " IS_WORN_OUT("$2") " THEN " WORN_OUT " END"
	       " WHERE state = 'sent' AND awaits = 'answer' AND method IN " REPEATABLE
	       " AND sent < now() - make_interval(secs => $1)"
	       " RETURNING task_id, state = 'failed', method, state" AWAITED_BY,
};

/* A device that never came back to show whether it did it. */
static const struct db_statement give_up = {
	.name = "queue_give_up",
	.sql = "UPDATE task SET state = 'failed', awaits = NULL, finished = now(), fault = " UNKNOWN_LOST
	       " WHERE state = 'sent' AND awaits = 'answer' AND method NOT IN " REPEATABLE
	       " AND method NOT IN " TRANSFERS " AND sent < now() - make_interval(secs => $1)"
	       " RETURNING task_id, true, method, state" AWAITED_BY,
};

void queue_sweep(struct db_question *question, unsigned session_seconds, unsigned transfer_seconds,
	unsigned attempts)
{
	db_add(question, &expire, NULL, 0);
	transfers_sweep(question);
	DB_ADD(question, &requeue, db_int(question->arena, session_seconds),
		db_int(question->arena, attempts));
	DB_ADD(question, &give_up, db_int(question->arena, session_seconds + transfer_seconds));
}

/* Each node's share of those that nobody has called for this retry. What could not be called for minutes has
 * waited for so long that the device's own Inform may do. */
static const struct db_statement call_for_retries = {
	.name = "queue_call_for_retries",
	.sql = "WITH due AS ("
	       "  SELECT task_id FROM task JOIN device d USING (device_id)"
	       "  WHERE state = 'queued' AND retry_at IS NOT NULL AND (called IS NULL OR called < retry_at)"
	       "   AND retry_at BETWEEN now() - interval '5 minutes' AND now()"
	       "   AND (expires IS NULL OR expires > now()) AND d.connection_request_url <> ''"
	       "  ORDER BY retry_at LIMIT $1 FOR UPDATE OF task SKIP LOCKED),"
	       " called AS ("
	       "  UPDATE task SET called = now() FROM due WHERE task.task_id = due.task_id"
	       "  RETURNING task.device_id)"
	       " SELECT DISTINCT device_id FROM called",
};

void queue_call_for_retries(struct db_question *question, unsigned most)
{
	DB_ADD(question, &call_for_retries, db_int(question->arena, most));
}

bool queue_settled_read(const struct db_rows *rows, size_t row, struct queue_settled *out)
{
	*out = (struct queue_settled){
		.task_id = db_get_int(rows, row, 0),
		.method = db_get_text(rows, row, 2),
		.state = db_get_text(rows, row, 3),
		.awaited_by = db_get_int(rows, row, 4),
	};
	return db_get_bool(rows, row, 1);
}

static const struct db_statement record_fault = {
	.name = "queue_record_fault",
	.sql = "INSERT INTO fault (device_id, task_id, method, code, message, detail)"
	       " VALUES ($1, (SELECT task_id FROM task WHERE device_id = $1 AND task_id = $2),"
	       "  $3, $4, $5, $6::jsonb)",
};

void queue_record_fault(struct db_question *question, int64_t device_id, int64_t task_id,
	const char *method, unsigned code, const char *message, const char *detail)
{
	struct arena *arena = question->arena;
	/* Told by the device: it may be more than the column holds, and must not fail the question. */
	const int64_t stored_code = code < INT32_MAX ? code : INT32_MAX;
	DB_ADD(question, &record_fault, db_int(arena, device_id),
		task_id ? db_int(arena, task_id) : db_null(), db_text(method),
		db_int(arena, stored_code), db_text(message), db_text(detail));
}
