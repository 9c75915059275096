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
	autonomous_transfer_complete_method, request_download_method, kicked_method,
	du_state_change_complete_method, autonomous_du_state_change_complete_method,
	cpe_get_rpc_methods_method;

/* All of them. */
const struct rpc_cpe_method *const *rpc_cpe_methods(size_t *count);

/* A task in progress. Lives in an arena of its own until it is settled. */
struct rpc_task {
	struct arena *arena;
	const char *name;                     /* of the method */
	const struct rpc_task_method *method; /* NULL: not one of this program's */
	int64_t task_id;                      /* 0: one of our own, that no table has */
	json_t *arguments;
	const char *command_key;
	unsigned attempts;
	json_t *types; /* or NULL */
	json_t *file;  /* or NULL */
	const char *root;
	unsigned refresh_batch;
	bool is_onboarding, is_repeat;
	bool is_sealed; /* the arguments were */
	const char *refusal;       /* the device is known not to take it; or NULL */
	const char *cancelled_key; /* CommandKey of the task that CancelTransfer names; or NULL */
	const char *next_username; /* the pair that the device is to be given; or NULL */
	struct db_bytes next_password; /* sealed */
	const char *request_id;
	const char *asked_name;
	enum cwmp_method asked; /* by the request that is not answered yet */
	void *progress;         /* of methods that need several requests */
	json_t *saved;          /* that progress, from an earlier session; or NULL */
};

enum task_outcome {
	TASK_DONE,
	TASK_FAILED,          /* out->fault tells */
	TASK_AWAITS_TRANSFER, /* TransferComplete or DUStateChangeComplete will tell */
	TASK_MORE,            /* request() gives the next request of this task */
	TASK_PAUSED,          /* likewise, but not in this session any more */
};

/* What an answer from the device amounts to. JSON values are taken over by the caller. */
struct task_end {
	enum task_outcome outcome;
	json_t *result;
	unsigned fault_code; /* with TASK_FAILED; 0: not the device's fault */
	const char *fault_text;
	const struct cwmp_fault *fault; /* the device's, without the secrets that it quotes; or NULL */
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
	/* Sees the database's answer to what respond() added, when more is to come; NULL: adds no such question. */
	void (*learn)(struct rpc_turn *turn, struct rpc_task *task, const struct db_answer *answer);
	/* Looks at a fault before it fails the task; NULL: nothing special. */
	void (*on_fault)(struct rpc_turn *turn, struct rpc_task *task, struct task_end *end);
	/* See rpc_task_lost(). NULL: nothing. */
	bool (*on_lost)(
		struct rpc_session *session, struct rpc_task *task, struct db_question *question);
	/* What task->saved will be in the next session; what it does not hold is added to turn->question. NULL: the
	 * task does not end with its session. */
	json_t *(*save)(struct rpc_turn *turn, struct rpc_task *task);
};

/* NULL for an unknown name. */
const struct rpc_task_method *rpc_task_method(const char *name);

extern const struct rpc_task_method get_rpc_methods_task, get_parameter_names_task,
	get_parameter_values_task, set_parameter_values_task, get_parameter_attributes_task,
	set_parameter_attributes_task, add_object_task, delete_object_task, download_task,
	upload_task, schedule_download_task, cancel_transfer_task, get_queued_transfers_task,
	get_all_queued_transfers_task, change_du_state_task, reboot_task, factory_reset_task,
	schedule_inform_task, get_options_task, set_vouchers_task, refresh_task,
	replace_credentials_task, vendor_task;

/* Is it a vendor's method, "X_ACME_Foo"? */
bool vendor_name_is_valid(const char *name);

/* check() and request() of methods without arguments. */
bool check_no_arguments(struct arena *arena, json_t *arguments, const char **why);
bool request_nothing(struct rpc_turn *turn, struct rpc_task *task, const char **why);

/* Helpers for argument checks: the texts name the field. */
bool argument_text(struct arena *arena, const json_t *arguments, const char *field, size_t max,
	bool is_required, const char **why);
bool argument_number(struct arena *arena, const json_t *arguments, const char *field, int64_t max,
	const char **why);
/* A list of 1 to max items. */
bool argument_list(struct arena *arena, const json_t *arguments, const char *field, size_t max,
	const char **why);
/* "names": complete or partial paths, at least one. */
bool argument_names(struct arena *arena, const json_t *arguments, const char **why);
/* Each item of a list is an object that passes check; why then begins with "field[0].". */
typedef bool argument_item_fn(struct arena *arena, const json_t *item, const char **why);
bool argument_items(struct arena *arena, const json_t *arguments, const char *field,
	argument_item_fn *check, const char **why);
bool argument_object(struct arena *arena, const json_t *arguments, const char **why);
/* No fields but these (NULL-terminated). */
bool arguments_known(
	struct arena *arena, const json_t *arguments, const char *const *fields, const char **why);
const char *argument(const json_t *arguments, const char *field); /* "" when absent */
int64_t number_of(const json_t *object, const char *field);       /* 0 when absent */
/* The texts of a list; borrowed from it. */
struct cwmp_strings json_strings(struct arena *arena, const json_t *list);

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

/* A device has refused an onboarding task's values, or taken them: what is told to be wrong is left out, and
 * the rest is sent (end->outcome TASK_MORE). A fault that leaves nothing stays the task's fault. */
void onboarding_values_refused(
	struct rpc_turn *turn, const struct rpc_task *task, struct task_end *end);
void onboarding_values_set(
	const struct rpc_turn *turn, const struct rpc_task *task, struct task_end *end);

/* The device proved itself with what others know too: adds a random pair of its own to the question, and the task
 * that gives it to the device. */
void new_credentials_prepare(struct rpc_turn *turn);

/* False, and counted, for a name that is invalid or, behind so many others, over the limit. */
bool store_takes_name(struct rpc_turn *turn, const char *name, size_t so_far) MUST_CHECK;
/* The value, or what stands for it in the database; as long-lived as it and the turn. */
const char *store_value_to_keep(struct rpc_turn *turn, const struct cwmp_value *told);
/* Stores what a device told; drops invalid names and what is over the limit, and counts it. */
void store_values(
	struct rpc_turn *turn, const struct cwmp_values *values, enum parameters_teller teller);
/* Notifications of parameters that are known. */
void store_attributes(struct rpc_turn *turn, const struct cwmp_attributes *attributes);
/* The names below path, and what becomes of others there. */
void store_names(struct rpc_turn *turn, const char *path, const struct cwmp_names *names,
	enum parameters_unlisted unlisted);
/* Valid ones, sorted, each name once; how many. */
size_t parameters_from_values(
	struct rpc_turn *turn, const struct cwmp_values *values, struct parameter **out);

/* The versions of CWMP (TR-069 A.2). The highest one of a list such as "1.0,1.1" that we know too; false
 * when there is none. */
bool version_agree(const char *supported, enum cwmp_version *version) MUST_CHECK;
/* Of an Inform without such a list. */
enum cwmp_version version_of(const struct cwmp_message *inform);

/* Events: what an Inform's codes tell, and what a device's request tells (detail is taken over, the texts in
 * it are event_text()). has_key: it names what it is about, so told again it is the same event. */
bool events_are_notable(const struct cwmp_inform *inform);
void note_inform_events(struct rpc_turn *turn, const struct cwmp_inform *inform);
void note_event(struct rpc_turn *turn, const char *kind, json_t *detail, bool has_key);
/* Cut to what is kept, and without what only devices may know. */
const char *event_text(struct arena *arena, const char *told);
/* answer() of requests that are noted and nothing else: an empty response. */
enum rpc_next answer_noted(struct rpc_turn *turn, const struct db_answer *answer);

/* Adds a settling statement's result to turn->settling. The statement is the one added last. */
void note_settling(struct rpc_turn *turn);
/* Is the fault one that may pass (contract: 9001, 9002, 9004, 9010, 9011, 9014, 9015, 9017)? */
bool fault_may_pass(unsigned code);
json_t *fault_json(unsigned code, const char *text, const struct cwmp_fault *detail);

/* HoldRequests: turn->out, an InformResponse, tells the device to hold when tasks wait; any envelope
 * lifts that. hold_lift() sends one for this alone; RPC_END when there is nothing to lift. */
void hold_begin(struct rpc_turn *turn);
void hold_end(struct rpc_turn *turn);
enum rpc_next hold_lift(struct rpc_turn *turn);

/* The ACS's turn. */
enum rpc_next next_task_ask(struct rpc_turn *turn);
enum rpc_next task_response_ask(struct rpc_turn *turn);

#endif
