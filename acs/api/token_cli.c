/* token_cli: `acs token`, for the first token and for the day when all are lost.
 * Whoever may enter the data folder, or the database, may make an administrator. */
#include "acs/api/token_cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <event2/event.h>

#include "acs/api/route.h"
#include "acs/api/token.h"
#include "acs/config.h"
#include "db/cluster.h"
#include "db/migrate.h"
#include "db/tokens.h"

enum { USAGE = 2, WHY_BYTES = 512, LIST_LIMIT = 10000 };

struct options {
	const char *name, *role;
};

struct run {
	struct arena *arena;
	struct db *db;
	struct event_base *base;
	const struct options *options;
};

static struct db_answer ask(const struct run *run, const struct db_question *question)
{
	const struct db_answer answer = db_ask_and_wait(run->db, run->base, run->arena, question);
	if (answer.outcome != DB_OK)
		fprintf(stderr, "acs token: %s\n", answer.text);
	return answer;
}

static struct audit_note note_of(const struct run *run, const char *action)
{
	return (struct audit_note){
		.actor = "command line", .action = action, .target = run->options->name
	};
}

static int create(const struct run *run)
{
	char hash[SHA256_HEX_BYTES];
	const char *token = token_make(run->arena, hash);
	const struct audit_note note = note_of(run, "acs token create");
	struct db_question question = db_question(run->arena);
	tokens_create(&question, &note, run->options->name, run->options->role, hash);
	const struct db_answer answer = ask(run, &question);
	if (answer.outcome != DB_OK)
		return EXIT_FAILURE;
	if (db_row_count(answer.results[0]) == 0) {
		fprintf(stderr, "acs token: the name %s is taken\n", run->options->name);
		return EXIT_FAILURE;
	}
	printf("%s\n", token);
	return EXIT_SUCCESS;
}

static int list(const struct run *run)
{
	struct db_question question = db_question(run->arena);
	tokens_list(&question, "", LIST_LIMIT);
	const struct db_answer answer = ask(run, &question);
	if (answer.outcome != DB_OK)
		return EXIT_FAILURE;
	for (size_t i = 0; i < db_row_count(answer.results[0]); i++)
		printf("%s\n", db_get_text(answer.results[0], i, 0));
	return EXIT_SUCCESS;
}

static int delete (const struct run *run)
{
	const struct audit_note note = note_of(run, "acs token delete");
	struct db_question question = db_question(run->arena);
	tokens_delete(&question, &note, run->options->name);
	const struct db_answer answer = ask(run, &question);
	if (answer.outcome != DB_OK)
		return EXIT_FAILURE;
	if (db_row_count(answer.results[0]) == 0) {
		fprintf(stderr, "acs token: no token has the name %s\n", run->options->name);
		return EXIT_FAILURE;
	}
	return EXIT_SUCCESS;
}

static const struct command {
	const char *name;
	int (*run)(const struct run *run);
	bool wants_name, wants_role;
} commands[] = {
	{ "create", create, true, true },
	{ "list", list, false, false },
	{ "delete", delete, true, false },
};

static int usage(const char *why)
{
	fprintf(stderr,
		"acs token: %s\n"
		"usage: acs token create --name NAME --role read|operate|admin\n"
		"       acs token list\n"
		"       acs token delete --name NAME\n",
		why);
	return USAGE;
}

/* "--name N" or "--name=N"; the value, or NULL when argv[*i] is another option. */
static const char *option_value(int argc, char **argv, int *i, const char *name)
{
	const size_t length = strlen(name);
	if (strncmp(argv[*i], name, length) != 0)
		return NULL;
	if (argv[*i][length] == '=')
		return argv[*i] + length + 1;
	if (argv[*i][length] != '\0' || *i + 1 == argc)
		return NULL;
	return argv[++*i];
}

static bool read_options(int argc, char **argv, struct options *options)
{
	for (int i = 2; i < argc; i++) {
		const char *value;
		if ((value = option_value(argc, argv, &i, "--name")))
			options->name = value;
		else if ((value = option_value(argc, argv, &i, "--role")))
			options->role = value;
		else
			return false;
	}
	return true;
}

static const char *check(const struct command *command, const struct options *options)
{
	enum api_role role;
	if (!options->name != !command->wants_name || !options->role != !command->wants_role)
		return "options are missing, or too many";
	if (options->name && !token_name_is_good(options->name))
		return "--name must be 1 to 64 bytes of UTF-8 without '/'";
	if (options->role && !api_role_read(options->role, &role))
		return "--role must be read, operate or admin";
	return NULL;
}

/* With the database up and at this program's schema. */
static int run_command(const struct command *command, const struct options *options,
	const struct config *config, const char *url)
{
	struct event_base *base = event_base_new();
	struct run run = { .arena = arena_new(), .base = base, .options = options };
	run.db = db_open(
		base, &(struct db_options){
			      .url = url,
			      .connections = 1,
			      .statement_timeout_ms = config->database.statement_timeout_ms,
			      .connect_timeout_ms = config->database.connect_timeout_ms,
			      .reconnect_min_ms = 100,
			      .reconnect_max_ms = 1000,
			      .in_flight = 1,
		      });
	const int status = command->run(&run);
	db_close(run.db);
	arena_free(run.arena);
	event_base_free(base);
	return status;
}

static int run_with_database(
	const struct command *command, const struct options *options, const struct config *config)
{
	char why[WHY_BYTES] = "";
	struct db_cluster *cluster = NULL;
	const char *url = config->database.url;
	int status = EXIT_FAILURE;
	if (!*url) {
		cluster = db_cluster_start(
			&(struct db_cluster_options){
				.data_dir = config->data.dir,
				.bin_dir = *config->database.bin_dir ? config->database.bin_dir
								     : NULL,
				.may_create = true,
			},
			why, sizeof(why));
		url = cluster ? db_cluster_url(cluster) : NULL;
	}
	if (url && db_migrate(url, NULL, NULL, why, sizeof(why)))
		status = run_command(command, options, config, url);
	else
		fprintf(stderr, "acs token: %s\n", why);
	db_cluster_stop(cluster);
	return status;
}

int token_command(struct config *config, int argc, char **argv)
{
	struct options options = { 0 };
	const struct command *command = NULL;
	for (size_t i = 0; argc > 1 && i < LENGTH_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			command = &commands[i];
	if (!command)
		return usage("create, list or delete?");
	if (!read_options(argc, argv, &options))
		return usage("unknown option");
	const char *why = check(command, &options);
	return why ? usage(why) : run_with_database(command, &options, config);
}
