/* SPDX-License-Identifier: ISC */
/* Runs a fuzz target over every file of its corpus (or those named). */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>

#include "log.h"

static unsigned char buf[1 << 20];

static void
replay(const char *path)
{
	FILE *f = fopen(path, "rb");
	unsigned char *copy;
	size_t n;

	if (f == NULL)
		log_fatal("cannot open %s", path);
	n = fread(buf, 1, sizeof(buf), f);
	fclose(f);
	/* Of its exact size, so that a sanitizer sees a read past the end. */
	copy = malloc(n + (n == 0));
	if (copy == NULL)
		log_fatal("out of memory");
	memcpy(copy, buf, n);
	log_context("%s", path);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static int
is_input(const struct dirent *d)
{
	return d->d_name[0] != '.';
}

int
main(int argc, char **argv)
{
	struct dirent **list;
	char path[4096];
	int n;

	log_init("replay");
	for (int i = 1; i < argc; i++)
		replay(argv[i]);
	if (argc > 1)
		return 0;
	n = scandir(CORPUS, &list, is_input, alphasort);
	if (n <= 0)
		log_fatal("no corpus in %s", CORPUS);
	for (int i = 0; i < n; i++) {
		snprintf(path, sizeof(path), "%s/%s", CORPUS, list[i]->d_name);
		replay(path);
		free(list[i]);
	}
	free(list);
	printf("%d inputs of %s\n", n, CORPUS);
	return 0;
}
