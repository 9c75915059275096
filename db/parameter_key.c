/* parameter_key: the ParameterKey that tells which configuration a device has (TR-069 A.3.2.1).
 * A request whose answer was lost may have set its own key: one sent since the expected one was set, or one
 * that an operator has queued again since. */
#include "db/parameter_key.h"

#include "db/task_sql.h"

static const struct db_statement expect = {
	.name = "parameter_key_expect",
	.sql = "UPDATE device SET expected_key = $2, expected_key_since = now(), expected_key_shown = false"
	       " WHERE device_id = $1",
};

void parameter_key_expect(struct db_question *question, int64_t device_id, const char *key)
{
	DB_ADD(question, &expect, db_int(question->arena, device_id), db_text(key));
}

static const struct db_statement check = {
	.name = "parameter_key_check",
	.sql = "WITH known AS ("
	       "  SELECT d.expected_key, d.expected_key = $2 OR ($2 <> '' AND EXISTS (SELECT FROM task t"
	       "    WHERE t.device_id = $1 AND (t.sent IS NULL OR t.sent >= d.expected_key_since)"
	       "    AND t.method IN ('SetParameterValues', 'AddObject', 'DeleteObject', 'ReplaceCredentials')"
	       "    AND coalesce(t.arguments ->> 'parameter_key', t.command_key) = $2)) AS is_ours"
	       "  FROM device d WHERE d.device_id = $1 AND d.expected_key IS NOT NULL),"
	       " shown AS ("
	       "  UPDATE device d SET expected_key = $2, expected_key_shown = true,"
	       "   expected_key_since = CASE WHEN d.expected_key = $2 THEN d.expected_key_since ELSE now() END"
	       "  FROM known WHERE d.device_id = $1 AND known.is_ours"
	       "   AND (d.expected_key <> $2 OR NOT d.expected_key_shown)),"
	       " lost AS ("
	       "  UPDATE device d SET expected_key = NULL, expected_key_since = NULL, expected_key_shown = false"
	       "  FROM known WHERE d.device_id = $1 AND NOT known.is_ours AND d.expected_key_shown"
	       "  RETURNING known.expected_key),"
	       " told AS ("
	       "  INSERT INTO event (device_id, kind, detail) SELECT $1, 'configuration lost',"
	       "   jsonb_build_object('parameter_key', $2::text, 'expected', expected_key) FROM lost),"
	       " " CANCEL_ONBOARDING("$1", "FROM lost", "AND $3")
	       " " QUEUE_ONBOARDING("$1", ", lost", "AND $3"),
};

void parameter_key_check(
	struct db_question *question, int64_t device_id, const char *shown, bool is_reprovisioned)
{
	DB_ADD(question, &check, db_int(question->arena, device_id), db_text(shown),
		db_bool(is_reprovisioned));
}
