/* SPDX-License-Identifier: ISC */
#include "log.h"
#include "newfile.h"
#include "object_format.h"
#include "token.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct object_writer {
	struct arena *a;
	const char *dir;
	struct newfile file;
	EVP_CIPHER_CTX *gcm;
	struct digest *digest;
	struct seal_key key;
	unsigned char header[OBJECT_HEADER];
	uint32_t index; /* of the chunk in buf */
	int64_t size;
	size_t fill;
	unsigned char buf[OBJECT_FULL];
};

static void
writer_end(void *arg)
{
	struct object_writer *w = arg;

	newfile_abandon(&w->file);
	secret_wipe(&w->key, sizeof(w->key));
	secret_wipe(w->buf, sizeof(w->buf));
}

/* The room an unfinished file takes is given back at once, not when the arena ends. */
static struct err *
writer_fail(struct object_writer *w, int rc, const char *doing)
{
	newfile_abandon(&w->file);
	return object_error(w->a, rc, doing);
}

static struct object_writer *
writer_new(struct arena *a, const char *dir)
{
	struct object_writer *w = ARENA_NEW(a, struct object_writer);

	w->a = a;
	w->dir = arena_strdup(a, dir);
	w->file.fd = -1;
	w->digest = digest_new(a);
	arena_on_reset(a, writer_end, w);
	return w;
}

static void
make_header(struct object_writer *w)
{
	w->gcm = object_gcm(w->a, true, &w->key);
	memcpy(w->header, OBJECT_MAGIC, sizeof(OBJECT_MAGIC) - 1);
	w->header[8] = OBJECT_VERSION;
	random_bytes(w->header + 9, OBJECT_HEADER - 9);
}

static struct err *
writer_begin(struct object_writer *w, bool named)
{
	int rc;

	make_header(w);
	rc = newfile_folder(w->dir);
	if (rc == 0)
		rc = newfile_open(&w->file, w->dir, named);
	if (rc != 0)
		return writer_fail(w, rc, "make a file");
	rc = newfile_write(&w->file, w->header, sizeof(w->header));
	return rc == 0 ? NULL : writer_fail(w, rc, "write");
}

struct err *
object_create_how(struct arena *a, const char *dir, bool named, struct object_writer **w_r)
{
	struct object_writer *w = writer_new(a, dir);

	seal_key_random(&w->key);
	TRY(writer_begin(w, named));
	*w_r = w;
	return NULL;
}

struct err *
object_create(struct arena *a, const char *dir, struct object_writer **w_r)
{
	return object_create_how(a, dir, false, w_r);
}

static int
flush(struct object_writer *w, bool last)
{
	const struct object_chunk c = {w->gcm, w->header, w->index, last};
	size_t n = w->fill;

	ASSERT(w->index < UINT32_MAX);
	object_chunk_seal(&c, w->buf, n);
	w->index++;
	w->fill = 0;
	return newfile_write(&w->file, w->buf, n + GCM_TAG);
}

struct err *
object_write(struct object_writer *w, const void *p, size_t n)
{
	const unsigned char *from = p;

	if (w->file.fd < 0)
		return err_internal(w->a, "file store: written to after its end");
	digest_add(w->digest, p, n);
	w->size += (int64_t)n;
	while (n > 0) {
		size_t part = OBJECT_CHUNK - w->fill;

		/* A full chunk waits for the next byte: it might be the last. */
		if (part == 0) {
			int rc = flush(w, false);

			if (rc != 0)
				return writer_fail(w, rc, "write");
			part = OBJECT_CHUNK;
		}
		part = part < n ? part : n;
		memcpy(w->buf + w->fill, from, part);
		w->fill += part;
		from += part;
		n -= part;
	}
	return NULL;
}

struct err *
object_commit(struct object_writer *w, char *name_r, struct seal_key *key_r, int64_t *size_r,
	unsigned char sha256_r[32])
{
	unsigned char raw[(OBJECT_NAME - 1) / 2];
	const char *name;
	const char *path;
	int rc;

	if (w->file.fd < 0)
		return err_internal(w->a, "file store: committed after its end");
	rc = flush(w, true);
	if (rc != 0)
		return writer_fail(w, rc, "write");
	random_bytes(raw, sizeof(raw));
	name = hex_encode(w->a, raw, sizeof(raw));
	TRY(object_path(w->a, w->dir, name, &path));
	rc = newfile_folder(arena_printf(w->a, "%s/%.2s/%.2s", w->dir, name, name + 2));
	if (rc != 0)
		return writer_fail(w, rc, "make a folder");
	rc = newfile_publish(&w->file, path);
	if (rc != 0)
		return writer_fail(w, rc, "keep a file");
	memcpy(name_r, name, OBJECT_NAME);
	*key_r = w->key;
	*size_r = w->size;
	digest_end(w->digest, sha256_r);
	return NULL;
}

struct err *
object_piece_create(struct arena *a, int fd, const struct seal_key *key, struct object_writer **w_r)
{
	struct object_writer *w = writer_new(a, ".");
	int rc;

	w->key = *key;
	make_header(w);
	/* Shares the place in the file with the caller's. */
	w->file.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (w->file.fd < 0)
		return writer_fail(w, errno, "write");
	rc = newfile_write(&w->file, w->header, sizeof(w->header));
	*w_r = w;
	return rc == 0 ? NULL : writer_fail(w, rc, "write");
}

struct err *
object_piece_end(struct object_writer *w, int64_t *bytes_r)
{
	int rc;

	if (w->file.fd < 0)
		return err_internal(w->a, "file store: ended after its end");
	rc = flush(w, true);
	if (rc != 0)
		return writer_fail(w, rc, "write");
	*bytes_r = OBJECT_HEADER + w->size + (int64_t)w->index * GCM_TAG;
	newfile_abandon(&w->file);
	return NULL;
}
