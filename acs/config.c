/* config: every setting of the server, from file, environment and command line.
 * The table below is the only place where a setting is described. */
#include "acs/config.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "base/buffer.h"

enum setting_type { TEXT, SECRET, ADDRESS, NUMBER, BYTES, BOOLEAN, CHOICE };

struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;
	const char *initial;
	uint64_t min, max; /* of numbers and bytes */
	const char *const *choices;
	const char *help;
};

static const char *const auth_choices[] = { "none", "basic", "digest", NULL };
static const char *const level_choices[] = { "error", "warning", "info", "debug", NULL };

#define AT(field) offsetof(struct config, field)
#define DAY 86400

static const struct setting settings[] = {
	{ "data.dir", TEXT, AT(data.dir), NULL, 0, 0, NULL,
		"folder of the private PostgreSQL and of secret.key" },
	{ "database.url", SECRET, AT(database.url), "", 0, 0, NULL,
		"PostgreSQL to use, as a libpq URL; empty: a private one under data.dir" },
	{ "database.bin_dir", TEXT, AT(database.bin_dir), "", 0, 0, NULL,
		"folder of initdb and postgres for the private one; empty: the newest installed" },
	{ "database.connections", NUMBER, AT(database.connections), "3", 1, 100, NULL,
		"connections of each event loop" },
	{ "database.statement_timeout_ms", NUMBER, AT(database.statement_timeout_ms), "5000", 10,
		3600000, NULL, "milliseconds that a question may take" },
	{ "database.connect_timeout_ms", NUMBER, AT(database.connect_timeout_ms), "5000", 10,
		600000, NULL, "milliseconds that connecting may take" },
	{ "database.in_flight", NUMBER, AT(database.in_flight), "1000", 1, 100000, NULL,
		"questions under way on one connection" },
	{ "server.loops", NUMBER, AT(server.loops), "0", 0, 256, NULL,
		"event loops; 0: one per core" },
	{ "server.workers", NUMBER, AT(server.workers), "1", 1, 64, NULL,
		"threads that read large envelopes" },
	{ "server.stop_seconds", NUMBER, AT(server.stop_seconds), "10", 0, 3600, NULL,
		"seconds that open sessions have to finish when the server stops" },
	{ "server.sweep_seconds", NUMBER, AT(server.sweep_seconds), "5", 1, 3600, NULL,
		"seconds between looks for expired tasks and overdue transfers" },
	{ "cwmp.listen", ADDRESS, AT(cwmp.listen), "[::]:7547", 0, 0, NULL,
		"HOST:PORT for devices; empty: none" },
	{ "cwmp.tls_listen", ADDRESS, AT(cwmp.tls_listen), "", 0, 0, NULL,
		"HOST:PORT for devices under TLS; empty: none" },
	{ "cwmp.auth", CHOICE, AT(cwmp.auth), "digest", 0, 0, auth_choices,
		"how devices prove who they are" },
	{ "cwmp.basic_over_http", BOOLEAN, AT(cwmp.basic_over_http), "false", 0, 0, NULL,
		"with cwmp.auth=basic: take Basic on the plain listener too, instead of Digest" },
	{ "cwmp.realm", TEXT, AT(cwmp.realm), "acs", 0, 0, NULL,
		"realm of the challenge; stored passwords are bound to it" },
	{ "cwmp.nonce_seconds", NUMBER, AT(cwmp.nonce_seconds), "300", 1, DAY, NULL,
		"life of a digest nonce" },
	{ "cwmp.session_idle_seconds", NUMBER, AT(cwmp.session_idle_seconds), "60", 1, DAY, NULL,
		"seconds between two requests of a session; TR-069 asks for 30 at least" },
	{ "cwmp.session_idle_max_seconds", NUMBER, AT(cwmp.session_idle_max_seconds), "600", 1, DAY,
		NULL, "the most that a device's SessionTimeout header may make of it" },
	{ "cwmp.session_seconds", NUMBER, AT(cwmp.session_seconds), "1800", 1, DAY, NULL,
		"seconds that a whole session may take" },
	{ "cwmp.sessions", NUMBER, AT(cwmp.sessions), "20000", 1, 10000000, NULL,
		"sessions open at once; more get 503" },
	{ "cwmp.retry_after_seconds", NUMBER, AT(cwmp.retry_after_seconds), "30", 1, DAY, NULL,
		"Retry-After of 503 answers" },
	{ "cwmp.body_bytes", BYTES, AT(cwmp.body_bytes), "32M", 32768, UINT64_C(1) << 31, NULL,
		"bytes of one envelope" },
	{ "cwmp.header_bytes", NUMBER, AT(cwmp.header_bytes), "16384", 1024, 1048576, NULL,
		"bytes of one request's headers" },
	{ "cwmp.head_seconds", NUMBER, AT(cwmp.head_seconds), "10", 1, 3600, NULL,
		"seconds for the headers of a request" },
	{ "cwmp.body_seconds", NUMBER, AT(cwmp.body_seconds), "60", 1, 3600, NULL,
		"seconds for the body of a request" },
	{ "cwmp.idle_seconds", NUMBER, AT(cwmp.idle_seconds), "75", 1, 3600, NULL,
		"seconds that a connection may be idle between two requests" },
	{ "cwmp.requests_per_connection", NUMBER, AT(cwmp.requests_per_connection), "100000", 1,
		UINT32_MAX, NULL, "requests on one connection" },
	{ "cwmp.connections", NUMBER, AT(cwmp.connections), "50000", 1, 10000000, NULL,
		"connections of one listener on one event loop" },
	{ "cwmp.connections_per_address", NUMBER, AT(cwmp.connections_per_address), "1000", 1,
		10000000, NULL, "connections from one address" },
	{ "cwmp.xml_depth", NUMBER, AT(cwmp.xml_depth), "32", 8, 1000, NULL,
		"nested XML elements" },
	{ "cwmp.xml_text_bytes", NUMBER, AT(cwmp.xml_text_bytes), "2097152", 1024, 1 << 30, NULL,
		"bytes of one text in an envelope" },
	{ "cwmp.xml_items", NUMBER, AT(cwmp.xml_items), "200000", 64, 100000000, NULL,
		"items of one list in an envelope" },
	{ "cwmp.parse_ms", NUMBER, AT(cwmp.parse_ms), "50", 1, 60000, NULL,
		"milliseconds of CPU for reading an envelope, and …" },
	{ "cwmp.parse_ms_per_mb", NUMBER, AT(cwmp.parse_ms_per_mb), "40", 1, 60000, NULL,
		"… more for each megabyte of it" },
	{ "cwmp.parameters_per_device", NUMBER, AT(cwmp.parameters_per_device), "50000", 100,
		10000000, NULL, "parameters and objects kept of one device" },
	{ "cwmp.parameter_names", NUMBER, AT(cwmp.parameter_names), "2000000", 1000, UINT32_MAX,
		NULL, "different parameter names kept of all devices together" },
	{ "cwmp.xml_declaration", BOOLEAN, AT(cwmp.xml_declaration), "true", 0, 0, NULL,
		"begin envelopes with <?xml …?>" },
	{ "admin.listen", ADDRESS, AT(admin.listen), "127.0.0.1:7557", 0, 0, NULL,
		"HOST:PORT of the admin API; empty: none" },
	{ "admin.auth", BOOLEAN, AT(admin.auth), "true", 0, 0, NULL,
		"ask for a token; false lets everyone who reaches the port do everything" },
	{ "admin.body_bytes", BYTES, AT(admin.body_bytes), "4M", 1024, UINT64_C(1) << 30, NULL,
		"bytes of one JSON document" },
	{ "admin.connections", NUMBER, AT(admin.connections), "1000", 1, 1000000, NULL,
		"connections to the admin API on one event loop" },
	{ "files.listen", ADDRESS, AT(files.listen), "[::]:7567", 0, 0, NULL,
		"HOST:PORT that devices fetch files from; empty: none" },
	{ "files.tls_listen", ADDRESS, AT(files.tls_listen), "", 0, 0, NULL,
		"the same under TLS; empty: none" },
	{ "files.public_url", TEXT, AT(files.public_url), "", 0, 0, NULL,
		"URL under which devices reach files.listen; empty: the address they reached us at" },
	{ "files.max_bytes", BYTES, AT(files.max_bytes), "256M", 1, UINT64_C(1) << 40, NULL,
		"bytes of one file" },
	{ "files.connections", NUMBER, AT(files.connections), "5000", 1, 10000000, NULL,
		"connections to the file server on one event loop" },
	{ "files.connections_per_address", NUMBER, AT(files.connections_per_address), "200", 1,
		10000000, NULL, "connections from one address" },
	{ "files.link_seconds", NUMBER, AT(files.link_seconds), "86400", 1, 30 * DAY, NULL,
		"life of a download link beyond its transfer" },
	{ "tls.certificate", TEXT, AT(tls.certificate), "", 0, 0, NULL,
		"PEM file of the TLS listeners' certificate and chain" },
	{ "tls.key", TEXT, AT(tls.key), "", 0, 0, NULL, "PEM file of its key" },
	{ "tls.client_ca", TEXT, AT(tls.client_ca), "", 0, 0, NULL,
		"PEM file: devices must show a certificate from these; empty: none is asked for" },
	{ "tasks.retry_seconds", NUMBER, AT(tasks.retry_seconds), "60", 0, DAY, NULL,
		"wait before a failed task's second attempt, times four for each further one" },
	{ "tasks.attempts", NUMBER, AT(tasks.attempts), "5", 1, 100, NULL,
		"attempts at a task that fails with a passing fault" },
	{ "tasks.expires_seconds", NUMBER, AT(tasks.expires_seconds), "0", 0, 3650u * DAY, NULL,
		"life of a queued task that says nothing else; 0: for ever" },
	{ "tasks.transfer_seconds", NUMBER, AT(tasks.transfer_seconds), "3600", 1, 30 * DAY, NULL,
		"wait for a TransferComplete beyond the transfer's delay" },
	{ "tasks.per_session", NUMBER, AT(tasks.per_session), "200", 1, 1000000, NULL,
		"requests in one session, after which it ends and the rest waits for the next" },
	{ "tasks.queue", NUMBER, AT(tasks.queue), "1000", 1, 1000000, NULL,
		"open tasks of one device" },
	{ "tasks.refresh_batch", NUMBER, AT(tasks.refresh_batch), "100", 1, 100000, NULL,
		"names in one GetParameterValues of a Refresh; halved for devices that cannot bear it" },
	{ "connection_request.connect_seconds", NUMBER, AT(connection_request.connect_seconds), "5",
		1, 600, NULL, "seconds to reach a device" },
	{ "connection_request.response_seconds", NUMBER, AT(connection_request.response_seconds),
		"10", 1, 600, NULL, "seconds that a device has to answer" },
	{ "connection_request.in_flight", NUMBER, AT(connection_request.in_flight), "256", 1,
		100000, NULL, "connection requests under way" },
	{ "connection_request.retries", NUMBER, AT(connection_request.retries), "3", 0, 100, NULL,
		"further attempts after 503" },
	{ "connection_request.retry_seconds", NUMBER, AT(connection_request.retry_seconds), "5", 0,
		3600, NULL, "seconds between them" },
	{ "connection_request.allow", TEXT, AT(connection_request.allow), "", 0, 0, NULL,
		"address ranges that may be called besides the device's own address: 10.0.0.0/8,fd00::/8" },
	{ "connection_request.basic", BOOLEAN, AT(connection_request.basic), "false", 0, 0, NULL,
		"answer a Basic challenge too" },
	{ "secrets.key", SECRET, AT(secrets.key), "", 0, 0, NULL,
		"64 hex digits that seal stored passwords; empty: made and kept in <data.dir>/secret.key" },
	{ "log.level", TEXT, AT(log.level), "info", 0, 0, level_choices,
		"error, warning, info or debug" },
};

static void *field(struct config *config, const struct setting *setting)
{
	return (char *)config + setting->offset;
}

static bool is_text(const struct setting *setting)
{
	return setting->type == TEXT || setting->type == SECRET || setting->type == ADDRESS;
}

static const struct setting *find(const char *key)
{
	for (size_t i = 0; i < LENGTH_OF(settings); i++)
		if (strcmp(settings[i].key, key) == 0)
			return &settings[i];
	return NULL;
}

/* Where a value came from, for the error text: "acs.conf:12", "ACS_CWMP_LISTEN" or "--cwmp.listen". */
struct source {
	struct config *config;
	struct buffer *why;
	const char *where;
};

static bool refuse(const struct source *source, const struct setting *setting, const char *allowed)
{
	buffer_printf(source->why, "%s: %s: must be %s\n", source->where, setting->key, allowed);
	return false;
}

static bool index_of(const char *const *choices, const char *value, unsigned *index)
{
	for (*index = 0; choices[*index]; ++*index)
		if (strcmp(choices[*index], value) == 0)
			return true;
	return false;
}

static bool set_choice(
	const struct source *source, const struct setting *setting, const char *value)
{
	struct buffer allowed = { 0 };
	unsigned index;
	if (index_of(setting->choices, value, &index)) {
		if (setting->type == CHOICE)
			*(unsigned *)field(source->config, setting) = index;
		return true;
	}
	buffer_append_text(&allowed, "one of");
	for (const char *const *choice = setting->choices; *choice; choice++)
		buffer_printf(&allowed, " %s", *choice);
	refuse(source, setting, allowed.data);
	buffer_clear(&allowed);
	return false;
}

static bool set_boolean(
	const struct source *source, const struct setting *setting, const char *value)
{
	static const char *const words[] = { "false", "true", "no", "yes", "0", "1", "off", "on",
		NULL };
	unsigned index;
	if (!index_of(words, value, &index))
		return refuse(source, setting, "true or false");
	*(bool *)field(source->config, setting) = index % 2 == 1;
	return true;
}

static bool read_number(const char *value, bool with_unit, uint64_t *number)
{
	static const char units[] = "KMG";
	char *end;
	errno = 0;
	*number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || errno)
		return false;
	const char *unit = with_unit && *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
	if (unit && end[1] == '\0')
		return !__builtin_mul_overflow(
			*number, UINT64_C(1024) << (10 * (unit - units)), number);
	return *end == '\0';
}

static bool set_number(
	const struct source *source, const struct setting *setting, const char *value)
{
	char allowed[120];
	uint64_t number;
	if (!read_number(value, setting->type == BYTES, &number) || number < setting->min ||
		number > setting->max) {
		snprintf(allowed, sizeof(allowed), "a number from %llu to %llu%s",
			(unsigned long long)setting->min, (unsigned long long)setting->max,
			setting->type == BYTES ? ", with K, M or G if you like" : "");
		return refuse(source, setting, allowed);
	}
	if (setting->type == BYTES)
		*(uint64_t *)field(source->config, setting) = number;
	else
		*(unsigned *)field(source->config, setting) = (unsigned)number;
	return true;
}

/* "HOST:PORT", "[IPv6]:PORT", ":PORT", or nothing. Whether the host exists is seen when it is bound. */
static bool is_address(const char *value)
{
	const char *colon = strrchr(value, ':');
	uint64_t port;
	if (!*value)
		return true;
	if (!colon || !read_number(colon + 1, false, &port) || port > 65535)
		return false;
	const bool has_inner_colon = memchr(value, ':', (size_t)(colon - value)) != NULL;
	return !has_inner_colon || (*value == '[' && colon[-1] == ']');
}

static bool set_value(const struct source *source, const struct setting *setting, const char *value)
{
	char **text = field(source->config, setting);
	switch (setting->type) {
	case NUMBER:
	case BYTES:
		return set_number(source, setting, value);
	case BOOLEAN:
		return set_boolean(source, setting, value);
	case CHOICE:
		return set_choice(source, setting, value);
	default:
		if (setting->choices && !set_choice(source, setting, value))
			return false;
		if (setting->type == ADDRESS && !is_address(value))
			return refuse(source, setting, "HOST:PORT, [IPv6]:PORT or :PORT");
		free(*text);
		*text = strdup(value);
		return true;
	}
}

static char *default_data_dir(void)
{
	struct buffer dir = { 0 };
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	if (geteuid() == 0)
		buffer_append_text(&dir, "/var/lib/acs");
	else if (state && *state == '/')
		buffer_printf(&dir, "%s/acs", state);
	else
		buffer_printf(&dir, "%s/.local/state/acs", home ? home : "");
	return dir.data;
}

static void set_defaults(struct config *config, struct buffer *why)
{
	const struct source source = { config, why, "default" };
	config->data.dir = default_data_dir();
	for (size_t i = 0; i < LENGTH_OF(settings); i++)
		if (settings[i].initial)
			set_value(&source, &settings[i], settings[i].initial);
}

struct file {
	const char *path;
	FILE *stream;
	unsigned line;
	struct config *config;
	struct buffer *why;
};

/* What does not fit would be read as a line of its own. Comments may be as long as they like. */
static void refuse_long_line(struct file *file, char *text, int size)
{
	int c;
	while ((c = getc(file->stream)) != EOF && c != '\n')
		;
	if (text[0] == ';' || text[0] == '#')
		return;
	buffer_printf(file->why, "%s:%u: the line is too long, %d bytes are the most\n", file->path,
		file->line, size - 2);
	text[0] = '\0';
}

/* Debian's inih does not tell its handler the line, so the lines are counted as they are read. It takes
 * an indented line for more of the value before it; to us it is a setting like any other. */
static char *next_line(char *text, int size, void *arg)
{
	struct file *file = arg;
	file->line++;
	if (!fgets(text, size, file->stream))
		return NULL;
	const bool is_whole = strchr(text, '\n') || feof(file->stream);
	const size_t indent = strspn(text, " \t");
	memmove(text, text + indent, strlen(text + indent) + 1);
	if (!is_whole)
		refuse_long_line(file, text, size);
	return text;
}

static int on_file_value(void *arg, const char *section, const char *name, const char *value)
{
	struct file *file = arg;
	char key[128], where[512];
	snprintf(key, sizeof(key), "%s.%s", section, name);
	snprintf(where, sizeof(where), "%s:%u", file->path, file->line);
	const struct source source = { file->config, file->why, where };
	const struct setting *setting = find(key);
	if (!setting)
		buffer_printf(file->why, "%s: %s: no such setting\n", where, key);
	else
		set_value(&source, setting, value);
	return 1;
}

/* inih hands the reader and the handler one pointer each, here the same. */
static void read_file(struct config *config, const char *path, struct buffer *why)
{
	struct file file = {
		.path = path, .stream = fopen(path, "re"), .config = config, .why = why
	};
	if (!file.stream) {
		buffer_printf(why, "%s: cannot be read: %s\n", path, strerror(errno));
		return;
	}
	const int line = ini_parse_stream(next_line, &file, on_file_value, &file);
	if (line > 0)
		buffer_printf(why, "%s:%d: is neither [section] nor name = value\n", path, line);
	fclose(file.stream);
}

static void read_environment(struct config *config, struct buffer *why)
{
	for (size_t i = 0; i < LENGTH_OF(settings); i++) {
		char name[80] = "ACS_";
		size_t length = strlen(name);
		for (const char *c = settings[i].key; *c; c++)
			name[length++] = *c == '.' ? '_' : (char)toupper((unsigned char)*c);
		name[length] = '\0';
		const struct source source = { config, why, name };
		const char *value = getenv(name);
		if (value)
			set_value(&source, &settings[i], value);
	}
}

/* The argument's setting, and its value behind '=' or in the next argument (then *next is set). NULL: not one of ours. */
static const struct setting *split_argument(char **argv, int argc, int i, char **value, bool *next)
{
	char key[128];
	if (strncmp(argv[i], "--", 2) != 0)
		return NULL;
	const size_t length = strcspn(argv[i] + 2, "=");
	snprintf(key, sizeof(key), "%.*s", (int)length, argv[i] + 2);
	*next = argv[i][2 + length] == '\0';
	*value = *next ? (i + 1 < argc ? argv[i + 1] : NULL) : argv[i] + 2 + length + 1;
	return find(key);
}

/* What others could read in the process list is wiped as soon as it is known. */
static void wipe(char *text)
{
	memset(text, 'x', strlen(text));
}

static void take_argument(
	struct config *config, const struct setting *setting, char *value, struct buffer *why)
{
	char where[140];
	snprintf(where, sizeof(where), "--%s", setting->key);
	const struct source source = { config, why, where };
	if (!value) {
		buffer_printf(why, "%s: wants a value\n", where);
		return;
	}
	set_value(&source, setting, value);
	if (setting->type == SECRET)
		wipe(value);
}

static void read_arguments(struct config *config, int *argc, char **argv, struct buffer *why)
{
	int kept = 0;
	for (int i = 0; i < *argc; i++) {
		char *value;
		bool next;
		const struct setting *setting = split_argument(argv, *argc, i, &value, &next);
		if (setting)
			take_argument(config, setting, value, why);
		else
			argv[kept++] = argv[i];
		if (setting && next)
			i++;
	}
	*argc = kept;
}

/* Takes --config FILE or --config=FILE out of the arguments. */
static char *take_config_path(int *argc, char **argv, struct buffer *why)
{
	char *path = NULL;
	int kept = 0;
	for (int i = 0; i < *argc; i++) {
		if (strncmp(argv[i], "--config=", 9) == 0)
			path = argv[i] + 9;
		else if (strcmp(argv[i], "--config") != 0)
			argv[kept++] = argv[i];
		else if (i + 1 < *argc)
			path = argv[++i];
		else
			buffer_append_text(why, "--config: wants a file\n");
	}
	*argc = kept;
	return path;
}

static void check_together(const struct config *config, struct buffer *why)
{
	const bool has_tls = *config->cwmp.tls_listen || *config->files.tls_listen;
	if (has_tls && (!*config->tls.certificate || !*config->tls.key))
		buffer_append_text(
			why, "tls.certificate, tls.key: both are needed for a TLS listener\n");
	if (*config->data.dir != '/')
		buffer_append_text(why, "data.dir: must be an absolute path\n");
	if (strpbrk(config->cwmp.realm, "\"\\"))
		buffer_append_text(why, "cwmp.realm: must not hold quotes or backslashes\n");
}

bool config_load(struct config *config, int *argc, char **argv, struct buffer *why)
{
	*config = (struct config){ 0 };
	set_defaults(config, why);
	config->file = take_config_path(argc, argv, why);
	if (config->file)
		read_file(config, config->file, why);
	read_environment(config, why);
	read_arguments(config, argc, argv, why);
	check_together(config, why);
	return why->length == 0;
}

bool config_read_file(struct config *config, const char *path, struct buffer *why)
{
	*config = (struct config){ 0 };
	set_defaults(config, why);
	read_file(config, path, why);
	return why->length == 0;
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < LENGTH_OF(settings); i++) {
		if (!is_text(&settings[i]))
			continue;
		char **text = field(config, &settings[i]);
		free(*text);
		*text = NULL;
	}
}

void config_print_help(FILE *out)
{
	for (size_t i = 0; i < LENGTH_OF(settings); i++) {
		const struct setting *s = &settings[i];
		fprintf(out, "  --%s=%s\n        %s\n", s->key, s->initial ? s->initial : "…",
			s->help);
	}
}

void config_print_sample(FILE *out)
{
	size_t section_length = 0;
	for (size_t i = 0; i < LENGTH_OF(settings); i++) {
		const struct setting *s = &settings[i];
		const size_t length = strcspn(s->key, ".");
		if (i == 0 || length != section_length ||
			strncmp(s->key, settings[i - 1].key, length) != 0)
			fprintf(out, "%s[%.*s]\n", i ? "\n" : "", (int)length, s->key);
		section_length = length;
		fprintf(out, "; %s\n; %s = %s\n", s->help, s->key + length + 1,
			s->initial ? s->initial : "");
	}
}
