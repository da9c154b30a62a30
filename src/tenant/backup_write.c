/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_part.h"
#include "log.h"
#include "newfile.h"
#include "token.h"

/* What a kill costs at most, besides the one file that is copied. */
#define PIECE_BYTES ((int64_t)16 * 1024 * 1024)

struct backup_writer {
	struct arena *a;
	const char *part;
	int fd; /* of the part, locked */
	struct seal_key key;
	struct arena *piece; /* of the one that is written */
	struct object_writer *to;
	int64_t at;     /* where its head is */
	int64_t number; /* of the next one */
	int64_t fill;   /* what was put into it */
	int64_t bytes;  /* and into all */
	bool ended;
};

void
backup_piece_key(struct arena *a, const struct seal_key *key, int64_t number,
	const unsigned char salt[PIECE_SALT], struct seal_key *key_r)
{
	key_derive(key,
		arena_printf(
			a, "piece|%lld|%s", (long long)number, hex_encode(a, salt, PIECE_SALT)),
		key_r);
}

static struct err *
failed(struct backup_writer *w, int rc, const char *doing)
{
	if (rc == ENOSPC || rc == EDQUOT || rc == EFBIG)
		return err_no_space(w->a, "backups");
	return err_internal(w->a, "%s: cannot %s: %s", w->part, doing, strerror(rc));
}

/* Whatever fails leaves nothing; only who is killed leaves the part. */
static void
writer_end(void *arg)
{
	struct backup_writer *w = arg;

	arena_free(&w->piece);
	backup_drop(w);
	secret_wipe(&w->key, sizeof(w->key));
}

/* The part under its lock; -1 with errno. EWOULDBLOCK: somebody else writes it. One that
 * another has finished meanwhile has lost its name. */
static int
open_part(const char *part, int flags, bool wait)
{
	for (;;) {
		int fd = open(part, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0600), rc;
		struct stat mine, there;

		if (fd < 0)
			return -1;
		rc = flock(fd, wait ? LOCK_EX : LOCK_EX | LOCK_NB) == 0 ? 0 : errno;
		if (rc == 0 && fstat(fd, &mine) == 0 && lstat(part, &there) == 0 &&
			mine.st_ino == there.st_ino)
			return fd;
		close(fd);
		if (rc != 0 || (flags & O_CREAT) == 0) {
			errno = rc != 0 ? rc : ENOENT;
			return -1;
		}
	}
}

static struct backup_writer *
writer_new(struct arena *a, const char *part, int fd)
{
	struct backup_writer *w = ARENA_NEW(a, struct backup_writer);

	w->a = a;
	w->part = arena_strdup(a, part);
	w->fd = fd;
	w->piece = arena_new((size_t)1 << 20);
	arena_on_reset(a, writer_end, w);
	return w;
}

struct err *
backup_create(struct arena *a, const char *part, struct backup_head *head,
	const struct seal_key *kek, struct backup_writer **w_r)
{
	struct backup_writer *w;
	const char *text;
	int fd, rc;

	rc = newfile_folder(arena_strndup(a, part, (size_t)(strrchr(part, '/') - part)));
	/* Keys are written in no time: worth waiting for. */
	fd = rc == 0 ? open_part(part, O_CREAT, strcmp(head->kind, "keys") == 0) : -1;
	if (fd < 0 && (rc == 0 ? errno : rc) == EWOULDBLOCK)
		return err_busy(a, "%s: another one is being made", part);
	if (fd < 0)
		return err_internal(a, "%s: %s", part, strerror(rc == 0 ? errno : rc));
	w = writer_new(a, part, fd);
	seal_key_random(&w->key);
	head->key = key_wrap(a, kek, BACKUP_KEY_PURPOSE, &w->key);
	text = backup_head_text(a, head);
	head->bytes = strlen(text);
	rc = ftruncate(fd, 0) == 0 ? 0 : errno;
	if (rc == 0)
		rc = newfile_write(&(struct newfile){.fd = fd}, text, head->bytes);
	*w_r = w;
	return rc == 0 ? NULL : failed(w, rc, "write");
}

static void
note_size(unsigned char head[PIECE_HEAD], int64_t size)
{
	for (size_t i = 0; i < 8; i++)
		head[8 + i] = (unsigned char)((uint64_t)size >> (56 - 8 * i) & 0xff);
}

static struct err *
begin_piece(struct backup_writer *w)
{
	unsigned char head[PIECE_HEAD] = PIECE_MARK;
	struct seal_key key;
	struct err *e;
	int rc;

	arena_reset(w->piece);
	note_size(head, 0);
	random_bytes(head + 16, PIECE_SALT);
	w->at = (int64_t)lseek(w->fd, 0, SEEK_CUR);
	rc = newfile_write(&(struct newfile){.fd = w->fd}, head, sizeof(head));
	if (w->at < 0 || rc != 0)
		return failed(w, rc != 0 ? rc : errno, "write");
	backup_piece_key(w->piece, &w->key, w->number++, head + 16, &key);
	e = object_piece_create(w->piece, w->fd, &key, &w->to);
	secret_wipe(&key, sizeof(key));
	w->fill = 0;
	return e;
}

/* Whole from the moment on in which its size stands in its head, and not before it is safe. */
static struct err *
end_piece(struct backup_writer *w)
{
	unsigned char head[PIECE_HEAD];
	int64_t size;

	TRY(object_piece_end(w->to, &size));
	w->to = NULL;
	note_size(head, size);
	if (fdatasync(w->fd) != 0 || pwrite(w->fd, head + 8, 8, (off_t)w->at + 8) != 8 ||
		fdatasync(w->fd) != 0)
		return failed(w, errno, "write");
	return NULL;
}

static bool
ends_piece(const struct backup_writer *w, enum frame_type type)
{
	return type == FRAME_DUMP_END || type == FRAME_END ||
	       (type == FRAME_FILE_END && w->fill >= PIECE_BYTES);
}

struct err *
backup_put(struct backup_writer *w, enum frame_type type, const void *p, size_t n)
{
	unsigned char head[5] = {(unsigned char)type, (unsigned char)(n >> 24),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};

	ASSERT(n <= FRAME_MAX && !w->ended);
	if (w->to == NULL)
		TRY(begin_piece(w));
	w->fill += (int64_t)(n + sizeof(head));
	w->bytes += (int64_t)(n + sizeof(head));
	TRY(object_write(w->to, head, sizeof(head)));
	if (n > 0)
		TRY(object_write(w->to, p, n));
	w->ended = type == FRAME_END;
	return ends_piece(w, type) ? end_piece(w) : NULL;
}

/* What the whole pieces hold; false: nothing to go on with. */
static bool
look_through(struct backup_reader *r, struct backup_so_far *far)
{
	const unsigned char *p;
	enum frame_type type;
	size_t n;

	do {
		if (backup_get(r, &type, &p, &n) != NULL)
			return false;
		far->bytes += type == FRAME_CUT ? 0 : (int64_t)n + 5;
		if (type == FRAME_COUNTS)
			far->counts = arena_strndup(far->a, (const char *)p, n);
		far->dumped |= type == FRAME_DUMP_END;
		if (type == FRAME_FILE && n < sizeof(far->last)) {
			far->files++;
			memcpy(far->last, p, n);
			far->last[n] = '\0';
		}
	} while (type != FRAME_CUT && type != FRAME_END);
	far->ended = type == FRAME_END;
	return far->dumped && far->counts != NULL;
}

/* Behind the last whole piece. */
static bool
find_place(struct backup_writer *w, const struct backup_head *head, const struct seal_key *kek,
	struct backup_so_far *far)
{
	struct backup_reader *r;
	off_t at;

	if (!key_unwrap(w->a, kek, BACKUP_KEY_PURPOSE, head->key, 0, &w->key) ||
		backup_open_cut(w->a, w->part, head, kek, &r) != NULL || !look_through(r, far))
		return false;
	at = (off_t)backup_read_end(r, &w->number);
	w->bytes = far->bytes;
	w->ended = far->ended;
	return ftruncate(w->fd, at) == 0 && lseek(w->fd, at, SEEK_SET) == at;
}

bool
backup_go_on(struct arena *a, const char *part, const struct backup_head *head,
	const struct seal_key *kek, struct backup_so_far *far, struct backup_writer **w_r)
{
	struct backup_writer *w;
	int fd;

	*far = (struct backup_so_far){.a = a};
	if (head->version != BACKUP_VERSION || (fd = open_part(part, 0, false)) < 0)
		return false;
	w = writer_new(a, part, fd);
	if (find_place(w, head, kek, far)) {
		*w_r = w;
		return true;
	}
	close(fd);
	w->fd = -1;
	return false;
}

struct err *
backup_commit(struct backup_writer *w, const char *path, bool replace)
{
	int rc = 0;

	if (!w->ended)
		TRY(backup_put(w, FRAME_END, NULL, 0));
	/* The name it gets for good is nobody's yet; a rename would take it from whoever has it. */
	if (fsync(w->fd) != 0 || (replace ? rename(w->part, path) : link(w->part, path)) != 0)
		rc = errno;
	if (rc == EEXIST)
		return err_sure(err_detail(w->a, ERR_CONFLICT, __FILE__, __LINE__,
			"%s exists already and is never overwritten", path));
	if (rc == 0 && !replace && unlink(w->part) != 0)
		rc = errno;
	if (rc != 0)
		return failed(w, rc, "keep it");
	close(w->fd);
	w->fd = -1;
	rc = newfile_sync_parent(path);
	return rc == 0 ? NULL : failed(w, rc, "keep it");
}

void
backup_drop(struct backup_writer *w)
{
	if (w->fd >= 0) {
		unlink(w->part);
		close(w->fd);
	}
	w->fd = -1;
}

int64_t
backup_written(const struct backup_writer *w)
{
	return w->bytes;
}
