/* SPDX-License-Identifier: ISC */
#include "backup_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "log.h"
#include "num.h"
#include "sb.h"
#include "token.h"

#define MAGIC "praya backup 1\n"
#define HEAD_MAX ((size_t)16 * 1024)
#define KEY_PURPOSE "backup"

struct backup_writer {
	struct arena *a;
	struct object_writer *to;
	int64_t bytes;
};

struct backup_reader {
	struct arena *a;
	struct object_reader *from;
	bool ended;
	unsigned char *buf;
};

static const char *
head_text(struct arena *a, const struct backup_head *h)
{
	struct sb sb;

	sb_init(&sb, a, HEAD_MAX);
	sb_printf(&sb,
		MAGIC "kind=%s\nid=%lld\nslug=%s\nname=%s\nregion=%s\ntaken_at=%lld\n"
		      "max_key=%lld\nkey=%s\n",
		h->kind, (long long)h->id, h->slug, h->name, h->region, (long long)h->taken_at,
		(long long)h->max_key, hex_encode(a, h->key.p, h->key.n));
	for (size_t i = 0; i < h->nkeks; i++)
		sb_printf(&sb, "kek_version=%lld\nkek=%s\n", (long long)h->keks[i].version,
			hex_encode(a, h->keks[i].wrapped.p, h->keks[i].wrapped.n));
	sb_puts(&sb, "\n");
	return sb.p;
}

struct err *
backup_create(struct arena *a, const char *dir, struct backup_head *head,
	const struct seal_key *kek, struct backup_writer **w_r)
{
	struct backup_writer *w = ARENA_NEW(a, struct backup_writer);
	struct seal_key key;
	const char *text;
	struct err *e;

	seal_key_random(&key);
	head->key = key_wrap(a, kek, KEY_PURPOSE, &key);
	text = head_text(a, head);
	head->bytes = strlen(text);
	w->a = a;
	e = object_file_create(a, dir, &key, text, head->bytes, &w->to);
	secret_wipe(&key, sizeof(key));
	*w_r = w;
	return e;
}

struct err *
backup_put(struct backup_writer *w, enum frame_type type, const void *p, size_t n)
{
	unsigned char head[5] = {(unsigned char)type, (unsigned char)(n >> 24),
		(unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n};

	ASSERT(n <= FRAME_MAX);
	w->bytes += (int64_t)(n + sizeof(head));
	TRY(object_write(w->to, head, sizeof(head)));
	return n == 0 ? NULL : object_write(w->to, p, n);
}

struct err *
backup_commit(struct backup_writer *w, const char *path, bool replace)
{
	TRY(backup_put(w, FRAME_END, NULL, 0));
	return object_file_commit(w->to, path, replace);
}

int64_t
backup_written(const struct backup_writer *w)
{
	return w->bytes;
}

static struct err *
not_ours(struct arena *a, const char *path, const char *why)
{
	return err_sure(err_detail(a, ERR_INVALID, __FILE__, __LINE__, "%s: %s", path, why));
}

/* The value of a line; NULL when there is none of that name. */
static const char *
line_of(struct arena *a, const char *text, const char *name)
{
	size_t n = strlen(name);

	for (const char *p = text; *p != '\0' && *p != '\n'; p += strcspn(p, "\n") + 1)
		if (strncmp(p, name, n) == 0 && p[n] == '=')
			return arena_strndup(a, p + n + 1, strcspn(p + n + 1, "\n"));
	return NULL;
}

static bool
number_of(struct arena *a, const char *text, const char *name, int64_t *n_r)
{
	const char *value = line_of(a, text, name);

	return value != NULL && num_parse_i64(value, 0, INT64_MAX, n_r);
}

static bool
bytes_of(struct arena *a, const char *text, const char *name, struct bytes *bytes_r)
{
	const char *value = line_of(a, text, name);

	return value != NULL && hex_decode(a, value, bytes_r);
}

/* Pairs of lines, one for each version. */
static bool
keks_of(struct arena *a, const char *text, struct backup_head *h)
{
	h->nkeks = 0;
	while ((text = strstr(text, "\nkek_version=")) != NULL) {
		text++;
		if (h->nkeks == VERSIONS_MAX ||
			!number_of(a, text, "kek_version", &h->keks[h->nkeks].version) ||
			!bytes_of(a, text, "kek", &h->keks[h->nkeks].wrapped))
			return false;
		h->nkeks++;
	}
	return h->nkeks > 0;
}

struct err *
backup_head_read(struct arena *a, const char *path, struct backup_head *h)
{
	char *text = arena_alloc(a, HEAD_MAX + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	const char *lines;
	char *end;
	ssize_t n;

	if (fd < 0)
		return not_ours(a, path, strerror(errno));
	n = pread(fd, text, HEAD_MAX, 0);
	close(fd);
	if (n < 0)
		return not_ours(a, path, strerror(errno));
	text[n] = '\0';
	end = strstr(text, "\n\n");
	if (strncmp(text, MAGIC, strlen(MAGIC)) != 0 || end == NULL)
		return not_ours(a, path, "is not a backup that this program can read");
	end[1] = '\0';
	lines = text + strlen(MAGIC);
	h->bytes = (size_t)(end - text) + 2;
	h->kind = line_of(a, lines, "kind");
	h->slug = line_of(a, lines, "slug");
	h->name = line_of(a, lines, "name");
	h->region = line_of(a, lines, "region");
	if (h->kind == NULL || h->slug == NULL || h->name == NULL || h->region == NULL ||
		!number_of(a, lines, "id", &h->id) ||
		!number_of(a, lines, "taken_at", &h->taken_at) ||
		!number_of(a, lines, "max_key", &h->max_key) ||
		!bytes_of(a, lines, "key", &h->key) || !keks_of(a, lines, h))
		return not_ours(a, path, "is not a backup that this program can read");
	return NULL;
}

struct err *
backup_open(struct arena *a, const char *path, const struct backup_head *head,
	const struct seal_key *kek, struct backup_reader **r_r)
{
	struct backup_reader *r = ARENA_NEW(a, struct backup_reader);
	struct seal_key key;
	struct err *e;

	if (!key_unwrap(a, kek, KEY_PURPOSE, head->key, 0, &key))
		return not_ours(a, path, "its key is not one of the workspace's");
	r->a = a;
	r->buf = arena_alloc(a, FRAME_MAX);
	e = object_file_open(a, path, head->bytes, &key, &r->from);
	secret_wipe(&key, sizeof(key));
	if (e != NULL)
		return not_ours(a, path, "is damaged or cut off");
	*r_r = r;
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
			return not_ours(r->a, "backup", "is damaged or cut off");
		p += got;
		n -= got;
	}
	return NULL;
}

struct err *
backup_get(struct backup_reader *r, enum frame_type *type_r, const unsigned char **p_r, size_t *n_r)
{
	unsigned char head[5];
	size_t n;

	ASSERT(!r->ended);
	TRY(read_all(r, head, sizeof(head)));
	n = (size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	if (n > FRAME_MAX)
		return not_ours(r->a, "backup", "is damaged");
	TRY(read_all(r, r->buf, n));
	*type_r = (enum frame_type)head[0];
	r->ended = *type_r == FRAME_END;
	*p_r = r->buf;
	*n_r = n;
	return NULL;
}
