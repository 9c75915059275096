/* trust: the certificates a device believes in.
 * --ca-file (or the system's store) and what was downloaded to DIR/ca, together in DIR/trust.pem.
 */
#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/buffer.h"
#include "cpe/device.h"
#include "cpe/file.h"

static const char system_store[] = "/etc/ssl/certs/ca-certificates.crt";

static bool append_file(struct buffer *store, const char *path, char *why, size_t why_size)
{
	if (!file_read(path, store, why, why_size))
		return false;
	buffer_append_text(store, "\n");
	return true;
}

static bool is_pem(const char *name)
{
	const size_t length = strlen(name);
	return length > 4 && strcmp(name + length - 4, ".pem") == 0;
}

/* The number of certificates downloaded, or -1. */
static int append_downloaded(struct buffer *store, struct arena *arena, const char *state_dir,
	char *why, size_t why_size)
{
	const char *folder = arena_printf(arena, "%s/ca", state_dir);
	DIR *dir = opendir(folder);
	int count = 0;
	for (const struct dirent *entry; dir && count >= 0 && (entry = readdir(dir));) {
		if (!is_pem(entry->d_name))
			continue;
		const char *path = arena_printf(arena, "%s/%s", folder, entry->d_name);
		count = append_file(store, path, why, why_size) ? count + 1 : -1;
	}
	if (dir)
		closedir(dir);
	return count;
}

/* Writes DIR/trust.pem; *path stays NULL when the system's store is all there is. */
static bool write_store(const struct device *device, struct arena *arena, const char **path,
	char *why, size_t why_size)
{
	const char *ca_file = device->options->ca_file;
	struct buffer store = { 0 };
	const bool has_base = ca_file || access(system_store, R_OK) == 0;
	bool ok = !has_base || append_file(&store, ca_file ? ca_file : system_store, why, why_size);
	const int count = ok ? append_downloaded(&store, arena, device->state.dir, why, why_size)
			     : -1;
	ok = count >= 0;
	if (ok && (ca_file || count > 0)) {
		*path = arena_printf(arena, "%s/trust.pem", device->state.dir);
		ok = file_replace(*path, store.data, store.length, why, why_size);
	}
	buffer_clear(&store);
	return ok;
}

bool device_load_trust(struct device *device, char *why, size_t why_size)
{
	struct arena *arena = arena_new();
	struct http_tls_client_options options = {
		.certificate = device->options->client_cert,
		.key = device->options->client_key,
	};
	struct http_tls *tls = NULL;
	if (write_store(device, arena, &options.ca_file, why, why_size))
		tls = http_tls_client(&options, why, why_size);
	arena_free(arena);
	if (!tls)
		return false;
	http_tls_free(device->tls);
	device->tls = tls;
	return true;
}

void device_forget_trust(struct device *device)
{
	struct arena *arena = arena_new();
	const char *folder = arena_printf(arena, "%s/ca", device->state.dir);
	DIR *dir = opendir(folder);
	for (const struct dirent *entry; dir && (entry = readdir(dir));)
		if (is_pem(entry->d_name))
			unlink(arena_printf(arena, "%s/%s", folder, entry->d_name));
	if (dir)
		closedir(dir);
	arena_free(arena);
}
