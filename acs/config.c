/* config: every setting of the server, from file, environment and command line.
 * Read in this order, each overriding the one before; config_table.c lists the settings. */
#include "acs/config.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <ini.h>

#include "acs/address.h"
#include "acs/config_table.h"
#include "base/buffer.h"
#include "base/list.h"

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
	for (size_t i = 0; i < config_setting_count; i++)
		if (config_settings[i].initial)
			config_set(&source, &config_settings[i], config_settings[i].initial);
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

/* Debian's inih does not tell its handler the line, so the lines are counted as they are read. It
 * takes an indented line for more of the value before it; to us it is a setting like any other. */
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
	const struct setting *setting = config_setting_find(key);
	if (!setting)
		buffer_printf(file->why, "%s: %s: no such setting\n", where, key);
	else
		config_set(&source, setting, value);
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
	if (ferror(file.stream)) /* a folder, for one: opening it succeeds */
		buffer_printf(why, "%s: cannot be read: %s\n", path, strerror(errno));
	else if (line > 0)
		buffer_printf(why, "%s:%d: is neither [section] nor name = value\n", path, line);
	fclose(file.stream);
}

/* What others could read in the process list, or in that of our children, is wiped as soon as it is known. */
static void wipe(char *text)
{
	memset(text, 'x', strlen(text));
}

static void take_out(struct config *config, size_t setting, const char *name, char *value)
{
	config->is_taken[setting] = true;
	wipe(value);
	unsetenv(name);
}

static void read_environment(struct config *config, struct buffer *why)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		char name[80] = "ACS_";
		size_t length = strlen(name);
		for (const char *c = config_settings[i].key; *c; c++)
			name[length++] = (char)(*c == '.' ? '_' : toupper((unsigned char)*c));
		name[length] = '\0';
		const struct source source = { config, why, name };
		char *value = getenv(name);
		if (!value)
			continue;
		config_set(&source, &config_settings[i], value);
		if (config_may_tell_secrets(&config_settings[i]))
			take_out(config, i, name, value);
	}
}

/* The argument's setting, and its value behind '=' or in the next argument (then *next is set).
 * NULL: not one of ours. */
static const struct setting *split_argument(char **argv, int argc, int i, char **value, bool *next)
{
	char key[128];
	if (strncmp(argv[i], "--", 2) != 0)
		return NULL;
	const size_t length = strcspn(argv[i] + 2, "=");
	snprintf(key, sizeof(key), "%.*s", (int)length, argv[i] + 2);
	*next = argv[i][2 + length] == '\0';
	*value = *next ? (i + 1 < argc ? argv[i + 1] : NULL) : argv[i] + 2 + length + 1;
	return config_setting_find(key);
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
	config->is_taken[setting - config_settings] = true;
	config_set(&source, setting, value);
	if (config_may_tell_secrets(setting))
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

static bool is_beyond_loopback(const char *listen)
{
	return *listen && !address_text_is_loopback(listen);
}

/* An admin can do everything to every device: nobody gets there in clear, or unasked, by accident. */
static void check_admin(const struct config *config, struct buffer *why)
{
	const bool is_plain_open = is_beyond_loopback(config->admin.listen);
	const bool is_open = is_plain_open || is_beyond_loopback(config->admin.tls_listen);
	if (config->admin.insecure_listen)
		return;
	if (is_plain_open)
		buffer_append_text(why,
			"admin.listen: beyond loopback the admin API wants TLS (admin.tls_listen), or admin.insecure_listen=true\n");
	if (is_open && !config->admin.auth)
		buffer_append_text(why,
			"admin.auth: must be true beyond loopback, unless admin.insecure_listen=true\n");
}

/* A door that asks for certificates is of no use beside one that asks for nothing. */
static void check_proofs(const struct config *config, struct buffer *why)
{
	if (*config->tls.client_ca && config->cwmp.auth == AUTH_NONE &&
		is_beyond_loopback(config->cwmp.listen) && !config->cwmp.plain_beside_client_ca)
		buffer_append_text(why,
			"cwmp.listen: with cwmp.auth=none it lets in whom tls.client_ca is to keep out; empty it, or set cwmp.plain_beside_client_ca=true\n");
}

/* Who relies on these must not believe that certificates are asked for when none is. */
static void check_client_ca(const struct config *config, struct buffer *why)
{
	const struct {
		const char *key;
		bool is_set;
	} wanting[] = {
		{ "tls.client_ca_expired", *config->tls.client_ca_expired },
		{ "tls.crl", *config->tls.crl },
		{ "tls.revoked", *config->tls.revoked },
		{ "tls.client_certificate_is_enough", config->tls.client_certificate_is_enough },
	};
	for (size_t i = 0; i < LENGTH_OF(wanting) && !*config->tls.client_ca; i++)
		if (wanting[i].is_set)
			buffer_printf(
				why, "%s: means nothing without tls.client_ca\n", wanting[i].key);
}

/* Nobody would be asked who he is. */
static void check_proxies(const struct config *config, struct buffer *why)
{
	const bool is_introduced = config->cwmp.proxy_protocol || config->files.proxy_protocol ||
				   config->admin.proxy_protocol;
	if (is_introduced && !*config->server.proxies)
		buffer_append_text(why, "server.proxies: needed for proxy_protocol\n");
}

static void check_together(const struct config *config, struct buffer *why)
{
	check_admin(config, why);
	const bool has_tls = *config->cwmp.tls_listen || *config->files.tls_listen ||
			     *config->admin.tls_listen;
	if (has_tls && (!*config->tls.certificate || !*config->tls.key))
		buffer_append_text(
			why, "tls.certificate, tls.key: both are needed for a TLS listener\n");
	if (*config->files.legacy_tls_listen &&
		(!*config->tls.legacy_certificate || !*config->tls.legacy_key))
		buffer_append_text(why,
			"tls.legacy_certificate, tls.legacy_key: both are needed for files.legacy_tls_listen\n");
	check_proofs(config, why);
	check_client_ca(config, why);
	check_proxies(config, why);
	if (*config->data.dir != '/')
		buffer_append_text(why, "data.dir: must be an absolute path\n");
	if (strpbrk(config->cwmp.realm, "\"\\\t"))
		buffer_append_text(why, "cwmp.realm: must not hold quotes, backslashes or tabs\n");
}

static void begin(struct config *config, const char *file, struct buffer *why)
{
	*config = (struct config){
		.file = file,
		.is_taken = calloc(config_setting_count, sizeof(bool)),
	};
	if (!config->is_taken)
		abort();
	set_defaults(config, why);
	if (file)
		read_file(config, file, why);
	read_environment(config, why);
}

bool config_load(struct config *config, int *argc, char **argv, struct buffer *why)
{
	const char *file = take_config_path(argc, argv, why);
	begin(config, file, why);
	read_arguments(config, argc, argv, why);
	check_together(config, why);
	return why->length == 0;
}

bool config_reload(struct config *fresh, const struct config *running, struct buffer *why)
{
	begin(fresh, running->file, why);
	for (size_t i = 0; i < config_setting_count; i++) {
		fresh->is_taken[i] = running->is_taken[i];
		if (running->is_taken[i])
			config_copy(fresh, running, &config_settings[i]);
	}
	check_together(fresh, why);
	return why->length == 0;
}

static void check_files(const char *key, const char *paths, struct buffer *why)
{
	struct arena *arena = arena_new();
	for (const char *path; (path = list_next(arena, &paths, ',')) != NULL;)
		if (access(path, R_OK) != 0)
			buffer_printf(why, "%s: %s: cannot be read: %s\n", key, path,
				strerror(errno));
	arena_free(arena);
}

bool config_check_files(const struct config *config, struct buffer *why)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		const struct setting *setting = &config_settings[i];
		if (setting->type != PEM)
			continue;
		check_files(setting->key, *(char *const *)((const char *)config + setting->offset), why);
	}
	return why->length == 0;
}

void config_clear(struct config *config)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		if (!config_is_text(&config_settings[i]))
			continue;
		char **text = config_field(config, &config_settings[i]);
		free(*text);
		*text = NULL;
	}
	free(config->is_taken);
	config->is_taken = NULL;
}

void config_print_help(FILE *out)
{
	for (size_t i = 0; i < config_setting_count; i++) {
		const struct setting *s = &config_settings[i];
		fprintf(out, "  --%s=%s\n        %s\n", s->key, s->initial ? s->initial : "…",
			s->help);
	}
}

void config_print_sample(FILE *out)
{
	size_t section_length = 0;
	for (size_t i = 0; i < config_setting_count; i++) {
		const struct setting *s = &config_settings[i];
		const size_t length = strcspn(s->key, ".");
		if (i == 0 || length != section_length ||
			strncmp(s->key, config_settings[i - 1].key, length) != 0)
			fprintf(out, "%s[%.*s]\n", i ? "\n" : "", (int)length, s->key);
		section_length = length;
		fprintf(out, "; %s\n; %s = %s\n", s->help, s->key + length + 1,
			s->initial ? s->initial : "");
	}
}
