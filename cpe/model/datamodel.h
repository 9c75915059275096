/* datamodel: the tree of objects and parameters that one device shows to its ACS.
 * Every object keeps its children sorted, instances by number, so that a path is found by
 * bisection. */
#ifndef CPE_DATAMODEL_H
#define CPE_DATAMODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "cwmp/message.h"

/* TR-069 A.3.2.4; the numbers are those of the protocol. */
enum notification {
	NOTIFICATION_OFF,
	NOTIFICATION_PASSIVE,
	NOTIFICATION_ACTIVE,
	NOTIFICATION_PASSIVE_LIGHTWEIGHT,
	NOTIFICATION_PASSIVE_AND_PASSIVE_LIGHTWEIGHT,
	NOTIFICATION_ACTIVE_LIGHTWEIGHT,
	NOTIFICATION_PASSIVE_AND_ACTIVE_LIGHTWEIGHT,
};

struct node {
	struct node *parent;
	char *name; /* own segment of the path: "DeviceInfo", "1", "{i}" for the shape of a row */
	bool is_object;
	bool is_writable;   /* parameter: settable; table: AddObject; row: DeleteObject */
	bool is_template;   /* shape for rows to come; never shown */
	bool is_changed;    /* the value differs from the model and must last */
	bool is_hidden;     /* the model says that it reads back empty */
	bool starts_active; /* notification is active until the ACS says otherwise */
	enum notification notification;
	bool has_attributes;    /* the ACS has set them; they must last */
	char *access_list;      /* comma-separated; NULL: Subscriber, as all begin */
	const char *type;       /* of a parameter, "xsd:string"; static */
	char *value;            /* of a parameter */
	char *initial;          /* of a parameter in a new row, NULL: its type's default */
	unsigned last_instance; /* of a table: the highest number that was ever used */
	struct node **children;
	size_t child_count, child_room;
};

/* What happened to rows since the model was loaded, in order, to be done again after a restart. */
struct object_change {
	bool is_added; /* else deleted */
	char *path;    /* "Device.NAT.PortMapping.3." */
};

struct datamodel {
	struct node *top;               /* nameless parent of the root object */
	struct cwmp_device_id identity; /* DeviceID.* of the file; texts owned */
	struct object_change *changes;
	size_t change_count, change_room;
};

/* Columns of models and of configuration files. */
enum model_column {
	MODEL_NAME,
	MODEL_OBJECT,
	MODEL_WRITABLE,
	MODEL_VALUE,
	MODEL_TYPE,
	MODEL_COLUMNS
};

/* Reads a CSV model, `Parameter,Object,Writable,Value,Value type`, or, when the name ends in
 * ".xml", an official data-model document, which has no identity. NULL and a text in why. */
struct datamodel *datamodel_load(const char *path, char *why, size_t why_size);
struct datamodel *datamodel_parse(const void *csv, size_t length, char *why, size_t why_size);
struct datamodel *datamodel_parse_xml(const void *xml, size_t length, char *why, size_t why_size);
void datamodel_free(struct datamodel *model);
/* Is this the header of a model or configuration file? */
struct csv_row;
bool datamodel_is_header(const struct csv_row *row);

/* The root object, "Device." or "InternetGatewayDevice." */
struct node *datamodel_root(const struct datamodel *model);
/* A path that ends in '.' (or is empty: the top) finds an object, any other a parameter. */
struct node *datamodel_find(const struct datamodel *model, const char *path);
/* The same below the root object: "ManagementServer.URL". */
struct node *datamodel_at(const struct datamodel *model, const char *relative);
/* The value of a parameter below the root; "" when the model has none. */
const char *datamodel_text(const struct datamodel *model, const char *relative);
unsigned long datamodel_number(
	const struct datamodel *model, const char *relative, unsigned long otherwise);
bool datamodel_flag(const struct datamodel *model, const char *relative);
/* Shows a value that is not kept over a restart; nothing happens when the model has no such name.
 */
void datamodel_show(struct datamodel *model, const char *relative, const char *value);

/* Full path; objects end in '.'. */
char *node_path(struct arena *arena, const struct node *node);
bool node_is_instance(const struct node *node);
/* Is a change of it told by an Inform that something else sends, or by one of its own? */
bool node_is_passive(const struct node *node);
/* Passwords and keys, which read back empty (TR-106 "hidden"). */
bool node_is_hidden(const struct node *node);
/* Sets a value that must last. False when it was the same already. */
bool node_set(struct node *node, const char *value);
/* The value without the mark that it must last. */
void node_show(struct node *node, const char *value);
/* What a value of that type is when nothing else is known. */
const char *type_default(const char *type);
/* What the ACS may read. */
const char *node_readable(const struct node *node);

/* For the readers of models: without root and identity. */
struct datamodel *datamodel_new(void);
/* Finds or makes the node of a path without a '.' at its end; NULL when an object and a parameter
 * would share a name. */
struct node *datamodel_make(struct datamodel *model, const char *name, bool is_object);
/* NULL, or why the model is none; fills what it lacks of its identity. */
const char *datamodel_check(struct datamodel *model);
/* What a device must have to be managed, for the model of a service alone. */
void datamodel_add_basics(struct datamodel *model);

/* For objects.c: children in order; takes ownership of child. */
struct node *node_new(const char *name, bool is_object);
void node_add_child(struct node *parent, struct node *child);
void node_remove_child(struct node *parent, struct node *child);
struct node *node_child(const struct node *parent, const char *name, size_t length);
void node_free(struct node *node);

#endif
