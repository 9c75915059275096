/* rpc: the two halves of a turn, whatever the message.
 * A CPE's request goes to its method; all else belongs to the ACS's turn (next_task.c). */
#include "rpc/method.h"

static const struct rpc_cpe_method *const cpe_methods[] = {
	&inform_method,
	&transfer_complete_method,
	&autonomous_transfer_complete_method,
	&request_download_method,
	&kicked_method,
	&du_state_change_complete_method,
	&autonomous_du_state_change_complete_method,
	&cpe_get_rpc_methods_method,
};

const struct rpc_cpe_method *const *rpc_cpe_methods(size_t *count)
{
	*count = LENGTH_OF(cpe_methods);
	return cpe_methods;
}

/* TR-069 A.5.2: a method that we do not have is answered 8000, and the session goes on. */
static enum rpc_next refuse_unknown(struct rpc_turn *turn)
{
	cwmp_make_fault(&turn->out, turn->in, 8000, NULL);
	turn->outcome = "fault 8000";
	return RPC_REPLY;
}

static const struct rpc_cpe_method *find_cpe_method(enum cwmp_method method)
{
	for (size_t i = 0; i < LENGTH_OF(cpe_methods); i++)
		if (cpe_methods[i]->method == method)
			return cpe_methods[i];
	return NULL;
}

bool rpc_takes(enum cwmp_method method)
{
	return find_cpe_method(method) != NULL;
}

static enum rpc_next begin_cpe_request(struct rpc_turn *turn)
{
	const struct rpc_cpe_method *method = find_cpe_method(turn->in->method);
	if (!method)
		return refuse_unknown(turn);
	turn->answer = method->answer;
	return method->ask(turn);
}

enum rpc_next rpc_begin(struct rpc_turn *turn)
{
	turn->question = db_question(turn->arena);
	if (!turn->in)
		return next_task_ask(turn);
	if (turn->in->kind == CWMP_REQUEST)
		return begin_cpe_request(turn);
	return task_response_ask(turn);
}

enum rpc_next rpc_continue(struct rpc_turn *turn, const struct db_answer *answer)
{
	return turn->answer(turn, answer);
}

void note_settling(struct rpc_turn *turn)
{
	if (turn->settling_count < RPC_SETTLING_MAX)
		turn->settling[turn->settling_count++] = turn->question.count - 1;
}

void rpc_each_settled(const struct rpc_turn *turn, const struct db_answer *answer,
	rpc_settled_fn *tell, void *arg)
{
	for (size_t i = 0; i < turn->settling_count; i++)
		rpc_each_settled_row(answer->results[turn->settling[i]], tell, arg);
}

void rpc_each_settled_row(const struct db_rows *rows, rpc_settled_fn *tell, void *arg)
{
	struct queue_settled settled;
	for (size_t row = 0; row < db_row_count(rows); row++)
		if (queue_settled_read(rows, row, &settled))
			tell(&settled, arg);
}
