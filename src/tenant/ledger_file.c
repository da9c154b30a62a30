/* SPDX-License-Identifier: ISC */
#include "ledger_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "head.h"
#include "sb.h"
#include "signed.h"
#include "token.h"
#include "tx.h"

/* Lines written at once. */
#define PIECE 500

STMT(roots, "cell.ledger_roots", 0,
	"select distinct on (tenant_id) tenant_id, kek_version, wrapped from tenant_key "
	"order by tenant_id, kek_version");
STMT(unfiled, "cell.ledger_unfiled", 2,
	"select ledger_id, contact_id, (extract(epoch from intent_at) * 1000000)::bigint "
	"from erasure_ledger where tenant_id = $1::bigint and file_n is null "
	"order by ledger_id limit $2::bigint");
STMT(filed, "cell.ledger_filed", 2,
	"update erasure_ledger l set file_n = x.n from unnest($1::bigint[], $2::bigint[]) "
	"as x (id, n) where l.ledger_id = x.id");
STMT(known, "cell.ledger_known", 1,
	"select coalesce(max(file_n), 0) from erasure_ledger where tenant_id = any ($1::bigint[])");
STMT(forget, "cell.ledger_forget", 1,
	"update erasure_ledger set file_n = null where tenant_id = any ($1::bigint[])");
/* Once a person, as of the last time; what has no line yet gets one with the next. */
STMT(order_again, "cell.ledger_again", 5,
	"with o as (select contact_id, intent_at, file_n from erasure_ledger "
	"where tenant_id = any ($2::bigint[]) union all "
	"select c, to_timestamp(at / 1000000.0), n from unnest($3::bigint[], $4::bigint[], "
	"$5::bigint[]) as x (c, at, n)), "
	"n as (insert into erasure_ledger (tenant_id, contact_id, intent_at, file_n) "
	"select $1::bigint, contact_id, max(intent_at), max(file_n) from o group by contact_id "
	"returning 1) select count(*) from n");

struct writing {
	struct arena *a;
	struct head_key key;
	const char *path;
	int64_t n;
	unsigned char last[DIGEST_BYTES]; /* of the line before */
};

const char *
ledger_file_name(struct arena *a, const struct seal_key *root)
{
	struct head_key key;
	const char *name;

	key_derive(root, "erased:v1", &key.key);
	sign_public(&key.key, key.public);
	name = arena_printf(a, "%s.erased", hex_encode(a, key.public, SIGN_PUBLIC));
	secret_wipe(&key, sizeof(key));
	return name;
}

static void
begin(struct tenancy *t, struct arena *a, const struct seal_key *root, struct writing *w)
{
	*w = (struct writing){.a = a};
	key_derive(root, "erased:v1", &w->key.key);
	sign_public(&w->key.key, w->key.public);
	w->path = arena_printf(a, "%s/%s", signed_folder(t, a), ledger_file_name(a, root));
}

static void
end(struct writing *w)
{
	secret_wipe(&w->key, sizeof(w->key));
}

static const char *
last_path(const struct writing *w)
{
	return arena_printf(w->a, "%s-last", w->path);
}

/* What is signed. */
static const char *
body(const struct writing *w, int64_t n, const struct ledger_entry *e,
	const unsigned char before[DIGEST_BYTES])
{
	return arena_printf(w->a, "praya-erased 1 %s %lld %lld %lld %s",
		hex_encode(w->a, w->key.public, SIGN_PUBLIC), (long long)n,
		(long long)e->contact_id, (long long)e->intent_at,
		hex_encode(w->a, before, DIGEST_BYTES));
}

/* The line without its end; it is the last one from now on. */
static const char *
next_line(struct writing *w, const struct ledger_entry *e)
{
	const char *signed_text = body(w, w->n + 1, e, w->last), *line;
	unsigned char signature[SIGN_BYTES];

	sign_text(&w->key.key, signed_text, signature);
	line = arena_printf(
		w->a, "%s %s", signed_text, hex_encode(w->a, signature, sizeof(signature)));
	sha256(line, strlen(line), w->last);
	w->n++;
	return line;
}

/* A line of this key, its signature good. */
static bool
parse(const struct writing *w, const char *line, struct ledger_entry *e,
	unsigned char before[DIGEST_BYTES])
{
	const char *start = arena_printf(
		w->a, "praya-erased 1 %s ", hex_encode(w->a, w->key.public, SIGN_PUBLIC));
	unsigned char signature[SIGN_BYTES];

	if (strncmp(line, start, strlen(start)) != 0)
		return false;
	line += strlen(start);
	return signed_take_i64(w->a, &line, &e->id) &&
	       signed_take_i64(w->a, &line, &e->contact_id) &&
	       signed_take_i64(w->a, &line, &e->intent_at) &&
	       signed_take_bytes(w->a, &line, before, DIGEST_BYTES) &&
	       signed_take_bytes(w->a, &line, signature, SIGN_BYTES) &&
	       sign_check(w->key.public, body(w, e->id, e, before), signature);
}

static struct err *
refuse(struct arena *a, const char *text)
{
	return err_sure(err_detail(a, ERR_CONFLICT, __FILE__, __LINE__,
		"%s; put back a copy of it, see docs/operation.md", text));
}

/* ---- family */

struct err *
ledger_family(struct tenancy *t, struct arena *a, const struct seal_key *root, int64_t id,
	int64_t **ids_r, size_t *n_r)
{
	struct seal_key other;
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(t, a, &cell));
	TRY(conn_query(cell, a, &roots, NO_VALS, &r));
	*ids_r = ARENA_ARRAY(a, rows_count(r) + 1, int64_t);
	*n_r = 0;
	(*ids_r)[(*n_r)++] = id;
	for (size_t i = 0; i < rows_count(r); i++) {
		int64_t one = rows_i64(r, i, 0);
		bool same = one != id &&
			    tenancy_unwrap(t, a, tenant_key_purpose(a, one), rows_bytes(a, r, i, 2),
				    rows_i64(r, i, 1), &other) &&
			    equal_const_time(other.key, root->key, KEY_BYTES);

		if (same)
			(*ids_r)[(*n_r)++] = one;
	}
	secret_wipe(&other, sizeof(other));
	return NULL;
}

/* ---- reading */

/* How many lines there have to be: as the region's database knows, and the newest line. */
static struct err *
lines_known(struct tenancy *t, struct writing *w, const int64_t *family, size_t nfamily,
	int64_t *known_r)
{
	unsigned char before[DIGEST_BYTES];
	struct ledger_entry e;
	const char *line;
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(t, w->a, &cell));
	TRY(conn_query(cell, w->a, &known, VALS(val_i64s(family, nfamily)), &r));
	*known_r = rows_i64(r, 0, 0);
	if (!signed_line(w->a, last_path(w), &line))
		return NULL;
	if (!parse(w, line, &e, before))
		return refuse(w->a, arena_printf(w->a, "%s is not signed with the workspace's key",
					    last_path(w)));
	if (e.id > *known_r)
		*known_r = e.id;
	return NULL;
}

static struct err *
read_lines(struct writing *w, FILE *f, struct ledger_file *file)
{
	unsigned char before[DIGEST_BYTES];
	char line[SIGNED_LINE + 2];
	size_t room = 0;

	while (fgets(line, sizeof(line), f) != NULL) {
		size_t n = strcspn(line, "\n");
		struct arena_mark mark;
		struct ledger_entry e;
		bool good;

		/* Cut off while it was written: the next one written takes its place. */
		if (line[n] == '\0' && feof(f))
			return NULL;
		line[n] = '\0';
		if (file->n == room) {
			struct ledger_entry *more =
				ARENA_ARRAY(w->a, room * 2 + 1024, struct ledger_entry);

			if (file->n > 0)
				memcpy(more, file->list, file->n * sizeof(*more));
			file->list = more;
			room = room * 2 + 1024;
		}
		mark = arena_mark(w->a);
		good = parse(w, line, &e, before) && e.id == w->n + 1 &&
		       memcmp(before, w->last, DIGEST_BYTES) == 0;
		arena_release(w->a, mark);
		if (!good)
			return refuse(w->a,
				arena_printf(w->a,
					"%s: line %lld is forged, or lines before it are missing",
					w->path, (long long)w->n + 1));
		sha256(line, n, w->last);
		w->n++;
		file->list[file->n++] = e;
	}
	return ferror(f) ? err_internal(w->a, "%s: %s", w->path, strerror(errno)) : NULL;
}

struct err *
ledger_file_read(struct tenancy *t, struct arena *a, const struct seal_key *root,
	const int64_t *family, size_t nfamily, struct ledger_file *file_r)
{
	struct err *e;
	struct writing w;
	int64_t lines;
	FILE *f;

	begin(t, a, root, &w);
	e = lines_known(t, &w, family, nfamily, &lines);
	*file_r = (struct ledger_file){.path = w.path};
	f = e == NULL ? fopen(w.path, "re") : NULL;
	if (f != NULL) {
		e = read_lines(&w, f, file_r);
		fclose(f);
	} else if (e == NULL && errno != ENOENT) {
		e = err_internal(a, "%s: %s", w.path, strerror(errno));
	}
	end(&w);
	if (e == NULL && (int64_t)file_r->n < lines)
		e = refuse(
			a, arena_printf(a, "%s has %zu erasures, and there were %lld: it was cut",
				   w.path, file_r->n, (long long)lines));
	return e;
}

/* ---- writing */

/* Behind the last whole line; what was cut off while it was written goes. */
static struct err *
find_end(struct writing *w, int fd)
{
	unsigned char before[DIGEST_BYTES];
	char text[2 * SIGNED_LINE + 1];
	off_t size = lseek(fd, 0, SEEK_END),
	      from = size > (off_t)(2 * SIGNED_LINE) ? size - (off_t)(2 * SIGNED_LINE) : 0;
	ssize_t n = size > 0 ? pread(fd, text, (size_t)(size - from), from) : 0;
	char *line, *stop;
	struct ledger_entry e;

	if (size < 0 || n != size - from)
		return err_internal(w->a, "%s: %s", w->path, strerror(errno));
	stop = memrchr(text, '\n', (size_t)n);
	if (stop == NULL && n < (ssize_t)SIGNED_LINE)
		return ftruncate(fd, 0) == 0
			       ? NULL
			       : err_internal(w->a, "%s: %s", w->path, strerror(errno));
	if (stop == NULL)
		return refuse(w->a, arena_printf(w->a, "%s is damaged", w->path));
	if (ftruncate(fd, from + (stop - text) + 1) != 0)
		return err_internal(w->a, "%s: %s", w->path, strerror(errno));
	*stop = '\0';
	line = memrchr(text, '\n', (size_t)(stop - text));
	line = line != NULL ? line + 1 : text;
	if (!parse(w, line, &e, before))
		return refuse(w->a, arena_printf(w->a, "the last line of %s is forged", w->path));
	sha256(line, strlen(line), w->last);
	w->n = e.id;
	return NULL;
}

/* Their lines, and in the region's database which they are. */
static struct err *
add_piece(struct writing *w, int fd, struct conn *cell, const struct rows *r)
{
	size_t n = rows_count(r);
	int64_t *ids = ARENA_ARRAY(w->a, n, int64_t), *lines = ARENA_ARRAY(w->a, n, int64_t);
	const char *line = NULL;
	struct sb sb;

	sb_init(&sb, w->a, (n + 1) * SIGNED_LINE);
	for (size_t i = 0; i < n; i++) {
		const struct ledger_entry e = {
			rows_i64(r, i, 0), rows_i64(r, i, 1), rows_i64(r, i, 2)};

		line = next_line(w, &e);
		sb_printf(&sb, "%s\n", line);
		ids[i] = e.id;
		lines[i] = w->n;
	}
	if (lseek(fd, 0, SEEK_END) < 0 || !signed_put(fd, sb.p))
		return err_internal(w->a, "%s: %s", w->path, strerror(errno));
	TRY(signed_replace(w->a, last_path(w), arena_printf(w->a, "%s\n", line)));
	return conn_query(cell, w->a, &filed, VALS(val_i64s(ids, n), val_i64s(lines, n)), NULL);
}

/* Under the file's lock: two never give out the same number. */
static struct err *
add_locked(struct tenancy *t, struct writing *w, int fd, int64_t tenant_id)
{
	const int64_t family[] = {tenant_id};
	struct conn *cell;
	struct rows *r;
	int64_t lines;

	TRY(find_end(w, fd));
	TRY(lines_known(t, w, family, 1, &lines));
	if (w->n < lines)
		return refuse(w->a,
			arena_printf(w->a, "%s has %lld erasures, and there were %lld: it was cut",
				w->path, (long long)w->n, (long long)lines));
	TRY(cell_conn(t, w->a, &cell));
	do {
		struct arena_mark mark = arena_mark(w->a);

		TRY(conn_query(cell, w->a, &unfiled, VALS(val_i64(tenant_id), val_i64(PIECE)), &r));
		lines = (int64_t)rows_count(r);
		if (lines > 0)
			TRY(add_piece(w, fd, cell, r));
		arena_release(w->a, mark);
	} while (lines == PIECE);
	return NULL;
}

struct err *
ledger_file_add(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	struct writing w;
	struct conn *cell;
	struct rows *r;
	struct err *e;
	int fd = -1;

	TRY(cell_conn(t, a, &cell));
	TRY(conn_query(cell, a, &unfiled, VALS(val_i64(tn->id), val_i64(1)), &r));
	if (rows_count(r) == 0)
		return NULL;
	begin(t, a, &tn->root, &w);
	e = signed_folder_make(a, signed_folder(t, a));
	if (e == NULL) {
		fd = open(w.path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
		e = fd < 0 || flock(fd, LOCK_EX) != 0
			    ? err_internal(a, "%s: %s", w.path, strerror(errno))
			    : add_locked(t, &w, fd, tn->id);
	}
	if (fd >= 0)
		close(fd);
	end(&w);
	return e;
}

struct err *
ledger_file_renew(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct ledger_file *file_r)
{
	const char *const ends[] = {"", "-last"};
	struct writing w;
	struct conn *cell;
	int64_t *ids;
	size_t n;

	begin(t, a, &tn->root, &w);
	end(&w);
	TRY(ledger_family(t, a, &tn->root, tn->id, &ids, &n));
	for (size_t i = 0; i < 2; i++) {
		const char *from = arena_printf(a, "%s%s", w.path, ends[i]);

		if (rename(from, arena_printf(a, "%s.%lld", from, (long long)time(NULL))) != 0 &&
			errno != ENOENT)
			return err_internal(a, "%s: %s", from, strerror(errno));
	}
	TRY(cell_conn(t, a, &cell));
	TRY(conn_query(cell, a, &forget, VALS(val_i64s(ids, n)), NULL));
	for (size_t i = 0; i < n; i++) {
		struct tenant one = *tn;

		one.id = ids[i];
		TRY(ledger_file_add(t, a, &one));
	}
	return ledger_file_read(t, a, &tn->root, ids, n, file_r);
}

struct err *
ledger_order_again(struct tenancy *t, struct arena *a, int64_t tenant_id, const int64_t *family,
	size_t nfamily, const struct ledger_file *file, int64_t *orders_r)
{
	int64_t *contacts = ARENA_ARRAY(a, file->n + 1, int64_t),
		*at = ARENA_ARRAY(a, file->n + 1, int64_t),
		*lines = ARENA_ARRAY(a, file->n + 1, int64_t);
	struct conn *cell;
	struct rows *r;

	for (size_t i = 0; i < file->n; i++) {
		contacts[i] = file->list[i].contact_id;
		at[i] = file->list[i].intent_at;
		lines[i] = file->list[i].id;
	}
	TRY(cell_conn(t, a, &cell));
	TRY(conn_query(cell, a, &order_again,
		VALS(val_i64(tenant_id), val_i64s(family, nfamily), val_i64s(contacts, file->n),
			val_i64s(at, file->n), val_i64s(lines, file->n)),
		&r));
	*orders_r = rows_i64(r, 0, 0);
	return NULL;
}
