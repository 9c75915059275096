/* model: the tree that all devices of a fleet share, and what of it goes into their Informs.
 * Some numbers in the Inform are counters: they are each device's own, and arithmetic. */
#ifndef CPE_FLEET_MODEL_H
#define CPE_FLEET_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/compiler.h"
#include "cpe/model/datamodel.h"
#include "cpe/options.h"

/* What a parameter of the Inform shows. */
enum informed_kind {
	INFORMED_SHARED,  /* the tree's value, the same for all devices */
	INFORMED_COUNTER, /* model_counter() */
	INFORMED_SERIAL,
	INFORMED_URL, /* ConnectionRequestURL */
	INFORMED_KEY, /* ParameterKey */
};

struct informed {
	struct node *node;
	char *path;
	enum informed_kind kind;
	unsigned counter; /* which, from 0 */
};

struct fleet_model {
	struct datamodel *tree;
	struct informed *informed;
	unsigned informed_count, counter_count;
};

/* The tree of --data-model, or a small one with as many counters as --parameters asks for. NULL and
 * why. */
struct fleet_model *fleet_model_new(const struct options *options, char *why, size_t why_size);
void fleet_model_free(struct fleet_model *model);

/* Each session with changes gives `change` of the `count` counters a new value, in turn: in change
 * number c (from 1) those with the numbers (c - 1) * change to c * change - 1, modulo count. A counter
 * shows the device's number plus the number of the change in which it last changed, 0 before. Returns
 * that number of the change, after `changes` of them. */
uint32_t counter_last_change(unsigned counter, unsigned count, unsigned change, uint32_t changes);

#endif
