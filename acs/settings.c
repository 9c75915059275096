/* settings: questions of the start, before any loop runs, and what SIGHUP reads again. */
#include "acs/settings.h"

#include <stdio.h>

#include <event2/event.h>

#include "acs/audit.h"
#include "acs/background.h"
#include "acs/log.h"
#include "acs/secrets.h"
#include "acs/tls_profiles.h"
#include "base/buffer.h"
#include "base/list.h"
#include "db/db.h"
#include "db/settings.h"

struct db_answer settings_ask_at_start(
	const struct server *server, const struct db_question *question)
{
	struct event_base *base = event_base_new();
	struct db *db = db_open(base, &(const struct db_options){
					      .url = server->database_url,
					      .connections = 1,
					      .statement_timeout_ms = 10000,
					      .connect_timeout_ms = 10000,
					      .reconnect_min_ms = 100,
					      .reconnect_max_ms = 1000,
					      .in_flight = 4,
				      });
	const struct db_answer answer = db_ask_and_wait(db, base, server->arena, question);
	db_close(db);
	event_base_free(base);
	return answer;
}

static struct audit_note note_of(const struct server *server, const char *action)
{
	return (struct audit_note){ .actor = "acs", .action = action, .target = server->node_name };
}

static struct db_question question_to_keep(struct arena *arena, const struct server *server,
	const struct config *config, const char *action)
{
	const struct audit_note note = note_of(server, action);
	struct db_question question = db_question(arena);
	settings_keep(&question, &note,
		arena_printf(arena, "configuration of %s", server->node_name),
		config_told(arena, config));
	return question;
}

void settings_audit(const struct server *server)
{
	const struct db_question question = question_to_keep(
		server->arena, server, server->config, "start");
	const struct db_answer answer = settings_ask_at_start(server, &question);
	if (answer.outcome != DB_OK)
		LOG_WARNING("settings-not-audited", LOG_TEXT("reason", answer.text));
}

/* What SIGHUP reads, and takes in whole or not at all. */
struct reload {
	struct config config;
	struct http_tls *tls[TLS_PROFILE_COUNT];
	struct buffer why; /* a line for each problem */
};

/* The keys come last, because they count as soon as they are read. */
static bool is_good(struct server *server, struct reload *fresh)
{
	return config_reload(&fresh->config, server->config, &fresh->why) &&
	       tls_profiles_read(server, &fresh->config, fresh->tls, &fresh->why) &&
	       secrets_reload(server, &fresh->why) && log_set_level(fresh->config.log.level);
}

/* Most of it waits for the next start, but here it was told. */
static void take(struct server *server, struct reload *fresh)
{
	struct arena *arena = arena_new();
	const struct db_question question = question_to_keep(
		arena, server, &fresh->config, "reload");
	tls_profiles_take(server, fresh->tls);
	background_ask(&server->loops[0], arena, &question, "settings-not-audited", NULL);
	LOG_INFO("reloaded");
}

static const char *in_one_line(struct arena *arena, const char *lines)
{
	const char *all = list_next(arena, &lines, '\n');
	for (const char *line; (line = list_next(arena, &lines, '\n')) != NULL;)
		all = arena_printf(arena, "%s; %s", all, line);
	return all;
}

static void refuse(struct server *server, struct reload *fresh)
{
	struct arena *arena = arena_new();
	const struct audit_note note = note_of(server, "reload");
	const char *why = in_one_line(arena, fresh->why.data);
	LOG_ERROR("reload-failed", LOG_TEXT("reason", why));
	audit_failed(&server->loops[0], &note, why);
	tls_profiles_drop(fresh->tls);
	arena_free(arena);
}

void settings_reload(struct server *server)
{
	struct reload fresh = { .tls = { NULL } };
	if (is_good(server, &fresh))
		take(server, &fresh);
	else
		refuse(server, &fresh);
	buffer_clear(&fresh.why);
	config_clear(&fresh.config);
}
