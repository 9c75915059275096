/* credentials: how a device proves itself to us, and we to it. */
#ifndef DB_CREDENTIALS_H
#define DB_CREDENTIALS_H

#include "base/compiler.h"
#include "db/audit.h"

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
/* Stores it; a device unknown until now is created as not registered. One row: JSON text, and
 * whether the credential is new. */
void credentials_put(struct db_question *question, const struct audit_note *note,
	const struct credential_new *credential);
/* One row with the credential as JSON text, without passwords, or none. */
void credentials_get(struct db_question *question, int64_t device_id);
/* One row when there was one. */
void credentials_delete(
	struct db_question *question, const struct audit_note *note, int64_t device_id);

/* Where the sealed password stands, for base/keyring.h. */
const char *credential_place(struct arena *arena, int64_t device_id);

/* What a connection request needs. */
struct connection_request_target {
	const char *device;          /* public id */
	const char *url;             /* or NULL */
	const char *source_address;  /* of the latest Inform, or NULL */
	const char *username;        /* or NULL */
	const void *sealed_password; /* or NULL */
	size_t sealed_password_length;
};
void connection_request_find(struct db_question *question, int64_t device_id);
/* Texts are copied into arena. False when there is no such device. */
bool connection_request_target_read(struct arena *arena, const struct db_rows *rows,
	struct connection_request_target *out) MUST_CHECK;

#endif
