/* files: what devices may fetch: listed, shown, uploaded, deleted.
 * GET /files, GET|PUT|DELETE /files/{file}, GET /files/{file}/content. */

#include <string.h>

#include "acs/api/page.h"
#include "acs/files/incoming.h"
#include "acs/files/send.h"
#include "acs/metrics.h"
#include "http/url.h"

enum { MOST_NAME_BYTES = 128, MOST_FILE_TYPE_BYTES = 64, MOST_TEXT_BYTES = 64 };

/* FileType of a Download where the operator gives none (TR-069 table 40). A CA's has no standard
 * name. */
static const struct kind {
	const char *name, *file_type;
} kinds[] = {
	{ "firmware", "1 Firmware Upgrade Image" },
	{ "web", "2 Web Content" },
	{ "config", "3 Vendor Configuration File" },
	{ "tone", "4 Tone File" },
	{ "ringer", "5 Ringer File" },
	{ "ca", NULL },
	{ "other", "X 000000 Other File" },
};

static const struct kind *find_kind(const char *name)
{
	for (size_t i = 0; name && i < LENGTH_OF(kinds); i++)
		if (strcmp(name, kinds[i].name) == 0)
			return &kinds[i];
	return NULL;
}

/* The name becomes the end of a URL and, on a device, a file. */
static bool is_file_name(const char *name)
{
	const size_t length = strlen(name);
	if (length == 0 || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return false;
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f || *c == '/' || *c == '\\')
			return false;
	return db_text_is_storable(name, length, MOST_NAME_BYTES);
}

/* The {file} of the path; NULL: answered. */
static const char *read_name(struct api_call *call)
{
	const char *name = http_percent_decode(call->arena, call->segments[0]);
	if (name && is_file_name(name))
		return name;
	if (call->route->body == BODY_BYTES)
		api_problem(
			call, 400, "name", "must be a file name of 1 to %d bytes", MOST_NAME_BYTES);
	else
		api_problem(call, 404, NULL, "no such file");
	return NULL;
}

void files_get_list(struct api_call *call)
{
	struct api_page *page = ARENA_NEW(call->arena, struct api_page);
	if (!api_page_read(call, page))
		return;
	struct db_question question = db_question(call->arena);
	files_list(&question, page->after, page->limit);
	api_page_ask(call, &question, page, "files");
}

static void on_file(struct api_call *call, const struct db_answer *answer)
{
	api_reply_row(call, answer->results[0], "file");
}

static void ask_for_file(struct api_call *call,
	void (*answered)(struct api_call *call, const struct db_answer *answer))
{
	const char *name = read_name(call);
	if (!name)
		return;
	struct db_question question = db_question(call->arena);
	files_get(&question, name);
	call->state = (void *)(uintptr_t)name;
	api_ask(call, &question, answered);
}

void files_get_one(struct api_call *call)
{
	ask_for_file(call, on_file);
}

static void on_file_to_send(struct api_call *call, const struct db_answer *answer)
{
	struct http_request *request = call->request;
	struct loop *loop = call->loop;
	const char *name = call->state;
	if (db_row_count(answer->results[0]) == 0) {
		api_problem(call, 404, NULL, "no such file");
		return;
	}
	api_hand_over(call);
	file_send(request, loop, name);
}

void files_get_bytes(struct api_call *call)
{
	ask_for_file(call, on_file_to_send);
}

static void on_removed(struct api_call *call, const struct db_answer *answer)
{
	if (db_row_count(answer->results[0]) == 0)
		api_problem(call, 404, NULL, "no such file");
	else
		api_reply_nothing(call);
}

void files_remove(struct api_call *call)
{
	const char *name = read_name(call);
	if (!name)
		return;
	const struct audit_note note = api_note(call, name);
	struct db_question question = db_question(call->arena);
	files_delete(&question, &note, name);
	api_ask(call, &question, on_removed);
}

static void release_upload(struct api_call *call)
{
	incoming_release(call->state, call->loop);
}

static void on_finished(struct api_call *call, const struct db_answer *answer)
{
	struct incoming *in = call->state;
	const struct db_rows *rows = answer->results[answer->count - 1];
	if (db_row_count(rows) == 0) {
		api_problem(call, 409, NULL, "the upload was given up meanwhile");
		return;
	}
	in->is_finished = true;
	metrics_add(METRIC_FILE_BYTES, "in", NULL, (uint64_t)in->file.size);
	if (db_get_bool(rows, 0, 1))
		api_reply_created(call, 201, call->request->path, db_get_text(rows, 0, 0));
	else
		api_reply_json(call, 200, db_get_text(rows, 0, 0));
}

/* The last chunk and the name, in one transaction. */
static void finish_upload(struct api_call *call)
{
	struct incoming *in = call->state;
	const struct audit_note note = api_note(call, in->file.name);
	struct db_question question = db_question(call->arena);
	incoming_finish(in, &question, &note);
	api_ask(call, &question, on_finished);
}

static void on_stored(struct api_call *call, const struct db_answer *answer);

static void store_chunk(struct api_call *call)
{
	/* Not the call's arena: it would keep a question for every chunk. */
	struct arena *arena = arena_new();
	struct db_question question = db_question(arena);
	incoming_store_chunk(call->state, &question);
	api_ask(call, &question, on_stored);
	incoming_drop_chunk(call->state);
	arena_free(arena);
}

static void go_on(struct api_call *call)
{
	if (incoming_has_chunk(call->state))
		store_chunk(call);
	else if (call->has_whole_body)
		finish_upload(call);
	else
		http_request_resume(call->request);
}

static void on_stored(struct api_call *call, const struct db_answer *answer)
{
	(void)answer;
	go_on(call);
}

static void on_bytes(struct http_request *request, const void *bytes, size_t length)
{
	struct api_call *call = request->user;
	if (!api_body_may_grow(call, length))
		return;
	incoming_add(call->state, bytes, length);
	if (!incoming_has_chunk(call->state))
		return;
	http_request_pause(request);
	if (!db_is_waiting(&call->wait))
		store_chunk(call);
}

static void on_last_piece(struct api_call *call)
{
	if (!db_is_waiting(&call->wait))
		finish_upload(call);
}

static void on_begun(struct api_call *call, const struct db_answer *answer)
{
	incoming_begun(call->state, answer->results[0]);
	go_on(call);
}

/* What the query says of the file. False: answered with 400. */
static bool read_description(struct api_call *call, struct file_new *file)
{
	const char *file_type = api_query(call, "file_type");
	const struct kind *kind = find_kind(api_query(call, "kind"));
	if (!kind) {
		api_problem(call, 400, "kind",
			"must be firmware, config, ca, web, tone, ringer or other");
		return false;
	}
	file->kind = kind->name;
	file->file_type = file_type ? file_type : kind->file_type;
	file->version = api_query(call, "version");
	file->oui = api_query(call, "oui");
	file->product_class = api_query(call, "product_class");
	if (!file->file_type) {
		api_problem(call, 400, "file_type", "is needed for a file of kind %s", kind->name);
		return false;
	}
	return api_check_text(call, "file_type", file->file_type, MOST_FILE_TYPE_BYTES) &&
	       api_check_text(call, "version", file->version, MOST_TEXT_BYTES) &&
	       api_check_text(call, "oui", file->oui, MOST_TEXT_BYTES) &&
	       api_check_text(call, "product_class", file->product_class, MOST_TEXT_BYTES);
}

/* A file is stored as it comes, and whole. False: answered. */
static bool is_whole_file(struct api_call *call)
{
	const char *coding = http_request_header(call->request, "Content-Encoding");
	if (http_coding_by_name(coding) != HTTP_IDENTITY)
		api_problem(call, 415, NULL, "a Content-Encoding is not undone here");
	else if (http_request_header(call->request, "Content-Range"))
		api_problem(call, 400, NULL, "a Content-Range is no whole file");
	else
		return true;
	return false;
}

void files_put(struct api_call *call)
{
	struct incoming *in = ARENA_NEW(call->arena, struct incoming);
	in->file.name = read_name(call);
	if (!in->file.name || !is_whole_file(call) || !read_description(call, &in->file))
		return;
	call->state = in;
	call->release = release_upload;
	call->completed = on_last_piece;
	call->request->on_body = on_bytes;
	struct db_question question = db_question(call->arena);
	incoming_begin(in, &question);
	api_ask(call, &question, on_begun);
}
