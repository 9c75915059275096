/* options: the command line of the agent.
 * One table holds name, kind, default and help of each. */
#include "cpe/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "cpe/file.h"
#include "cpe/send.h"
#include "cpe/session/version.h"

enum option_kind {
	OPTION_TEXT,
	OPTION_SECRET,
	OPTION_NUMBER,
	OPTION_FRACTION,
	OPTION_FLAG,
	OPTION_MISBEHAVE
};

static const struct option {
	const char *name;
	enum option_kind kind;
	size_t offset;
	const char *argument;
	const char *help;
} table[] = {
#define AT(field) offsetof(struct options, field)
	{ "acs-url", OPTION_TEXT, AT(acs_url), "URL",
		"the ACS; an address in the model is never dialled" },
	{ "data-model", OPTION_TEXT, AT(data_model), "FILE",
		"CSV tree of a device, or official data-model document (.xml)" },
	{ "state-dir", OPTION_TEXT, AT(state_dir), "DIR", "folder for state, journal and files" },
	{ "oui", OPTION_TEXT, AT(oui), "OUI", "identity, instead of the model's" },
	{ "product-class", OPTION_TEXT, AT(product_class), "P",
		"identity, instead of the model's" },
	{ "serial", OPTION_TEXT, AT(serial), "S", "identity, instead of the model's" },
	{ "username", OPTION_TEXT, AT(username), "U", "for the ACS" },
	{ "password", OPTION_SECRET, AT(password), "P", "for the ACS; better use --password-file" },
	{ "password-file", OPTION_TEXT, AT(password_file), "F",
		"first line: the password, or user:password without --username" },
	{ "connection-request-username", OPTION_TEXT, AT(connection_request_username), "U",
		"that a connection request must show" },
	{ "connection-request-password", OPTION_SECRET, AT(connection_request_password), "P",
		"that a connection request must show" },
	{ "listen", OPTION_TEXT, AT(listen), "HOST:PORT", "for connection requests (127.0.0.1:0)" },
	{ "periodic-interval", OPTION_NUMBER, AT(periodic_interval), "SECONDS",
		"PeriodicInformInterval, until the ACS sets another" },
	{ "cwmp-version", OPTION_TEXT, AT(cwmp_version), "1.0...1.4", "protocol version (1.2)" },
	{ "reboot-seconds", OPTION_NUMBER, AT(reboot_seconds), "S", "that a reboot takes (2)" },
	{ "response-seconds", OPTION_NUMBER, AT(response_seconds), "S",
		"to wait for each answer of the ACS (60)" },
	{ "retry-scale", OPTION_FRACTION, AT(retry_scale), "FACTOR",
		"multiplies the waits before retries (1)" },
	{ "connection-request-limit", OPTION_NUMBER, AT(connection_request_limit), "N",
		"connection requests accepted within one second (50)" },
	{ "ca-file", OPTION_TEXT, AT(ca_file), "PEM", "trusted for TLS, instead of the system's" },
	{ "client-cert", OPTION_TEXT, AT(client_cert), "PEM", "client certificate" },
	{ "client-key", OPTION_TEXT, AT(client_key), "PEM", "its key" },
	{ "basic-over-http", OPTION_FLAG, AT(basic_over_http), NULL,
		"answer a Basic challenge of the ACS without TLS too" },
	{ "trace-dir", OPTION_TEXT, AT(trace_dir), "DIR", "write every envelope there" },
	{ "misbehave", OPTION_MISBEHAVE, 0, "MODE,...", "deviate on purpose; modes below" },
	{ "once", OPTION_FLAG, AT(once), NULL,
		"one session and the transfers begun in it, then exit" },
	{ "help", OPTION_FLAG, AT(help), NULL, "this text" },
#undef AT
};

static bool complain(const char *what, const char *about)
{
	fprintf(stderr, "cpe: %s: %s\n", about, what);
	return false;
}

static bool parse_number(const char *text, unsigned *number)
{
	char *end;
	errno = 0;
	const unsigned long value = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || errno || value > UINT32_MAX)
		return false;
	*number = (unsigned)value;
	return true;
}

static bool parse_fraction(const char *text, double *fraction)
{
	char *end;
	*fraction = strtod(text, &end);
	return end != text && !*end && *fraction >= 0;
}

static bool set_modes(struct misbehaviour *misbehave, const char *list)
{
	char why[160];
	return misbehave_parse(misbehave, list, why, sizeof(why)) || complain(why, "--misbehave");
}

static bool set_text(char **field, const char *text)
{
	free(*field);
	*field = strdup(text);
	return true;
}

static bool set_option(struct options *options, const struct option *option, char *value)
{
	void *field = (char *)options + option->offset;
	bool ok = false;
	switch (option->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return true;
	case OPTION_TEXT:
		return set_text(field, value);
	case OPTION_SECRET:
		set_text(field, value);
		memset(value, 'x', strlen(value));
		return true;
	case OPTION_NUMBER:
		ok = parse_number(value, field);
		break;
	case OPTION_FRACTION:
		ok = parse_fraction(value, field);
		break;
	case OPTION_MISBEHAVE:
		return set_modes(&options->misbehave, value);
	}
	return ok || complain("not a number", value);
}

static const struct option *find_option(const char *name, size_t length)
{
	for (size_t i = 0; i < LENGTH_OF(table); i++)
		if (strlen(table[i].name) == length && memcmp(table[i].name, name, length) == 0)
			return &table[i];
	return NULL;
}

/* Reads the option at argv[*at], "--name value" or "--name=value", and steps over its value. */
static bool parse_option(struct options *options, int argc, char **argv, int *at)
{
	char *argument = argv[*at];
	if (strncmp(argument, "--", 2) != 0)
		return complain("not an option (try --help)", argument);
	const size_t length = strcspn(argument + 2, "=");
	const struct option *option = find_option(argument + 2, length);
	if (!option)
		return complain("no such option (try --help)", argument);
	char *value = argument[2 + length] ? argument + 3 + length : NULL;
	if (option->kind == OPTION_FLAG)
		return value ? complain("takes no value", argument)
			     : set_option(options, option, NULL);
	if (!value && *at + 1 < argc)
		value = argv[++*at];
	return value ? set_option(options, option, value) : complain("needs a value", argument);
}

static bool read_password_file(struct options *options)
{
	if (!options->password_file)
		return true;
	struct buffer content = { 0 };
	char why[256];
	if (!file_read(options->password_file, &content, why, sizeof(why)))
		return complain(why, "--password-file");
	buffer_append_text(&content, "\n");
	char *line = content.data;
	line[strcspn(line, "\r\n")] = '\0';
	char *colon = options->username ? NULL : strchr(line, ':');
	if (colon) {
		*colon = '\0';
		set_text(&options->username, line);
		line = colon + 1;
	}
	set_text(&options->password, line);
	memset(content.data, 0, content.length);
	buffer_clear(&content);
	return true;
}

static bool check(const struct options *options)
{
	if (!options->acs_url)
		return complain("is needed (no address in a model is ever dialled)", "--acs-url");
	if (!options->data_model)
		return complain("is needed", "--data-model");
	if (!options->state_dir)
		return complain("is needed", "--state-dir");
	if (!version_by_name(options->cwmp_version))
		return complain("is one of 1.0, 1.1, 1.2, 1.3, 1.4", "--cwmp-version");
	if (!options->client_cert != !options->client_key)
		return complain("go together", "--client-cert and --client-key");
	return true;
}

bool options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){
		.listen = strdup("127.0.0.1:0"),
		.cwmp_version = strdup("1.2"),
		.reboot_seconds = 2,
		.response_seconds = 60,
		.connection_request_limit = 50,
		.retry_scale = 1,
	};
	for (int i = 1; i < argc; i++)
		if (!parse_option(options, argc, argv, &i))
			return false;
	return options->help || (read_password_file(options) && check(options));
}

void options_clear(struct options *options)
{
	for (size_t i = 0; i < LENGTH_OF(table); i++)
		if (table[i].kind == OPTION_TEXT || table[i].kind == OPTION_SECRET)
			free(*(char **)((char *)options + table[i].offset));
	misbehave_clear(&options->misbehave);
}

void options_print_help(FILE *out)
{
	fputs("usage: cpe --acs-url URL --data-model FILE --state-dir DIR [options]\n"
	      "       cpe set --state-dir DIR NAME=VALUE   change a value of a running agent\n"
	      "       cpe reboot --state-dir DIR           reboot a running agent\n"
	      "       cpe send --state-dir DIR KIND [KEY=VALUE ...]\n"
	      "                                            make it tell its ACS; kinds below\n\n"
	      "options:\n",
		out);
	for (size_t i = 0; i < LENGTH_OF(table); i++)
		fprintf(out, "  --%-28s %-12s %s\n", table[i].name,
			table[i].argument ? table[i].argument : "", table[i].help);
	fputs("\nkinds of cpe send:\n", out);
	send_print_help(out);
	fputs("\nmodes of --misbehave:\n", out);
	misbehave_print_help(out);
}
