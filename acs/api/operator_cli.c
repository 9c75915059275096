/* operator_cli: `acs token` and `acs user`, for the first one and for the day when all are lost.
 * Whoever may enter the data folder, or the database, may make an administrator. */
#include "acs/api/operator_cli.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <event2/event.h>

#include "acs/api/operator.h"
#include "acs/api/token.h"
#include "acs/config.h"
#include "base/password.h"
#include "db/cluster.h"
#include "db/migrate.h"
#include "db/tokens.h"
#include "db/users.h"

enum { USAGE = 2, WHY_BYTES = 512, LIST_LIMIT = 10000 };

struct options {
	struct operator_new who;
	const char *tags[OPERATOR_SCOPE_ITEMS + 1], *ouis[OPERATOR_SCOPE_ITEMS + 1];
	const char *expires_in, *password_file; /* NULL: not given */
	int64_t seconds;                        /* that expires_in is */
};

struct run {
	struct arena *arena;
	struct db *db;
	struct event_base *base;
	const char *who; /* "acs token" */
	const struct options *options;
};

/* Asks, and tells why not. True when it was done and there is a row. */
static bool ask(const struct run *run, const struct db_question *question, struct db_answer *answer,
	const char *without_row)
{
	*answer = db_ask_and_wait(run->db, run->base, run->arena, question);
	if (answer->outcome != DB_OK)
		fprintf(stderr, "%s: %s\n", run->who, answer->text);
	else if (without_row && db_row_count(answer->results[0]) == 0)
		fprintf(stderr, "%s: %s\n", run->who, without_row);
	else
		return true;
	return false;
}

static struct audit_note note_of(const struct run *run, const char *command)
{
	return (struct audit_note){
		.actor = "command line",
		.action = arena_printf(run->arena, "%s %s", run->who, command),
		.target = run->options->who.name,
	};
}

static bool print_list(const struct run *run, const struct db_question *question)
{
	struct db_answer answer;
	if (!ask(run, question, &answer, NULL))
		return false;
	for (size_t i = 0; i < db_row_count(answer.results[0]); i++)
		printf("%s\n", db_get_text(answer.results[0], i, 0));
	return true;
}

/* acs token */

static bool create_token(const struct run *run)
{
	char hash[SHA256_HEX_BYTES];
	struct db_answer answer;
	const struct operator_new *who = &run->options->who;
	const char *token = token_make(run->arena, hash);
	const struct audit_note note = note_of(run, "create");
	struct db_question question = db_question(run->arena);
	tokens_create(&question, &note,
		&(const struct token_new){
			.name = who->name,
			.role = who->role,
			.sha256_hex = hash,
			.expires_in = run->options->seconds,
			.scope = who->scope,
		});
	if (!ask(run, &question, &answer, "the name is taken"))
		return false;
	printf("%s\n", token);
	return true;
}

static bool list_tokens(const struct run *run)
{
	struct db_question question = db_question(run->arena);
	tokens_list(&question, "", LIST_LIMIT);
	return print_list(run, &question);
}

static bool delete_token(const struct run *run)
{
	struct db_answer answer;
	const struct audit_note note = note_of(run, "delete");
	struct db_question question = db_question(run->arena);
	tokens_delete(&question, &note, run->options->who.name);
	return ask(run, &question, &answer, "no token has this name");
}

/* acs user */

/* The first line of stream, without echo on a terminal. */
static void read_line(FILE *stream, char line[PASSWORD_MOST_BYTES + 2])
{
	struct termios shown, hidden;
	const bool is_terminal = tcgetattr(fileno(stream), &shown) == 0;
	if (is_terminal) {
		fprintf(stderr, "Password: ");
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		tcsetattr(fileno(stream), TCSAFLUSH, &hidden);
	}
	if (!fgets(line, PASSWORD_MOST_BYTES + 2, stream))
		*line = '\0';
	line[strcspn(line, "\r\n")] = '\0';
	if (is_terminal) {
		tcsetattr(fileno(stream), TCSAFLUSH, &shown);
		fprintf(stderr, "\n");
	}
}

/* Never from the command line, which everybody sees. */
static bool read_password(const struct run *run, char password[PASSWORD_MOST_BYTES + 2])
{
	const char *path = run->options->password_file;
	FILE *stream = path ? fopen(path, "re") : stdin;
	if (!stream) {
		fprintf(stderr, "%s: %s: %s\n", run->who, path, strerror(errno));
		return false;
	}
	read_line(stream, password);
	if (path)
		fclose(stream);
	if (password_is_good(password))
		return true;
	fprintf(stderr, "%s: a password is %d to %d bytes of UTF-8 without control characters\n",
		run->who, PASSWORD_LEAST_BYTES, PASSWORD_MOST_BYTES);
	return false;
}

static bool read_hash(const struct run *run, char hash[PASSWORD_HASH_BYTES])
{
	char password[PASSWORD_MOST_BYTES + 2];
	const bool ok = read_password(run, password);
	if (ok)
		password_hash(password, hash);
	explicit_bzero(password, sizeof(password));
	return ok;
}

static bool add_user(const struct run *run)
{
	char hash[PASSWORD_HASH_BYTES];
	struct db_answer answer;
	const struct operator_new *who = &run->options->who;
	const struct audit_note note = note_of(run, "add");
	struct db_question question = db_question(run->arena);
	if (!read_hash(run, hash))
		return false;
	users_create(&question, &note,
		&(const struct user_new){
			.name = who->name,
			.role = who->role,
			.password_hash = hash,
			.scope = who->scope,
		});
	return ask(run, &question, &answer, "the name is taken");
}

static bool set_password(const struct run *run)
{
	char hash[PASSWORD_HASH_BYTES];
	struct db_answer answer;
	const struct audit_note note = note_of(run, "passwd");
	struct db_question question = db_question(run->arena);
	if (!read_hash(run, hash))
		return false;
	users_set_password(&question, &note, run->options->who.name, hash);
	return ask(run, &question, &answer, "no user has this name");
}

static bool list_users(const struct run *run)
{
	struct db_question question = db_question(run->arena);
	users_list(&question, "", LIST_LIMIT);
	return print_list(run, &question);
}

static bool remove_user(const struct run *run)
{
	struct db_answer answer;
	const struct audit_note note = note_of(run, "remove");
	struct db_question question = db_question(run->arena);
	users_delete(&question, &note, run->options->who.name);
	return ask(run, &question, &answer, "no user has this name");
}

/* The command line. */

static const struct command {
	const char *group, *name;
	bool (*run)(const struct run *run);
	bool wants_name, wants_role; /* and takes a scope with it */
	bool takes_expiry, takes_password;
	const char *usage;
} commands[] = {
	{ "token", "create", create_token, true, true, true, false,
		"--name NAME --role read|operate|admin [--tag TAG]... [--oui OUI]... [--expires-in SECONDS]" },
	{ "token", "list", list_tokens, false, false, false, false, "" },
	{ "token", "delete", delete_token, true, false, false, false, "--name NAME" },
	{ "user", "add", add_user, true, true, false, true,
		"--name NAME --role read|operate|admin [--tag TAG]... [--oui OUI]... [--password-file FILE]" },
	{ "user", "passwd", set_password, true, false, false, true,
		"--name NAME [--password-file FILE]" },
	{ "user", "list", list_users, false, false, false, false, "" },
	{ "user", "remove", remove_user, true, false, false, false, "--name NAME" },
};

void operator_print_forms(FILE *out, const char *group)
{
	for (size_t i = 0; i < LENGTH_OF(commands); i++)
		if (strcmp(commands[i].group, group) == 0)
			fprintf(out, "  acs %s %s %s\n", group, commands[i].name,
				commands[i].usage);
}

static int usage(const char *group, const char *why)
{
	fprintf(stderr, "acs %s: %s\n", group, why);
	operator_print_forms(stderr, group);
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

/* One more than there may be is kept, to be found too many. */
static void add_item(const char **items, size_t *count, const char *item)
{
	if (*count <= OPERATOR_SCOPE_ITEMS)
		items[(*count)++] = item;
}

static bool read_option(int argc, char **argv, int *i, struct options *options)
{
	const char *value;
	struct scope_new *scope = &options->who.scope;
	if ((value = option_value(argc, argv, i, "--name")))
		options->who.name = value;
	else if ((value = option_value(argc, argv, i, "--role")))
		options->who.role = value;
	else if ((value = option_value(argc, argv, i, "--tag")))
		add_item(options->tags, &scope->tag_count, value);
	else if ((value = option_value(argc, argv, i, "--oui")))
		add_item(options->ouis, &scope->oui_count, value);
	else if ((value = option_value(argc, argv, i, "--expires-in")))
		options->expires_in = value;
	else if ((value = option_value(argc, argv, i, "--password-file")))
		options->password_file = value;
	return value;
}

static bool read_seconds(struct options *options)
{
	char *end;
	options->seconds = -1;
	if (!options->expires_in)
		return true;
	options->seconds = strtoll(options->expires_in, &end, 10);
	return !*end && options->seconds >= 1 && options->seconds <= TOKEN_MOST_SECONDS;
}

static const char *check(const struct command *command, struct options *options)
{
	const struct operator_new *who = &options->who;
	const bool has_scope = who->scope.tag_count + who->scope.oui_count > 0;
	if (!who->name != !command->wants_name || !who->role != !command->wants_role ||
		(has_scope && !command->wants_role) ||
		(options->expires_in && !command->takes_expiry) ||
		(options->password_file && !command->takes_password))
		return "options are missing, or too many";
	if (!read_seconds(options))
		return "--expires-in: must be a number of seconds, up to 50 years";
	return command->wants_role ? operator_check(who) : NULL;
}

/* With the database up and at this program's schema. */
static int run_command(const struct command *command, const struct options *options,
	const struct config *config, const char *url)
{
	struct event_base *base = event_base_new();
	struct run run = { .arena = arena_new(), .base = base, .options = options };
	run.who = arena_printf(run.arena, "acs %s", command->group);
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
	const bool ok = command->run(&run);
	db_close(run.db);
	arena_free(run.arena);
	event_base_free(base);
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
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
		fprintf(stderr, "acs %s: %s\n", command->group, why);
	db_cluster_stop(cluster);
	return status;
}

int operator_command(struct config *config, int argc, char **argv)
{
	struct options options = { 0 };
	const struct command *command = NULL;
	options.who.scope.tags = options.tags;
	options.who.scope.ouis = options.ouis;
	for (size_t i = 0; argc > 1 && i < LENGTH_OF(commands); i++)
		if (strcmp(argv[0], commands[i].group) == 0 &&
			strcmp(argv[1], commands[i].name) == 0)
			command = &commands[i];
	if (!command)
		return usage(argv[0], "which command?");
	for (int i = 2; i < argc; i++)
		if (!read_option(argc, argv, &i, &options))
			return usage(argv[0], "unknown option");
	const char *why = check(command, &options);
	return why ? usage(argv[0], why) : run_with_database(command, &options, config);
}
