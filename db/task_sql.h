/* task_sql: what the statements about tasks say of methods, in one place.
 * Private to db/. The texts are parts of SQL over a row of table task. */
#ifndef DB_TASK_SQL_H
#define DB_TASK_SQL_H

/* Sent again when their answer was lost: they only read, or doing them twice is doing them once. */
#define REPEATABLE \
	"('GetParameterValues', 'GetParameterNames', 'GetParameterAttributes', 'SetParameterValues'," \
	" 'SetParameterAttributes', 'GetRPCMethods', 'DeleteObject', 'Refresh', 'CancelTransfer'," \
	" 'GetQueuedTransfers', 'GetAllQueuedTransfers', 'GetOptions', 'ReplaceCredentials')"
/* They have a row in table transfer from the moment they are sent until the device tells how it went. */
#define TRANSFERS "('Download', 'Upload', 'ScheduleDownload', 'ChangeDUState')"
/* Task t is one that CancelTransfer's {"task"} may name: ChangeDUState transfers no file (TR-069 A.4.1.9). */
#define IS_CANCELLABLE(device, arguments) \
	"t.device_id = " device " AND t.task_id = (" arguments " ->> 'task')::bigint" \
	" AND t.method IN ('Download', 'Upload', 'ScheduleDownload')"
/* An M event with the task's CommandKey shows that these were executed, however late it comes. */
#define SHOWN_BY_EVENT "('Reboot', 'ScheduleInform')"

/* Of a task that is found by its id or device: sent, and not answered yet. As an array, so that no plan takes the
 * index of all such tasks instead, which looks cheap while there are few. */
#define IS_UNANSWERED "ARRAY[state, awaits] = '{sent,answer}'"

/* Of the tasks of device $1 that were sent: those of these rows. The device is named again so that, whatever the plan,
 * no join goes through the tasks of others. */
#define IS_SENT_AMONG(rows) \
	"task.device_id = $1 AND task.state = 'sent' AND task.task_id = " rows ".task_id"

/* Of a task that a statement has ended: what was kept while it was open. `ended` are its rows. */
#define FORGET_TRANSFER(task_id) \
	"gone AS (DELETE FROM transfer WHERE transfer.task_id = " task_id " AND EXISTS (SELECT FROM ended))"
#define FORGET_PROGRESS(task_id) \
	"progress AS (DELETE FROM task_progress p WHERE p.task_id = " task_id " AND EXISTS (SELECT FROM ended))"

/* Four times as long after each attempt; the exponent is bounded, as operators may add attempts. */
#define RETRY_AT(seconds) "now() + make_interval(secs => " seconds " * 4 ^ least(attempts - 1, 8))"

/* Of what a settling statement returns: the node that waits for the task's end, if any. */
#define AWAITED_BY ", CASE WHEN awaited_until > now() THEN awaited_by END"

/* The fault of a task that no device's fault ended; message is SQL. */
#define OWN_FAULT(message) \
	"jsonb_build_object('code', NULL, 'message', " message ", 'parameters', '[]'::jsonb)"

/* Every device has these (TR-069 A.3): one that answers 9000 to them has another trouble, and a list that has
 * not even GetRPCMethods, which was just answered, says nothing of them. */
#define REQUIRED \
	"('GetRPCMethods', 'GetParameterNames', 'GetParameterValues', 'SetParameterValues'," \
	" 'GetParameterAttributes', 'SetParameterAttributes', 'AddObject', 'DeleteObject', 'Download'," \
	" 'Reboot')"

/* Why the method is not worth sending to device d, as text; NULL when nothing speaks against it. What
 * GetRPCMethods may correct is no reason against GetRPCMethods, and Refresh is made of others. */
#define METHOD_REFUSAL(method) \
	"CASE WHEN " method " IN ('GetRPCMethods', 'Refresh', 'ReplaceCredentials') THEN NULL" \
	" WHEN " method " = ANY (d.refused_methods) THEN" \
	"  'the device has answered ' || " method " || ' with fault 9000, method not supported'" \
	" WHEN " method " <> ALL (d.methods)" \
	"  AND ('GetRPCMethods' = ANY (d.methods) OR " method " NOT IN " REQUIRED ") THEN" \
	"  'the device does not list ' || " method " || ' among its methods (GetRPCMethods)' END"

/* What a paused task was told may have changed after so long: then it begins anew. */
#define PROGRESS_LIFE "interval '7 days'"

/* The file of an Upload into our catalogue, as text; NULL when none has come for it. */
#define UPLOADED_FILE \
	"(SELECT f.name FROM file f WHERE NOT task.arguments ? 'url'" \
	"  AND f.device = (SELECT d.id FROM device d WHERE d.device_id = task.device_id)" \
	"  AND f.name = coalesce(task.arguments ->> 'file_name', 'upload-' || task.task_id)" \
	"  AND f.uploaded >= task.created)"
/* What a task's result says beyond the device's words: where an Upload into our catalogue is now. */
#define RESULT_BESIDES \
	"CASE WHEN task.method = 'Upload' THEN jsonb_build_object('file', " UPLOADED_FILE ")" \
	" ELSE '{}'::jsonb END"
/* The device tells of success, and we know better. */
#define IS_WITHOUT_FILE \
	"(CASE WHEN task.method = 'Upload' AND NOT task.arguments ? 'url' THEN " UPLOADED_FILE " IS NULL" \
	" ELSE false END)"
#define WITHOUT_FILE OWN_FAULT("'the device told of success, but no file came'")

/* A device that begins again before it was onboarded starts over: its old tasks would only repeat; but for its new
 * credentials, which stay the same until it has used them. A part of WITH, and the statement proper; `source` and `condition` narrow both to where it is wanted. */
#define CANCEL_ONBOARDING(device, source, condition) \
	"cancelled AS (UPDATE task SET state = 'cancelled', awaits = NULL, finished = now() " source \
	" WHERE task.device_id = " device " AND actor = 'onboarding' AND state = 'queued'" \
	" AND method <> 'ReplaceCredentials' " condition ")"
#define QUEUE_ONBOARDING(device, source, condition) \
	"INSERT INTO task (device_id, method, arguments, actor, sealed)" \
	" SELECT " device ", t.task ->> 'method', t.task - 'method' - 'sealed', 'onboarding'," \
	"  decode(t.task ->> 'sealed', 'base64')" \
	" FROM setting, jsonb_array_elements(value -> 'tasks') WITH ORDINALITY AS t(task, place)" source \
	" WHERE name = 'onboarding' " condition " ORDER BY t.place"

#endif
