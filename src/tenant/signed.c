/* SPDX-License-Identifier: ISC */
#include "signed.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "num.h"
#include "token.h"

const char *
signed_folder(struct tenancy *t, struct arena *a)
{
	return t->st->heads != NULL ? t->st->heads : arena_printf(a, "%s/heads", t->st->file_store);
}

struct err *
signed_folder_make(struct arena *a, const char *folder)
{
	if (mkdir(folder, 0700) != 0 && errno != EEXIST)
		return err_internal(a, "%s: %s", folder, strerror(errno));
	return NULL;
}

bool
signed_put(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t k = write(fd, text, n);

		if (k < 0 && errno != EINTR)
			return false;
		if (k > 0) {
			text += k;
			n -= (size_t)k;
		}
	}
	return fsync(fd) == 0;
}

struct err *
signed_write(struct arena *a, const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600), saved;
	bool done = fd >= 0 && signed_put(fd, text);

	saved = errno;
	if (fd >= 0 && close(fd) != 0 && done) {
		done = false;
		saved = errno;
	}
	return done ? NULL : err_internal(a, "%s: %s", path, strerror(saved));
}

struct err *
signed_replace(struct arena *a, const char *path, const char *text)
{
	const char *part = arena_printf(a, "%s.%lld", path, (long long)getpid());

	TRY(signed_write(a, part, O_TRUNC, text));
	if (rename(part, path) != 0) {
		unlink(part);
		return err_internal(a, "%s: %s", path, strerror(errno));
	}
	return NULL;
}

bool
signed_line(struct arena *a, const char *path, const char **line_r)
{
	char *text = arena_alloc(a, SIGNED_LINE + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, SIGNED_LINE);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	*line_r = text;
	return true;
}

/* NULL: there is none. */
static const char *
word(struct arena *a, const char **at)
{
	size_t n = strcspn(*at, " \r\n");
	const char *text = n > 0 ? arena_strndup(a, *at, n) : NULL;

	*at += n;
	*at += **at == ' ';
	return text;
}

bool
signed_take_i64(struct arena *a, const char **at, int64_t *v)
{
	const char *text = word(a, at);

	return text != NULL && num_parse_i64(text, 0, INT64_MAX, v);
}

bool
signed_take_bytes(struct arena *a, const char **at, unsigned char *out, size_t n)
{
	const char *text = word(a, at);
	struct bytes b;

	if (text == NULL || !hex_decode(a, text, &b) || b.n != n)
		return false;
	memcpy(out, b.p, n);
	return true;
}
