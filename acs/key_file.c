/* key_file: the keys that seal secrets, as the configuration, the environment or a file gives them.
 * Keys are texts of 64 hex digits, the newest first: in the settings separated by commas, in the file by lines. */
#include "acs/key_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

enum { KEYS_MAX = 16, KEY_HEX = 2 * SEAL_KEY_BYTES };
enum { FILE_MAX = KEYS_MAX * (KEY_HEX + 1) };

struct keys {
	uint8_t bytes[KEYS_MAX][SEAL_KEY_BYTES];
	size_t count;
};

/* The keys of a text, added to those that are there. False when it holds anything else. */
static bool add_keys(struct keys *keys, const char *text)
{
	static const char between[] = ", \t\r\n";
	char hex[KEY_HEX + 1];
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		const size_t length = strcspn(text, between);
		if (keys->count == KEYS_MAX || length != KEY_HEX)
			return false;
		memcpy(hex, text, length);
		hex[length] = '\0';
		if (!hex_decode(hex, keys->bytes[keys->count++], SEAL_KEY_BYTES))
			return false;
		text += length;
	}
	wipe_bytes(hex, sizeof(hex));
	return true;
}

static char *path_of(const struct config *config)
{
	struct buffer path = { 0 };
	if (*config->secrets.key_file)
		buffer_append_text(&path, config->secrets.key_file);
	else
		buffer_printf(&path, "%s/secret.key", config->data.dir);
	return path.data;
}

/* Written whole under another name and renamed, so that a crash leaves no half key. */
static bool replace_file(const char *path, const char *text)
{
	struct buffer temporary = { 0 };
	const size_t length = strlen(text);
	buffer_printf(&temporary, "%s.new", path);
	unlink(temporary.data);
	const int fd = open(temporary.data, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	const bool ok = fd >= 0 && write(fd, text, length) == (ssize_t)length && fsync(fd) == 0 &&
			rename(temporary.data, path) == 0;
	if (fd >= 0)
		close(fd);
	buffer_clear(&temporary);
	return ok;
}

/* A new key, and behind it what was there. */
static bool write_new_key(const char *path, const char *older)
{
	uint8_t key[SEAL_KEY_BYTES];
	char text[FILE_MAX + KEY_HEX + 2];
	random_bytes(key, sizeof(key));
	hex_encode(key, sizeof(key), text);
	snprintf(text + KEY_HEX, sizeof(text) - KEY_HEX, "\n%s", older);
	const bool ok = replace_file(path, text);
	wipe_bytes(key, sizeof(key));
	wipe_bytes(text, sizeof(text));
	return ok;
}

/* Like mkdir -p; what cannot be made shows when the file is opened. */
static void make_folders(const char *path)
{
	struct buffer part = { 0 };
	for (const char *c = path; *c; c++) {
		if (*c == '/' && part.length)
			mkdir(part.data, 0755);
		buffer_append(&part, c, 1);
	}
	mkdir(path, 0755);
	buffer_clear(&part);
}

/* NULL when nobody but us and root can read or change what is open there. */
static const char *objection(int fd)
{
	struct stat file;
	if (fstat(fd, &file) != 0)
		return strerror(errno);
	if (!S_ISREG(file.st_mode))
		return "is no file";
	if (file.st_uid != geteuid() && file.st_uid != 0)
		return "belongs to somebody else, who can read every secret: chown it";
	if (file.st_mode & (S_IRWXG | S_IRWXO))
		return "is open to others, who can read every secret: chmod 600";
	return NULL;
}

static bool read_file(const char *path, char text[FILE_MAX + 1], char *why, size_t why_size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *problem = fd < 0 ? strerror(errno) : objection(fd);
	const ssize_t length = problem ? 0 : read(fd, text, FILE_MAX);
	if (length < 0)
		problem = strerror(errno);
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	snprintf(why, why_size, "%s: %s", path, problem ? problem : "");
	return !problem;
}

static bool read_or_make_file(const struct config *config, const char *path, struct keys *keys,
	char *why, size_t why_size)
{
	char text[FILE_MAX + 1];
	if (!*config->secrets.key_file && access(path, F_OK) != 0) {
		make_folders(config->data.dir);
		if (!write_new_key(path, "")) {
			snprintf(why, why_size, "%s: cannot be made: %s", path, strerror(errno));
			return false;
		}
	}
	if (!read_file(path, text, why, why_size))
		return false;
	const bool ok = add_keys(keys, text) && keys->count > 0;
	wipe_bytes(text, sizeof(text));
	if (!ok)
		snprintf(why, why_size, "%s: must hold keys of 64 hex digits, one a line", path);
	return ok;
}

static bool read_keys(
	const struct config *config, struct keys *keys, char *why, size_t why_size)
{
	bool ok = true;
	if (*config->secrets.key) {
		ok = add_keys(keys, config->secrets.key);
	} else {
		char *path = path_of(config);
		if (!read_or_make_file(config, path, keys, why, why_size)) {
			free(path);
			return false;
		}
		free(path);
	}
	if (ok && add_keys(keys, config->secrets.old_keys))
		return true;
	snprintf(why, why_size, "secrets.key, secrets.old_keys: must be keys of 64 hex digits,"
				" 16 of them at most");
	return false;
}

bool key_file_read(
	const struct config *config, struct keyring *ring, char *why, size_t why_size)
{
	struct keys keys = { .count = 0 };
	const bool ok = read_keys(config, &keys, why, why_size);
	if (ok)
		keyring_set(ring, (const uint8_t(*)[SEAL_KEY_BYTES])keys.bytes, keys.count);
	wipe_bytes(&keys, sizeof(keys));
	return ok;
}

bool key_file_add(const struct config *config, char *why, size_t why_size)
{
	char text[FILE_MAX + 1];
	char *path = path_of(config);
	bool ok = false;
	if (*config->secrets.key)
		snprintf(why, why_size, "the keys are in the settings: put a new one into secrets.key"
					" and the old one into secrets.old_keys");
	else if (read_file(path, text, why, why_size)) {
		ok = write_new_key(path, text);
		if (!ok)
			snprintf(why, why_size, "%s: %s", path, strerror(errno));
		wipe_bytes(text, sizeof(text));
	}
	free(path);
	return ok;
}
