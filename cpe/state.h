/* state: what a device must remember when its power goes, in DIR/state.json.
 * The file is replaced as a whole and synced, so after `kill -9` it holds the state of the last
 * save; the values and rows in it are only those that differ from the model. */
#ifndef CPE_STATE_H
#define CPE_STATE_H

#include <jansson.h>
#include <stdbool.h>

#include "base/compiler.h"
#include "cpe/model/datamodel.h"
#include "cpe/session/events.h"
#include "cpe/transfer/transfer_queue.h"

/* What the next start of the device is for. */
enum reboot_reason {
	REBOOT_NONE, /* power came back */
	REBOOT_BY_ACS,
	REBOOT_FACTORY_RESET,
	REBOOT_FIRMWARE,
	REBOOT_LOCAL,
	REBOOT_REASONS,
};

struct state {
	char *dir;
	int lock; /* keeps a second agent out of the folder */

	/* All texts are owned and never NULL. */
	char *bootstrapped_url;    /* the ACS that acknowledged 0 BOOTSTRAP, "" for none yet */
	char *command_line_url;    /* --acs-url of the last start */
	char *firmware_version;    /* "" for the model's */
	char *request_path;        /* of the ConnectionRequestURL, random, chosen once */
	unsigned retry_count;      /* failed sessions since the last successful one */
	enum reboot_reason reboot; /* pending until the session has ended */
	struct events events;
	struct transfers transfers;
	unsigned last_module; /* the highest instance that a deployment unit ever had */
	/* Arrays, never NULL; the files that use them say of what. */
	json_t *reboot_command_keys; /* of the Reboots that lead to the next start */
	json_t *reports;             /* reports.c */
	json_t *scheduled_informs;   /* timetable.c: {"due","command_key"} */
	json_t *modules;             /* modules.c */
	json_t *du_changes;          /* du_changes.c */
	json_t *options;             /* vouchers.c */
	json_t *tree;                /* changes to the model, until state_apply() */
};

/* Makes the folder when it is missing, locks it and reads state.json. */
bool state_open(struct state *state, const char *dir, char *why, size_t why_size) MUST_CHECK;
void state_close(struct state *state);
/* Repeats on a freshly loaded model what had changed. */
void state_apply(struct state *state, struct datamodel *model);
bool state_save(const struct state *state, const struct datamodel *model, char *why,
	size_t why_size) MUST_CHECK;
void state_set_text(char **field, const char *text);
/* The text of that name in a part of the state; "" when there is none. Borrowed. */
const char *state_text(const json_t *part, const char *key);
/* Forgets what the former ACS had ordered: transfers, scheduled Informs, ChangeDUStates, reports. */
void state_forget_orders(struct state *state);

const char *reboot_reason_name(enum reboot_reason reason);

#endif
