/* SPDX-License-Identifier: ISC */
#include "cluster.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "log.h"
#include "scram.h"
#include "service.h"
#include "token.h"
#include "tx.h"

#define SYSTEM_FILES_MAX 100
#define SYSTEM_FILE_MAX (4L * 1024 * 1024)

STMT(lock, "cluster.lock", 0, "select pg_try_advisory_lock(482955327842)");
STMT(unlock, "cluster.unlock", 0, "select pg_advisory_unlock(482955327842)");
STMT(facts, "cluster.facts", 0,
	"select current_setting('server_version_num')::bigint, "
	"(select rolsuper from pg_roles where rolname = current_user)");
STMT(role_exists, "cluster.role_exists", 1, "select 1 from pg_roles where rolname = $1");
STMT(database_exists, "cluster.database_exists", 1, "select 1 from pg_database where datname = $1");
STMT(backup_role, "cluster.backup_role", 0,
	"select 1 from pg_roles where rolname = 'praya_backup' "
	"and 'default_transaction_isolation=repeatable read' = any (rolconfig)");
/* The log's way writes a database twice, but holds nobody else up. Copied as files it takes
 * two checkpoints, which cost something only where somebody waits for a disk. */
STMT(copy_way, "cluster.copy_way", 0,
	"select case current_setting('fsync') when 'off' then 'file_copy' else 'wal_log' end");
STMT(system_comment, "cluster.system_comment", 0,
	"select obj_description(oid, 'pg_namespace') from pg_namespace where nspname = "
	"'praya_sys'");

struct err *
cluster_lock(struct conn *admin, struct arena *a)
{
	struct rows *rows;

	TRY(conn_query(admin, a, &lock, NO_VALS, &rows));
	return rows_bool(rows, 0, 0)
		       ? NULL
		       : err_busy(a, "another init, create or migrate is running: try again later");
}

/* PostgreSQL's own wait would end with lock_timeout, and stand in a migration's way: asked again
 * and again, nobody queues. */
struct err *
cluster_lock_wait(struct conn *admin, struct arena *a, int64_t ms)
{
	static const struct timespec pause = {.tv_nsec = 100L * 1000 * 1000};
	struct err *e;

	for (;; ms -= 100) {
		e = cluster_lock(admin, a);
		if (e == NULL || e->kind != ERR_BUSY || ms <= 0)
			return e;
		(void)nanosleep(&pause, NULL);
	}
}

void
cluster_unlock(struct conn *admin, struct arena *a)
{
	struct err *e = conn_query(admin, a, &unlock, NO_VALS, NULL);

	/* A connection that is gone has given up the lock with it. */
	if (e != NULL)
		log_warn("cluster lock: %s", e->detail);
}

struct err *
cluster_check(struct conn *admin, struct arena *a)
{
	struct rows *rows;

	TRY(conn_query(admin, a, &facts, NO_VALS, &rows));
	if (rows_i64(rows, 0, 0) < 150000)
		return err_internal(a, "PostgreSQL 15 or later is needed");
	if (!rows_bool(rows, 0, 1))
		return err_internal(a, "the user of Database.Admin is not a superuser");
	return NULL;
}

struct err *
cluster_role(struct conn *admin, struct arena *a, const char *role, const char *attributes,
	const char *password)
{
	const char *secret = "null";
	struct rows *rows;

	TRY(conn_query(admin, a, &role_exists, VALS(val_text(role)), &rows));
	if (password != NULL)
		secret = arena_printf(a, "'%s'", scram_verifier(a, password));
	return conn_script(admin, a,
		arena_printf(a, "%s role %s with %s password %s",
			rows_count(rows) == 0 ? "create" : "alter", role, attributes, secret));
}

struct err *
cluster_grant(struct conn *admin, struct arena *a, const char *group, const char *member)
{
	return conn_script(admin, a, arena_printf(a, "grant %s to %s", group, member));
}

struct err *
cluster_database_exists(struct conn *admin, struct arena *a, const char *name, bool *exists_r)
{
	struct rows *rows;

	TRY(conn_query(admin, a, &database_exists, VALS(val_text(name)), &rows));
	*exists_r = rows_count(rows) > 0;
	return NULL;
}

struct err *
cluster_database_open(struct conn *admin, struct arena *a, const char *name, bool open)
{
	return conn_script(admin, a,
		arena_printf(a, "alter database %s allow_connections %s", name,
			open ? "true" : "false"));
}

static struct err *
make_database(struct conn *admin, struct arena *a, const char *name, const char *template)
{
	const char *locale = strcmp(template, "template0") == 0
				     ? " encoding 'UTF8' lc_collate 'C.UTF-8' lc_ctype 'C.UTF-8'"
				     : "";
	struct rows *rows;

	TRY(conn_query(admin, a, &copy_way, NO_VALS, &rows));
	return conn_script(admin, a,
		arena_printf(a,
			"create database %s owner praya_owner template %s%s strategy %s "
			"allow_connections false",
			name, template, locale, rows_text(rows, 0, 0)));
}

struct err *
cluster_database(struct conn *admin, struct arena *a, const char *name, const char *template,
	const char *role, bool open)
{
	bool exists;

	TRY(cluster_database_exists(admin, a, name, &exists));
	if (!exists)
		TRY(make_database(admin, a, name, template));
	/* The rights on a database are not copied from its template. */
	TRY(conn_script(admin, a,
		arena_printf(a,
			"revoke all on database %s from public;"
			"grant connect on database %s to praya_migrate, praya_backup%s%s;"
			"alter database %s set search_path = 'public'",
			name, name, role != NULL ? ", " : "", role != NULL ? role : "", name)));
	return open ? cluster_database_open(admin, a, name, true) : NULL;
}

/* Also cuts whoever is connected; what cannot be dropped is logged. */
void
cluster_database_drop(struct conn *admin, struct arena *a, const char *name)
{
	struct err *e = conn_script(
		admin, a, arena_printf(a, "drop database if exists %s with (force)", name));

	if (e != NULL)
		log_warn("%s was not dropped: %s", name, e->detail);
}

struct err *
cluster_backup_role(struct conn *admin, struct arena *a)
{
	struct rows *rows;

	TRY(conn_query(admin, a, &backup_role, NO_VALS, &rows));
	if (rows_count(rows) > 0)
		return NULL;
	return conn_script(admin, a,
		"alter role praya_backup set default_transaction_isolation to 'repeatable read'");
}

static int
name_compare(const void *x, const void *y)
{
	return strcmp(*(const char *const *)x, *(const char *const *)y);
}

static struct err *
list_files(struct arena *a, const char *folder, const char ***names_r, size_t *n_r)
{
	const char **names = ARENA_ARRAY(a, SYSTEM_FILES_MAX, const char *);
	DIR *dir = opendir(folder);
	struct dirent *entry;
	size_t n = 0;

	if (dir == NULL)
		return err_internal(a, "%s: %s", folder, strerror(errno));
	while ((entry = readdir(dir)) != NULL && n < SYSTEM_FILES_MAX) {
		size_t len = strlen(entry->d_name);

		if (len > 4 && strcmp(entry->d_name + len - 4, ".sql") == 0)
			names[n++] = arena_strdup(a, entry->d_name);
	}
	closedir(dir);
	if (n == 0)
		return err_internal(a, "%s: holds no SQL (setting Paths.Sql)", folder);
	qsort(names, n, sizeof(*names), name_compare);
	*names_r = names;
	*n_r = n;
	return NULL;
}

static struct err *
read_file(struct arena *a, const char *path, const char **text_r)
{
	FILE *f = fopen(path, "re");
	struct stat st;
	char *text;
	size_t n;

	if (f == NULL)
		return err_internal(a, "%s: %s", path, strerror(errno));
	if (fstat(fileno(f), &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SYSTEM_FILE_MAX) {
		fclose(f);
		return err_internal(a, "%s: not a file, or too long", path);
	}
	text = arena_alloc(a, (size_t)st.st_size + 1);
	n = fread(text, 1, (size_t)st.st_size, f);
	fclose(f);
	if (n != (size_t)st.st_size)
		return err_internal(a, "%s: cannot be read", path);
	*text_r = text;
	return NULL;
}

struct err *
cluster_script(struct conn *c, struct arena *a, const char *path)
{
	const char *text;
	struct err *e;

	TRY(read_file(a, path, &text));
	e = conn_script(c, a, text);
	return e == NULL ? NULL
			 : err_detail(a, e->kind, __FILE__, __LINE__, "%s: %s", path, e->detail);
}

struct err *
cluster_system(struct conn *c, struct arena *a, const char *folder)
{
	struct digest *digest = digest_new(a);
	unsigned char sum[DIGEST_BYTES];
	const char **names = NULL;
	const char *comment;
	const char *text;
	struct rows *rows;
	size_t n = 0;

	TRY(list_files(a, folder, &names, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(read_file(a, arena_printf(a, "%s/%s", folder, names[i]), &text));
		digest_add(digest, text, strlen(text) + 1);
	}
	digest_end(digest, sum);
	comment = arena_printf(
		a, "Search under row-level security; sources %s", hex_encode(a, sum, DIGEST_BYTES));
	TRY(conn_query(c, a, &system_comment, NO_VALS, &rows));
	if (rows_count(rows) > 0 && !rows_null(rows, 0, 0) &&
		strcmp(rows_text(rows, 0, 0), comment) == 0)
		return NULL;
	for (size_t i = 0; i < n; i++)
		TRY(cluster_script(c, a, arena_printf(a, "%s/%s", folder, names[i])));
	return conn_script(c, a, arena_printf(a, "comment on schema praya_sys is '%s'", comment));
}
