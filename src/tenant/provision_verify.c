/* SPDX-License-Identifier: ISC */
/* An archive made into a database, for restoring and for trying whether it could be. */
#include "restore.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "backup.h"
#include "child.h"
#include "cluster.h"
#include "log.h"
#include "newfile.h"
#include "num.h"
#include "service.h"
#include "token.h"
#include "tx.h"

#define END_MS (3600 * 1000)
#define NAME_BYTES 38 /* ab/cd/ and 32 digits */

STMT(keks_of, "cell.restore_keks", 1,
	"select wrapped, kek_version from tenant_key where tenant_id = $1::bigint");
STMT(add_keys, "owner.restore_keys", 2,
	"insert into data_key (key_id, contact_id, purpose, wrapped, keep_until, "
	"created_at) overriding system value select key_id, contact_id, purpose, "
	"decode(wrapped, 'hex'), keep_until, created_at "
	"from jsonb_to_recordset($1::jsonb) as x (key_id bigint, contact_id bigint, purpose text, "
	"wrapped text, keep_until date, created_at timestamptz) "
	"where key_id <= $2::bigint");
STMT(count_now, "owner.restore_count", 1,
	"select (xpath('/row/n/text()', query_to_xml(format('select count(*) as n "
	"from public.%I', $1::text), false, true, '')))[1]::text::bigint "
	"where to_regclass(format('public.%I', $1::text)) is not null");

/* What was sealed by a key that is gone: its reference goes too, as the erasure
 * that took the key had done it. Before there are foreign keys. */
static const char forget_lost_keys[] =
	"do $$ declare c record; begin "
	"for c in select t.relname, a.attname from pg_attribute a join pg_class t on t.oid = "
	"a.attrelid where t.relnamespace = 'public'::regnamespace and t.relkind = 'r' "
	"and not t.relispartition and t.relname <> 'data_key' and a.attname like '%key_id' "
	"and a.atttypid = 'bigint'::regtype and not a.attnotnull and not a.attisdropped loop "
	"execute format('update public.%I t set %I = null where t.%I is not null and not exists "
	"(select from public.data_key k where k.key_id = t.%I)', c.relname, c.attname, c.attname, "
	"c.attname); end loop; end $$";

static struct err *
refuse(struct restoring *re, const char *path, const char *why)
{
	return err_sure(err_detail(re->a, ERR_INVALID, __FILE__, __LINE__, "%s: %s", path, why));
}

static const struct seal_key *
find_version(void *ctx, int64_t id)
{
	return version_find(((const struct restoring *)ctx)->versions, id);
}

static void
try_version(struct restoring *re, struct bytes wrapped, int64_t version)
{
	struct seal_key key;

	if (version_find(re->versions, version) == NULL &&
		keyring_unwrap(re->a, &re->t->ring, tenant_key_purpose(re->a, re->head.id), wrapped,
			version, &key, NULL))
		version_add(&re->versions, re->a, &key, true);
	secret_wipe(&key, sizeof(key));
}

/* The first version is in every head: without it nothing of the others is of use. */
static bool
whole(const struct restoring *re, const struct backup_head *head)
{
	for (size_t i = 0; i < head->nkeks; i++)
		if (version_find(re->versions, head->keks[i].version) == NULL)
			return false;
	return true;
}

/* The region's own rows first: they follow every rotation of the master key. */
static struct err *
open_keks(struct restoring *re, const struct backup_head *of_keys)
{
	const struct backup_head *const heads[] = {&re->head, of_keys};
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(re->t, re->a, &cell));
	TRY(conn_query(cell, re->a, &keks_of, VALS(val_i64(re->head.id)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		try_version(re, rows_bytes(re->a, r, i, 0), rows_i64(r, i, 1));
	for (size_t h = 0; h < 2; h++)
		for (size_t i = 0; i < heads[h]->nkeks; i++)
			try_version(re, heads[h]->keks[i].wrapped, heads[h]->keks[i].version);
	if (!whole(re, &re->head) || !whole(re, of_keys))
		return refuse(re, re->archive,
			"does not open with the master key of this installation, nor with an old "
			"one that is kept");
	re->kin = (struct key_kin){find_version, re};
	re->kek = re->versions->key;
	re->kek.kin = &re->kin;
	re->root = version_root(re->versions)->key;
	return NULL;
}

void
restore_forget(struct restoring *re)
{
	secret_wipe(&re->kek, sizeof(re->kek));
	secret_wipe(&re->root, sizeof(re->root));
	version_wipe(re->versions);
}

struct err *
restore_begin(struct restoring *re, const char *archive, const char *keys)
{
	struct backup_head of_keys;

	re->archive = archive;
	TRY(backup_head_read(re->a, archive, &re->head));
	if (strcmp(re->head.kind, "archive") != 0)
		return refuse(re, archive, "holds keys, not a workspace");
	if (strcmp(re->head.region, re->t->st->region) != 0)
		return refuse(re, archive, "is of another region");
	re->keys = keys != NULL ? keys : backup_keys_path(re->t->st, re->a, archive, re->head.id);
	TRY(backup_head_read(re->a, re->keys, &of_keys));
	if (strcmp(of_keys.kind, "keys") != 0 || of_keys.id != re->head.id)
		return refuse(re, re->keys, "does not hold the keys of that workspace");
	if (of_keys.taken_at < re->head.taken_at)
		return refuse(re, re->keys,
			"is older than the archive: what was added in between would stay "
			"encrypted for good");
	return open_keks(re, &of_keys);
}

static struct err *
send_all(struct restoring *re, int fd, const unsigned char *p, size_t n, bool *full)
{
	while (n > 0) {
		ssize_t sent = send(fd, p, n, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EPIPE || errno == ECONNRESET)) {
			/* It has read what its section needs; with a reset when some of the
			 * rest was on its way. How it ended is seen by its status. */
			*full = true;
			return NULL;
		}
		if (sent < 0)
			return err_internal(re->a, "pg_restore: %s", strerror(errno));
		p += sent;
		n -= (size_t)sent;
	}
	return NULL;
}

static struct err *
feed(struct restoring *re, int fd)
{
	struct arena_mark mark = arena_mark(re->a);
	struct backup_reader *r;
	const unsigned char *p;
	enum frame_type type;
	bool full = false;
	size_t n;

	TRY(backup_open(re->a, re->archive, &re->head, &re->kek, &r));
	do {
		TRY(backup_get(r, &type, &p, &n));
		if (type == FRAME_COUNTS && re->counts == NULL) {
			/* Outlives the frame. */
			re->counts = arena_strndup(re->t->mem, (const char *)p, n);
		} else if (type == FRAME_DUMP && !full) {
			TRY(send_all(re, fd, p, n, &full));
		}
	} while (type != FRAME_DUMP_END && type != FRAME_END && !full);
	arena_release(re->a, mark);
	return NULL;
}

/* One section of the dump; pg_restore reads it from its standard input. */
static struct err *
section(struct restoring *re, const char *database, const char *name)
{
	const char *const argv[] = {arena_printf(re->a, "%s/pg_restore", re->t->st->postgres),
		arena_printf(re->a, "--section=%s", name), "--exit-on-error", "--no-password",
		arena_printf(re->a, "--dbname=%s", database), NULL};
	const char *const *env;
	struct child child;
	const char *info;
	struct err *e;
	int pair[2], status = -1;

	TRY(admin_conninfo(re->t->st, re->a, database, &info));
	env = conn_environ(re->a, info);
	if (env == NULL || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0)
		return err_internal(re->a, "pg_restore: %s", strerror(errno));
	if (!child_start_fed(&child, argv, env, pair[1], -1)) {
		e = err_internal(re->a, "%s: %s", argv[0], strerror(errno));
		close(pair[1]);
	} else {
		close(pair[1]);
		e = feed(re, pair[0]);
	}
	close(pair[0]);
	if (e == NULL && (!child_wait(&child, END_MS, &status) || status != 0))
		e = err_internal(re->a, "pg_restore of the %s ended with %d", name, status);
	child_stop(&child);
	return e;
}

static struct err *
put_keys(struct restoring *re, struct conn *c)
{
	struct backup_head head;
	struct backup_reader *r;
	const unsigned char *p;
	enum frame_type type;
	size_t n;

	TRY(backup_head_read(re->a, re->keys, &head));
	TRY(backup_open(re->a, re->keys, &head, &re->kek, &r));
	for (;;) {
		struct arena_mark mark = arena_mark(re->a);

		TRY(backup_get(r, &type, &p, &n));
		if (type == FRAME_END)
			break;
		if (type == FRAME_KEYS)
			TRY(conn_query(c, re->a, &add_keys,
				VALS(val_text(arena_strndup(re->a, (const char *)p, n)),
					val_i64(re->head.max_key)),
				NULL));
		arena_release(re->a, mark);
	}
	return conn_script(c, re->a, forget_lost_keys);
}

struct err *
restore_database(struct restoring *re, const char *database, const char *role)
{
	const char *info;
	struct conn *c;
	struct err *e;

	TRY(cluster_database(re->admin, re->a, database, "template0", role, true));
	TRY(admin_conninfo(re->t->st, re->a, database, &info));
	TRY(conn_get(re->t->pool, re->a, info, &c));
	e = cluster_system(c, re->a, arena_printf(re->a, "%s/system", re->t->st->sql));
	if (e == NULL)
		e = section(re, database, "pre-data");
	if (e == NULL)
		e = section(re, database, "data");
	if (e == NULL)
		e = put_keys(re, c);
	if (e == NULL)
		e = section(re, database, "post-data");
	conn_drop(re->t->pool, info);
	return e;
}

static bool
name_valid(const char *name)
{
	return strlen(name) == NAME_BYTES && name[2] == '/' && name[5] == '/' &&
	       strspn(name, "0123456789abcdef") == 2 && strspn(name + 3, "0123456789abcdef") == 2 &&
	       strspn(name + 6, "0123456789abcdef") == 32;
}

static struct err *
file_begin(struct restoring *re, const char *name, struct newfile *f)
{
	const char *folder = arena_printf(re->a, "%s/%.5s", re->files, name);
	int rc;

	if (!name_valid(name))
		return refuse(re, re->archive, "is damaged");
	rc = newfile_folder(folder);
	if (rc == 0)
		rc = newfile_open(f, folder, false);
	return rc == 0 ? NULL : err_internal(re->a, "file store: %s", strerror(rc));
}

static struct err *
file_frame(struct restoring *re, enum frame_type type, const unsigned char *p, size_t n,
	struct newfile *f, char *name)
{
	int rc = 0;

	if (type == FRAME_FILE) {
		re->nfiles++;
		if (n != NAME_BYTES)
			return refuse(re, re->archive, "is damaged");
		memcpy(name, p, n);
		name[n] = '\0';
		return re->files == NULL ? NULL : file_begin(re, name, f);
	}
	if (re->files == NULL || (type != FRAME_FILE_DATA && type != FRAME_FILE_END))
		return NULL;
	if (f->fd < 0)
		return refuse(re, re->archive, "is damaged");
	if (type == FRAME_FILE_DATA)
		rc = newfile_write(f, p, n);
	else
		rc = newfile_publish(f, arena_printf(re->a, "%s/%s", re->files, name));
	return rc == 0 ? NULL : err_internal(re->a, "file store: %s", strerror(rc));
}

struct err *
restore_files(struct restoring *re)
{
	char name[NAME_BYTES + 1] = "";
	struct newfile f = {.fd = -1};
	struct backup_reader *r;
	const unsigned char *p;
	enum frame_type type;
	struct err *e = NULL;
	size_t n;

	if (re->files != NULL && newfile_folder(re->files) != 0)
		return err_internal(re->a, "file store: %s", strerror(errno));
	TRY(backup_open(re->a, re->archive, &re->head, &re->kek, &r));
	do {
		struct arena_mark mark = arena_mark(re->a);

		e = backup_get(r, &type, &p, &n);
		if (e == NULL)
			e = file_frame(re, type, p, n, &f, name);
		if (e == NULL)
			arena_release(re->a, mark);
	} while (e == NULL && type != FRAME_END);
	newfile_abandon(&f);
	return e;
}

/* Each table as it was counted when the archive was taken. */
static struct err *
compare(struct restoring *re, const char *database, struct verified *v)
{
	const char *info;
	struct conn *c;
	struct rows *r;

	TRY(service_conninfo(re->t->st, &re->t->master, re->a, SERVICE_MIGRATE, database, &info));
	TRY(conn_get(re->t->pool, re->a, info, &c));
	for (const char *p = re->counts; *p != '\0'; p += strcspn(p, "\n") + 1) {
		size_t n = strcspn(p, " ");
		const char *table = arena_strndup(re->a, p, n);
		int64_t want;

		if (!num_parse_i64(arena_strndup(re->a, p + n + 1, strcspn(p + n + 1, "\n")), 0,
			    INT64_MAX, &want))
			return refuse(re, re->archive, "is damaged");
		TRY(conn_query(c, re->a, &count_now, VALS(val_text(table)), &r));
		v->tables++;
		v->rows += want;
		if (v->differs == NULL && (rows_count(r) == 0 || rows_i64(r, 0, 0) != want))
			v->differs = table;
	}
	conn_drop(re->t->pool, info);
	return NULL;
}

static struct err *
verify_into(struct restoring *re, const char *database, struct verified *v)
{
	cluster_database_drop(re->admin, re->a, database);
	TRY(restore_database(re, database, NULL));
	TRY(compare(re, database, v));
	return restore_files(re);
}

struct err *
restore_verify(struct tenancy *t, struct arena *a, const char *archive, const char *keys,
	struct verified *v)
{
	struct restoring re = {.t = t, .a = a};
	const char *database, *info;
	struct err *e;

	memset(v, 0, sizeof(*v));
	TRY(restore_begin(&re, archive, keys));
	TRY(admin_conninfo(t->st, a, "postgres", &info));
	TRY(conn_get(t->pool, a, info, &re.admin));
	TRY(cluster_check(re.admin, a));
	TRY(cluster_lock(re.admin, a));
	database = arena_printf(a, "praya_verify_%lld", (long long)re.head.id);
	e = verify_into(&re, database, v);
	cluster_database_drop(re.admin, a, database);
	cluster_unlock(re.admin, a);
	restore_forget(&re);
	v->taken_at = re.head.taken_at;
	v->files = re.nfiles;
	return e;
}
