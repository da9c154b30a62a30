/* SPDX-License-Identifier: ISC */
#include "rewrite.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "child.h"
#include "cluster.h"
#include "service.h"
#include "tenancy.h"
#include "tx.h"

#define BEAT_MS 1000
/* Nobody rewrites for longer: it is stuck behind a transaction that does not end. */
#define PATIENCE_SECONDS (2 * 3600)
#define TRIES 40
/* Of a quarter of a second. */
#define HOLD_TURNS 240

/* A run that was killed may go on for a moment, a copy is of what there is; a long transaction (a
 * dump) would be waited for without end. */
STMT(in_the_way, "cluster.rewrite_busy", 0,
	"select exists (select from pg_stat_activity where datname = current_database() "
	"and pid <> pg_backend_pid() and (application_name in ('pg_repack', 'praya copy') "
	"or (backend_type = 'client backend' and xact_start < now() - interval '30 seconds')))");
STMT(repacking, "cluster.rewriting", 0,
	"select exists (select from pg_stat_activity where datname = current_database() "
	"and application_name = 'pg_repack')");
STMT(filenode, "cluster.filenode", 1, "select pg_relation_filenode(to_regclass($1))::bigint");
/* Nothing was ever written into it: the table has no page, its indexes none but the first,
 * which a tree has from the beginning, and so it is with what was moved out of its rows. */
STMT(untouched, "cluster.untouched", 1,
	"select coalesce((select bool_and(pg_relation_size(c.oid) = 0) and not exists ("
	"select from pg_index i join pg_class x on x.oid = i.indexrelid join pg_am m on "
	"m.oid = x.relam where i.indrelid = any (array_agg(c.oid)) and (m.amname <> 'btree' "
	"or pg_relation_size(x.oid) > current_setting('block_size')::bigint)) "
	"from pg_class t join pg_class c on c.oid in (t.oid, t.reltoastrelid) "
	"where t.oid = to_regclass($1)), false)");
STMT(new_xid, "cluster.new_xid", 0, "select (pg_current_xact_id()::xid)::text");
/* Could anybody still see a row that was deleted before this transaction? */
STMT(still_seen, "cluster.still_seen", 1,
	"select exists (select from pg_stat_activity where pid <> pg_backend_pid() "
	"and (datname = current_database() or backend_type = 'walsender') "
	"and backend_type <> 'autovacuum worker' and age(backend_xmin) >= age($1::xid)) "
	"or exists (select from pg_prepared_xacts where database = current_database() "
	"and age(transaction) >= age($1::xid)) "
	"or exists (select from pg_replication_slots where age(xmin) >= age($1::xid) "
	"or age(catalog_xmin) >= age($1::xid))");

static void
pause_a_little(void)
{
	struct timespec t = {0, 250 * 1000000L};

	nanosleep(&t, NULL);
}

/* Ten seconds at most. */
static struct err *
wait_while(const struct rewrite *w, struct conn *c, const struct stmt *s, struct vals vals,
	const char *what)
{
	struct rows *r;

	for (int i = 0; i < TRIES; i++) {
		TRY(conn_query(c, w->a, s, vals, &r));
		if (!rows_bool(r, 0, 0))
			return NULL;
		TRY(w->beat(w->ctx));
		pause_a_little();
	}
	return err_busy(w->a, "in the way: %s", what);
}

struct err *
rewrite_begin(const struct rewrite *w)
{
	const char *sql = tenancy_settings(w->tenancy)->sql;
	struct conn *c;

	TRY(tenant_conn_admin(w->tenancy, w->a, w->tenant, &c));
	TRY(wait_while(w, c, &in_the_way, NO_VALS, "a long transaction, or another run"));
	return cluster_script(c, w->a, arena_printf(w->a, "%s/system/40_repack.sql", sql));
}

struct err *
rewrite_hold(struct tenancy *t, struct arena *a, struct conn *c, const char *database)
{
	struct rows *r;
	int quiet = 0;

	TRY(conn_script(c, a, "set application_name = 'praya copy'"));
	for (int i = 0; i < HOLD_TURNS && quiet < 3; i++) {
		TRY(conn_query(c, a, &repacking, NO_VALS, &r));
		quiet = rows_bool(r, 0, 0) ? 0 : quiet + 1;
		pause_a_little();
	}
	if (quiet < 3)
		return err_busy(a, "a table of %s is being written anew", database);
	return cluster_script(
		c, a, arena_printf(a, "%s/system/40_repack.sql", tenancy_settings(t)->sql));
}

/* Its words are not kept: PostgreSQL's errors in them can name values. */
static struct err *
run_repack(const struct rewrite *w, const char *table, int *exit_r)
{
	const struct settings *st = tenancy_settings(w->tenancy);
	/* Not in any order; whoever is in the way is not cancelled. */
	const char *const argv[] = {st->repack, "--no-order", "--no-kill-backend",
		"--wait-timeout=5", "--table", table, "--dbname", w->tenant->database, NULL};
	const char *const *env;
	const char *info;
	struct child child;
	struct err *e = NULL;
	int waited = 0;

	TRY(admin_conninfo(st, w->a, w->tenant->database, &info));
	env = conn_environ(w->a, info);
	if (env == NULL || !child_start(&child, argv, env, -1))
		return err_internal(w->a, "%s: %s", st->repack, strerror(errno));
	while (e == NULL && !child_wait(&child, BEAT_MS, exit_r)) {
		e = w->beat(w->ctx);
		if (e == NULL && ++waited > PATIENCE_SECONDS)
			e = err_busy(w->a, "rewriting %s does not end", table);
	}
	child_stop(&child);
	return e;
}

const char *
rewrite_program_version(struct arena *a, const char *path)
{
	const char *const argv[] = {path, "--version", NULL}, *const env[] = {NULL};
	char said[100] = "", *end;
	struct child child;
	int out[2], status = -1;
	ssize_t n = 0;

	if (pipe2(out, O_CLOEXEC) != 0)
		return NULL;
	if (child_start(&child, argv, env, out[1])) {
		close(out[1]);
		n = read(out[0], said, sizeof(said) - 1);
		(void)!child_wait(&child, BEAT_MS, &status);
		child_stop(&child);
	} else {
		close(out[1]);
	}
	close(out[0]);
	if (status != 0 || n <= 0)
		return NULL;
	said[strcspn(said, "\n")] = '\0';
	end = strrchr(said, ' ');
	return end != NULL ? arena_strdup(a, end + 1) : NULL;
}

static struct err *
file_of(const struct rewrite *w, const char *table, int64_t *file_r)
{
	struct conn *c;
	struct rows *r;

	TRY(tenant_conn_admin(w->tenancy, w->a, w->tenant, &c));
	TRY(conn_query(c, w->a, &filenode, VALS(val_text(table)), &r));
	*file_r = rows_null(r, 0, 0) ? 0 : rows_i64(r, 0, 0);
	return NULL;
}

struct err *
rewrite_table(const struct rewrite *w, const char *table)
{
	const char *name = arena_printf(w->a, "public.%s", table);
	int64_t before, after;
	int status = 0;
	struct conn *c;
	struct rows *r;

	TRY(tenant_conn_admin(w->tenancy, w->a, w->tenant, &c));
	TRY(conn_query(c, w->a, &untouched, VALS(val_text(name)), &r));
	if (rows_bool(r, 0, 0))
		return NULL;
	TRY(file_of(w, name, &before));
	TRY(run_repack(w, name, &status));
	TRY(file_of(w, name, &after));
	if (status != 0)
		return err_internal(w->a, "pg_repack of %s ended with %d", table, status);
	/* It also ends well when it gave up because somebody held the table. */
	if (before == after)
		return err_busy(w->a, "%s was in use", table);
	return NULL;
}

struct err *
rewrite_statistics(const struct rewrite *w)
{
	struct conn *c;
	struct err *e = NULL;
	struct rows *r;

	TRY(tenant_conn_admin(w->tenancy, w->a, w->tenant, &c));
	TRY(conn_query(c, w->a, &new_xid, NO_VALS, &r));
	TRY(wait_while(w, c, &still_seen, VALS(val_text(rows_text(r, 0, 0))),
		"a snapshot that sees old statistics"));
	/* Whoever plans a statement waits behind it: short, and never in a queue for long. */
	TRY(conn_script(c, w->a, "set lock_timeout = '200ms'"));
	for (int i = 0; i < TRIES; i++) {
		e = conn_script(c, w->a, "vacuum full pg_catalog.pg_statistic");
		if (e == NULL || e->kind != ERR_BUSY)
			break;
		TRY(w->beat(w->ctx));
		pause_a_little();
	}
	TRY(conn_script(c, w->a, "reset lock_timeout"));
	return e;
}

struct err *
rewrite_end(const struct rewrite *w)
{
	struct conn *c;

	TRY(tenant_conn_admin(w->tenancy, w->a, w->tenant, &c));
	TRY(conn_script(c, w->a, "checkpoint"));
	return conn_script(c, w->a, "select pg_switch_wal()");
}
