/* devices: who a device is, and what its Inform tells. */
#ifndef DB_DEVICES_H
#define DB_DEVICES_H

#include <stdint.h>

#include "base/compiler.h"
#include "db/db.h"

/* OUI upper-cased in the hash only; first 63 bits of SHA-256(len8|OUI|len8|class|len8|serial). */
int64_t device_id_of(const char *oui, const char *product_class, const char *serial_number);
/* "OUI-ProductClass-SerialNumber", bytes outside [A-Za-z0-9_] percent-encoded; "OUI-Serial" without a
 * class. */
char *device_public_id(
	struct arena *arena, const char *oui, const char *product_class, const char *serial_number);
/* Takes a public id apart and gives its device_id. raw is as it stood in a URL; at most `layers` of
 * percent-encoding are undone: 1 is the id's own, a client that encodes it for the URL, or does so
 * twice, adds others. False when it is none. The parts are taken from arena. */
enum { DEVICE_ID_LAYERS = 3 };
bool device_id_parse(struct arena *arena, const char *raw, unsigned layers, int64_t *device_id,
	const char **oui, const char **product_class, const char **serial_number) MUST_CHECK;

/* What an Inform tells of its device; texts may be NULL where the device said nothing: the stored
 * value then stays. */
struct device_inform {
	int64_t device_id;
	const char *id, *oui, *product_class, *serial_number, *manufacturer;
	const char *root, *cwmp_version, *software_version, *hardware_version;
	const char *connection_request_url, *parameter_key, *source_address;
	int64_t periodic_interval; /* seconds, 0: not told */
	int64_t retry_count;       /* sessions that failed since the last good one */
	const char *events;        /* JSON: [{"code", "command_key"}] */
	bool is_boot, is_bootstrap;
	struct db_bytes known; /* what a node has to know to see what the next Inform changes, or NULL */
	const uint8_t *hash;   /* DEVICE_HASH_BYTES of everything that the Inform stores, and of… */
	const char *credential; /* …the HA1 (MD5) that the device proved itself with; NULL: none */
	bool is_shared;         /* …which is not the device's own */
	const char *unknown;    /* what becomes of a device that nobody knew: "accept", "quarantine", "refuse" */
};
enum { DEVICE_HASH_BYTES = 16 };

/* The full way, part by part in this order; the caller adds parameters and settlements between. (The
 * cheap one is db/inform_touch.h.) Fails with DEVICES_NOT_ADMITTED when the device is blocked, or unknown and such are
 * refused. */
void devices_store_inform(struct db_question *question, const struct device_inform *inform);
/* BOOTSTRAP: what was learned before is void, transfers under way fail, onboarding is queued anew. */
void devices_forget_learned(struct db_question *question, int64_t device_id);
void devices_begin_onboarding(struct db_question *question, int64_t device_id);
/* Last part: one row as struct device_session. */
void devices_read_session(struct db_question *question, int64_t device_id);

struct device_session {
	int64_t epoch;
	bool has_tasks; /* at least one is due */
	bool is_unsettled; /* a task sent in an earlier session waits for an answer that cannot come any more */
	bool is_hashed;    /* the Inform's hash is stored; not so when the credential has changed meanwhile */
};
/* False when there is no row. */
bool device_session_read(const struct db_rows *rows, struct device_session *out) MUST_CHECK;

/* Whoever writes more of a device's rows than one begins with this lock, so that nobody waits for the other. */
void devices_lock(struct db_question *question, int64_t device_id);
/* The next Inform will be asked in full, for somebody else has written what it may tell. */
void devices_clear_hash(struct db_question *question, int64_t device_id);

/* Fails the question (SQLSTATE 22012) unless this session is the device's latest. First statement
 * of every later write of a session. */
void devices_require_epoch(struct db_question *question, int64_t device_id, int64_t epoch);
#define DEVICES_SUPERSEDED "22012"
#define DEVICES_NOT_ADMITTED "2201F"
/* A collision of device ids (23502): another identity has the same hash. */
#define DEVICES_COLLISION "23502"

/* The credentials for connection requests that the device has just accepted; NULL leaves one as it was. The
 * password comes sealed. */
void devices_set_connection_request(struct db_question *question, int64_t device_id,
	const char *username, const void *sealed_password, size_t sealed_length);
void devices_set_refresh_batch(struct db_question *question, int64_t device_id, unsigned batch);
/* As GetRPCMethods told. */
void devices_set_methods(
	struct db_question *question, int64_t device_id, const char *const *methods, size_t count);
/* The device has answered this method with fault 9000; noted unless every device must have it. Forgotten with BOOTSTRAP, another software version,
 * and GetRPCMethods that lists it; likewise what GetRPCMethods told, but for the last. */
void devices_refuse_method(struct db_question *question, int64_t device_id, const char *method);

#endif
