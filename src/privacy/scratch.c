/* SPDX-License-Identifier: ISC */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "log.h"

static struct err *
scratch_error(struct arena *a, const char *doing)
{
	int rc = errno;

	if (rc == ENOSPC || rc == EDQUOT || rc == EFBIG)
		return err_no_space(a, "the folder of Files.Scratch");
	return err_internal(a, "scratch: %s: %s", doing, strerror(rc));
}

static void
scratch_close(void *arg)
{
	struct scratch *s = arg;

	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

/* Where the file system knows no nameless files: a name for a moment. */
static int
open_named(struct arena *a, const char *folder)
{
	char *path = arena_printf(a, "%s/praya-XXXXXX", folder);
	int fd = mkostemp(path, O_CLOEXEC);

	if (fd >= 0)
		unlink(path);
	return fd;
}

struct err *
scratch_new(struct arena *a, const char *folder, struct scratch **s_r)
{
	struct scratch *s = ARENA_NEW(a, struct scratch);

	s->a = a;
	s->digest = digest_new(a);
	s->fd = open(folder, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);
	if (s->fd < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
		s->fd = open_named(a, folder);
	arena_on_reset(a, scratch_close, s);
	if (s->fd < 0)
		return scratch_error(a, "open");
	*s_r = s;
	return NULL;
}

struct err *
scratch_write_at(struct scratch *s, int64_t at, const void *p, size_t n)
{
	const char *from = p;

	while (n > 0) {
		ssize_t k = pwrite(s->fd, from, n, (off_t)at);

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return scratch_error(s->a, "write");
		from += k;
		at += k;
		n -= (size_t)k;
	}
	if (at > s->size)
		s->size = at;
	return NULL;
}

struct err *
scratch_read_at(struct scratch *s, int64_t at, void *p, size_t n, size_t *got_r)
{
	char *to = p;

	*got_r = 0;
	while (*got_r < n) {
		ssize_t k = pread(s->fd, to + *got_r, n - *got_r, (off_t)(at + (int64_t)*got_r));

		if (k < 0 && errno == EINTR)
			continue;
		if (k < 0)
			return scratch_error(s->a, "read");
		if (k == 0)
			break;
		*got_r += (size_t)k;
	}
	return NULL;
}

struct err *
scratch_add(struct scratch *s, const void *p, size_t n)
{
	ASSERT(!s->ended);
	digest_add(s->digest, p, n);
	return scratch_write_at(s, s->size, p, n);
}

struct err *
scratch_add_sb(struct scratch *s, struct sb *sb)
{
	if (!sb_ok(sb))
		return err_internal(s->a, "a piece of an archive is too large");
	TRY(scratch_add(s, sb->p, sb->n));
	sb_clear(sb);
	return NULL;
}

void
scratch_end(struct scratch *s)
{
	ASSERT(!s->ended);
	s->ended = true;
	digest_end(s->digest, s->sha256);
}
