/* SPDX-License-Identifier: ISC */
#include "head.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "num.h"
#include "tenancy.h"
#include "token.h"
#include "tx.h"

#define LINE_MAX_BYTES ((size_t)600)
#define DAY ((int64_t)86400 * 1000000)

STMT(head_kin, "cell.audit_head_kin", 1,
	"select line from audit_head where public = $1 order by seal_id desc limit 1");
STMT(head_read, "cell.audit_head", 1, "select line from audit_head where tenant_id = $1::bigint");
STMT(head_write, "cell.audit_head_write", 4,
	"insert into audit_head (tenant_id, seal_id, line, public) "
	"values ($1::bigint, $2::bigint, $3, $4) "
	"on conflict (tenant_id) do update set seal_id = excluded.seal_id, line = excluded.line, "
	"at = now() where audit_head.seal_id < excluded.seal_id");

void
head_key(const struct tenant *tn, struct head_key *key_r)
{
	key_derive(&tn->kek, "audit:v1", &key_r->key);
	sign_public(&key_r->key, key_r->public);
}

/* What is signed. */
static const char *
body(struct arena *a, const struct head_key *key, const struct head *h)
{
	return arena_printf(a, "praya-audit 1 %s %lld %lld %lld %lld %s",
		hex_encode(a, key->public, SIGN_PUBLIC), (long long)h->seal,
		(long long)h->generation, (long long)h->total, (long long)h->at,
		hex_encode(a, h->head, HEAD_BYTES));
}

void
head_sign(struct arena *a, const struct head_key *key, struct head *h)
{
	sign_text(&key->key, body(a, key, h), h->signature);
	h->good = true;
}

const char *
head_line(struct arena *a, const struct head_key *key, const struct head *h)
{
	return arena_printf(a, "%s %s", body(a, key, h), hex_encode(a, h->signature, SIGN_BYTES));
}

/* The next word of a line; NULL: there is none. */
static const char *
word(struct arena *a, const char **at)
{
	size_t n = strcspn(*at, " \r\n");
	const char *text = n > 0 ? arena_strndup(a, *at, n) : NULL;

	*at += n;
	*at += **at == ' ';
	return text;
}

static bool
take_i64(struct arena *a, const char **at, int64_t *v)
{
	const char *text = word(a, at);

	return text != NULL && num_parse_i64(text, 0, INT64_MAX, v);
}

static bool
take_bytes(struct arena *a, const char **at, unsigned char *out, size_t n)
{
	const char *text = word(a, at);
	struct bytes b;

	if (text == NULL || !hex_decode(a, text, &b) || b.n != n)
		return false;
	memcpy(out, b.p, n);
	return true;
}

bool
head_parse(struct arena *a, const struct head_key *key, const char *line, struct head *h)
{
	const char *start =
		arena_printf(a, "praya-audit 1 %s ", hex_encode(a, key->public, SIGN_PUBLIC));

	*h = (struct head){0};
	if (strncmp(line, start, strlen(start)) != 0)
		return false;
	line += strlen(start);
	if (!take_i64(a, &line, &h->seal) || !take_i64(a, &line, &h->generation) ||
		!take_i64(a, &line, &h->total) || !take_i64(a, &line, &h->at) ||
		!take_bytes(a, &line, h->head, HEAD_BYTES) ||
		!take_bytes(a, &line, h->signature, SIGN_BYTES))
		return false;
	h->good = sign_check(key->public, body(a, key, h), h->signature);
	return true;
}

/* Files.Heads, else a folder of the file store. */
static const char *
folder(struct tenancy *t, struct arena *a)
{
	return t->st->heads != NULL ? t->st->heads : arena_printf(a, "%s/heads", t->st->file_store);
}

static int
write_all(int fd, const char *text)
{
	size_t n = strlen(text);

	while (n > 0) {
		ssize_t k = write(fd, text, n);

		if (k < 0 && errno != EINTR)
			return -1;
		if (k > 0) {
			text += k;
			n -= (size_t)k;
		}
	}
	return fsync(fd);
}

static struct err *
write_file(struct arena *a, const char *path, int flags, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | flags, 0600);
	int rc = fd < 0 ? -1 : write_all(fd, text), saved = errno;

	if (fd >= 0 && close(fd) != 0 && rc == 0) {
		rc = -1;
		saved = errno;
	}
	return rc == 0 ? NULL : err_internal(a, "%s: %s", path, strerror(saved));
}

/* false: there is none. */
static bool
read_line(struct arena *a, const char *path, const char **line_r)
{
	char *text = arena_alloc(a, LINE_MAX_BYTES + 1);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n;

	if (fd < 0)
		return false;
	n = read(fd, text, LINE_MAX_BYTES);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	*line_r = text;
	return true;
}

static struct err *
publish_file(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, const struct head *h)
{
	const char *dir = folder(t, a), *line = arena_printf(a, "%s\n", head_line(a, key, h));
	const char *path = arena_printf(a, "%s/%s.head", dir, tn->uuid), *old;
	const char *part = arena_printf(a, "%s.%lld", path, (long long)getpid());
	struct head before;
	bool there = read_line(a, path, &old) && head_parse(a, key, old, &before);

	if (there && before.good && before.seal >= h->seal)
		return NULL;
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
		return err_internal(a, "%s: %s", dir, strerror(errno));
	if (!there || before.at / DAY != h->at / DAY)
		TRY(write_file(a, arena_printf(a, "%ss", path), O_APPEND, line));
	TRY(write_file(a, part, O_TRUNC, line));
	if (rename(part, path) != 0) {
		unlink(part);
		return err_internal(a, "%s: %s", path, strerror(errno));
	}
	return NULL;
}

struct err *
head_publish(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, const struct head *h)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &head_write,
		VALS(val_i64(tn->id), val_i64(h->seal), val_text(head_line(a, key, h)),
			val_bytes((struct bytes){key->public, SIGN_PUBLIC})),
		NULL));
	return publish_file(t, a, tn, key, h);
}

static void
add(struct arena *a, const struct head_key *key, const char *line, const char *where,
	struct head *h)
{
	if (!head_parse(a, key, line, h))
		*h = (struct head){0};
	h->where = where;
}

struct err *
head_published(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const struct head_key *key, struct head list[2], size_t *n_r)
{
	const char *path = arena_printf(a, "%s/%s.head", folder(t, a), tn->uuid), *line;
	struct rows *rows;
	struct conn *c;

	*n_r = 0;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &head_read, VALS(val_i64(tn->id)), &rows));
	if (rows_count(rows) > 0)
		add(a, key, rows_text(rows, 0, 0), "region", &list[(*n_r)++]);
	if (read_line(a, path, &line))
		add(a, key, line, "file", &list[(*n_r)++]);
	return NULL;
}

struct err *
head_kin_of(struct tenancy *t, struct arena *a, const struct head_key *key, struct head *h)
{
	struct rows *rows;
	struct conn *c;

	*h = (struct head){0};
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(
		c, a, &head_kin, VALS(val_bytes((struct bytes){key->public, SIGN_PUBLIC})), &rows));
	if (rows_count(rows) > 0)
		add(a, key, rows_text(rows, 0, 0), "region", h);
	return NULL;
}
