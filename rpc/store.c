/* store: what a device told of its data model, on its way to the database.
 * A name that no device could have is dropped and counted, never stored. */
#include "rpc/method.h"

#include <string.h>

#include "cwmp/secret_names.h"
#include "rpc/secrets.h"

enum { NOTIFICATION_MAX = 6 }; /* TR-069 A.3.2.5 */

bool store_takes_name(struct rpc_turn *turn, const char *name, size_t so_far)
{
	const bool ok = so_far < turn->settings->limits.of_device && *name &&
			cwmp_path_is_valid(name);
	if (!ok)
		turn->dropped++;
	return ok;
}

/* What is secret is not kept, whoever tells it: most devices read it back empty (TR-069 2.3.1). The passwords of
 * connection requests are kept sealed, elsewhere. */
const char *store_value_to_keep(struct rpc_turn *turn, const struct cwmp_value *told)
{
	if (cwmp_name_is_secret(told->name, turn->settings->secret_names))
		return "";
	return strchr(told->value, '@') ? secrets_value(turn->arena, told->value) : told->value;
}

size_t parameters_from_values(
	struct rpc_turn *turn, const struct cwmp_values *values, struct parameter **out)
{
	struct parameter *list = arena_array(turn->arena, values->count, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < values->count; i++) {
		const struct cwmp_value *told = &values->items[i];
		if (store_takes_name(turn, told->name, count))
			list[count++] = (struct parameter){ .name = told->name,
				.value = store_value_to_keep(turn, told),
				.type = told->type };
	}
	*out = list;
	return parameters_sort(turn->arena, list, count);
}

void store_values(
	struct rpc_turn *turn, const struct cwmp_values *values, enum parameters_teller teller)
{
	struct parameter *list;
	const size_t count = parameters_from_values(turn, values, &list);
	parameters_store(&turn->question, turn->session->device_id, list, count, teller,
		&turn->settings->limits);
}

void store_attributes(struct rpc_turn *turn, const struct cwmp_attributes *attributes)
{
	struct parameter_notification *list = arena_array(
		turn->arena, attributes->count, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < attributes->count; i++) {
		const struct cwmp_attribute *told = &attributes->items[i];
		if (told->notification > NOTIFICATION_MAX)
			turn->dropped++;
		else if (store_takes_name(turn, told->name, count))
			list[count++] = (struct parameter_notification){ .name = told->name,
				.notification = told->notification };
	}
	parameters_store_notifications(
		&turn->question, turn->session->device_id, list, count, false);
}

void store_names(struct rpc_turn *turn, const char *path, const struct cwmp_names *names,
	enum parameters_unlisted unlisted)
{
	struct parameter *list = arena_array(turn->arena, names->count, sizeof(*list));
	size_t count = 0;
	for (size_t i = 0; i < names->count; i++) {
		const struct cwmp_name *told = &names->items[i];
		if (store_takes_name(turn, told->name, count))
			list[count++] = (struct parameter){ .name = told->name,
				.writable = told->writable };
	}
	count = parameters_sort(turn->arena, list, count);
	parameters_store_names(&turn->question, turn->session->device_id, path, list, count,
		unlisted, &turn->settings->limits);
}
