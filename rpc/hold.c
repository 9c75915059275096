/* hold: HoldRequests (TR-069 3.4.2): a device keeps its own requests back until our tasks are done.
 * It lasts until an envelope says otherwise, so no session ends before one has; a device that does not bear the
 * GetRPCMethods which may have to say so is never held. */
#include "rpc/method.h"

void hold_begin(struct rpc_turn *turn)
{
	if (!turn->settings->hold_requests || !turn->session->has_tasks ||
		quirks_lack_method(&turn->session->quirks, CWMP_GET_RPC_METHODS))
		return;
	turn->session->is_held = true;
	turn->out.hold_requests = 1;
}

void hold_end(struct rpc_turn *turn)
{
	if (!turn->session->is_held)
		return;
	turn->session->is_held = false;
	turn->out.hold_requests = 0;
}

/* A task that no table knows: its answer is learned from, and that is all. */
static struct rpc_task *get_methods(const struct rpc_session *session)
{
	struct arena *arena = arena_new();
	struct rpc_task *task = ARENA_NEW(arena, struct rpc_task);
	*task = (struct rpc_task){
		.arena = arena,
		.name = get_rpc_methods_task.name,
		.method = &get_rpc_methods_task,
		.request_id = arena_printf(arena, "hold-%u", session->requests + 1),
		.asked = CWMP_GET_RPC_METHODS,
		.asked_name = get_rpc_methods_task.name,
	};
	return task;
}

/* Every device answers GetRPCMethods, and it changes nothing. */
enum rpc_next hold_lift(struct rpc_turn *turn)
{
	struct rpc_session *session = turn->session;
	if (!session->is_held)
		return RPC_END;
	session->task = get_methods(session);
	session->requests++;
	cwmp_make_request(&turn->out, session->ns, CWMP_GET_RPC_METHODS, session->task->request_id);
	hold_end(turn);
	turn->outcome = "hold lifted";
	return RPC_REPLY;
}
