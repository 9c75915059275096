/* Tests of cpe/misbehave: which modes are chosen, and what they make of the requests of an ACS and
 * of the course of a session. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "cpe/model/datamodel.h"
#include "cpe/misbehave/mode.h"
#include "cwmp/cwmp.h"

static void choose(struct misbehaviour *misbehaviour, const char *list)
{
	char why[160] = "";
	*misbehaviour = (struct misbehaviour){ 0 };
	if (!misbehave_parse(misbehaviour, list, why, sizeof(why)))
		fail_msg("%s", why);
}

static void test_modes_are_a_list(void **state)
{
	(void)state;
	struct misbehaviour misbehaviour = { 0 };
	char why[160];
	assert_true(misbehave_parse(
		&misbehaviour, "no-cookie,gpv-limit=7,bad-name=Device.A", why, sizeof(why)));
	assert_true(misbehave_parse(&misbehaviour, "bad-name=Device.B", why, sizeof(why)));
	assert_true(misbehaviour.no_cookie);
	assert_false(misbehaviour.close_each);
	assert_int_equal(misbehaviour.choice_count, 4);
	assert_int_equal(misbehaviour.choices[1].number, 7);
	assert_string_equal(misbehaviour.choices[3].text, "Device.B");
	misbehave_clear(&misbehaviour);
}

static void test_what_makes_no_sense_is_refused_with_a_reason(void **state)
{
	(void)state;
	static const char *const lists[] = { "politely", "gpv-limit", "gpv-limit=many",
		"no-cookie=1", "gpv-limit=4294967296", "gpv-limit=-1", "", "no-cookie,,close-each",
		"bad-name" };
	for (size_t i = 0; i < LENGTH_OF(lists); i++) {
		struct misbehaviour misbehaviour = { 0 };
		char why[160] = "";
		assert_false(misbehave_parse(&misbehaviour, lists[i], why, sizeof(why)));
		assert_string_not_equal(why, "");
		misbehave_clear(&misbehaviour);
	}
}

static void test_names_of_modes_are_unique_and_every_mode_acts_somewhere(void **state)
{
	(void)state;
	size_t count;
	const struct misbehave_group *const *groups = misbehave_groups(&count);
	for (size_t g = 0; g < count; g++)
		for (size_t i = 0; i < groups[g]->count; i++) {
			const struct misbehave_mode *mode = &groups[g]->modes[i];
			struct misbehaviour misbehaviour;
			char list[80];
			snprintf(list, sizeof(list), "%s%s", mode->name,
				mode->kind == MODE_PLAIN ? "" : "=1");
			choose(&misbehaviour, list);
			assert_ptr_equal(misbehaviour.choices[0].mode, mode);
			assert_true(mode->field || mode->on_request || mode->on_answer ||
				    mode->step || mode->edits[0].what || mode->on_envelope ||
				    mode->on_post);
			misbehave_clear(&misbehaviour);
		}
}

/* Requests of the ACS */

struct play {
	struct datamodel *model;
	struct arena *arena;
};

static int set_up_play(void **state)
{
	static struct play play;
	char why[256];
	play.model = datamodel_load("cpe/models/gateway-tr181.csv", why, sizeof(why));
	play.arena = arena_new();
	*state = &play;
	return play.model ? 0 : -1;
}

static int tear_down_play(void **state)
{
	struct play *play = *state;
	datamodel_free(play->model);
	arena_free(play->arena);
	return 0;
}

static struct misbehave_turn turn_of(struct play *play, enum cwmp_method method)
{
	struct misbehave_turn turn = {
		.arena = play->arena,
		.model = play->model,
		.number = 1,
		.number_in_session = 1,
	};
	cwmp_make_request(&turn.request, CWMP_NS_1_0, method, "1");
	turn.request.method_name = cwmp_method_name(method);
	cwmp_make_response(&turn.answer, &turn.request);
	return turn;
}

static void meet(const char *list, struct misbehave_turn *turn)
{
	struct misbehaviour misbehaviour;
	choose(&misbehaviour, list);
	misbehave_on_request(&misbehaviour, turn);
	misbehave_on_answer(&misbehaviour, turn);
	misbehave_clear(&misbehaviour);
}

static void test_names_are_refused_or_skipped_as_told(void **state)
{
	static const struct {
		const char *list, *path;
		bool next_level;
		unsigned fault;
		enum misbehave_act act;
	} cases[] = {
		{ "refuse-empty-path", "", true, 9005, MISBEHAVE_SEND },
		{ "refuse-empty-path", "Device.", true, 0, MISBEHAVE_SEND },
		{ "no-deep-names", "Device.", false, 0, MISBEHAVE_EMPTY },
		{ "no-deep-names", "Device.", true, 0, MISBEHAVE_SEND },
		{ "bad-level-names", "Device.", true, 9002, MISBEHAVE_SEND },
		{ "bad-level-names", "Device.", false, 0, MISBEHAVE_SEND },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct misbehave_turn turn = turn_of(*state, CWMP_GET_PARAMETER_NAMES);
		turn.request.request.get_parameter_names =
			(struct cwmp_get_parameter_names){ cases[i].path, cases[i].next_level };
		meet(cases[i].list, &turn);
		assert_int_equal(turn.fault, cases[i].fault);
		assert_int_equal(turn.act, cases[i].act);
	}
}

static void test_names_are_answered_with_more_less_or_other_ones(void **state)
{
	static const struct {
		const char *list;
		size_t count;
		const char *last;
		bool is_writable;
	} cases[] = {
		{ "late-empty", 2, "Device.X", true },
		{ "ghost-name", 3, "Device.X_Ghost", false },
		{ "passing-rows", 4, "Device.X_Guest.1.Address", false },
		{ "read-only-names", 2, "Device.X", false },
		{ "no-objects", 1, "Device.X", true },
		{ "unlisted=Device.X", 1, "Device.A.", true },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct cwmp_name names[] = { { "Device.A.", true }, { "Device.X", true } };
		struct misbehave_turn turn = turn_of(*state, CWMP_GET_PARAMETER_NAMES);
		turn.request.request.get_parameter_names.path = "Device.";
		turn.answer.response.names = (struct cwmp_names){ names, 2 };
		meet(cases[i].list, &turn);
		const struct cwmp_names *answer = &turn.answer.response.names;
		assert_int_equal(answer->count, cases[i].count);
		assert_string_equal(answer->items[answer->count - 1].name, cases[i].last);
		assert_int_equal(answer->items[answer->count - 1].writable, cases[i].is_writable);
	}
}

static void test_values_are_limited_refused_or_left_out(void **state)
{
	static const char version[] = "Device.DeviceInfo.SoftwareVersion";
	static const struct {
		const char *list;
		unsigned fault;
		enum misbehave_act act;
		size_t names;
	} cases[] = {
		{ "names-limit=2", 0, MISBEHAVE_SEND, 2 },
		{ "names-limit=1", 9002, MISBEHAVE_SEND, 2 },
		{ "crash-on-names=1", 0, MISBEHAVE_DROP, 2 },
		{ "bad-name=Device.None", 9005, MISBEHAVE_SEND, 2 },
		{ "unknown-skipped", 0, MISBEHAVE_SEND, 1 },
		{ "unknown-crash", 0, MISBEHAVE_DROP, 2 },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		const char *names[] = { version, "Device.None" };
		struct misbehave_turn turn = turn_of(*state, CWMP_GET_PARAMETER_VALUES);
		turn.request.request.parameter_names = (struct cwmp_strings){ names, 2 };
		meet(cases[i].list, &turn);
		assert_int_equal(turn.fault, cases[i].fault);
		assert_int_equal(turn.act, cases[i].act);
		assert_int_equal(turn.request.request.parameter_names.count, cases[i].names);
	}
}

static void test_answers_with_values_are_cut_or_refused(void **state)
{
	static const struct {
		const char *list;
		unsigned fault;
		size_t count;
	} cases[] = {
		{ "gpv-limit=1", 9004, 2 },
		{ "gpv-limit=2", 0, 2 },
		{ "bad-name=Device.A.B", 0, 1 },
		{ "echo-path", 0, 1 },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		const char *names[] = { "Device.A." };
		struct cwmp_value values[] = { { "Device.A.B", "1", NULL },
			{ "Device.A.C", "2", NULL } };
		struct misbehave_turn turn = turn_of(*state, CWMP_GET_PARAMETER_VALUES);
		turn.request.request.parameter_names = (struct cwmp_strings){ names, 1 };
		turn.answer.response.values = (struct cwmp_values){ values, 2 };
		meet(cases[i].list, &turn);
		assert_int_equal(turn.fault, cases[i].fault);
		assert_int_equal(turn.answer.response.values.count, cases[i].count);
	}
}

static void test_booleans_are_taken_in_one_spelling_only(void **state)
{
	static const struct {
		const char *list, *value;
		unsigned fault;
	} cases[] = {
		{ "boolean-digits", "true", 9007 },
		{ "boolean-digits", "0", 0 },
		{ "boolean-words", "1", 9007 },
		{ "boolean-words", "false", 0 },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct cwmp_value value = { "Device.ManagementServer.PeriodicInformEnable",
			cases[i].value, "xsd:boolean" };
		struct misbehave_turn turn = turn_of(*state, CWMP_SET_PARAMETER_VALUES);
		turn.request.request.set_parameter_values.parameters = (struct cwmp_values){ &value,
			1 };
		meet(cases[i].list, &turn);
		assert_int_equal(turn.fault, cases[i].fault);
	}
}

static void test_a_missing_method_faults_and_is_not_listed(void **state)
{
	struct misbehave_turn reboot = turn_of(*state, CWMP_REBOOT);
	meet("method-missing=Reboot", &reboot);
	assert_int_equal(reboot.fault, 9000);
	const char *names[] = { "GetRPCMethods", "Reboot" };
	struct misbehave_turn methods = turn_of(*state, CWMP_GET_RPC_METHODS);
	methods.answer.response.methods = (struct cwmp_strings){ names, 2 };
	meet("method-missing=Reboot", &methods);
	assert_int_equal(methods.fault, 0);
	assert_int_equal(methods.answer.response.methods.count, 1);
	struct misbehave_turn crash = turn_of(*state, CWMP_REBOOT);
	meet("crash-on-method=Reboot", &crash);
	assert_int_equal(crash.act, MISBEHAVE_DROP);
}

static void test_sessions_take_a_turn_for_the_worse(void **state)
{
	static const struct {
		const char *list;
		unsigned number, number_in_session;
		enum misbehave_act act;
	} cases[] = {
		{ "requests-limit=2", 9, 2, MISBEHAVE_SEND },
		{ "requests-limit=2", 9, 3, MISBEHAVE_DROP },
		{ "drop-request=9", 9, 1, MISBEHAVE_DROP },
		{ "drop-session=9", 8, 1, MISBEHAVE_SEND },
		{ "empty-answer", 9, 1, MISBEHAVE_EMPTY },
		{ "late-answer", 9, 1, MISBEHAVE_LATE },
		{ "late-answer", 9, 2, MISBEHAVE_SEND },
		{ "overlapping-inform", 1, 1, MISBEHAVE_INFORM },
		{ "slow-answers=1", 9, 2, MISBEHAVE_SLOW },
		{ "slow-download=1", 9, 2, MISBEHAVE_SEND },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct misbehave_turn turn = turn_of(*state, CWMP_REBOOT);
		turn.number = cases[i].number;
		turn.number_in_session = cases[i].number_in_session;
		meet(cases[i].list, &turn);
		assert_int_equal(turn.act, cases[i].act);
	}
}

static void test_steps_after_an_answer_come_as_often_as_told(void **state)
{
	(void)state;
	static const struct {
		const char *list;
		enum cwmp_method method;
		unsigned informs;
		enum misbehave_step step;
	} cases[] = {
		{ "late-empty", CWMP_INFORM, 1, MISBEHAVE_GO_ON },
		{ "hang-after-inform", CWMP_INFORM, 1, MISBEHAVE_HANG },
		{ "hang-after-transfer", CWMP_INFORM, 1, MISBEHAVE_GO_ON },
		{ "hang-after-transfer", CWMP_TRANSFER_COMPLETE, 1, MISBEHAVE_LEAVE },
		{ "second-inform", CWMP_INFORM, 1, MISBEHAVE_INFORM_AGAIN },
		{ "second-inform", CWMP_INFORM, 2, MISBEHAVE_GO_ON },
		{ "inform-storm=5", CWMP_INFORM, 5, MISBEHAVE_INFORM_ANEW },
		{ "inform-storm=5", CWMP_INFORM, 6, MISBEHAVE_GO_ON },
	};
	for (size_t i = 0; i < LENGTH_OF(cases); i++) {
		struct misbehaviour misbehaviour;
		choose(&misbehaviour, cases[i].list);
		assert_int_equal(misbehave_after(&misbehaviour, cases[i].method, cases[i].informs),
			cases[i].step);
		misbehave_clear(&misbehaviour);
	}
}

static void test_declarations_are_wanted_or_not_borne(void **state)
{
	(void)state;
	struct misbehaviour misbehaviour;
	choose(&misbehaviour, "needs-declaration");
	assert_true(misbehave_can_read(&misbehaviour, "<?xml version=\"1.0\"?><a/>"));
	assert_false(misbehave_can_read(&misbehaviour, "<a/>"));
	misbehave_clear(&misbehaviour);
	choose(&misbehaviour, "refuses-declaration");
	assert_false(misbehave_can_read(&misbehaviour, "<?xml version=\"1.0\"?><a/>"));
	assert_true(misbehave_can_read(&misbehaviour, "<a/>"));
	misbehave_clear(&misbehaviour);
}

#define WITH_MODEL(test) cmocka_unit_test_setup_teardown(test, set_up_play, tear_down_play)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_modes_are_a_list),
		cmocka_unit_test(test_what_makes_no_sense_is_refused_with_a_reason),
		cmocka_unit_test(test_names_of_modes_are_unique_and_every_mode_acts_somewhere),
		WITH_MODEL(test_names_are_refused_or_skipped_as_told),
		WITH_MODEL(test_names_are_answered_with_more_less_or_other_ones),
		WITH_MODEL(test_values_are_limited_refused_or_left_out),
		WITH_MODEL(test_answers_with_values_are_cut_or_refused),
		WITH_MODEL(test_booleans_are_taken_in_one_spelling_only),
		WITH_MODEL(test_a_missing_method_faults_and_is_not_listed),
		WITH_MODEL(test_sessions_take_a_turn_for_the_worse),
		cmocka_unit_test(test_steps_after_an_answer_come_as_often_as_told),
		cmocka_unit_test(test_declarations_are_wanted_or_not_borne),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
