/* credentials: how a device proves itself to us, and we to it. */
#ifndef DB_CREDENTIALS_H
#define DB_CREDENTIALS_H

#include "base/compiler.h"
#include "db/audit.h"

/* What a device proves itself with. */
struct auth_credential {
	const char *username, *realm, *ha1_md5, *ha1_sha256; /* username NULL: there is none */
	bool is_shared; /* by devices of a class, as long as they have none of their own */
};

struct credential_new {
	int64_t device_id;
	const char *id, *oui, *product_class,
		*serial_number; /* for a device that is not known yet */
	const char *username, *realm, *ha1_md5, *ha1_sha256;
	bool has_connection_request; /* false: what is stored of it stays */
	const char *connection_request_username;
	const void *connection_request_password; /* sealed; NULL: none */
	size_t connection_request_password_length;
};

/* The result of credentials_put() and credentials_delete() that tells; before it comes the device's lock. */
enum { CREDENTIALS_RESULT = 1 };
/* Stores it, in place of what was there and of what was on its way to the device; a device unknown until now is
 * created as not registered. One row: JSON text, and whether the credential is new. */
void credentials_put(struct db_question *question, const struct audit_note *note,
	const struct credential_new *credential);
/* One row with the credential as JSON text, without passwords, or none. */
void credentials_get(struct db_question *question, int64_t device_id);
/* One row when there was one. */
void credentials_delete(
	struct db_question *question, const struct audit_note *note, int64_t device_id);

/* A shared credential may speak for the device for so long, though it has its own. The last result is one row with
 * the credential as JSON text, or none. */
void credentials_reopen(struct db_question *question, const struct audit_note *note,
	int64_t device_id, unsigned hours);
/* And no longer. */
void credentials_close(struct db_question *question, int64_t device_id);

/* A pair that the device is about to be given, unless one of this realm is on its way to it already; with a task that
 * gives it. Until the device has used it, what it had counts as well. The password comes sealed. */
void credentials_prepare(struct db_question *question, int64_t device_id,
	const struct auth_credential *next, const void *sealed_password, size_t sealed_length);
/* The device has used that pair: it is the device's own from now on, and no other is. Takes the device's lock. */
void credentials_promote(struct db_question *question, int64_t device_id, const char *ha1_md5);

/* Where the sealed passwords stand, for base/keyring.h: of connection requests, and of the pair on its way. */
const char *credential_place(struct arena *arena, int64_t device_id);
const char *credential_next_place(struct arena *arena, int64_t device_id);

/* What a connection request needs. */
struct connection_request_target {
	const char *device;          /* public id */
	const char *url;             /* or NULL */
	const char *source_address;  /* of the latest Inform, or NULL */
	const char *admission;       /* "active", "quarantined", "blocked" */
	const char *username;        /* or NULL */
	const void *sealed_password; /* or NULL */
	size_t sealed_password_length;
};
void connection_request_find(struct db_question *question, int64_t device_id);
/* Texts are copied into arena. False when there is no such device. */
bool connection_request_target_read(struct arena *arena, const struct db_rows *rows,
	struct connection_request_target *out) MUST_CHECK;

#endif
