/* parameter_key: the ParameterKey that tells which configuration a device has (TR-069 A.3.2.1).
 * What we set last is expected in every later Inform; another one means that the configuration is lost. */
#ifndef DB_PARAMETER_KEY_H
#define DB_PARAMETER_KEY_H

#include <stdbool.h>

#include "db/db.h"

/* The device has just taken this key. */
void parameter_key_expect(struct db_question *question, int64_t device_id, const char *key);
/* An Inform shows this key. Once it has shown the expected one, any other that no unanswered request of ours
 * explains is noted as the event "configuration lost", and with is_reprovisioned the onboarding tasks are
 * queued as at BOOTSTRAP. A device that never shows what was set is left alone: it would loop. */
void parameter_key_check(
	struct db_question *question, int64_t device_id, const char *shown, bool is_reprovisioned);

#endif
