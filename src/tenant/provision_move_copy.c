/* SPDX-License-Identifier: ISC */
/* Moving: how database and files get from one region to the other. */
#include "move_part.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "cluster.h"
#include "conninfo.h"
#include "ledger_file.h"
#include "newfile.h"
#include "rewrite.h"
#include "sb.h"
#include "service.h"
#include "signed.h"
#include "token.h"
#include "tx.h"

#define ROLE_ATTRIBUTES "login connection limit 200"
#define END_MS (12 * 3600 * 1000)
#define PIECE ((size_t)64 * 1024)
#define ARGS_MAX 600

/* Of every table its columns; and how many rows it has, with which digest. The order of
 * rows does not count: each row's hash is added up. */
STMT(tables, "owner.move_tables", 0,
	"select c.relname::text, (select string_agg(a.attname || ' ' || format_type(a.atttypid, "
	"a.atttypmod), ',' order by a.attname) from pg_attribute a where a.attrelid = c.oid and "
	"a.attnum > 0 and not a.attisdropped) from pg_class c "
	"where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' "
	"order by c.relname collate \"C\"");
STMT(count_rows, "owner.move_digest", 1,
	"select x.x::text, ((xpath('/row/n/text()', x.x))[1])::text::bigint from "
	"(select query_to_xml(format('select count(*) as n, coalesce(sum(hashtextextended("
	"t::text, 0)), 0) as h from public.%I t', $1::text), false, true, '') as x) x");
STMT(sequences, "owner.move_sequences", 0,
	"select coalesce(string_agg(format('select setval(''public.%I'', %s);', sequencename, "
	"last_value), ''), '') from pg_sequences where schemaname = 'public' and last_value is "
	"not null");

/* pg_dump of the old one into pg_restore of the new one: nothing touches a disk between. */
static struct err *
pipe_through(struct moving *mv, const char *const *dump, const char *const *restore,
	const char *from, const char *to)
{
	const char *const *env_from = conn_environ(mv->a, from), *const *env_to =
									 conn_environ(mv->a, to);
	struct child reader = {.pid = 0}, writer = {.pid = 0};
	int fd[2], said = -1, took = -1;
	struct err *e = NULL;

	if (env_from == NULL || env_to == NULL || pipe2(fd, O_CLOEXEC) != 0)
		return err_internal(mv->a, "pg_dump: %s", strerror(errno));
	if (!child_start_fed(&reader, restore, env_to, fd[0], -1) ||
		!child_start(&writer, dump, env_from, fd[1]))
		e = err_internal(mv->a, "pg_dump or pg_restore: %s", strerror(errno));
	close(fd[0]);
	close(fd[1]);
	if (e == NULL && (!child_wait(&writer, END_MS, &said) || said != 0))
		e = err_internal(mv->a, "%s ended with %d (127: it is not there)", dump[0], said);
	if (e == NULL && (!child_wait(&reader, END_MS, &took) || took != 0))
		e = err_internal(mv->a, "%s ended with %d", restore[0], took);
	child_stop(&writer);
	child_stop(&reader);
	return e;
}

static struct err *
copy_all(struct moving *mv, const char *to)
{
	const char *const dump[] = {arena_printf(mv->a, "%s/pg_dump", mv->from->st->postgres),
		"--format=custom", "--compress=0", "--no-password", "--lock-wait-timeout=60000",
		"--exclude-schema=praya_sys", "--exclude-schema=repack", "--extension=plpgsql",
		NULL};
	const char *const restore[] = {arena_printf(mv->a, "%s/pg_restore", mv->to->st->postgres),
		"--exit-on-error", "--no-password",
		arena_printf(mv->a, "--dbname=%s", mv->database), NULL};
	const char *from;

	TRY(admin_conninfo(mv->from->st, mv->a, mv->database, &from));
	return pipe_through(mv, dump, restore, from, to);
}

/* Dates and bytes are written alike on both sides. */
static struct err *
same_words(struct moving *mv, struct conn *c)
{
	return conn_script(c, mv->a,
		"set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set intervalstyle = 'postgres';"
		"set bytea_output = 'hex'; set extra_float_digits = 1;"
		"set session_replication_role = 'replica'");
}

struct err *
move_database(struct moving *mv)
{
	const char *name = mv->database, *to;

	TRY(rewrite_hold(mv->from, mv->a, mv->here, name));
	TRY(admin_conninfo(mv->to->st, mv->a, name, &to));
	conn_drop(mv->to->pool, to);
	cluster_database_drop(mv->there_cluster, mv->a, name);
	TRY(cluster_role(mv->there_cluster, mv->a, name, ROLE_ATTRIBUTES,
		role_password(&mv->to->master, mv->a, name)));
	TRY(cluster_grant(mv->there_cluster, mv->a, "praya_tenant", name));
	TRY(cluster_database(mv->there_cluster, mv->a, name, "template0", name, true));
	TRY(conn_get(mv->to->pool, mv->a, to, &mv->there));
	TRY(cluster_system(mv->there, mv->a, arena_printf(mv->a, "%s/system", mv->to->st->sql)));
	TRY(copy_all(mv, to));
	TRY(same_words(mv, mv->there));
	return same_words(mv, mv->here);
}

static struct err *
same_rows(struct moving *mv, const char *table, bool *same_r)
{
	struct arena_mark mark = arena_mark(mv->a);
	struct rows *x, *y;

	TRY(conn_query(mv->here, mv->a, &count_rows, VALS(val_text(table)), &x));
	TRY(conn_query(mv->there, mv->a, &count_rows, VALS(val_text(table)), &y));
	*same_r = strcmp(rows_text(x, 0, 0), rows_text(y, 0, 0)) == 0;
	mv->m->tables++;
	mv->m->rows += rows_i64(x, 0, 1);
	arena_release(mv->a, mark);
	return NULL;
}

/* The tables whose rows differ, as arguments of pg_dump. *again_r: they are not even the
 * same tables. */
static struct err *
find_changed(struct moving *mv, const char **names, size_t *n_r, bool *again_r)
{
	struct rows *x, *y;
	bool same;

	*n_r = 0;
	mv->m->tables = mv->m->rows = 0;
	TRY(conn_query(mv->here, mv->a, &tables, NO_VALS, &x));
	TRY(conn_query(mv->there, mv->a, &tables, NO_VALS, &y));
	*again_r = rows_count(x) != rows_count(y) || rows_count(x) > ARGS_MAX;
	for (size_t i = 0; !*again_r && i < rows_count(x); i++) {
		*again_r = strcmp(rows_text(x, i, 0), rows_text(y, i, 0)) != 0 ||
			   strcmp(rows_text(x, i, 1), rows_text(y, i, 1)) != 0;
		if (*again_r)
			break;
		TRY(same_rows(mv, rows_text(x, i, 0), &same));
		if (!same)
			names[(*n_r)++] = arena_strdup(mv->a, rows_text(x, i, 0));
	}
	return NULL;
}

struct err *
move_changes(struct moving *mv, bool *again_r)
{
	const char **names = ARENA_ARRAY(mv->a, ARGS_MAX, const char *);
	const char **dump = ARENA_ARRAY(mv->a, ARGS_MAX + 8, const char *);
	const char *const restore[] = {arena_printf(mv->a, "%s/pg_restore", mv->to->st->postgres),
		"--exit-on-error", "--no-password", "--data-only",
		arena_printf(mv->a, "--dbname=%s", mv->database), NULL};
	const char *from, *to;
	struct rows *r;
	size_t n, d = 0;

	TRY(find_changed(mv, names, &n, again_r));
	if (*again_r)
		return NULL;
	dump[d++] = arena_printf(mv->a, "%s/pg_dump", mv->from->st->postgres);
	dump[d++] = "--format=custom";
	dump[d++] = "--compress=0";
	dump[d++] = "--no-password";
	dump[d++] = "--data-only";
	for (size_t i = 0; i < n; i++) {
		TRY(conn_script(mv->there, mv->a,
			arena_printf(mv->a, "delete from only public.%s", names[i])));
		dump[d++] = arena_printf(mv->a, "--table=public.%s", names[i]);
	}
	TRY(admin_conninfo(mv->from->st, mv->a, mv->database, &from));
	TRY(admin_conninfo(mv->to->st, mv->a, mv->database, &to));
	/* No trigger and no foreign key stands between one table and the next. */
	to = conninfo_set(mv->a, to, "options", "-c session_replication_role=replica");
	if (n > 0)
		TRY(pipe_through(mv, dump, restore, from, to));
	TRY(conn_query(mv->here, mv->a, &sequences, NO_VALS, &r));
	return conn_script(mv->there, mv->a, rows_text(r, 0, 0));
}

struct err *
move_compare(struct moving *mv)
{
	const char **names = ARENA_ARRAY(mv->a, ARGS_MAX, const char *);
	bool again;
	size_t n;

	TRY(find_changed(mv, names, &n, &again));
	if (!again && n == 0)
		return NULL;
	return err_sure(err_detail(mv->a, ERR_CONFLICT, __FILE__, __LINE__,
		"%s is not the same in both regions: nothing was changed where it is",
		again ? "the schema" : names[0]));
}

static struct err *
digest_file(struct moving *mv, const char *path, unsigned char sum[DIGEST_BYTES])
{
	unsigned char *buf = arena_alloc(mv->a, PIECE);
	struct digest *digest = digest_new(mv->a);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n = -1;

	while (fd >= 0 && (n = read(fd, buf, PIECE)) > 0)
		digest_add(digest, buf, (size_t)n);
	digest_end(digest, sum);
	if (fd >= 0)
		close(fd);
	return n == 0 ? NULL : err_internal(mv->a, "%s: %s", path, strerror(errno));
}

static int
write_copy(struct moving *mv, int fd, const char *path)
{
	unsigned char *buf = arena_alloc(mv->a, PIECE);
	const char *folder = arena_strndup(mv->a, path, (size_t)(strrchr(path, '/') - path));
	struct newfile f = {.fd = -1};
	int rc = newfile_folder(folder);
	ssize_t n = 0;

	if (rc == 0)
		rc = newfile_open(&f, folder, false);
	while (rc == 0 && (n = read(fd, buf, PIECE)) != 0)
		rc = n < 0 ? errno : newfile_write(&f, buf, (size_t)n);
	if (rc == 0)
		rc = newfile_publish(&f, path);
	newfile_abandon(&f);
	return rc;
}

static struct err *
copy_file(struct moving *mv, const char *path, const char *to)
{
	unsigned char x[DIGEST_BYTES], y[DIGEST_BYTES];
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), rc;

	/* Erased since it was seen. */
	if (fd < 0 && errno == ENOENT)
		return NULL;
	rc = fd < 0 ? errno : write_copy(mv, fd, to);
	if (fd >= 0)
		close(fd);
	if (rc != 0)
		return err_internal(mv->a, "%s: %s", to, strerror(rc));
	TRY(digest_file(mv, path, x));
	TRY(digest_file(mv, to, y));
	return memcmp(x, y, sizeof(x)) == 0 ? NULL
					    : err_internal(mv->a, "%s is not what was copied", to);
}

/* Files are never rewritten: one of the same name and size is the same. */
static struct err *
each_file(struct moving *mv, const char *root, const char *other, bool remove)
{
	char *const paths[] = {arena_strdup(mv->a, root), NULL};
	FTS *fts = fts_open(paths, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	struct err *e = NULL;
	FTSENT *f;

	while (e == NULL && fts != NULL && (f = fts_read(fts)) != NULL) {
		struct arena_mark mark = arena_mark(mv->a);
		const char *to;
		struct stat st;

		if (f->fts_info != FTS_F || f->fts_level != 3)
			continue;
		to = arena_printf(mv->a, "%s/%s", other, f->fts_path + strlen(root) + 1);
		if (remove) {
			if (lstat(to, &st) != 0 && errno == ENOENT && unlink(f->fts_path) != 0)
				e = err_internal(mv->a, "%s: %s", f->fts_path, strerror(errno));
		} else {
			mv->m->files++;
			if (lstat(to, &st) != 0 || st.st_size != f->fts_statp->st_size)
				e = copy_file(mv, f->fts_path, to);
		}
		if (e == NULL)
			arena_release(mv->a, mark);
	}
	if (fts != NULL)
		fts_close(fts);
	return e;
}

struct err *
move_files(struct moving *mv, bool last)
{
	const char *to = arena_printf(mv->a, "%s/%s", mv->to->st->file_store, mv->database);

	mv->m->files = 0;
	if (newfile_folder(to) != 0)
		return err_internal(mv->a, "%s: %s", to, strerror(errno));
	TRY(each_file(mv, mv->tn->files, to, false));
	return last ? each_file(mv, to, mv->tn->files, true) : NULL;
}

#define SIGNED_FILES 4

static void
signed_names(struct arena *a, const struct tenant *tn, const char *names[SIGNED_FILES])
{
	names[0] = ledger_file_name(a, &tn->root);
	names[1] = arena_printf(a, "%s-last", names[0]);
	names[2] = arena_printf(a, "%s.head", tn->uuid);
	names[3] = arena_printf(a, "%s.heads", tn->uuid);
}

struct err *
move_signed(struct moving *mv)
{
	const char *from = signed_folder(mv->from, mv->a), *to = signed_folder(mv->to, mv->a);
	const char *names[SIGNED_FILES];

	if (strcmp(from, to) == 0)
		return NULL;
	signed_names(mv->a, mv->tn, names);
	TRY(signed_folder_make(mv->a, to));
	for (size_t i = 0; i < SIGNED_FILES; i++) {
		const char *path = arena_printf(mv->a, "%s/%s", to, names[i]);

		/* Of an earlier try, or of when it was there before. */
		if (unlink(path) != 0 && errno != ENOENT)
			return err_internal(mv->a, "%s: %s", path, strerror(errno));
		TRY(copy_file(mv, arena_printf(mv->a, "%s/%s", from, names[i]), path));
	}
	return NULL;
}

struct err *
move_signed_end(struct tenancy *from, struct arena *a, const struct tenant *tn)
{
	const char *folder = signed_folder(from, a), *names[SIGNED_FILES];
	int64_t *family;
	size_t n;

	signed_names(a, tn, names);
	TRY(ledger_family(from, a, &tn->root, tn->id, &family, &n));
	/* What a restore replaced stays, and goes on in the ledger's file. */
	for (size_t i = n > 1 ? 2 : 0; i < SIGNED_FILES; i++) {
		const char *path = arena_printf(a, "%s/%s", folder, names[i]);

		if (unlink(path) != 0 && errno != ENOENT)
			return err_internal(a, "%s: %s", path, strerror(errno));
	}
	return NULL;
}
