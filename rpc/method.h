/* method: the shape that all methods share, and the tables they stand in.
 * Private to rpc/. */
#ifndef RPC_METHOD_H
#define RPC_METHOD_H

#include "base/buffer.h"
#include "cwmp/cwmp.h"
#include "db/devices.h"
#include "db/parameters.h"
#include "db/queue.h"
#include "rpc/rpc.h"

/* A method that the CPE calls. ask() fills turn->question (RPC_ASK) or turn->out (RPC_REPLY). */
struct rpc_cpe_method {
	enum cwmp_method method;
	enum rpc_next (*ask)(struct rpc_turn *turn);
	rpc_answer_fn *answer; /* NULL where ask() never asks */
};

extern const struct rpc_cpe_method inform_method, transfer_complete_method,
	cpe_get_rpc_methods_method;

/* A task in progress. Lives in an arena of its own until it is settled. */
struct rpc_task {
	struct arena *arena;
	const char *name;                     /* of the method */
	const struct rpc_task_method *method; /* NULL: not one of this program's */
	int64_t task_id;
	json_t *arguments;
	const char *command_key;
	unsigned attempts;
	json_t *types; /* or NULL */
	json_t *file;  /* or NULL */
	const char *root;
	unsigned refresh_batch;
	bool is_onboarding, is_repeat;
	const char *request_id;
	enum cwmp_method asked; /* by the request that is not answered yet */
	void *progress;         /* of methods that need several requests */
};

enum task_outcome {
	TASK_DONE,
	TASK_FAILED,          /* out->fault tells */
	TASK_AWAITS_TRANSFER, /* Status 1: TransferComplete will tell */
	TASK_MORE,            /* request() gives the next request of this task */
};

/* What an answer from the device amounts to. JSON values are taken over by the caller. */
struct task_end {
	enum task_outcome outcome;
	json_t *result;
	unsigned fault_code; /* with TASK_FAILED; 0: not the device's fault */
	const char *fault_text;
};

/* A method that we call. */
struct rpc_task_method {
	const char *name;
	enum cwmp_method method; /* of its requests; CWMP_UNKNOWN_METHOD: request() chooses */
	bool ends_requests;      /* nothing more is sent in that session */
	/* Are these arguments of an order sendable? Values may be rewritten to their normal form. */
	bool (*check)(struct arena *arena, json_t *arguments, const char **why);
	/* Fills turn->out's request; frame and ID are there. False: why tells, and the task fails. */
	bool (*request)(struct rpc_turn *turn, struct rpc_task *task, const char **why);
	/* Adds what the response teaches to turn->question. */
	void (*respond)(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end);
	/* Looks at a fault before it fails the task; NULL: nothing special. */
	void (*on_fault)(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end);
	/* See rpc_task_lost(). NULL: nothing. */
	bool (*on_lost)(
		struct rpc_session *session, struct rpc_task *task, struct db_question *question);
};

/* NULL for an unknown name. */
const struct rpc_task_method *rpc_task_method(const char *name);

extern const struct rpc_task_method get_rpc_methods_task, get_parameter_names_task,
	get_parameter_values_task, set_parameter_values_task, add_object_task, delete_object_task,
	download_task, reboot_task, factory_reset_task, refresh_task;

/* Helpers for argument checks: the texts name the field. */
bool argument_text(struct arena *arena, const json_t *arguments, const char *field, size_t max,
	bool is_required, const char **why);
bool argument_number(struct arena *arena, const json_t *arguments, const char *field, int64_t max,
	const char **why);
bool argument_object(struct arena *arena, const json_t *arguments, const char **why);
/* No fields but these (NULL-terminated). */
bool arguments_known(
	struct arena *arena, const json_t *arguments, const char *const *fields, const char **why);
const char *argument(const json_t *arguments, const char *field); /* "" when absent */

/* The text of a JSON value given as string, number or boolean; NULL for others. */
const char *json_value_text(struct arena *arena, const json_t *value);
char *json_text(struct arena *arena, const json_t *value);
json_t *json_values(const struct cwmp_values *values);
/* What stands for the device in an onboarding document. */
struct onboarding_words {
	const char *root;  /* {root}, NULL: not known */
	int64_t device_id; /* {spread} is made from it */
};
/* Replaces {root}, {spread}, {connection-request-username} and {connection-request-password} in all
 * texts of value, in place. False when a word is not known for this device. */
bool onboarding_expand(
	struct arena *arena, const struct onboarding_words *words, json_t *value) MUST_CHECK;

/* Stores what a device told; drops invalid names and what is over the limit, and counts it. */
void store_values(struct rpc_turn *turn, const struct cwmp_values *values);
/* The names below path; with is_complete all others below it are forgotten. */
void store_names(
	struct rpc_turn *turn, const char *path, const struct cwmp_names *names, bool is_complete);
/* Valid ones, sorted, each name once; how many. */
size_t parameters_from_values(
	struct rpc_turn *turn, const struct cwmp_values *values, struct parameter **out);

/* Adds a settling statement's result to turn->settling. The statement is the one added last. */
void note_settling(struct rpc_turn *turn);
/* Is the fault one that may pass (contract: 9001, 9002, 9004, 9010, 9011, 9014, 9015, 9017)? */
bool fault_may_pass(unsigned code);
json_t *fault_json(unsigned code, const char *text, const struct cwmp_fault *detail);

/* The ACS's turn. */
enum rpc_next next_task_ask(struct rpc_turn *turn);
enum rpc_next task_response_ask(struct rpc_turn *turn);

#endif
