/* refresh_tree: a Refresh compares what the device tells with what is stored, and writes what differs.
 * Private to rpc/. Stored values are remembered as hashes; changes are held until many are written at once. */
#ifndef RPC_REFRESH_TREE_H
#define RPC_REFRESH_TREE_H

#include "rpc/refresh_state.h"

/* All names are told: adds the reading of what is stored of them to the question. */
void refresh_tree_ask(
	struct rpc_turn *turn, struct rpc_task *task, enum parameters_unlisted unlisted);
/* Nothing when nothing was read in this question. */
void refresh_tree_learn(
	struct rpc_turn *turn, struct rpc_task *task, const struct db_answer *answer);
/* Values that the device told. Those that can be compared are held if they differ; others are stored in
 * this question. */
void refresh_tree_values(
	struct rpc_turn *turn, struct rpc_task *task, const struct cwmp_values *values);
/* Adds to the question all that is held, once it is much. */
void refresh_tree_write_many(struct rpc_turn *turn, struct rpc_task *task);
/* The task or its session ends: adds all that is held, and the names alone of values that were not read. */
void refresh_tree_end(struct rpc_turn *turn, struct rpc_task *task);

#endif
