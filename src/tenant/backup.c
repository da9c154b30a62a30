/* SPDX-License-Identifier: ISC */
#include "backup.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <glob.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "backup_file.h"
#include "child.h"
#include "cluster.h"
#include "log.h"
#include "newfile.h"
#include "num.h"
#include "rewrite.h"
#include "sb.h"
#include "service.h"
#include "token.h"
#include "tx.h"

#define PIECE ((size_t)64 * 1024)
/* pg_dump says nothing for so long: it is stuck. */
#define SILENCE_MS (10 * 60 * 1000)
#define SUFFIX ".backup"
#define KEY_TRIES 5
/* What a kill left is older than that: a new one is worth more. */
#define GO_ON_USEC (INT64_C(86400) * 1000000)

/* praya_backup's transactions are repeatable read: all three see one moment. */
STMT(begin, "owner.backup_begin", 0,
	"select pg_export_snapshot(), coalesce((select max(key_id) from data_key), 0), "
	"(extract(epoch from now()) * 1000000)::bigint");
STMT(counts, "owner.backup_counts", 0,
	"select c.relname, (xpath('/row/n/text()', query_to_xml(format('select count(*) as n "
	"from public.%I', c.relname), false, true, '')))[1]::text::bigint from pg_class c "
	"where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') "
	"and not c.relispartition and c.relname <> 'data_key' order by c.relname");
STMT(moment, "owner.backup_moment", 0,
	"select (extract(epoch from clock_timestamp()) * 1000000)::bigint");
STMT(some_keys, "owner.backup_keys", 1,
	"select coalesce(json_agg(x order by key_id), '[]')::text, max(key_id), count(*) from "
	"(select key_id, contact_id, purpose, encode(wrapped, 'hex') as wrapped, "
	"keep_until, created_at from data_key where key_id > $1::bigint "
	"order by key_id limit 500) x");
STMT(wrapped_keks, "cell.backup_keks", 1,
	"select kek_version, wrapped from tenant_key where tenant_id = $1::bigint "
	"order by kek_version desc");

struct taking {
	struct tenancy *t;
	struct arena *a;
	const struct tenant *tn;
	const char *part; /* its name until it is whole */
	const char *snapshot;
	struct backup_head head;
	struct backup_so_far far;
	struct backup_writer *w;
	struct backup_result *result;
};

static const char *
dir_of(struct arena *a, const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash == NULL   ? "."
	       : slash == path ? "/"
			       : arena_strndup(a, path, (size_t)(slash - path));
}

const char *
backup_keys_path(const struct settings *st, struct arena *a, const char *archive, int64_t tenant_id)
{
	const char *folder = st->backup_keys;

	if (folder == NULL)
		folder = arena_printf(
			a, "%s/keys", st->backups != NULL ? st->backups : dir_of(a, archive));
	return arena_printf(a, "%s/%s.keys", folder, tenant_database(a, tenant_id));
}

static const char *
new_path(const struct settings *st, struct arena *a, int64_t id, time_t at)
{
	const char *path;
	struct stat there;
	struct tm tm;
	char text[32];

	do {
		gmtime_r(&at, &tm);
		strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &tm);
		path = arena_printf(
			a, "%s/%s-%s" SUFFIX, st->backups, tenant_database(a, id), text);
		at++;
	} while (lstat(path, &there) == 0);
	return path;
}

/* Versions of the workspace's key, as they lie in the region's database. */
static struct err *
read_keks(struct taking *k, struct backup_head *head)
{
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(k->t, k->a, &cell));
	TRY(conn_query(cell, k->a, &wrapped_keks, VALS(val_i64(k->tn->id)), &r));
	head->nkeks = rows_count(r) < VERSIONS_MAX ? rows_count(r) : VERSIONS_MAX;
	for (size_t i = 0; i < head->nkeks; i++) {
		head->keks[i].version = rows_i64(r, i, 0);
		head->keks[i].wrapped = rows_bytes(k->a, r, i, 1);
	}
	return NULL;
}

/* Head, snapshot and counts; the transaction stays open for pg_dump. */
static struct err *
look(struct taking *k, struct tx *tx)
{
	struct rows *r;
	struct sb sb;

	TRY(tx_query(tx, &begin, NO_VALS, &r));
	k->snapshot = arena_strdup(k->a, rows_text(r, 0, 0));
	k->head = (struct backup_head){.kind = "archive",
		.id = k->tn->id,
		.slug = k->tn->slug,
		.name = k->tn->name,
		.region = k->tn->region,
		.max_key = rows_i64(r, 0, 1),
		.taken_at = rows_i64(r, 0, 2)};
	TRY(read_keks(k, &k->head));
	TRY(backup_create(k->a, k->part, &k->head, &k->tn->kek, &k->w));
	TRY(tx_query(tx, &counts, NO_VALS, &r));
	sb_init(&sb, k->a, FRAME_MAX);
	for (size_t i = 0; i < rows_count(r); i++) {
		sb_printf(&sb, "%s %lld\n", rows_text(r, i, 0), (long long)rows_i64(r, i, 1));
		k->result->rows += rows_i64(r, i, 1);
	}
	return backup_put(k->w, FRAME_COUNTS, sb.p, sb.n);
}

/* The next piece of the child's output; 0 at its end, -1 when it is stuck. */
static ssize_t
next_piece(int fd, unsigned char *buf)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	ssize_t n;

	if (poll(&p, 1, SILENCE_MS) <= 0)
		return -1;
	do
		n = read(fd, buf, PIECE);
	while (n < 0 && errno == EINTR);
	return n;
}

/* *seen: pg_dump has its snapshot when it says something; ours can end then. */
static struct err *
copy_dump(struct taking *k, int fd, struct tx **tx)
{
	unsigned char *buf = arena_alloc(k->a, PIECE), sum[DIGEST_BYTES];
	struct digest *digest = digest_new(k->a);
	ssize_t n;

	while ((n = next_piece(fd, buf)) > 0) {
		tx_end(tx);
		digest_add(digest, buf, (size_t)n);
		TRY(backup_put(k->w, FRAME_DUMP, buf, (size_t)n));
	}
	if (n < 0)
		return err_busy(k->a, "pg_dump says nothing any more");
	digest_end(digest, sum);
	return backup_put(k->w, FRAME_DUMP_END, sum, sizeof(sum));
}

static struct err *
dump(struct taking *k, const char *info, struct tx **tx)
{
	const char *const argv[] = {
		arena_printf(k->a, "%s/pg_dump", tenancy_settings(k->t)->postgres),
		"--format=custom", "--compress=1", "--no-password", "--lock-wait-timeout=60000",
		"--exclude-schema=praya_sys", "--exclude-schema=repack", "--extension=plpgsql",
		"--exclude-table-data=public.data_key",
		arena_printf(k->a, "--snapshot=%s", k->snapshot), NULL};
	const char *const *env = conn_environ(k->a, info);
	struct child child;
	struct err *e;
	int out[2], status = -1;

	if (env == NULL || pipe2(out, O_CLOEXEC) != 0)
		return err_internal(k->a, "pg_dump: %s", strerror(errno));
	if (!child_start(&child, argv, env, out[1])) {
		e = err_internal(k->a, "%s: %s", argv[0], strerror(errno));
		child.pid = 0;
	} else {
		close(out[1]);
		out[1] = -1;
		e = copy_dump(k, out[0], tx);
	}
	if (out[1] >= 0)
		close(out[1]);
	close(out[0]);
	if (e == NULL && (!child_wait(&child, SILENCE_MS, &status) || status != 0))
		e = err_internal(k->a, "%s ended with %d (127: it is not there)", argv[0], status);
	child_stop(&child);
	return e;
}

static struct err *
put_file(struct taking *k, const char *path, const char *name)
{
	unsigned char *buf = arena_alloc(k->a, PIECE);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct err *e;
	ssize_t n;

	/* Erased since the moment of the dump. */
	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0)
		return err_internal(k->a, "file store: %s", strerror(errno));
	e = backup_put(k->w, FRAME_FILE, name, strlen(name));
	while (e == NULL && (n = read(fd, buf, PIECE)) != 0) {
		if (n < 0)
			e = err_internal(k->a, "file store: %s", strerror(errno));
		else
			e = backup_put(k->w, FRAME_FILE_DATA, buf, (size_t)n);
	}
	close(fd);
	k->result->files++;
	return e != NULL ? e : backup_put(k->w, FRAME_FILE_END, NULL, 0);
}

static int
by_name(const FTSENT **a, const FTSENT **b)
{
	return strcmp((*a)->fts_name, (*b)->fts_name);
}

/* In order, so that one that goes on knows which it has. */
static struct err *
put_files(struct taking *k)
{
	char *const paths[] = {arena_strdup(k->a, k->tn->files), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	struct err *e = NULL;
	FTSENT *f;

	if (fts == NULL)
		return err_internal(k->a, "file store: %s", strerror(errno));
	while (e == NULL && (f = fts_read(fts)) != NULL) {
		struct arena_mark mark = arena_mark(k->a);
		const char *name = f->fts_path + strlen(k->tn->files) + 1;

		if (f->fts_info != FTS_F || f->fts_level != 3 || strcmp(name, k->far.last) <= 0)
			continue;
		e = put_file(k, f->fts_path, name);
		if (e == NULL)
			arena_release(k->a, mark);
	}
	fts_close(fts);
	return e;
}

static struct err *
put_rows(struct taking *k, struct backup_writer *w)
{
	struct conn *c;
	struct rows *r;
	int64_t last = 0, n = 0;

	TRY(tenant_conn_migrate(k->t, k->a, k->tn, &c));
	k->result->keys = 0;
	do {
		struct arena_mark mark = arena_mark(k->a);

		TRY(conn_query(c, k->a, &some_keys, VALS(val_i64(last)), &r));
		n = rows_i64(r, 0, 2);
		if (n > 0) {
			last = rows_i64(r, 0, 1);
			TRY(backup_put(
				w, FRAME_KEYS, rows_text(r, 0, 0), strlen(rows_text(r, 0, 0))));
		}
		arena_release(k->a, mark);
		k->result->keys += n;
	} while (n > 0);
	return NULL;
}

/* Keys are of the moment in which they are read: those of an archive that went on, or took
 * long, are not older than those of one that was taken meanwhile. */
static struct err *
read_moment(struct taking *k, int64_t *usec_r)
{
	struct conn *c;
	struct rows *r;

	TRY(tenant_conn_migrate(k->t, k->a, k->tn, &c));
	TRY(conn_query(c, k->a, &moment, NO_VALS, &r));
	*usec_r = rows_i64(r, 0, 0);
	return NULL;
}

/* After the dump's moment: every key that it needs is there, unless erased. The workspace's own
 * key may be rotated meanwhile: then what was read may lie under a version that the head does
 * not have, and it is read once more. */
static struct err *
put_keys(struct taking *k)
{
	const struct settings *st = tenancy_settings(k->t);
	const char *path = backup_keys_path(st, k->a, k->part, k->tn->id);
	struct backup_head head = k->head, now;

	head.kind = "keys";
	TRY(read_moment(k, &head.taken_at));
	TRY(read_keks(k, &head));
	for (int i = 0; i < KEY_TRIES; i++) {
		struct backup_writer *w;

		TRY(backup_create(
			k->a, arena_printf(k->a, "%s.part", path), &head, &k->tn->kek, &w));
		TRY(put_rows(k, w));
		TRY(read_keks(k, &now));
		if (now.nkeks == head.nkeks)
			return backup_commit(w, path, true);
		backup_drop(w);
		memcpy(head.keks, now.keks, sizeof(head.keks));
		head.nkeks = now.nkeks;
	}
	return err_busy(k->a, "the key of %s is rotated again and again", k->tn->slug);
}

/* Of all tables: "NAME ROWS" a line. */
static int64_t
rows_of(struct arena *a, const char *text)
{
	int64_t all = 0, n;

	while (*text != '\0') {
		size_t line = strcspn(text, "\n"), name = strcspn(text, " ");

		if (name < line && num_parse_i64(arena_strndup(a, text + name + 1, line - name - 1),
					   0, INT64_MAX, &n))
			all += n;
		text += line + (text[line] == '\n');
	}
	return all;
}

/* What a kill has left, if it is of today. */
static bool
go_on(struct taking *k)
{
	int64_t now;

	if (backup_head_read(k->a, k->part, &k->head) != NULL ||
		strcmp(k->head.kind, "archive") != 0 || k->head.id != k->tn->id ||
		strcmp(k->head.region, k->tn->region) != 0 || read_moment(k, &now) != NULL ||
		now < k->head.taken_at || now - k->head.taken_at > GO_ON_USEC ||
		!backup_go_on(k->a, k->part, &k->head, &k->tn->kek, &k->far, &k->w)) {
		k->far = (struct backup_so_far){.last = ""};
		return false;
	}
	k->result->files = k->far.files;
	k->result->rows = rows_of(k->a, k->far.counts);
	return true;
}

/* The database, as it is in one moment. */
static struct err *
take_database(struct taking *k)
{
	const struct settings *st = tenancy_settings(k->t);
	struct conn *admin, *c, *owner;
	struct tx *tx = NULL;
	const char *info, *held;
	struct err *e;

	TRY(admin_conninfo(st, k->a, "postgres", &info));
	TRY(conn_get(k->t->pool, k->a, info, &admin));
	TRY(cluster_backup_role(admin, k->a));
	TRY(admin_conninfo(st, k->a, k->tn->database, &held));
	TRY(conn_get(k->t->pool, k->a, held, &owner));
	TRY(rewrite_hold(k->t, k->a, owner, k->tn->database));
	TRY(service_conninfo(st, &k->t->master, k->a, SERVICE_BACKUP, k->tn->database, &info));
	TRY(conn_get(k->t->pool, k->a, info, &c));
	TRY(tx_begin(c, k->a, NULL, NO_VALS, &tx));
	e = look(k, tx);
	if (e == NULL)
		e = dump(k, info, &tx);
	tx_end(&tx);
	conn_drop(k->t->pool, info);
	conn_drop(k->t->pool, held);
	return e;
}

static struct err *
take(struct taking *k, const char *path)
{
	k->result->resumed = go_on(k);
	if (!k->result->resumed)
		TRY(take_database(k));
	if (!k->far.ended)
		TRY(put_files(k));
	TRY(put_keys(k));
	k->result->bytes = backup_written(k->w);
	k->result->path = path != NULL ? path
				       : new_path(k->t->st, k->a, k->tn->id,
						 (time_t)(k->head.taken_at / 1000000));
	return backup_commit(k->w, k->result->path, false);
}

const char *
backup_part(const struct settings *st, struct arena *a, int64_t tenant_id)
{
	return arena_printf(a, "%s/%s.part", st->backups, tenant_database(a, tenant_id));
}

struct err *
backup_take(struct tenancy *t, struct arena *a, const struct tenant *tn, const char *path,
	struct backup_result *r)
{
	struct taking k = {.t = t, .a = a, .tn = tn, .result = r};
	struct stat st;

	memset(r, 0, sizeof(*r));
	if (path == NULL && t->st->backups == NULL)
		return err_sure(err_detail(a, ERR_INVALID, __FILE__, __LINE__,
			"say where with --out FILE, or set Backup.Folder"));
	if (path != NULL && strchr(path, '/') == NULL)
		path = arena_printf(a, "./%s", path);
	k.part = path != NULL ? arena_printf(a, "%s.part", path) : backup_part(t->st, a, tn->id);
	if (access(dir_of(a, k.part), W_OK | X_OK) != 0)
		return err_sure(err_detail(a, ERR_INVALID, __FILE__, __LINE__, "%s: %s",
			dir_of(a, k.part), strerror(errno)));
	if (path != NULL && lstat(path, &st) == 0)
		return err_sure(err_detail(a, ERR_CONFLICT, __FILE__, __LINE__,
			"%s exists already and is never overwritten", path));
	return take(&k, path);
}

int64_t
backup_time(const char *path)
{
	const char *dash = strrchr(path, '-');
	struct tm tm = {0};
	const char *end = dash != NULL ? strptime(dash + 1, "%Y%m%dT%H%M%SZ", &tm) : NULL;

	return end != NULL && strcmp(end, SUFFIX) == 0 ? (int64_t)timegm(&tm) : 0;
}

struct err *
backup_list(const struct settings *st, struct arena *a, int64_t tenant_id, const char ***paths_r,
	size_t *n_r)
{
	glob_t found = {.gl_pathc = 0};
	const char *name = tenant_database(a, tenant_id);
	const char **list;

	*n_r = 0;
	if (st->backups == NULL)
		return NULL;
	if (access(st->backups, R_OK | X_OK) != 0)
		return err_internal(a, "%s: %s", st->backups, strerror(errno));
	(void)glob(
		arena_printf(a, "%s/%s-*" SUFFIX, st->backups, name), GLOB_NOESCAPE, NULL, &found);
	list = ARENA_ARRAY(a, found.gl_pathc + 1, const char *);
	/* Their names end in a time: in order already. */
	for (size_t i = found.gl_pathc; i > 0; i--)
		if (backup_time(found.gl_pathv[i - 1]) > 0)
			list[(*n_r)++] = arena_strdup(a, found.gl_pathv[i - 1]);
	globfree(&found);
	*paths_r = list;
	return NULL;
}

/* Deletes archives older than Backup.Keep days, never the newest. *next_r: seconds until
 * the next one ends, 0: none will. */
static struct err *
expire(const struct settings *st, struct arena *a, int64_t tenant_id, size_t *deleted_r,
	int64_t *next_r)
{
	int64_t keep = st->backup_keep * 86400, now = (int64_t)time(NULL);
	const char **list = NULL;
	size_t n;

	*deleted_r = 0;
	*next_r = 0;
	TRY(backup_list(st, a, tenant_id, &list, &n));
	for (size_t i = n; i > 1; i--) {
		int64_t left = backup_time(list[i - 1]) + keep - now;

		if (left > 0) {
			*next_r = left;
			return NULL;
		}
		if (unlink(list[i - 1]) != 0 && errno != ENOENT)
			return err_internal(a, "%s: %s", list[i - 1], strerror(errno));
		(void)newfile_sync_parent(list[i - 1]);
		++*deleted_r;
	}
	return NULL;
}

/* Held until it is closed; -1: somebody else makes one. */
static int
lock_one(const struct settings *st, struct arena *a, int64_t id)
{
	const char *path = arena_printf(a, "%s/%s.lock", st->backups, tenant_database(a, id));
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0) {
		close(fd);
		return -1;
	}
	return fd;
}

static struct err *
take_due(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	struct backup_result r;
	const char **list = NULL;
	size_t n;

	TRY(backup_list(t->st, a, tn->id, &list, &n));
	if (n > 0 && backup_time(list[0]) + t->st->backup_every * 3600 > (int64_t)time(NULL))
		return NULL;
	TRY(backup_take(t, a, tn, NULL, &r));
	log_info("backup: %lld rows, %lld files, %lld bytes", (long long)r.rows, (long long)r.files,
		(long long)r.bytes);
	return NULL;
}

struct err *
backup_due(struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t *next_r)
{
	size_t deleted;
	struct err *e;
	int fd;

	*next_r = 0;
	if (t->st->backups == NULL)
		return NULL;
	fd = lock_one(t->st, a, tn->id);
	if (fd < 0)
		return access(t->st->backups, W_OK) == 0
			       ? NULL
			       : err_internal(a, "%s: %s", t->st->backups, strerror(errno));
	e = take_due(t, a, tn);
	if (e == NULL)
		e = expire(t->st, a, tn->id, &deleted, next_r);
	close(fd);
	return e;
}
