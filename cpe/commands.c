/* commands: `cpe set`, `cpe reboot` and `cpe send`, which speak to an agent that runs.
 * Here the words of the command line become the request of control.h. */
#include "cpe/commands.h"

#include <stdio.h>
#include <string.h>

#include "base/compiler.h"
#include "cpe/control.h"
#include "cpe/send.h"

enum { EXIT_USAGE = 2, WORDS_MAX = 32, WRONG_BYTES = 256 };

struct words {
	const char *state_dir;
	const char *items[WORDS_MAX];
	size_t count;
	char wrong[WRONG_BYTES]; /* why they make no request; empty: the help tells */
};

/* What follows the command; false for too many words. */
static bool take_words(int argc, char **argv, struct words *words)
{
	for (int i = 2; i < argc; i++) {
		if (strcmp(argv[i], "--state-dir") == 0 && i + 1 < argc)
			words->state_dir = argv[++i];
		else if (strncmp(argv[i], "--state-dir=", 12) == 0)
			words->state_dir = argv[i] + 12;
		else if (words->count == WORDS_MAX)
			return false;
		else
			words->items[words->count++] = argv[i];
	}
	return words->state_dir != NULL;
}

static json_t *set_request(struct words *words)
{
	const char *equals = words->count == 1 ? strchr(words->items[0], '=') : NULL;
	if (!equals)
		return NULL;
	return json_pack("{s:s,s:o,s:s}", "command", "set", "name",
		json_stringn(words->items[0], (size_t)(equals - words->items[0])), "value",
		equals + 1);
}

static json_t *reboot_request(struct words *words)
{
	return words->count ? NULL : json_pack("{s:s}", "command", "reboot");
}

/* False, and what is wrong with the word. A vendor's event is the one word that has no key. */
static bool add_argument(json_t *arguments, const char *word, struct words *words)
{
	const char *kind = words->items[0];
	if (strcmp(kind, "event") == 0)
		return json_object_set_new(arguments, "code", json_string(word)) == 0;
	const size_t key_length = strcspn(word, "=");
	if (key_length == 0 || !word[key_length]) {
		snprintf(words->wrong, WRONG_BYTES, "send %s: %s is not KEY=VALUE", kind, word);
		return false;
	}
	if (!send_takes(kind, word, key_length)) {
		snprintf(words->wrong, WRONG_BYTES, "send %s: there is no argument %.*s", kind,
			(int)key_length, word);
		return false;
	}
	return json_object_setn_new(
		       arguments, word, key_length, json_string(word + key_length + 1)) == 0;
}

static json_t *send_request(struct words *words)
{
	if (words->count == 0)
		return NULL;
	json_t *arguments = json_object();
	for (size_t i = 1; i < words->count; i++) {
		if (add_argument(arguments, words->items[i], words))
			continue;
		json_decref(arguments);
		return NULL;
	}
	return json_pack("{s:s,s:s,s:o}", "command", "send", "kind", words->items[0], "arguments",
		arguments);
}

static const struct command {
	const char *name;
	json_t *(*request)(struct words *words); /* NULL: see wrong */
} commands[] = {
	{ "set", set_request },
	{ "reboot", reboot_request },
	{ "send", send_request },
};

static int run(const struct command *command, int argc, char **argv)
{
	struct words words = { 0 };
	json_t *request = take_words(argc, argv, &words) ? command->request(&words) : NULL;
	if (request)
		return control_call(words.state_dir, request);
	if (words.wrong[0])
		fprintf(stderr, "cpe: %s\n", words.wrong);
	else
		options_print_help(stderr);
	return EXIT_USAGE;
}

bool commands_run(int argc, char **argv, int *status)
{
	for (size_t i = 0; argc > 1 && i < LENGTH_OF(commands); i++) {
		if (strcmp(argv[1], commands[i].name) != 0)
			continue;
		*status = run(&commands[i], argc, argv);
		return true;
	}
	return false;
}
