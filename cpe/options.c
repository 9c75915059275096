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

/* From this one on the table is about fleets. */
#define FIRST_OF_FLEET "fleet"

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
		"to wait for each answer of the ACS (60; of a fleet 30)" },
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
	{ FIRST_OF_FLEET, OPTION_NUMBER, AT(fleet.devices), "N",
		"that many devices in one process, numbered from --first-serial" },
	{ "concurrency", OPTION_NUMBER, AT(fleet.concurrency), "C", "sessions at once (50)" },
	{ "seconds", OPTION_NUMBER, AT(fleet.seconds), "T", "to begin sessions for; then the report" },
	{ "sessions", OPTION_NUMBER, AT(fleet.sessions), "M", "to begin; then the report" },
	{ "rate", OPTION_FRACTION, AT(fleet.rate), "R",
		"sessions a second, late or not; 0: only what devices have a reason for;"
		" without it as many as there can be" },
	{ "first-serial", OPTION_NUMBER, AT(fleet.first_serial), "K",
		"number of the first device (1); 42 has the serial number F00000042" },
	{ "periodic", OPTION_FLAG, AT(fleet.periodic), NULL,
		"each device informs by its own PeriodicInformInterval (--rate is then 0)" },
	{ "mix", OPTION_TEXT, AT(fleet.mix), "REASON=W,...",
		"why sessions begin, by weight: periodic, boot, value-change, bootstrap,"
		" connection-request (periodic=100)" },
	{ "parameters", OPTION_NUMBER, AT(fleet.parameters), "P", "in each Inform (10)" },
	{ "model-parameters", OPTION_NUMBER, AT(fleet.model_parameters), "P",
		"of the tree that there is without --data-model, at least" },
	{ "change", OPTION_NUMBER, AT(fleet.change), "V",
		"of the Inform's counters get a new value in each session (0); rule below" },
	{ "connections", OPTION_TEXT, AT(fleet.connections), "KIND",
		"keep-alive: any session on any of C connections; or per-session (keep-alive)" },
	{ "tls-resume", OPTION_TEXT, AT(fleet.tls_resume), "yes|no",
		"with a connection per session (yes)" },
	{ "source-addresses", OPTION_TEXT, AT(fleet.source_addresses), "A.B.C.D/N",
		"a local address of its own for each connection" },
	{ "challenge-each-session", OPTION_FLAG, AT(fleet.challenge_each_session), NULL,
		"begin each session without Authorization" },
	{ "share-nonces", OPTION_FLAG, AT(fleet.shares_nonces), NULL,
		"a device without a nonce uses that of the fleet's latest challenge" },
	{ "in-turn", OPTION_FLAG, AT(fleet.in_turn), NULL,
		"one device after the other instead of any; with --sessions N each of N once" },
	{ "hold", OPTION_FRACTION, AT(fleet.hold), "SECONDS",
		"between InformResponse and the empty POST" },
	{ "storm", OPTION_FLAG, AT(fleet.storm), NULL,
		"all devices boot at once; ends when each has been in (--rate is then 0)" },
	{ "retry", OPTION_TEXT, AT(fleet.retry), "protocol|never",
		"a failed session, as TR-069 3.2.1.1 has it and not before Retry-After (protocol)" },
	{ "seed", OPTION_NUMBER, AT(fleet.seed), "S", "of the draws (1)" },
	{ "report", OPTION_TEXT, AT(fleet.report), "FILE", "the report as JSON too" },
	{ "journal", OPTION_TEXT, AT(fleet.journal), "FILE",
		"a JSON line for each message acknowledged and each method executed" },
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
			     : set_option(options, option, argument);
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
	if (!options->data_model && !options->fleet.devices)
		return complain("is needed, unless --fleet is 1 at least", "--data-model");
	if (!options->state_dir && !options->fleet.devices)
		return complain("is needed", "--state-dir");
	if (!options->fleet.concurrency)
		return complain("is 1 at least", "--concurrency");
	if (!version_by_name(options->cwmp_version))
		return complain("is one of 1.0, 1.1, 1.2, 1.3, 1.4", "--cwmp-version");
	if (!options->client_cert != !options->client_key)
		return complain("go together", "--client-cert and --client-key");
	return true;
}

/* Those that depend on other options. */
static void set_other_defaults(struct options *options)
{
	struct fleet_options *fleet = &options->fleet;
	if (!options->listen && !fleet->devices)
		options->listen = strdup("127.0.0.1:0");
	if (!options->response_seconds)
		options->response_seconds = fleet->devices ? 30 : 60;
	if ((fleet->storm || fleet->periodic) && fleet->rate < 0)
		fleet->rate = 0;
}

bool options_parse(struct options *options, int argc, char **argv)
{
	*options = (struct options){
		.cwmp_version = strdup("1.2"),
		.reboot_seconds = 2,
		.connection_request_limit = 50,
		.retry_scale = 1,
	};
	fleet_options_init(&options->fleet);
	for (int i = 1; i < argc; i++)
		if (!parse_option(options, argc, argv, &i))
			return false;
	set_other_defaults(options);
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
	      "                                            make it tell its ACS; kinds below\n"
	      "       cpe --fleet N --acs-url URL [options]  generate load\n\n"
	      "options:\n",
		out);
	for (size_t i = 0; i < LENGTH_OF(table); i++) {
		if (strcmp(table[i].name, FIRST_OF_FLEET) == 0)
			fputs("\noptions of a fleet:\n", out);
		fprintf(out, "  --%-28s %-12s %s\n", table[i].name,
			table[i].argument ? table[i].argument : "", table[i].help);
	}
	fleet_options_print_help(out);
	fputs("\nkinds of cpe send:\n", out);
	send_print_help(out);
	fputs("\nmodes of --misbehave:\n", out);
	misbehave_print_help(out);
}
