/* SPDX-License-Identifier: ISC */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backup_part.h"
#include "log.h"
#include "token.h"

#define DAMAGED "is damaged or cut off"

struct backup_reader {
	struct arena *a;
	const char *path;
	struct arena *piece; /* of the one that is read */
	struct object_reader *from;
	struct seal_key key;
	int version;
	int64_t at, end; /* the next piece; where the last one ends */
	int64_t number;  /* of the next piece */
	bool cut;        /* what is behind the last whole piece was cut off */
	bool ended;
	unsigned char *buf;
};

static void
reader_end(void *arg)
{
	struct backup_reader *r = arg;

	arena_free(&r->piece);
	secret_wipe(&r->key, sizeof(r->key));
}

/* How long the stream behind the head of a piece is; 0: there is none that is whole. */
static int64_t
piece_size(const unsigned char head[PIECE_HEAD])
{
	uint64_t n = 0;

	if (memcmp(head, PIECE_MARK, strlen(PIECE_MARK)) != 0)
		return 0;
	for (size_t i = 0; i < 8; i++)
		n = n << 8 | head[8 + i];
	return n > INT64_MAX / 2 ? 0 : (int64_t)n;
}

/* To the end of the last whole piece. */
static int64_t
walk(int fd, int64_t at, int64_t size)
{
	unsigned char head[PIECE_HEAD];
	int64_t n;

	while (at + PIECE_HEAD <= size && pread(fd, head, sizeof(head), at) == PIECE_HEAD &&
		(n = piece_size(head)) > 0 && n <= size - at - PIECE_HEAD)
		at += PIECE_HEAD + n;
	return at;
}

static struct err *
find_end(struct backup_reader *r, const struct backup_head *head, bool cut)
{
	int fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat st = {.st_size = 0};
	bool good = fd >= 0 && fstat(fd, &st) == 0;

	r->at = r->end = (int64_t)head->bytes;
	if (good && r->version > 1)
		r->end = walk(fd, r->at, (int64_t)st.st_size);
	if (fd >= 0)
		close(fd);
	if (!good || (r->version > 1 && !cut && (r->end == r->at || r->end != (int64_t)st.st_size)))
		return backup_refuse(r->a, r->path, DAMAGED);
	return NULL;
}

/* *any_r false: there is no other one. */
static struct err *
next_piece(struct backup_reader *r, bool *any_r)
{
	unsigned char head[PIECE_HEAD];
	struct seal_key key = r->key;
	int64_t size = 0;
	struct err *e;
	int fd;

	*any_r = r->version == 1 ? r->number == 0 : r->at < r->end;
	if (!*any_r)
		return NULL;
	arena_reset(r->piece);
	r->from = NULL;
	if (r->version > 1) {
		fd = open(r->path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		if (fd >= 0 && pread(fd, head, sizeof(head), r->at) == PIECE_HEAD)
			size = piece_size(head);
		if (fd >= 0)
			close(fd);
		if (size == 0)
			return backup_refuse(r->a, r->path, DAMAGED);
		backup_piece_key(r->piece, &r->key, r->number, head + 16, &key);
		r->at += PIECE_HEAD;
	}
	e = object_piece_open(r->piece, r->path, r->at, size, &key, &r->from);
	secret_wipe(&key, sizeof(key));
	r->at += size;
	r->number++;
	return e == NULL ? NULL : backup_refuse(r->a, r->path, DAMAGED);
}

static struct err *
open_how(struct arena *a, const char *path, const struct backup_head *head,
	const struct seal_key *kek, bool cut, struct backup_reader **r_r)
{
	struct backup_reader *r = ARENA_NEW(a, struct backup_reader);
	bool any;

	r->a = a;
	r->path = arena_strdup(a, path);
	r->version = head->version;
	r->cut = cut;
	r->piece = arena_new((size_t)1 << 20);
	arena_on_reset(a, reader_end, r);
	r->buf = arena_alloc(a, FRAME_MAX);
	if (!key_unwrap(a, kek, BACKUP_KEY_PURPOSE, head->key, 0, &r->key))
		return backup_refuse(a, path, "its key is not one of the workspace's");
	TRY(find_end(r, head, cut));
	TRY(next_piece(r, &any));
	*r_r = r;
	return NULL;
}

struct err *
backup_open(struct arena *a, const char *path, const struct backup_head *head,
	const struct seal_key *kek, struct backup_reader **r_r)
{
	return open_how(a, path, head, kek, false, r_r);
}

struct err *
backup_open_cut(struct arena *a, const char *path, const struct backup_head *head,
	const struct seal_key *kek, struct backup_reader **r_r)
{
	return open_how(a, path, head, kek, true, r_r);
}

int64_t
backup_read_end(const struct backup_reader *r, int64_t *pieces_r)
{
	*pieces_r = r->number;
	return r->at;
}

/* The first n bytes of a frame, or *end_r: there are no more pieces. No frame stands in two. */
static struct err *
begin_frame(struct backup_reader *r, unsigned char *p, size_t n, size_t *got_r)
{
	bool any = true;

	*got_r = 0;
	while (r->from != NULL && any) {
		if (object_read(r->from, p, n, got_r) != NULL)
			return backup_refuse(r->a, r->path, DAMAGED);
		if (*got_r > 0)
			return NULL;
		TRY(next_piece(r, &any));
	}
	return NULL;
}

/* All n bytes. */
static struct err *
read_all(struct backup_reader *r, unsigned char *p, size_t n)
{
	while (n > 0) {
		size_t got;
		struct err *e = object_read(r->from, p, n, &got);

		if (e != NULL || got == 0)
			return backup_refuse(r->a, r->path, DAMAGED);
		p += got;
		n -= got;
	}
	return NULL;
}

struct err *
backup_get(struct backup_reader *r, enum frame_type *type_r, const unsigned char **p_r, size_t *n_r)
{
	unsigned char head[5];
	size_t n, got;

	ASSERT(!r->ended);
	TRY(begin_frame(r, head, sizeof(head), &got));
	if (got == 0 && r->cut) {
		*type_r = FRAME_CUT;
		*n_r = 0;
		r->ended = true;
		return NULL;
	}
	TRY(read_all(r, head + got, sizeof(head) - got));
	n = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	if (n > FRAME_MAX)
		return backup_refuse(r->a, r->path, "is damaged");
	TRY(read_all(r, r->buf, n));
	*type_r = (enum frame_type)head[0];
	r->ended = *type_r == FRAME_END;
	/* It is the last of all. */
	if (r->ended && r->at < r->end)
		return backup_refuse(r->a, r->path, "is damaged");
	*p_r = r->buf;
	*n_r = n;
	return NULL;
}
