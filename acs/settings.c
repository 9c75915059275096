/* settings: questions of the start, before any loop runs, and what SIGHUP reads again. */
#include "acs/settings.h"

#include <stdio.h>

#include <event2/event.h>

#include "acs/background.h"
#include "acs/log.h"
#include "acs/secrets.h"
#include "acs/tls_profiles.h"
#include "base/buffer.h"
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

static struct db_question question_to_keep(struct arena *arena, const struct server *server,
	const struct config *config, const char *action)
{
	const struct audit_note note = {
		.actor = "acs",
		.action = action,
		.target = server->node_name,
	};
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

/* Most of it waits for the next start, but here it was told. */
static void take_config(struct server *server, const struct config *fresh)
{
	struct arena *arena = arena_new();
	const struct db_question question = question_to_keep(arena, server, fresh, "reload");
	tls_profiles_reload(server, fresh);
	background_ask(&server->loops[0], arena, &question, "settings-not-audited", NULL);
}

/* Settings that tell nonsense change nothing. */
static void reload_config(struct server *server)
{
	struct config fresh;
	struct buffer why = { 0 };
	if (config_reload(&fresh, server->config, &why) && log_set_level(fresh.log.level))
		take_config(server, &fresh);
	else
		LOG_ERROR("reload-failed", LOG_TEXT("what", "configuration"),
			LOG_TEXT("reason", why.data));
	buffer_clear(&why);
	config_clear(&fresh);
}

void settings_reload(struct server *server)
{
	secrets_reload(server);
	reload_config(server);
	LOG_INFO("reloaded");
}
