/* SPDX-License-Identifier: ISC */
#include "wordlist.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "token.h"

#define MAGIC "PRAYAPW1"
#define ENTRY 8

/* Process lifetime; the pages are shared with every other process. */
static const unsigned char *list;
static size_t entries;

bool
wordlist_load(const char *path, const char **why_r)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	*why_r = "list of common passwords: cannot be opened";
	if (fd < 0)
		return false;
	*why_r = "list of common passwords: is no such list";
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 2L * ENTRY ||
		st.st_size % ENTRY != 0) {
		close(fd);
		return false;
	}
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0);
	close(fd);
	if (p == MAP_FAILED)
		return false;
	if (memcmp(p, MAGIC, ENTRY) != 0) {
		munmap(p, (size_t)st.st_size);
		return false;
	}
	list = (const unsigned char *)p + ENTRY;
	entries = (size_t)st.st_size / ENTRY - 1;
	return true;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, ENTRY);
}

bool
wordlist_has(const char *text)
{
	unsigned char digest[DIGEST_BYTES];

	ASSERT(list != NULL);
	sha256(text, strlen(text), digest);
	return bsearch(digest, list, entries, ENTRY, compare) != NULL;
}
