/* upload: a file that a device sends because of an Upload (TR-069 A.4.1.5), into the catalogue.
 * The link names the file; the task that made the link, while it is open, tells all else about it. */
#include "acs/files/upload.h"

#include <string.h>
#include <time.h>

#include "acs/audit.h"
#include "acs/files/files.h"
#include "acs/files/incoming.h"
#include "acs/files/proof.h"
#include "acs/files/send.h"
#include "acs/log.h"
#include "acs/metrics.h"
#include "acs/server.h"
#include "base/clock.h"

struct upload {
	struct http_request *request;
	struct loop *loop;
	struct db_wait wait;
	struct incoming incoming;
	struct file_link link;
	struct http_authorization authorization;
	bool has_whole_body;
	uint64_t begun_ms;
};

bool upload_is_meant(const struct http_request *request)
{
	return (strcmp(request->method, "PUT") == 0 || strcmp(request->method, "POST") == 0) &&
	       strncmp(request->path, "/u/", 3) == 0;
}

static void note(const struct upload *u, unsigned status, const char *outcome)
{
	const struct file_new *file = &u->incoming.file;
	metrics_add(METRIC_FILE_BYTES, "in", NULL, (uint64_t)file->size);
	LOG_INFO("upload", LOG_TEXT("name", file->name), LOG_TEXT("device", file->device),
		LOG_TEXT("peer", http_peer_address(u->request->arena, u->request)),
		LOG_NUMBER("status", status), LOG_TEXT("outcome", outcome),
		LOG_NUMBER("bytes", file->size), LOG_NUMBER("ms", clock_ms() - u->begun_ms));
}

static void on_gone(struct http_request *request)
{
	struct upload *u = request->user;
	db_abandon(&u->wait);
	note(u, 0, "gone");
	incoming_release(&u->incoming, u->loop);
}

static void refuse(struct upload *u, unsigned status, const char *outcome)
{
	note(u, status, outcome);
	incoming_release(&u->incoming, u->loop);
	file_refuse(u->request, u->loop, status, outcome);
}

/* Questions. What the database cannot do now, the device may do again later. */

static void ask(struct upload *u, const struct db_question *question, db_done_fn *done)
{
	db_ask(u->loop->db, question, &u->wait, done, u);
}

static bool is_answered(struct upload *u, const struct db_answer *answer)
{
	if (answer->outcome != DB_OK)
		refuse(u, 503, "the database does not answer");
	return answer->outcome == DB_OK;
}

static void on_finished(const struct db_answer *answer, void *arg)
{
	struct upload *u = arg;
	if (!is_answered(u, answer))
		return;
	const struct db_rows *rows = answer->results[answer->count - 1];
	if (db_row_count(rows) == 0) {
		refuse(u, 409, "the upload was given up meanwhile, or its name taken");
		return;
	}
	const unsigned status = db_get_bool(rows, 0, 1) ? 201 : 200;
	u->incoming.is_finished = true;
	note(u, status, "stored");
	incoming_release(&u->incoming, u->loop);
	u->request->on_gone = NULL;
	http_reply(u->request, &(const struct http_response){ .status = status, .body = "" });
}

static void finish(struct upload *u)
{
	const struct file_new *file = &u->incoming.file;
	const struct audit_note audit = {
		.actor = AUDIT_DEVICE_ITSELF,
		.action = "upload",
		.target = file->name,
		.address = http_peer_address(u->request->arena, u->request),
		.device = file->device,
	};
	struct db_question question = db_question(u->request->arena);
	incoming_finish(&u->incoming, &question, &audit);
	ask(u, &question, on_finished);
}

static void on_stored(const struct db_answer *answer, void *arg);

static void store_chunk(struct upload *u)
{
	/* Not the request's arena: it would keep a question for every chunk. */
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	incoming_store_chunk(&u->incoming, &question);
	ask(u, &question, on_stored);
	incoming_drop_chunk(&u->incoming);
	arena_free(arena);
}

static void go_on(struct upload *u)
{
	if (incoming_has_chunk(&u->incoming))
		store_chunk(u);
	else if (u->has_whole_body)
		finish(u);
	else
		http_request_resume(u->request);
}

static void on_stored(const struct db_answer *answer, void *arg)
{
	if (is_answered(arg, answer))
		go_on(arg);
}

static void on_bytes(struct http_request *request, const void *bytes, size_t length)
{
	struct upload *u = request->user;
	incoming_add(&u->incoming, bytes, length);
	if (!incoming_has_chunk(&u->incoming))
		return;
	http_request_pause(request);
	if (!db_is_waiting(&u->wait))
		store_chunk(u);
}

void upload_received(struct http_request *request)
{
	struct upload *u = request->user;
	u->has_whole_body = true;
	if (!db_is_waiting(&u->wait))
		finish(u);
}

static void on_begun(const struct db_answer *answer, void *arg)
{
	struct upload *u = arg;
	if (!is_answered(u, answer))
		return;
	incoming_begun(&u->incoming, answer->results[0]);
	go_on(u);
}

/* By the FileTypes of Upload (TR-069 A.4.1.5). A configuration comes back to the device by a Download of
 * another type than it went by. */
static const struct kind {
	const char *prefix, *name, *file_type; /* NULL: as told */
} kinds[] = {
	{ "1 ", "config", "3 Vendor Configuration File" },
	{ "2 ", "log", NULL },
	{ "3 ", "config", "3 Vendor Configuration File" },
	{ "4 ", "log", NULL },
	{ "", "other", NULL },
};

static void describe(struct file_new *file, const struct upload_order *order)
{
	const struct kind *kind = kinds;
	while (strncmp(order->file_type, kind->prefix, strlen(kind->prefix)) != 0)
		kind++;
	file->kind = kind->name;
	file->file_type = kind->file_type ? kind->file_type : order->file_type;
	file->version = order->version;
	file->oui = order->device.oui;
	file->product_class = order->device.product_class;
	file->device = order->device.id;
}

static void on_order(const struct db_answer *answer, void *arg)
{
	struct upload *u = arg;
	struct upload_order order;
	if (!is_answered(u, answer))
		return;
	if (!upload_order_read(u->request->arena, answer->results[0], &order)) {
		refuse(u, 409, "no open Upload has this link");
		return;
	}
	const enum file_proof proof = proof_judge(
		u->request, u->loop, &u->link, &u->authorization, answer->results[0]);
	if (proof != FILE_PROOF_GOOD) {
		incoming_release(&u->incoming, u->loop);
		proof_refuse(u->request, u->loop, proof);
		return;
	}
	describe(&u->incoming.file, &order);
	if (order.is_taken) {
		refuse(u, 409, "the catalogue has a file of this name that is not the device's");
		return;
	}
	struct db_question question = db_question(u->request->arena);
	incoming_begin(&u->incoming, &question);
	ask(u, &question, on_begun);
}

/* The file is what comes, byte by byte and as a whole (RFC 9110, 14.5). */
static bool is_whole_file(struct upload *u)
{
	const struct http_request *request = u->request;
	const char *coding = http_request_header(request, "Content-Encoding");
	if (http_coding_by_name(coding) != HTTP_IDENTITY)
		refuse(u, 415, "a Content-Encoding is not undone here");
	else if (http_request_header(request, "Content-Range"))
		refuse(u, 400, "a Content-Range is no whole file");
	else
		return true;
	return false;
}

/* Nothing of the body is read before the task is known. */
void upload_begin(struct http_request *request, struct loop *loop)
{
	const struct server *server = loop->server;
	struct upload *u = ARENA_NEW(request->arena, struct upload);
	u->request = request;
	u->loop = loop;
	u->begun_ms = clock_ms();
	request->user = u;
	if (!file_link_check(request->arena, server->link_key, FILE_LINK_UPLOAD, request->path,
		    time(NULL), &u->link)) {
		refuse(u, 403, "no valid link");
		return;
	}
	u->incoming.file.name = u->link.name;
	if (!is_whole_file(u) || !proof_screen(request, loop, &u->authorization))
		return;
	request->on_gone = on_gone;
	request->on_body = on_bytes;
	request->body_limit = server->config->files.max_bytes;
	struct db_question question = db_question(request->arena);
	files_find_upload(&question, u->link.name, u->link.device_id);
	ask(u, &question, on_order);
	http_request_pause(request);
}
