/* SPDX-License-Identifier: ISC */
#include "newfile.h"
#include "object_format.h"
#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct object_reader {
	struct arena *a;
	int fd;
	EVP_CIPHER_CTX *gcm;
	int64_t base; /* where its header begins in the file */
	unsigned char header[OBJECT_HEADER];
	int64_t count; /* chunks in the file */
	size_t last_n; /* bytes of the last one, its tag included */
	int64_t next;  /* chunk to read when buf is used up */
	bool broken;
	size_t at; /* buf[at..have) is plain text not yet handed out */
	size_t have;
	unsigned char buf[OBJECT_FULL];
};

static void
reader_end(void *arg)
{
	struct object_reader *r = arg;

	if (r->fd >= 0)
		close(r->fd);
	secret_wipe(r->buf, sizeof(r->buf));
}

static struct err *
damaged(struct object_reader *r)
{
	r->broken = true;
	r->at = r->have = 0;
	return err_internal(r->a, "file store: an object is damaged, or its key is another's");
}

/* All n bytes, or an errno value; EIO when the file ends before. */
static int
read_at(int fd, unsigned char *p, size_t n, int64_t at)
{
	while (n > 0) {
		ssize_t got = pread(fd, p, n, at);

		if (got < 0 && errno != EINTR)
			return errno;
		if (got == 0)
			return EIO;
		if (got > 0) {
			p += got;
			at += got;
			n -= (size_t)got;
		}
	}
	return 0;
}

static struct err *
load(struct object_reader *r, int64_t index)
{
	const bool last = index == r->count - 1;
	const size_t n = last ? r->last_n : OBJECT_FULL;
	const struct object_chunk c = {r->gcm, r->header, (uint32_t)index, last};
	int rc = read_at(r->fd, r->buf, n, r->base + OBJECT_HEADER + index * OBJECT_FULL);

	if (rc != 0) {
		r->broken = true;
		return object_error(r->a, rc, "read");
	}
	if (!object_chunk_open(&c, r->buf, n))
		return damaged(r);
	r->at = 0;
	r->have = n - GCM_TAG;
	r->next = index + 1;
	return NULL;
}

/* bytes: of the layout; 0: to the end of the file. */
static struct err *
read_layout(struct object_reader *r, int64_t bytes)
{
	struct stat st;
	int64_t body;
	int rc;

	if (fstat(r->fd, &st) != 0)
		return object_error(r->a, errno, "read");
	if (bytes == 0)
		bytes = (int64_t)st.st_size - r->base;
	body = bytes - OBJECT_HEADER;
	if (!S_ISREG(st.st_mode) || body < GCM_TAG || r->base > (int64_t)st.st_size - bytes)
		return damaged(r);
	r->count = (body + OBJECT_FULL - 1) / OBJECT_FULL;
	r->last_n = (size_t)(body - (r->count - 1) * OBJECT_FULL);
	if (r->count >= UINT32_MAX || r->last_n < GCM_TAG)
		return damaged(r);
	rc = read_at(r->fd, r->header, sizeof(r->header), r->base);
	if (rc != 0)
		return object_error(r->a, rc, "read");
	if (memcmp(r->header, OBJECT_MAGIC, sizeof(OBJECT_MAGIC) - 1) != 0 ||
		r->header[8] != OBJECT_VERSION)
		return damaged(r);
	return NULL;
}

struct err *
object_piece_open(struct arena *a, const char *path, int64_t at, int64_t bytes,
	const struct seal_key *key, struct object_reader **r_r)
{
	struct object_reader *r = ARENA_NEW(a, struct object_reader);

	r->a = a;
	r->base = at;
	r->gcm = object_gcm(a, false, key);
	r->fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	arena_on_reset(a, reader_end, r);
	if (r->fd < 0)
		return object_error(a, errno, "open an object");
	TRY(read_layout(r, bytes));
	/* The last chunk first: a file that was cut or added to is refused here,
	 * before a byte of it is on its way to somebody. */
	if (r->count > 1)
		TRY(load(r, r->count - 1));
	TRY(load(r, 0));
	*r_r = r;
	return NULL;
}

struct err *
object_file_open(struct arena *a, const char *path, size_t nhead, const struct seal_key *key,
	struct object_reader **r_r)
{
	return object_piece_open(a, path, (int64_t)nhead, 0, key, r_r);
}

struct err *
object_open(struct arena *a, const char *dir, const char *name, const struct seal_key *key,
	struct object_reader **r_r)
{
	const char *path;

	TRY(object_path(a, dir, name, &path));
	return object_file_open(a, path, 0, key, r_r);
}

struct err *
object_read(struct object_reader *r, void *p, size_t n, size_t *got_r)
{
	if (r->broken)
		return damaged(r);
	if (r->at == r->have && r->next < r->count)
		TRY(load(r, r->next));
	if (n > r->have - r->at)
		n = r->have - r->at;
	memcpy(p, r->buf + r->at, n);
	r->at += n;
	*got_r = n;
	return NULL;
}

struct err *
object_destroy(struct arena *a, const char *dir, const char *name)
{
	const char *path;
	int rc;

	TRY(object_path(a, dir, name, &path));
	if (unlink(path) != 0)
		return errno == ENOENT ? NULL : object_error(a, errno, "remove an object");
	rc = newfile_sync_parent(path);
	return rc == 0 ? NULL : object_error(a, rc, "remove an object");
}
