/* main: the command line of acs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "acs/api/operator_cli.h"
#include "acs/config.h"
#include "acs/log.h"
#include "acs/rotate.h"
#include "acs/server.h"
#include "acs/tls_profiles.h"
#include "base/buffer.h"
#include "db/cluster.h"
#include "db/migrate.h"

enum { EXIT_USAGE = 2, WHY_SIZE = 512 };

static bool can_read_files(const struct config *config)
{
	struct buffer why = { 0 };
	const bool ok = config_check_files(config, &why);
	if (!ok)
		fprintf(stderr, "%s", why.data);
	buffer_clear(&why);
	return ok;
}

static int serve(struct config *config, int argc, char **argv)
{
	(void)argc, (void)argv;
	return can_read_files(config) ? server_run(config) : EXIT_USAGE;
}

static void print_applied(const char *name, void *arg)
{
	(void)arg;
	printf("applied %s\n", name);
}

static int migrate(struct config *config, int argc, char **argv)
{
	(void)argc, (void)argv;
	char why[WHY_SIZE];
	struct db_cluster *cluster = NULL;
	const char *url = config->database.url;
	if (!*url) {
		const struct db_cluster_options options = {
			.data_dir = config->data.dir,
			.bin_dir = *config->database.bin_dir ? config->database.bin_dir : NULL,
			.may_create = true,
		};
		cluster = db_cluster_start(&options, why, sizeof(why));
		url = cluster ? db_cluster_url(cluster) : NULL;
	}
	const bool ok = url && db_migrate(url, print_applied, NULL, why, sizeof(why));
	db_cluster_stop(cluster);
	if (!ok)
		fprintf(stderr, "acs migrate: %s\n", why);
	else
		printf("the schema is current\n");
	return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int check_config(struct config *config, int argc, char **argv)
{
	(void)argc, (void)argv;
	struct buffer why = { 0 };
	const bool ok = config_check_files(config, &why) && tls_profiles_check(config, &why);
	if (ok)
		printf("the configuration is good\n");
	else
		fprintf(stderr, "%s", why.data);
	buffer_clear(&why);
	return ok ? EXIT_SUCCESS : EXIT_USAGE;
}

static int version(struct config *config, int argc, char **argv)
{
	(void)config, (void)argc, (void)argv;
	printf("acs %s\n", ACS_VERSION);
	return EXIT_SUCCESS;
}

static const struct {
	const char *name;
	int (*run)(struct config *config, int argc, char **argv);
	void (*print_forms)(FILE *out, const char *name); /* NULL: takes nothing besides settings */
	const char *help;
} commands[] = {
	{ "serve", serve, NULL, "run the server" },
	{ "migrate", migrate, NULL, "bring the database to this program's schema" },
	{ "check-config", check_config, NULL, "read the configuration and tell every error" },
	{ "token", operator_command, operator_print_forms, "create, list and delete API tokens" },
	{ "user", operator_command, operator_print_forms,
		"add and remove users of the API, list them, set a password" },
	{ "rotate-secrets", rotate_command, rotate_print_forms,
		"seal all that is stored with the newest key; --new-key first puts one into the key file" },
	{ "version", version, NULL, "print the version" },
};

static void print_help(FILE *out)
{
	fprintf(out, "Usage: acs COMMAND [--config FILE] [--section.key=value …]\n\nCommands:\n");
	for (size_t i = 0; i < LENGTH_OF(commands); i++)
		fprintf(out, "  %-14s %s\n", commands[i].name, commands[i].help);
	fprintf(out,
		"\nacs token --help, acs user --help and acs rotate-secrets --help tell their options.\n"
		"\nSettings, from the file, from the environment (ACS_SECTION_KEY), or as arguments:\n");
	config_print_help(out);
	fprintf(out, "\n`acs check-config --sample` prints all of them as a file to begin with.\n");
}

/* Of a command that takes more than settings only what belongs to it. */
static void print_help_of(const char *name)
{
	for (size_t i = 0; i < LENGTH_OF(commands); i++)
		if (strcmp(name, commands[i].name) == 0 && commands[i].print_forms) {
			printf("acs %s: %s\n\n", name, commands[i].help);
			commands[i].print_forms(stdout, name);
			printf("\nSettings, such as --data.dir=FOLDER, may follow: see acs --help.\n");
			return;
		}
	print_help(stdout);
}

static bool has_argument(int argc, char **argv, const char *wanted)
{
	for (int i = 1; i < argc; i++)
		if (strcmp(argv[i], wanted) == 0)
			return true;
	return false;
}

static int run_command(size_t command, int argc, char **argv)
{
	struct config config = { 0 };
	struct buffer why = { 0 };
	int status = EXIT_USAGE;
	if (!config_load(&config, &argc, argv, &why))
		fprintf(stderr, "%s", why.data);
	else if (argc > 1 && !commands[command].print_forms)
		fprintf(stderr, "acs %s: no setting %.*s; see acs --help\n", argv[0],
			(int)strcspn(argv[1], "="), argv[1]); /* its value may be a secret */
	else if (log_set_level(config.log.level))
		status = commands[command].run(&config, argc, argv);
	buffer_clear(&why);
	config_clear(&config);
	return status;
}

int main(int argc, char **argv)
{
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (has_argument(argc, argv, "--help") || strcmp(argv[1], "help") == 0) {
		print_help_of(argv[1]);
		return EXIT_SUCCESS;
	}
	if (has_argument(argc, argv, "--sample")) {
		config_print_sample(stdout);
		return EXIT_SUCCESS;
	}
	for (size_t i = 0; i < LENGTH_OF(commands); i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run_command(i, argc - 1, argv + 1);
	fprintf(stderr, "acs: no command %s; see acs --help\n", argv[1]);
	return EXIT_USAGE;
}
