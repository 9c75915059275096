/* replay: a fuzz target over the files of the folders that are named, each once.
 * So that what a fuzzer broke, and the seeds, are tried by every compiler in every test. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "fuzz.h"

static void replay_file(const char *path)
{
	char bytes[65536];
	struct buffer content = { 0 };
	FILE *file = fopen(path, "rb");
	HOLDS(file);
	for (size_t n; (n = fread(bytes, 1, sizeof(bytes), file)) > 0;)
		buffer_append(&content, bytes, n);
	fclose(file);
	printf("%s\n", path);
	fflush(stdout);
	LLVMFuzzerTestOneInput((const uint8_t *)(content.data ? content.data : ""), content.length);
	buffer_clear(&content);
}

/* A folder that is not there has no files. */
static unsigned replay_folder(const char *folder)
{
	unsigned count = 0;
	DIR *entries = opendir(folder);
	for (struct dirent *entry; entries && (entry = readdir(entries));) {
		char path[4096];
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		replay_file(path);
		count++;
	}
	if (entries)
		closedir(entries);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;
	for (int i = 1; i < argc; i++)
		count += replay_folder(argv[i]);
	printf("%u inputs\n", count);
	return count > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
