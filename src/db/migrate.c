/* SPDX-License-Identifier: ISC */
#include "migrate.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "conn_private.h"
#include "num.h"
#include "tx.h"
#include "utf8.h"

#define FILES_MAX 1000
#define DEADLOCK_TRIES 10
#define SCRIPT_MAX (4L * 1024 * 1024)

struct script {
	int number; /* 0: repeatable */
	const char *name;
	const char *slug;
	const char *text;
	const char *checksum;
};

struct scripts {
	struct script *v;
	size_t n;
};

/* "praya" in ASCII, read as a number. */
static const char lock_sql[] = "set lock_timeout = '60s'; set statement_timeout = 0;"
			       " select pg_advisory_lock(482955327841)";
static const char unlock_sql[] = "reset role; reset all; select pg_advisory_unlock(482955327841)";

static const char tables_sql[] =
	"create table public.schema_version ("
	" number int primary key,"
	" slug text not null,"
	" checksum text not null,"
	" applied_at timestamptz not null default now());"
	"comment on table public.schema_version is 'Numbered migrations that were applied';"
	"comment on column public.schema_version.number is 'Number of the file';"
	"comment on column public.schema_version.slug is 'Name of the file';"
	"comment on column public.schema_version.checksum is 'Of its text: it must not change';"
	"comment on column public.schema_version.applied_at is 'When';"
	"create table public.schema_repeatable ("
	" name text primary key,"
	" checksum text not null,"
	" applied_at timestamptz not null default now());"
	"comment on table public.schema_repeatable is 'Views, functions and policies as applied';"
	"comment on column public.schema_repeatable.name is 'Name of the file';"
	"comment on column public.schema_repeatable.checksum is 'Of its text: a new one is "
	"applied';"
	"comment on column public.schema_repeatable.applied_at is 'When it was last applied';"
	/* The scripts grant on them as the database's owner. */
	"do $$ declare o name := (select pg_get_userbyid(datdba) from pg_database"
	" where datname = current_database()); begin"
	" execute format('alter table public.schema_version owner to %I', o);"
	" execute format('alter table public.schema_repeatable owner to %I', o); end $$";

STMT(tables_exist, "migrate.tables_exist", 0,
	"select to_regclass('public.schema_version') is not null");
STMT(version, "migrate.version", 0, "select coalesce(max(number), 0) from public.schema_version");
STMT(applied, "migrate.applied", 0,
	"select number, slug, checksum from public.schema_version order by number");
STMT(applied_repeatable, "migrate.applied_repeatable", 0,
	"select name, checksum from public.schema_repeatable");
STMT(record, "migrate.record", 3,
	"insert into public.schema_version (number, slug, checksum) values ($1, $2, $3)");
/* Grants on all tables, say, are due to a new one, too. */
STMT(repeat_all, "migrate.repeat_all", 0, "delete from public.schema_repeatable");
STMT(record_repeatable, "migrate.record_repeatable", 2,
	"insert into public.schema_repeatable (name, checksum) values ($1, $2)"
	" on conflict (name) do update set checksum = excluded.checksum, applied_at = now()");

/* "0012_invoice_lines.sql": its number and slug. */
static bool
name_split(struct arena *a, const char *name, int *number_r, const char **slug_r)
{
	size_t n = strlen(name);
	int number = 0;

	if (n < 10 || name[4] != '_' || strcmp(name + n - 4, ".sql") != 0)
		return false;
	for (int i = 0; i < 4; i++) {
		if (name[i] < '0' || name[i] > '9')
			return false;
		number = number * 10 + (name[i] - '0');
	}
	if (strspn(name + 5, "abcdefghijklmnopqrstuvwxyz0123456789_") != n - 9)
		return false;
	*number_r = number;
	if (slug_r != NULL)
		*slug_r = arena_strndup(a, name + 5, n - 9);
	return number > 0;
}

static bool
is_sql(const char *name)
{
	size_t n = strlen(name);

	return n > 4 && name[0] != '.' && strcmp(name + n - 4, ".sql") == 0;
}

static struct err *
script_read(struct arena *a, const char *folder, struct script *s)
{
	FILE *f = fopen(arena_printf(a, "%s/%s", folder, s->name), "re");
	struct stat st;
	char *text;
	size_t n;

	if (f == NULL)
		return err_internal(a, "%s/%s: %s", folder, s->name, strerror(errno));
	if (fstat(fileno(f), &st) != 0 || st.st_size < 0 || st.st_size > SCRIPT_MAX) {
		fclose(f);
		return err_internal(a, "%s/%s: not a file, or too long", folder, s->name);
	}
	text = arena_alloc(a, (size_t)st.st_size + 1);
	n = fread(text, 1, (size_t)st.st_size, f);
	fclose(f);
	if (n != (size_t)st.st_size || !utf8_valid(text, n))
		return err_internal(a, "%s/%s: unreadable, or not UTF-8", folder, s->name);
	s->text = text;
	s->checksum = arena_printf(a, "%016llx", (unsigned long long)fnv1a(text, n));
	return NULL;
}

static int
script_compare(const void *x, const void *y)
{
	return strcmp(((const struct script *)x)->name, ((const struct script *)y)->name);
}

static struct err *
scripts_list(struct arena *a, const char *folder, struct scripts *list)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int saved;

	list->v = ARENA_ARRAY(a, FILES_MAX, struct script);
	list->n = 0;
	if (dir == NULL)
		return err_internal(a, "%s: %s", folder, strerror(errno));
	errno = 0;
	while ((entry = readdir(dir)) != NULL && list->n < FILES_MAX)
		if (is_sql(entry->d_name))
			list->v[list->n++].name = arena_strdup(a, entry->d_name);
	saved = errno;
	closedir(dir);
	if (entry != NULL || saved != 0)
		return err_internal(a, "%s: unreadable, or more than %d files", folder, FILES_MAX);
	qsort(list->v, list->n, sizeof(*list->v), script_compare);
	return NULL;
}

static struct err *
numbered_list(struct arena *a, const char *folder, struct scripts *list)
{
	TRY(scripts_list(a, folder, list));
	for (size_t i = 0; i < list->n; i++) {
		struct script *s = &list->v[i];

		if (!name_split(a, s->name, &s->number, &s->slug))
			return err_internal(a, "%s/%s: not named NNNN_slug.sql", folder, s->name);
		if (i > 0 && s->number == list->v[i - 1].number)
			return err_internal(a, "%s/%s: its number is taken by %s", folder, s->name,
				list->v[i - 1].name);
	}
	return NULL;
}

int
migrate_latest(const char *folder)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	int latest = 0;
	int number;

	if (dir == NULL)
		return 0;
	while ((entry = readdir(dir)) != NULL)
		if (name_split(NULL, entry->d_name, &number, NULL) && number > latest)
			latest = number;
	closedir(dir);
	return latest;
}

static struct err *
script_failed(struct arena *a, const struct err *e, const char *message)
{
	return err_detail(a, e->kind, __FILE__, __LINE__, "%s: %s", e->detail, message);
}

static bool
is_deadlock(const struct err *e)
{
	return e != NULL && e->kind == ERR_BUSY && e->detail != NULL &&
	       strstr(e->detail, "40P01") != NULL;
}

/* Script and its record in the transaction tx, which is open already. */
static struct err *
apply_inside(struct conn *c, struct arena *a, struct tx *tx, const struct script *s)
{
	const char *message = NULL;
	struct err *e;

	TRY(tx_run(tx));
	TRY(conn_simple(c, a, s->name,
		"reset role; reset all; set local statement_timeout = 0;"
		" set local idle_in_transaction_session_timeout = 0",
		NULL));
	e = conn_simple(c, a, s->name, s->text, &message);
	if (e != NULL)
		return script_failed(a, e, message);
	if (PQtransactionStatus(c->pg) != PQTRANS_INTRANS)
		return err_internal(a, "%s: ends its transaction itself", s->name);
	TRY(conn_simple(c, a, s->name, "reset role", NULL));
	if (s->number > 0) {
		tx_queue(tx, &record,
			VALS(val_i64(s->number), val_text(s->slug), val_text(s->checksum)), NULL);
		tx_queue(tx, &repeat_all, NO_VALS, NULL);
	} else {
		tx_queue(tx, &record_repeatable, VALS(val_text(s->name), val_text(s->checksum)),
			NULL);
	}
	return tx_commit(tx);
}

static struct err *
apply_once(struct conn *c, struct arena *a, const struct script *s)
{
	struct tx *tx;
	struct err *e;

	TRY(tx_begin(c, a, NULL, NO_VALS, &tx));
	e = apply_inside(c, a, tx, s);
	tx_end(&tx);
	return e;
}

/* Of two that wait for one another, a page and a migration, one has to begin anew. */
static struct err *
apply(struct conn *c, struct arena *a, const struct script *s)
{
	const struct timespec pause = {0, 200 * 1000000L};
	struct err *e = apply_once(c, a, s);

	for (int i = 1; i < DEADLOCK_TRIES && is_deadlock(e); i++) {
		nanosleep(&pause, NULL);
		e = apply_once(c, a, s);
	}
	return e;
}

/* The lock belongs to a session: one that was reopened has none. */
static struct err *
still_locked(struct conn *c, struct arena *a, const PGconn *locked)
{
	return c->pg == locked ? NULL : err_busy(a, "migration lost its connection");
}

/* Every applied row must be in the folder, unchanged; *last_r is the highest. */
static struct err *
check_applied(struct arena *a, const struct scripts *list, const struct rows *rows, int *last_r)
{
	size_t at = 0;

	for (size_t row = 0; row < rows_count(rows); row++) {
		int number = (int)rows_i64(rows, row, 0);

		if (at < list->n && list->v[at].number < number)
			return err_internal(a,
				"%s: numbered below %04d_%s, which was applied before",
				list->v[at].name, number, rows_text(rows, row, 1));
		if (at == list->n || list->v[at].number > number)
			return err_internal(a, "%04d_%s.sql: applied, but not a file of this build",
				number, rows_text(rows, row, 1));
		if (strcmp(list->v[at].checksum, rows_text(rows, row, 2)) != 0)
			return err_internal(
				a, "%s: changed after it was applied", list->v[at].name);
		*last_r = number;
		at++;
	}
	return NULL;
}

static struct err *
run_numbered(
	struct conn *c, struct arena *a, const char *folder, const PGconn *locked, int *version_r)
{
	struct scripts list;
	struct rows *rows;

	TRY(numbered_list(a, folder, &list));
	for (size_t i = 0; i < list.n; i++)
		TRY(script_read(a, folder, &list.v[i]));
	TRY(conn_query(c, a, &applied, NO_VALS, &rows));
	*version_r = 0;
	TRY(check_applied(a, &list, rows, version_r));
	for (size_t i = 0; i < list.n; i++) {
		if (list.v[i].number <= *version_r)
			continue;
		TRY(still_locked(c, a, locked));
		TRY(apply(c, a, &list.v[i]));
		*version_r = list.v[i].number;
	}
	return NULL;
}

static bool
repeatable_current(const struct rows *rows, const struct script *s)
{
	for (size_t row = 0; row < rows_count(rows); row++)
		if (strcmp(rows_text(rows, row, 0), s->name) == 0)
			return strcmp(rows_text(rows, row, 1), s->checksum) == 0;
	return false;
}

static struct err *
run_repeatable(struct conn *c, struct arena *a, const char *folder, const PGconn *locked)
{
	const char *sub = arena_printf(a, "%s/repeatable", folder);
	struct scripts list;
	struct rows *rows;
	DIR *dir = opendir(sub);

	if (dir == NULL && errno == ENOENT)
		return NULL;
	if (dir != NULL)
		closedir(dir);
	TRY(scripts_list(a, sub, &list));
	TRY(conn_query(c, a, &applied_repeatable, NO_VALS, &rows));
	for (size_t i = 0; i < list.n; i++) {
		TRY(script_read(a, sub, &list.v[i]));
		if (repeatable_current(rows, &list.v[i]))
			continue;
		TRY(still_locked(c, a, locked));
		TRY(apply(c, a, &list.v[i]));
	}
	return NULL;
}

static struct err *
run_locked(struct conn *c, struct arena *a, const char *folder, int *version_r)
{
	const PGconn *locked = c->pg;
	struct rows *rows;

	TRY(conn_query(c, a, &tables_exist, NO_VALS, &rows));
	TRY(still_locked(c, a, locked));
	if (!rows_bool(rows, 0, 0))
		TRY(conn_simple(c, a, "migrate.tables", tables_sql, NULL));
	TRY(run_numbered(c, a, folder, locked, version_r));
	return run_repeatable(c, a, folder, locked);
}

struct err *
migrate(struct conn *c, struct arena *a, const char *folder, int *version_r)
{
	struct err *e;
	struct err *unlock = NULL;

	*version_r = 0;
	TRY(conn_ready(c, a));
	TRY(conn_simple(c, a, "migrate.lock", lock_sql, NULL));
	e = run_locked(c, a, folder, version_r);
	if (c->pg != NULL)
		unlock = conn_simple(c, a, "migrate.unlock", unlock_sql, NULL);
	return e != NULL ? e : unlock;
}

struct err *
migrate_version(struct conn *c, struct arena *a, int *version_r)
{
	struct rows *rows;

	*version_r = 0;
	TRY(conn_query(c, a, &tables_exist, NO_VALS, &rows));
	if (!rows_bool(rows, 0, 0))
		return NULL;
	TRY(conn_query(c, a, &version, NO_VALS, &rows));
	*version_r = (int)rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
migrate_again(struct conn *c, struct arena *a)
{
	struct rows *rows;

	TRY(conn_query(c, a, &tables_exist, NO_VALS, &rows));
	return rows_bool(rows, 0, 0) ? conn_query(c, a, &repeat_all, NO_VALS, NULL) : NULL;
}

struct err *
migrate_whole(struct conn *c, struct arena *a, const char *folder, bool *whole_r)
{
	const char *sub = arena_printf(a, "%s/repeatable", folder);
	struct scripts list;
	struct rows *rows;

	*whole_r = true;
	TRY(scripts_list(a, sub, &list));
	TRY(conn_query(c, a, &applied_repeatable, NO_VALS, &rows));
	for (size_t i = 0; i < list.n; i++) {
		TRY(script_read(a, sub, &list.v[i]));
		*whole_r = *whole_r && repeatable_current(rows, &list.v[i]);
	}
	return NULL;
}
