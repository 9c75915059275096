/* device_classes: this node's copy of the table of device classes: how devices of a kind prove who they are.
 * A row matches by the identity alone, which is what the device proves: nothing else that an Inform tells may choose. */
#ifndef ACS_DEVICE_CLASSES_H
#define ACS_DEVICE_CLASSES_H

#include "acs/auth.h"
#include "acs/loop.h"
#include "base/compiler.h"
#include "cwmp/message.h"
#include "db/db.h"

struct device_classes;

/* What the rows that match give together, and the configuration where none does. */
struct device_class {
	enum config_auth auth;
	bool counts_nonces;
	const char *unknown; /* as struct device_inform has it; never freed */
};

/* Reads the table before the loops run. Logs and returns NULL on failure. */
struct device_classes *device_classes_open(struct server *server) MUST_CHECK;
/* No loop may use it any more. NULL is allowed. */
void device_classes_free(struct device_classes *all);

/* Asks for a newer table in the background; on the loop's own thread. */
void device_classes_refresh(struct loop *loop);
/* The same as part of a question: adds what asks, and takes what it was answered. */
void device_classes_ask(struct device_classes *all, struct db_question *question);
void device_classes_take(struct device_classes *all, const struct db_rows *rows);

/* These may be called from any thread. */

/* 1 << enum config_auth of each scheme that any row asks for. */
unsigned device_classes_schemes(struct device_classes *all);
void device_classes_match(struct device_classes *all, const struct config *config,
	const struct cwmp_device_id *device, struct device_class *out);
/* Is the answer right by one of the credentials that the device shares with others? That one is copied to arena. */
bool device_classes_find_shared(struct device_classes *all, const struct cwmp_device_id *device,
	const struct http_authorization *answer, const char *method, struct arena *arena,
	struct auth_credential *out) MUST_CHECK;

#endif
