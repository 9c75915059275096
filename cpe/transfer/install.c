/* install: what becomes of a downloaded file, by its kind.
 * Files end up in DIR/files under their own name; certificates in DIR/ca as well. */
#include "cpe/transfer/install.h"

#include <ctype.h>
#include <fcntl.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/crypto.h"
#include "cpe/file.h"
#include "cpe/log.h"
#include "cpe/transfer/file_content.h"
#include "http/tls.h"

enum { HEAD_BYTES = FIRMWARE_HEAD_BYTES };

static const char certificate_mark[] = "-----BEGIN CERTIFICATE-----";

/* The start of the file, as text. */
static void read_head(const char *path, char head[HEAD_BYTES])
{
	memset(head, 0, HEAD_BYTES);
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	const ssize_t length = read(fd, head, HEAD_BYTES - 1);
	(void)length; /* what was not read is blank */
	close(fd);
}

static bool read_whole(const char *path, struct buffer *content)
{
	char why[256];
	buffer_append_text(content, "");
	return file_read(path, content, why, sizeof(why));
}

/* Firmware: its first line tells the version that runs after the reboot. */

static bool is_firmware(const char *file_type, const char *head)
{
	(void)head;
	return file_type_is_firmware(file_type);
}

static unsigned install_firmware(struct device *device, struct transfer *transfer, const char *path)
{
	(void)device;
	char head[HEAD_BYTES];
	read_head(path, head);
	const char *version = firmware_version(head);
	if (!version)
		return 9018;
	state_set_text(&transfer->version, version);
	return 0;
}

/* Configuration: values for the tree. */

static bool is_configuration(const char *file_type, const char *head)
{
	(void)head;
	return file_type_is_configuration(file_type);
}

static void apply_value(struct node *node, const char *value, void *arg)
{
	device_change(arg, node, value, NOTICE_BY_ATTRIBUTE);
}

static unsigned install_configuration(
	struct device *device, struct transfer *transfer, const char *path)
{
	(void)transfer;
	struct buffer content = { 0 };
	const bool is_sound = read_whole(path, &content) &&
			      configuration_each(device->model, &content, apply_value, device);
	if (is_sound)
		device_reconfigure(device);
	buffer_clear(&content);
	return is_sound ? 0 : 9018;
}

/* Certificates: vendors name their file types as they like, but "CA" is in them or PEM in the file.
 */

static bool is_certificate(const char *file_type, const char *head)
{
	for (const char *at = file_type; (at = strstr(at, "CA")); at += 2)
		if ((at == file_type || !isalnum((unsigned char)at[-1])) &&
			!isalnum((unsigned char)at[2]))
			return true;
	return strstr(head, certificate_mark) != NULL;
}

static bool store_certificate(struct device *device, const struct buffer *content)
{
	char hex[SHA256_HEX_BYTES], *path = NULL, why[256];
	if (asprintf(&path, "%s/ca", device->state.dir) < 0)
		abort();
	const bool has_folder = mkdir(path, 0700) == 0 || errno == EEXIST;
	free(path);
	sha256_hex(content->data, content->length, hex);
	if (asprintf(&path, "%s/ca/%.16s.pem", device->state.dir, hex) < 0)
		abort();
	const bool ok = has_folder &&
			file_replace(path, content->data, content->length, why, sizeof(why)) &&
			device_load_trust(device, why, sizeof(why));
	free(path);
	return ok;
}

static unsigned install_certificate(
	struct device *device, struct transfer *transfer, const char *path)
{
	(void)transfer;
	char why[256];
	const struct http_tls_client_options options = { .ca_file = path };
	struct http_tls *trial = http_tls_client(&options, why, sizeof(why));
	if (!trial) {
		LOG(device->name, "bad-certificate", LOG_TEXT("why", why));
		return 9018;
	}
	http_tls_free(trial);
	struct buffer content = { 0 };
	const bool ok = read_whole(path, &content) && store_certificate(device, &content);
	buffer_clear(&content);
	return ok ? 0 : 9002;
}

/* The rest */

static bool is_anything(const char *file_type, const char *head)
{
	(void)file_type;
	(void)head;
	return true;
}

static unsigned install_nothing(struct device *device, struct transfer *transfer, const char *path)
{
	(void)device;
	(void)transfer;
	(void)path;
	return 0;
}

/* The first that fits. */
static const struct file_kind {
	bool (*fits)(const char *file_type, const char *head);
	unsigned (*install)(struct device *device, struct transfer *transfer, const char *path);
} kinds[] = {
	{ is_firmware, install_firmware },
	{ is_configuration, install_configuration },
	{ is_certificate, install_certificate },
	{ is_anything, install_nothing },
};

bool install_is_possible(const char *file_type)
{
	static const char *const types[] = { "1 Firmware Upgrade Image", "2 Web Content",
		"3 Vendor Configuration File", "4 Tone File", "5 Ringer File",
		"6 Stored Firmware Image" };
	for (size_t i = 0; i < LENGTH_OF(types); i++)
		if (strcmp(types[i], file_type) == 0)
			return true;
	return strncmp(file_type, "X ", 2) == 0 && file_type[2];
}

/* The last segment of TargetFileName or of the URL, free of what is special in a file name. */
static char *file_name(struct arena *arena, const struct transfer *transfer)
{
	char *name = arena_strdup(
		arena, transfer->target_file_name[0] ? transfer->target_file_name : transfer->url);
	name[strcspn(name, "?#")] = '\0';
	char *slash = strrchr(name, '/');
	name = slash ? slash + 1 : name;
	for (char *at = name; *at; at++)
		if (!isalnum((unsigned char)*at) && !strchr("._-", *at))
			*at = '_';
	return strspn(name, ".") == strlen(name) ? "file" : name;
}

static bool keep_file(struct device *device, const struct transfer *transfer, const char *path)
{
	struct arena *arena = arena_new();
	const char *folder = arena_printf(arena, "%s/files", device->state.dir);
	const char *target = arena_printf(arena, "%s/%s", folder, file_name(arena, transfer));
	const bool ok = (mkdir(folder, 0700) == 0 || errno == EEXIST) &&
			rename(path, target) == 0 && file_sync_folder(target);
	arena_free(arena);
	return ok;
}

unsigned install_file(struct device *device, struct transfer *transfer, const char *path)
{
	char head[HEAD_BYTES];
	read_head(path, head);
	const struct file_kind *kind = kinds;
	while (!kind->fits(transfer->file_type, head))
		kind++;
	const unsigned fault = kind->install(device, transfer, path);
	if (fault)
		return fault;
	return keep_file(device, transfer, path) ? 0 : 9002;
}
