/* lab: a database of the test program's own, and looks at what is stored in it.
 * Every test has devices of its own, so the tests of a program share one cluster. */
#ifndef TEST_RPC_LAB_H
#define TEST_RPC_LAB_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <event2/event.h>

#include "../db/private_cluster.h"
#include "base/crypto.h"
#include "cwmp/codec.h"
#include "db/credentials.h"
#include "db/db.h"
#include "db/devices.h"
#include "db/inform_touch.h"
#include "db/migrate.h"
#include "db/queue.h"
#include "rpc/rpc.h"

enum { LAB_DEVICES = 4, LAB_SETTLED = 16 };
enum {
	RETRY_SECONDS = 60,
	ATTEMPTS = 3,
	TRANSFER_SECONDS = 3600,
	LINK_SECONDS = 7200,
	REFRESH_BATCH = 4,
	PARAMETERS_MAX = 40,
	REQUESTS_MAX = 12,
};
static const uint8_t lab_keys[1][SEAL_KEY_BYTES] = { "the key that seals in this lab." };

/* A device of its own, and the session that it is in. */
struct device {
	const char *oui, *product_class, *serial_number, *root;
	const char *credential;           /* that it proves itself with; NULL: none is asked for */
	const struct inform_known *known; /* what the node remembers of it… */
	bool is_forgotten;                /* …or another node does not */
	struct rpc_session session;
	struct rpc_turn turn;         /* the latest */
	enum rpc_next next;           /* how it ended */
	unsigned questions;           /* that it asked */
	const char *sqlstate;         /* of a question that failed, else "" */
	int64_t settled[LAB_SETTLED]; /* tasks of which waiters were told in this turn */
	size_t settled_count;
};

static struct {
	struct private_cluster server;
	struct event_base *base;
	struct db *db;
	struct batch *touches;
	struct cwmp_codec *codec;
	struct arena *arena; /* of the test */
	struct device *devices[LAB_DEVICES];
	size_t device_count;
	unsigned serial; /* of the latest device */
	time_t link_expires;
} lab;

static inline bool lab_link(struct arena *arena, const struct rpc_session *session,
	const struct rpc_link_order *order, struct rpc_link *out, void *arg)
{
	(void)arg;
	lab.link_expires = order->expires;
	*out = (struct rpc_link){
		.url = arena_printf(arena, "%s/%c/token/%s", session->files_url,
			order->is_upload ? 'u' : 'd', order->name),
		.username = "",
		.password = "",
	};
	return strlen(order->name) <= 100;
}

/* Not const: some tests change what an operator may set. */
static struct rpc_settings lab_settings = {
	.retry_seconds = RETRY_SECONDS,
	.attempts = ATTEMPTS,
	.transfer_seconds = TRANSFER_SECONDS,
	.link_seconds = LINK_SECONDS,
	.refresh_batch = REFRESH_BATCH,
	.limits = { .of_device = PARAMETERS_MAX, .in_all = 100000 },
	.requests_per_session = REQUESTS_MAX,
	.link = lab_link,
	.reprovisions = true,
	.answers_request_download = true,
	.kicked_next_url = "",
	.secret_names = "",
};

/* For cmocka: the program's cluster, and each test's arena. */
static inline int lab_open(void **state)
{
	char why[512] = "";
	(void)state;
	private_cluster_start(&lab.server);
	if (!db_migrate(db_cluster_url(lab.server.cluster), NULL, NULL, why, sizeof(why)))
		fail_msg("%s", why);
	lab_settings.secrets = keyring_new();
	keyring_set(lab_settings.secrets, lab_keys, 1);
	lab.codec = cwmp_codec_new(&cwmp_default_limits);
	lab.base = event_base_new();
	lab.db = db_open(lab.base, &(const struct db_options){
					   .url = db_cluster_url(lab.server.cluster),
					   .connections = 1,
					   .statement_timeout_ms = 10000,
					   .connect_timeout_ms = 5000,
					   .reconnect_min_ms = 10,
					   .reconnect_max_ms = 100,
					   .in_flight = 10,
				   });
	lab.touches = batch_open(lab.base, lab.db, inform_touches_ask,
		&(const struct batch_options){ .most = 10 });
	while (!db_is_up(lab.db))
		event_base_loop(lab.base, EVLOOP_ONCE);
	return 0;
}

static inline int lab_close(void **state)
{
	(void)state;
	batch_close(lab.touches);
	db_close(lab.db);
	event_base_free(lab.base);
	cwmp_codec_free(lab.codec);
	keyring_free(lab_settings.secrets);
	private_cluster_stop(&lab.server);
	return 0;
}

static inline int lab_begin(void **state)
{
	(void)state;
	lab.arena = arena_new();
	lab.device_count = 0;
	return 0;
}

static inline int lab_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < lab.device_count; i++)
		rpc_task_free(lab.devices[i]->session.task);
	arena_free(lab.arena);
	return 0;
}

#define LAB_TEST(test) cmocka_unit_test_setup_teardown(test, lab_begin, lab_end)

/* One statement outside any turn; it must succeed. */
static inline const struct db_rows *lab_ask(const struct db_question *question)
{
	const struct db_answer answer = db_ask_and_wait(lab.db, lab.base, lab.arena, question);
	if (answer.outcome != DB_OK)
		fail_msg("%s", answer.text);
	return answer.count ? answer.results[answer.count - 1] : NULL;
}

#define LAB_ASK(statement, ...) \
	lab_ask(lab_question((statement), (const struct db_value[]){ __VA_ARGS__ }, \
		LENGTH_OF(((const struct db_value[]){ __VA_ARGS__ }))))

static inline const struct db_question *lab_question(
	const struct db_statement *statement, const struct db_value *values, size_t count)
{
	struct db_question *question = ARENA_NEW(lab.arena, struct db_question);
	*question = db_question(lab.arena);
	db_add(question, statement, values, count);
	return question;
}

static inline const char *only_text(const struct db_rows *rows)
{
	return db_row_count(rows) ? db_get_text(rows, 0, 0) : NULL;
}

/* Two texts that may be NULL. */
static inline void assert_text(const char *actual, const char *expected)
{
	assert_string_equal(actual ? actual : "(null)", expected ? expected : "(null)");
}

/* What is stored, as text; path leads into JSON columns: "fault.code", "result.parameters.0.name".
 */
static inline const char *task_text(int64_t task, const char *path)
{
	static const struct db_statement statement = {
		.name = "lab_task",
		.sql = "SELECT to_jsonb(t) #>> string_to_array($2, '.') FROM task t WHERE task_id = $1",
	};
	return only_text(LAB_ASK(&statement, db_int(lab.arena, task), db_text(path)));
}

/* Rows of a statement in which $1 is the device. */
static inline int64_t count_of(const struct device *d, const struct db_statement *statement)
{
	return db_get_int(LAB_ASK(statement, db_int(lab.arena, d->session.device_id)), 0, 0);
}

/* Of device, device_live and credential together. */
static inline const char *device_text(const struct device *d, const char *path)
{
	static const struct db_statement statement = {
		.name = "lab_device",
		.sql = "SELECT (to_jsonb(d) || to_jsonb(l) || coalesce(to_jsonb(c), '{}'))"
		       " #>> string_to_array($2, '.') FROM device d JOIN device_live l USING (device_id)"
		       " LEFT JOIN credential c USING (device_id) WHERE d.device_id = $1",
	};
	return only_text(
		LAB_ASK(&statement, db_int(lab.arena, d->session.device_id), db_text(path)));
}

static inline const char *parameter_text(
	const struct device *d, const char *name, const char *column)
{
	static const struct db_statement statement = {
		.name = "lab_parameter",
		.sql = "SELECT to_jsonb(p) ->> $3 FROM parameter p JOIN path USING (path_id)"
		       " WHERE device_id = $1 AND name = $2",
	};
	return only_text(LAB_ASK(&statement, db_int(lab.arena, d->session.device_id), db_text(name),
		db_text(column)));
}

static inline const char *value_of(const struct device *d, const char *name)
{
	return parameter_text(d, name, "value");
}

static inline bool knows(const struct device *d, const char *name)
{
	return parameter_text(d, name, "path_id") != NULL;
}

/* "Reboot:queued Refresh:done", in the queue's order. */
static inline const char *tasks_of(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_tasks",
		.sql = "SELECT coalesce(string_agg(method || ':' || state, ' ' ORDER BY task_id), '')"
		       " FROM task WHERE device_id = $1",
	};
	return only_text(LAB_ASK(&statement, db_int(lab.arena, d->session.device_id)));
}

/* The wait before the next attempt is over. */
static inline void let_retry_come(int64_t task)
{
	static const struct db_statement statement = {
		.name = "lab_retry",
		.sql = "UPDATE task SET retry_at = now() WHERE task_id = $1",
	};
	LAB_ASK(&statement, db_int(lab.arena, task));
}

/* Seconds until the next attempt. */
static inline int64_t retry_wait(int64_t task)
{
	static const struct db_statement statement = {
		.name = "lab_retry_wait",
		.sql = "SELECT round(extract(epoch FROM retry_at - now()))::bigint"
		       " FROM task WHERE task_id = $1",
	};
	return db_get_int(LAB_ASK(&statement, db_int(lab.arena, task)), 0, 0);
}

/* A file of the catalogue; its content is of no interest here. */
static inline const char *catalogue(const char *kind, const char *version)
{
	static const struct db_statement statement = {
		.name = "lab_file",
		.sql = "INSERT INTO file (name, kind, file_type, version, content_id, sha256, size)"
		       " VALUES ($1, $2, '1 Firmware Upgrade Image', $3, 0, '', 4711)",
	};
	const char *name = arena_printf(lab.arena, "file-%u.bin", ++lab.serial);
	LAB_ASK(&statement, db_text(name), db_text(kind), db_text(version));
	return name;
}

/* A file that came for devices of a kind. */
static inline const char *catalogue_for(
	const char *oui, const char *product_class, const char *version)
{
	static const struct db_statement statement = {
		.name = "lab_file_for",
		.sql = "UPDATE file SET oui = $2, product_class = $3, uploaded = clock_timestamp()"
		       " WHERE name = $1",
	};
	const char *name = catalogue("firmware", version);
	LAB_ASK(&statement, db_text(name), db_text(oui), db_text(product_class));
	return name;
}

/* A file that a device put there. */
static inline void uploaded(const struct device *d, const char *name)
{
	static const struct db_statement statement = {
		.name = "lab_uploaded",
		.sql = "INSERT INTO file (name, kind, file_type, content_id, sha256, size, device)"
		       " SELECT $2, 'other', '', 0, '', 5, id FROM device WHERE device_id = $1",
	};
	LAB_ASK(&statement, db_int(lab.arena, d->session.device_id), db_text(name));
}

/* "boot, M Reboot": the kinds in order. */
static inline const char *events_of(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_events",
		.sql = "SELECT coalesce(string_agg(kind, ', ' ORDER BY event_id), '') FROM event"
		       " WHERE device_id = $1",
	};
	return only_text(LAB_ASK(&statement, db_int(lab.arena, d->session.device_id)));
}

/* Of the latest event of that kind; path leads into its detail. */
static inline const char *event_detail(const struct device *d, const char *kind, const char *path)
{
	static const struct db_statement statement = {
		.name = "lab_event",
		.sql = "SELECT detail #>> string_to_array($3, '.') FROM event"
		       " WHERE device_id = $1 AND kind = $2 ORDER BY event_id DESC LIMIT 1",
	};
	return only_text(LAB_ASK(
		&statement, db_int(lab.arena, d->session.device_id), db_text(kind), db_text(path)));
}

/* Faults recorded. */
static inline int64_t fault_count(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_fault_count",
		.sql = "SELECT count(*) FROM fault WHERE device_id = $1",
	};
	return count_of(d, &statement);
}

/* Transfers under way. */
static inline int64_t open_transfers(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_transfers",
		.sql = "SELECT count(*) FROM transfer WHERE device_id = $1",
	};
	return db_get_int(LAB_ASK(&statement, db_int(lab.arena, d->session.device_id)), 0, 0);
}

/* What the server does every now and then, without any session. */
static inline void sweep(void)
{
	struct db_question question = db_question(lab.arena);
	queue_sweep(&question, 600, 3600, ATTEMPTS);
	lab_ask(&question);
}

/* "Method code" of the latest fault that was recorded. */
static inline const char *fault_of(const struct device *d)
{
	static const struct db_statement statement = {
		.name = "lab_fault",
		.sql = "SELECT method || ' ' || code FROM fault WHERE device_id = $1"
		       " ORDER BY fault_id DESC LIMIT 1",
	};
	return only_text(LAB_ASK(&statement, db_int(lab.arena, d->session.device_id)));
}

/* Of the connection request, as it is stored; NULL: none. */
static inline const void *sealed_password(const struct device *d, size_t *length)
{
	static const struct db_statement statement = {
		.name = "lab_sealed",
		.sql = "SELECT connection_request_password FROM credential WHERE device_id = $1",
	};
	const struct db_rows *rows = LAB_ASK(&statement, db_int(lab.arena, d->session.device_id));
	*length = 0;
	return db_row_count(rows) ? db_get_bytea(lab.arena, rows, 0, 0, length) : NULL;
}

#endif
