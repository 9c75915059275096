/* orders: what the ACS has told a device of a fleet to do later: ScheduleInform, Download, Upload.
 * Each stays until the ACS has heard of its end. */
#ifndef CPE_FLEET_ORDERS_H
#define CPE_FLEET_ORDERS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "base/arena.h"
#include "cwmp/message.h"

struct fleet;
struct fleet_device;
struct file_transfer;

enum order_phase { ORDER_WAITING, ORDER_RUNNING, ORDER_DONE };

struct order {
	TAILQ_ENTRY(order) link;
	struct fleet *fleet;
	struct fleet_device *device;
	enum cwmp_method method; /* CWMP_SCHEDULE_INFORM, CWMP_DOWNLOAD or CWMP_UPLOAD */
	enum order_phase phase;
	uint64_t due_us; /* by clock_us() */
	struct arena *arena;
	const char *command_key, *file_type, *url, *username, *password;
	struct file_transfer *transfer; /* while it runs */
	unsigned fault;                 /* when it is done */
	time_t started, completed;
	bool is_announced; /* by the Inform of the session under way */
};
TAILQ_HEAD(orders, order);

/* Adds an order; its texts are copied. It begins when the session is over, and delay_seconds later. */
void orders_add(struct fleet *fleet, struct fleet_device *device, const struct order *order,
	unsigned delay_seconds);
/* Begins what is due and may begin now. */
void orders_run(struct fleet *fleet, struct fleet_device *device);
void orders_remove(struct orders *orders, struct order *order);
/* Ends what is under way, too. */
void orders_clear(struct orders *orders);

/* An Inform goes out: the ends of these transfers may be told in its session. */
void orders_announce(const struct fleet_device *device);
/* The next transfer whose end is to be told, NULL when there is none. */
struct order *orders_to_tell(const struct fleet_device *device);
/* TransferComplete of that one. Texts are the order's or taken from arena. */
void orders_tell(const struct order *order, struct arena *arena, enum cwmp_namespace ns,
	const char *id, struct cwmp_message *out);
/* The ACS has answered: the order and its events are gone. */
void orders_told(struct fleet_device *device, struct order *order);

#endif
