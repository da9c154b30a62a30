/* SPDX-License-Identifier: ISC */
/* A workspace goes from one region to another. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cluster.h"
#include "destroy.h"
#include "log.h"
#include "move_part.h"
#include "service.h"
#include "tx.h"
#include "versions.h"
#include "wake.h"

/* How often those who are still in it are shown out, 50 ms apart. */
#define TURNS 600

STMT(begin_move, "directory.move_begin", 2,
	"update tenant set state = 'moving', state_at = now() where tenant_id = $1::bigint "
	"and region = $2 and state in ('active', 'moving')");
STMT(undo_move, "directory.move_undo", 2,
	"update tenant set state = 'active', state_at = now() where tenant_id = $1::bigint "
	"and region = $2 and state = 'moving'");
STMT(end_move, "directory.move_end", 3,
	"update tenant set region = $3, state = 'active', state_at = now() where tenant_id = "
	"$1::bigint and region = $2 and state = 'moving'");
STMT(show_out, "owner.move_show_out", 0,
	"select count(*) from (select pg_terminate_backend(pid) from pg_stat_activity where "
	"datname = current_database() and pid <> pg_backend_pid() and backend_type = "
	"'client backend') x");
STMT(cell_of, "cell.move_read", 1,
	"select t.name, (select coalesce(json_agg(l), '[]')::text from (select contact_id, "
	"intent_at, done_at, file_n from erasure_ledger where tenant_id = $1::bigint order by "
	"ledger_id) "
	"l), h.seal_id, h.line, h.public from tenant t left join audit_head h using (tenant_id) "
	"where tenant_id = $1::bigint");
STMT(add_cell, "cell.move_add", 3,
	"insert into tenant (tenant_id, name, region) values ($1::bigint, $2, $3)");
STMT(add_ledger, "cell.move_ledger", 2,
	"insert into erasure_ledger (tenant_id, contact_id, intent_at, done_at, file_n) select "
	"$1::bigint, x.contact_id, x.intent_at, x.done_at, x.file_n from jsonb_to_recordset("
	"$2::jsonb) as x (contact_id bigint, intent_at timestamptz, done_at timestamptz, "
	"file_n bigint)");
STMT(add_head, "cell.move_head", 4,
	"insert into audit_head (tenant_id, seal_id, line, public) values ($1::bigint, "
	"$2::bigint, $3, $4)");
STMT(cell_has, "cell.move_has", 1,
	"select exists (select from tenant where tenant_id = $1::bigint)");
STMT(cluster_has, "cluster.move_has", 1,
	"select exists (select from pg_database where datname = $1) or exists (select from "
	"pg_roles where rolname = $1)");

/* Another cluster counts transactions anew: the log goes on as another generation. */
static const char next_generation[] =
	"do $$ begin execute format('alter table audit_event alter column generation "
	"set default %s', (select coalesce(max(generation), 1) + 1 from audit_event)); end $$;";

static void
pause_ms(int64_t ms)
{
	struct timespec ts = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	while (nanosleep(&ts, &ts) != 0 && errno == EINTR)
		;
}

static struct err *
cell_admin(struct tenancy *t, struct arena *a, struct conn **c_r)
{
	const char *info;

	TRY(admin_conninfo(t->st, a, service_database(t->st, a, SERVICE_CELL), &info));
	return conn_get(t->pool, a, info, c_r);
}

struct err *
move_cluster(struct tenancy *t, struct arena *a, struct conn **c_r)
{
	const char *info;

	TRY(admin_conninfo(t->st, a, "postgres", &info));
	return conn_get(t->pool, a, info, c_r);
}

/* Its key under the new region's master key, its ledger, the head of its log. */
static struct err *
copy_cell(struct moving *mv)
{
	struct tenancy *to = mv->to;
	int64_t id = mv->tn->id;
	struct version *versions;
	struct conn *c;
	struct rows *r;

	TRY(cell_admin(to, mv->a, &c));
	TRY(conn_script(c, mv->a,
		arena_printf(mv->a, "delete from tenant where tenant_id = %lld", (long long)id)));
	TRY(cell_conn(mv->from, mv->a, &c));
	TRY(conn_query(c, mv->a, &cell_of, VALS(val_i64(id)), &r));
	TRY(cell_conn(to, mv->a, &c));
	TRY(conn_query(c, mv->a, &add_cell,
		VALS(val_i64(id), val_text(rows_text(r, 0, 0)), val_text(to->st->region)), NULL));
	TRY(versions_read(mv->from, mv->a, id, &versions));
	TRY(versions_write(to, mv->a, id, versions));
	version_wipe(versions);
	TRY(conn_query(
		c, mv->a, &add_ledger, VALS(val_i64(id), val_text(rows_text(r, 0, 1))), NULL));
	if (rows_null(r, 0, 2))
		return NULL;
	return conn_query(c, mv->a, &add_head,
		VALS(val_i64(id), val_i64(rows_i64(r, 0, 2)), val_text(rows_text(r, 0, 3)),
			val_bytes(rows_bytes(mv->a, r, 0, 4))),
		NULL);
}

static struct err *
set_state(struct moving *mv, const struct stmt *stmt)
{
	struct rows *r;
	struct conn *c;

	TRY(directory_conn(mv->from, mv->a, &c));
	TRY(conn_query(
		c, mv->a, stmt, VALS(val_i64(mv->tn->id), val_text(mv->from->st->region)), &r));
	return rows_affected(r) == 1 ? NULL
				     : err_sure(err_detail(mv->a, ERR_CONFLICT, __FILE__, __LINE__,
					       "%s is neither active nor moving in region %s",
					       mv->tn->slug, mv->from->st->region));
}

/* Nobody but a superuser comes in; whoever is in it goes out. */
static struct err *
close_doors(struct moving *mv)
{
	struct rows *r;

	TRY(conn_script(mv->here, mv->a,
		arena_printf(mv->a, "alter database %s connection limit 0", mv->database)));
	for (int i = 0; i < TURNS; i++) {
		TRY(conn_query(mv->here, mv->a, &show_out, NO_VALS, &r));
		if (rows_i64(r, 0, 0) == 0)
			return NULL;
		pause_ms(50);
	}
	return err_busy(mv->a, "somebody does not leave %s", mv->database);
}

static struct err *
open_doors(struct tenancy *t, struct arena *a, const char *database)
{
	struct conn *c;

	TRY(move_cluster(t, a, &c));
	return conn_script(
		c, a, arena_printf(a, "alter database %s connection limit -1", database));
}

/* Everything once, and what has changed since; at last it is all the same. */
static struct err *
follow(struct moving *mv)
{
	bool again;

	TRY(move_changes(mv, &again));
	if (again) {
		TRY(move_database(mv));
		TRY(move_changes(mv, &again));
	}
	return again ? err_busy(mv->a, "the schema of %s does not stand still", mv->database)
		     : NULL;
}

static struct err *
last_moment(struct moving *mv)
{
	struct rows *r;
	struct conn *c;

	TRY(close_doors(mv));
	TRY(follow(mv));
	TRY(move_files(mv, true));
	TRY(move_compare(mv));
	TRY(conn_script(mv->there, mv->a, next_generation));
	TRY(copy_cell(mv));
	TRY(move_signed(mv));
	/* Then nobody has begun to clear the copy, nor will: it is the one that counts. */
	TRY(move_alone(mv));
	TRY(directory_conn(mv->from, mv->a, &c));
	TRY(conn_query(c, mv->a, &end_move,
		VALS(val_i64(mv->tn->id), val_text(mv->from->st->region),
			val_text(mv->to->st->region)),
		&r));
	return rows_affected(r) == 1 ? NULL : err_busy(mv->a, "the directory moved meanwhile");
}

static struct err *
move_connected(struct moving *mv)
{
	int64_t begun, closed;

	TRY(move_database(mv));
	TRY(move_files(mv, false));
	begun = tenancy_now();
	TRY(set_state(mv, &begin_move));
	/* Until every process knows it. */
	pause_ms(mv->from->st->directory_cache * 1000 + 500);
	TRY(follow(mv));
	TRY(move_files(mv, false));
	closed = tenancy_now();
	TRY(last_moment(mv));
	mv->m->window_ms = tenancy_now() - begun;
	mv->m->closed_ms = tenancy_now() - closed;
	return NULL;
}

static void
disconnect(struct moving *mv)
{
	const char *info;

	if (admin_conninfo(mv->to->st, mv->a, mv->database, &info) == NULL)
		conn_drop(mv->to->pool, info);
	if (admin_conninfo(mv->from->st, mv->a, mv->database, &info) == NULL)
		conn_drop(mv->from->pool, info);
	if (mv->tn->conninfo != NULL)
		conn_drop(mv->from->pool, mv->tn->conninfo);
}

/* It goes on where it is, whatever state it has got there; no copy stays where it is not. */
static struct err *
give_up(struct moving *mv)
{
	struct directory_row row;
	bool found, any, undone;

	disconnect(mv);
	TRY(tenant_move_undo(mv->from, mv->a, mv->tn->slug, &undone));
	TRY(directory_find(mv->from, mv->a, NULL, mv->tn->id, &row, &found));
	if (!found || strcmp(row.region, mv->from->st->region) != 0)
		return err_busy(mv->a, "%s is in another region by now", mv->tn->slug);
	return tenant_move_clear(mv->to, mv->a, mv->tn->id, true, &any);
}

static struct err *
move_locked(struct moving *mv)
{
	struct directory_row row;
	struct tenant *there;
	struct err *e;
	bool found, any;

	e = move_connected(mv);
	if (e != NULL) {
		if (give_up(mv) != NULL)
			log_warn("%s may still be closed, and half a copy of it be in %s: praya "
				 "tenant move %s --region %s mends both",
				mv->tn->slug, mv->to->st->region, mv->tn->slug,
				mv->from->st->region);
		return e;
	}
	disconnect(mv);
	TRY(directory_find(mv->to, mv->a, NULL, mv->tn->id, &row, &found));
	TRY(tenancy_adopt(mv->to, mv->a, &row, &there));
	wake_ring(mv->to, mv->a, there);
	return tenant_move_clear(mv->from, mv->a, mv->tn->id, true, &any);
}

struct err *
tenant_move_stores(struct tenancy *from, struct tenancy *to, struct arena *a)
{
	struct stat here, there;

	/* One that is not there cannot be the other's. */
	if (stat(from->st->file_store, &here) != 0 || stat(to->st->file_store, &there) != 0)
		return NULL;
	return here.st_dev != there.st_dev || here.st_ino != there.st_ino
		       ? NULL
		       : err_detail(a, ERR_INVALID, __FILE__, __LINE__,
				 "regions %s and %s have the same file store (Files.Store)",
				 from->st->region, to->st->region);
}

struct err *
tenant_move(struct tenancy *from, struct tenancy *to, struct arena *a, const char *slug,
	struct moved *m)
{
	struct moving mv = {.from = from, .to = to, .a = a, .m = m};
	struct err *e;
	bool alone = false;

	memset(m, 0, sizeof(*m));
	TRY(tenancy_check_master(to, a));
	TRY(tenant_move_stores(from, to, a));
	TRY(tenant_by_slug(from, a, slug, &mv.tn));
	if (mv.tn == NULL)
		return err_new(a, ERR_NOT_FOUND, NULL);
	if (mv.tn->state != TENANT_ACTIVE && mv.tn->state != TENANT_MOVING)
		return err_sure(err_detail(a, ERR_CONFLICT, __FILE__, __LINE__,
			"%s is not active: it stays where it is", slug));
	mv.database = tenant_database(a, mv.tn->id);
	TRY(tenant_conn_admin(from, a, mv.tn, &mv.here));
	TRY(move_cluster(to, a, &mv.there_cluster));
	TRY(cluster_check(mv.there_cluster, a));
	/* One at a time, and none while a workspace is made or destroyed there. */
	TRY(cluster_lock(mv.there_cluster, a));
	/* As long as it is held here, nobody takes the move for one that was cut off. */
	e = move_cluster(from, a, &mv.here_cluster);
	if (e == NULL)
		e = move_hold(mv.here_cluster, a, mv.tn->id, &alone);
	if (e == NULL && !alone)
		e = err_busy(
			a, "another move of it is running, or is being cleared: try again later");
	if (e == NULL) {
		e = move_locked(&mv);
		move_let_go(mv.here_cluster, a, mv.tn->id);
	}
	cluster_unlock(mv.there_cluster, a);
	return e;
}

/* The cell knows of it from the last moment of its coming to the last of its going; a copy that
 * was cut off is there without. */
static struct err *
has_any(struct tenancy *t, struct arena *a, int64_t id, bool *any_r)
{
	const char *name = tenant_database(a, id);
	struct conn *c, *cluster;
	struct rows *r, *there;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &cell_has, VALS(val_i64(id)), &r));
	TRY(move_cluster(t, a, &cluster));
	TRY(conn_query(cluster, a, &cluster_has, VALS(val_text(name)), &there));
	*any_r = rows_bool(r, 0, 0) || rows_bool(there, 0, 0) ||
		 access(arena_printf(a, "%s/%s", t->st->file_store, name), F_OK) == 0;
	return NULL;
}

struct err *
tenant_move_clear(struct tenancy *from, struct arena *a, int64_t id, bool known, bool *any_r)
{
	TRY(has_any(from, a, id, any_r));
	return *any_r ? tenant_destroy_parts(from, a, id, known) : NULL;
}

static struct err *
undo_held(struct tenancy *from, struct arena *a, const struct directory_row *row, bool *undone_r)
{
	struct tenant *tn;
	struct conn *c;
	struct rows *r;

	TRY(open_doors(from, a, tenant_database(a, row->id)));
	TRY(directory_conn(from, a, &c));
	TRY(conn_query(c, a, &undo_move, VALS(val_i64(row->id), val_text(from->st->region)), &r));
	*undone_r = rows_affected(r) == 1;
	TRY(tenant_by_id(from, a, row->id, &tn));
	wake_ring(from, a, tn);
	return NULL;
}

struct err *
tenant_move_undo(struct tenancy *from, struct arena *a, const char *slug, bool *undone_r)
{
	struct directory_row row;
	struct conn *cluster;
	bool found, held;
	struct err *e;

	*undone_r = false;
	TRY(directory_find(from, a, slug, 0, &row, &found));
	if (!found)
		return NULL;
	TRY(move_cluster(from, a, &cluster));
	TRY(move_hold(cluster, a, row.id, &held));
	if (!held)
		return err_busy(a, "the move of %s is running: end it first", slug);
	/* Whoever held it until now may have ended the move. */
	e = directory_find(from, a, slug, 0, &row, &found);
	if (e == NULL && found && strcmp(row.region, from->st->region) == 0 &&
		row.state == TENANT_MOVING)
		e = undo_held(from, a, &row, undone_r);
	move_let_go(cluster, a, row.id);
	return e;
}
