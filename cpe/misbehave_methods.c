/* misbehave_methods: devices that take a method, or its arguments, otherwise than TR-069 says.
 * Each mode looks at the request before it is executed, or at the answer before it is sent. */
#include <string.h>

#include "cpe/misbehave_mode.h"
#include "cwmp/cwmp.h"

static void answer_with_fault(struct misbehave_turn *turn, unsigned code)
{
	cwmp_make_fault(
		&turn->answer, &turn->request, cwmp_fault_code_for(turn->request.ns, code), NULL);
	turn->act = MISBEHAVE_ANSWER;
}

static bool is_asked(const struct misbehave_turn *turn, enum cwmp_method method)
{
	return turn->request.method == method;
}

static bool is_answered(const struct misbehave_turn *turn, enum cwmp_method method)
{
	return turn->answer.kind == CWMP_RESPONSE && turn->answer.method == method;
}

static void limit_values(const struct misbehave_choice *choice, struct misbehave_turn *turn)
{
	if (is_answered(turn, CWMP_GET_PARAMETER_VALUES) &&
		turn->answer.response.values.count > choice->number)
		answer_with_fault(turn, 9004);
}

static void refuse_bad_name(const struct misbehave_choice *choice, struct misbehave_turn *turn)
{
	const struct cwmp_strings *names = &turn->request.request.parameter_names;
	if (!is_asked(turn, CWMP_GET_PARAMETER_VALUES))
		return;
	for (size_t i = 0; i < names->count; i++)
		if (strcmp(names->items[i], choice->name) == 0) {
			answer_with_fault(turn, 9005);
			return;
		}
}

/* A partial path passes a bad name over in silence. */
static void leave_out_bad_name(const struct misbehave_choice *choice, struct misbehave_turn *turn)
{
	struct cwmp_values *values = &turn->answer.response.values;
	size_t kept = 0;
	if (!is_answered(turn, CWMP_GET_PARAMETER_VALUES))
		return;
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->items[i].name, choice->name) != 0)
			values->items[kept++] = values->items[i];
	values->count = kept;
}

static const struct misbehave_mode modes[] = {
	{ "gpv-limit", "faults 9004 on reading more than N values", "Cisco 867VAE", MODE_NUMBER,
		.on_answer = limit_values },
	{ "bad-name", "faults 9005 on reading NAME", "SimulaTR69", MODE_NAME,
		.on_request = refuse_bad_name, .on_answer = leave_out_bad_name },
};

const struct misbehave_group misbehave_methods_group = { "methods", modes, LENGTH_OF(modes) };
