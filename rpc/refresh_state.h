/* refresh_state: what a Refresh knows so far, and how it is kept from one session to the next.
 * Private to rpc/. */
#ifndef RPC_REFRESH_STATE_H
#define RPC_REFRESH_STATE_H

#include "rpc/method.h"

struct refresh_tree;

struct range {
	size_t first, end; /* of names */
};

/* Lives in the task's arena. */
struct refresh {
	const char *path;
	bool has_names; /* the values' turn */
	/* Level by level: objects whose children are still to be asked. */
	bool by_level;
	const char **objects;
	size_t object_count, object_room;
	/* All that GetParameterNames told; parameters first asked in this order. */
	struct cwmp_name *names;
	size_t name_count, name_room;
	size_t told;        /* names, those of earlier sessions included */
	size_t *parameters; /* indexes of those names that are no objects */
	size_t parameter_count;
	/* Values: a stack of ranges of `parameters` still to be read. The top one is asked. */
	struct range *todo;
	size_t todo_count, todo_room;
	unsigned batch;
	size_t asked; /* names in the request under way */
	size_t values;
	struct refresh_tree
		*tree;   /* what is stored of the names; NULL: not known, as in a later session */
	json_t *skipped; /* owned by the task's arguments */
};

/* name must live as long as the task. */
void refresh_add_name(struct rpc_task *task, struct refresh *r, const char *name, bool writable);
void refresh_push_object(struct rpc_task *task, struct refresh *r, const char *name);
void refresh_push_range(struct rpc_task *task, struct refresh *r, size_t first, size_t end);
/* Room for one more item, in the task's arena. */
void *refresh_grown(
	struct arena *arena, void *items, size_t count, size_t *room, size_t size) MUST_CHECK;
/* All names are there: finds the parameters among them. */
void refresh_find_parameters(struct rpc_task *task, struct refresh *r);

/* What is left to do, between two requests. */
json_t *refresh_save(const struct refresh *r);
/* Goes on where refresh_save() was called; r is as at the beginning, saved must live as long as the
 * task. False, and r as it was, when saved is nothing that refresh_save() gives. */
bool refresh_load(struct rpc_task *task, struct refresh *r, const json_t *saved) MUST_CHECK;

#endif
