/* The audit as the database keeps and searches it. */
#include "db/audit.h"
#include "device.h"

static void add(const char *actor, const char *device, const char *outcome)
{
	const struct audit_note note = {
		.actor = actor, .action = "PUT", .address = "192.0.2.1", .device = device
	};
	struct db_question question = db_question(lab.arena);
	audit_add(&question, &note, outcome, NULL);
	lab_ask(&question);
}

static void ask_list(const struct audit_filter *filter)
{
	struct db_question question = db_question(lab.arena);
	audit_list(&question, filter, "", 10);
	lab_ask(&question);
}

static const char *plan_of(const char *statement)
{
	static const struct db_statement explainer = {
		.name = "lab_audit_explainer",
		.sql = "CREATE OR REPLACE FUNCTION audit_plan(statement text) RETURNS text"
		       " LANGUAGE plpgsql AS $$ DECLARE line text; plan text := ''; BEGIN"
		       "  FOR line IN EXECUTE format('EXPLAIN (COSTS off) EXECUTE %I (%s)', statement,"
		       "   concat_ws(',', VARIADIC array_fill('NULL'::text, ARRAY[10]))) LOOP"
		       "   plan := plan || line || E'\\n'; END LOOP; RETURN plan; END $$",
	};
	static const struct db_statement plan = { "lab_audit_plan", "SELECT audit_plan($1)" };
	lab_ask(lab_question(&explainer, NULL, 0));
	return only_text(LAB_ASK(&plan, db_text(statement)));
}

/* Plans are made once, when there are few entries or many, and each has to do for both. */
static void assert_each_filter_goes_by_its_index(void)
{
	static const struct {
		struct audit_filter filter;
		const char *statement, *index;
	} lists[] = {
		{ { .device = "O-1" }, "audit_list_of_device", "using audit_device " },
		{ { .address = "192.0.2.1" }, "audit_list_of_address", "using audit_address " },
		{ { .actor = "a" }, "audit_list_of_actor", "using audit_actor " },
		{ { .action = "PUT" }, "audit_list_of_action", "using audit_action " },
		{ { .outcome = "refused" }, "audit_list_of_outcome", "using audit_outcome " },
		{ { .outcome = "done" }, "audit_list", "using audit_at " },
		{ { 0 }, "audit_list", "using audit_at " },
	};
	for (size_t i = 0; i < LENGTH_OF(lists); i++) {
		ask_list(&lists[i].filter);
		const char *plan = plan_of(lists[i].statement);
		if (!strstr(plan, lists[i].index) || strstr(plan, "Sort"))
			fail_msg("%s: %s", lists[i].statement, plan);
	}
}

static void test_each_filter_goes_by_an_index_ordered_as_the_list(void **state)
{
	static const struct db_statement fill = {
		.name = "lab_many_entries",
		.sql = "INSERT INTO audit (at, actor, action, address, device, outcome)"
		       " SELECT now() - make_interval(secs => n), 'a' || n % 5, 'PUT', '192.0.2.1',"
		       "  'O-' || n % 100, (array['done', 'refused'])[n % 2 + 1]"
		       " FROM generate_series(1, 5000) n",
	};
	static const struct db_statement analyze = { "lab_analyze", "ANALYZE audit" };
	(void)state;
	add("a", "O-1", "done");
	add("a", "O-1", "refused");
	lab_ask(lab_question(&analyze, NULL, 0));
	assert_each_filter_goes_by_its_index();
	lab_ask(lab_question(&fill, NULL, 0));
	lab_ask(lab_question(&analyze, NULL, 0));
	assert_each_filter_goes_by_its_index();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LAB_TEST(test_each_filter_goes_by_an_index_ordered_as_the_list),
	};
	return cmocka_run_group_tests(tests, lab_open, lab_close);
}
