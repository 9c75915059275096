/* config_table: what a setting is, for those who read, check and print settings.
 * Private to config; everybody else sees struct config. */
#ifndef ACS_CONFIG_TABLE_H
#define ACS_CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"

struct buffer;
struct config;

enum setting_type {
	TEXT,
	SECRET,       /* text that is wiped from the command line */
	KEY,          /* likewise; 64 hex digits or nothing */
	KEYS,         /* likewise; several, separated by commas */
	ADDRESS,      /* HOST:PORT */
	RANGES,       /* of addresses: 10.0.0.0/8, fd00::/8 */
	PORTS,        /* 80, 1024-65535 */
	NAME_SERVERS, /* 192.0.2.53, [2001:db8::53]:5353 */
	URL,          /* http or https, that paths are appended to */
	LOCATION,     /* http or https, as it is */
	FORMS,        /* of a certificate's name: {oui}-{serial}, {serial} */
	PEM,          /* paths of files, joined by ',' */
	NUMBER,
	BYTES,
	BOOLEAN,
	CHOICE,
};

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset; /* in struct config */
	const char *initial;
	uint64_t min, max; /* of numbers and bytes */
	const char *const *choices;
	const char *help;
};

extern const struct setting config_settings[];
extern const size_t config_setting_count;

/* NULL when there is none of that name. */
const struct setting *config_setting_find(const char *key);

/* Where a value came from, for the error text: "acs.conf:12", "ACS_CWMP_LISTEN" or
 * "--cwmp.listen". */
struct source {
	struct config *config;
	struct buffer *why;
	const char *where;
};

/* config_value.c */
/* The setting's place in the config. */
void *config_field(struct config *config, const struct setting *setting);
/* Is its value a char *, owned by the config? */
bool config_is_text(const struct setting *setting);
bool config_is_secret(const struct setting *setting);
/* May its value hold one, as a URL's user info and query do? */
bool config_may_tell_secrets(const struct setting *setting);
/* Reads value into the setting's field. False, and a line in the source's why, when it is not of
 * its type. */
bool config_set(const struct source *source, const struct setting *setting, const char *value);
/* Copies the setting's value, of whatever type. */
void config_copy(struct config *to, const struct config *from, const struct setting *setting);

#endif
