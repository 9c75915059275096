/* overlay: how one device's tree differs from the one that all devices of a fleet share.
 * While a device is asked about its tree, what is its own changes places with what is shared; so the
 * methods work on the shared tree, and it costs a device only what the ACS has changed. */
#ifndef CPE_FLEET_OVERLAY_H
#define CPE_FLEET_OVERLAY_H

#include <stdbool.h>

#include "base/arena.h"
#include "cpe/model/datamodel.h"
#include "cwmp/message.h"

struct overlay_value;
struct overlay_row;
struct overlay_table;

/* Starts as { 0 }: a device like the model. */
struct overlay {
	struct overlay_value *values;
	struct overlay_row *rows;
	struct overlay_table *tables;
	unsigned value_count, row_count, table_count;
};

/* Exchanges what is the device's own with what is shared; the next call changes it back, in the other
 * order. Everything below but overlay_text() and overlay_clear() needs the device's own in place. */
void overlay_put_on(struct overlay *overlay);
void overlay_take_off(struct overlay *overlay);
bool overlay_is_empty(const struct overlay *overlay);
/* The tree is the model's again; only while it is off. */
void overlay_clear(struct overlay *overlay);

/* The device's own text of a parameter, NULL while it is the model's; while it is off. */
const char *overlay_text(const struct overlay *overlay, const struct node *node);

/* From now on the device has a value, or attributes, of its own. */
void overlay_own_value(struct overlay *overlay, struct node *node);
/* Of all parameters at and below the node. */
void overlay_own_attributes(struct overlay *overlay, struct node *node);
/* AddObject and DeleteObject: 0 or 9005. */
unsigned overlay_add_row(
	struct overlay *overlay, struct datamodel *tree, const char *table, unsigned *instance);
unsigned overlay_delete_row(struct overlay *overlay, const struct datamodel *tree, const char *row);
/* The object of that name below the root is the device's own, empty at first, in place of the shared
 * one if there is any. */
void overlay_own_branch(struct overlay *overlay, struct datamodel *tree, const char *name);

#endif
