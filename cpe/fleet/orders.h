/* orders: what the ACS has told a device of a fleet to do later: Informs, transfers, changes of modules.
 * Each stays until the ACS has heard of its end. */
#ifndef CPE_FLEET_ORDERS_H
#define CPE_FLEET_ORDERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>
#include <time.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/compiler.h"
#include "cpe/transfer/windows.h"
#include "cwmp/message.h"

struct fleet;
struct fleet_device;
struct file_transfer;
struct file_transfer_request;

enum order_phase {
	ORDER_WAITING,
	ORDER_RUNNING,
	ORDER_FETCHED, /* firmware that waits for the boot that starts it */
	ORDER_DONE,
};

struct order {
	TAILQ_ENTRY(order) link;
	struct fleet *fleet;
	struct fleet_device *device;
	enum cwmp_method method; /* one of those in the table of orders.c */
	enum order_phase phase;
	uint64_t due_us; /* by clock_us() */
	struct arena *arena;
	const char *command_key, *file_type, *url, *username, *password, *target_file_name;
	uint64_t file_size;
	struct windows windows;         /* of ScheduleDownload */
	json_t *change;                 /* of ChangeDUState, du_operations.h; owned */
	struct file_transfer *transfer; /* while one runs */
	struct buffer content;          /* what it fetched, as far as that matters */
	unsigned fault;                 /* when it is done */
	time_t started, completed;
	bool is_announced; /* by the Inform of the session under way */
};
TAILQ_HEAD(orders, order);

enum { ORDERS_MAX = 16 /* of one device */ };

/* Adds an order; its texts are copied, change is taken. It begins when the session is over, and
 * delay_seconds later. False when the device has too many; then nothing is taken. */
bool orders_add(struct fleet *fleet, struct fleet_device *device, const struct order *order,
	unsigned delay_seconds) MUST_CHECK;
/* Begins what is due and may begin now. */
void orders_run(struct fleet_device *device);
/* The transfer of that key whose end has not been told, NULL without one. */
struct order *orders_find_transfer(const struct orders *orders, const char *command_key);
bool order_is_transfer(const struct order *order);
void orders_remove(struct orders *orders, struct order *order);
/* Ends what is under way, too. */
void orders_clear(struct orders *orders);
/* Power comes back: firmware that was fetched runs. False when there was none. */
bool orders_on_boot(struct fleet_device *device);

/* For those who carry an order out: it is done, with order->fault; the ACS will be told. */
void order_end(struct order *order);
/* It begins once more, or goes on, at that time by clock_us(). */
void order_delay(struct order *order, uint64_t due_us);
/* Fetches or sends a file, whose end on_done hears of with the order. When too many files are under way
 * the order is delayed instead. */
typedef void order_transferred_fn(unsigned fault, uint64_t bytes, void *order);
void order_begin_transfer(struct order *order, const struct file_transfer_request *request,
	order_transferred_fn *on_done);
/* To be called first by on_done. */
void order_on_transfer_ended(struct order *order);

/* An Inform goes out: the ends of these orders may be told in its session. */
void orders_announce(const struct fleet_device *device);
/* The next order whose end is to be told, NULL when there is none. */
struct order *orders_to_tell(const struct fleet_device *device);
/* TransferComplete or DUStateChangeComplete of that one. Texts are the order's or taken from arena. */
void orders_tell(const struct order *order, struct arena *arena, enum cwmp_namespace ns,
	const char *id, struct cwmp_message *out);
/* The ACS has answered: the order and its events are gone. */
void orders_told(struct fleet_device *device, struct order *order);

#endif
