/* Plans: a connection plans each statement once, so one made while tables are nearly empty has to do when they are full.
 * Statements are explained as the session's own connection has them prepared. */
#include "device.h"

#define ROOT "InternetGatewayDevice."

/* One that sets nothing aside: SetParameterValues, GetParameterNames, GetParameterValues, and the end. */
static void onboard(struct device *d)
{
	inform(d, .event = "0 BOOTSTRAP");
	assert_int_equal(empty(d)->method, CWMP_SET_PARAMETER_VALUES);
	assert_int_equal(respond_status(d, 0)->method, CWMP_GET_PARAMETER_NAMES);
	respond_names(d, NAMES({ ROOT "X.", false }, { ROOT "X.a", true }));
	assert_null(respond_values(d, VALUES({ ROOT "X.a", "v", "xsd:string" })));
	assert_text(tasks_of(d), "SetParameterValues:done Refresh:done");
}

/* What PostgreSQL would do now is then what it does with a row or two in each table. */
static void analyze(void)
{
	static const struct db_statement statement = { "lab_analyze", "ANALYZE" };
	lab_ask(lab_question(&statement, NULL, 0));
}

static void make_explainer(void)
{
	static const struct db_statement statement = {
		.name = "lab_explainer",
		.sql = "CREATE FUNCTION plan_of(statement text, parameters integer) RETURNS text"
		       " LANGUAGE plpgsql AS $$ DECLARE line text; plan text := ''; BEGIN"
		       "  FOR line IN EXECUTE format('EXPLAIN (COSTS off) EXECUTE %I (%s)', statement,"
		       "   concat_ws(',', VARIADIC array_fill('NULL'::text, ARRAY[parameters]))) LOOP"
		       "   plan := plan || line || E'\\n'; END LOOP; RETURN plan; END $$",
	};
	lab_ask(lab_question(&statement, NULL, 0));
}

/* Tables that grow with devices, and a look at one of them that is narrowed down by no condition of an index. */
#define READS_A_TABLE_WHOLE \
	"'(?:Seq Scan|Index Scan|Index Only Scan)[^\\n]* on" \
	" (?:device|device_live|credential|path|parameter|task|task_progress|transfer|event|fault)\\M" \
	"[^\\n]*\\n(?!\\s*Index Cond)'"

static void test_no_statement_of_a_session_reads_a_table_whole(void **state)
{
	static const struct db_statement guilty = {
		.name = "lab_guilty",
		.sql = "SELECT count(*), string_agg(name || ': ' || substring(plan FROM " READS_A_TABLE_WHOLE "), ' ')"
		       " FROM (SELECT name, plan_of(name, cardinality(parameter_types)) AS plan"
		       "  FROM pg_prepared_statements"
		       "  WHERE name !~ '^lab_' AND cardinality(parameter_types) > 0) AS prepared",
	};
	(void)state;
	make_explainer();
	onboard(new_device());
	analyze();
	const struct db_rows *rows = lab_ask(lab_question(&guilty, NULL, 0));
	assert_in_range(db_get_int(rows, 0, 0), 20, 100);
	assert_text(db_get_text(rows, 0, 1), NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_no_statement_of_a_session_reads_a_table_whole),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
