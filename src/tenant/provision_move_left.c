/* SPDX-License-Identifier: ISC */
/* What a move that was killed has left, and nobody has called again. */
#include <string.h>

#include "cluster.h"
#include "destroy.h"
#include "log.h"
#include "move_part.h"
#include "tx.h"

STMT(hold_move, "cluster.move_hold", 1,
	"select pg_try_advisory_lock(7208009, $1::bigint::integer)");
STMT(let_go_move, "cluster.move_let_go", 1,
	"select pg_advisory_unlock(7208009, $1::bigint::integer)");
STMT(still_held, "cluster.move_still_held", 1,
	"select exists (select from pg_locks where locktype = 'advisory' and granted and pid = "
	"pg_backend_pid() and classid = 7208009 and objid = $1::bigint::oid and objsubid = 2)");
STMT(lock_still_held, "cluster.move_lock_held", 0,
	"select exists (select from pg_locks where locktype = 'advisory' and granted and pid = "
	"pg_backend_pid() and objsubid = 1 and (classid::bigint << 32) + objid::bigint = "
	"482955327842)");
STMT(moving_rows, "directory.move_moving", 1,
	"select tenant_id, slug from tenant where region = $1 and state = 'moving' order by 1");
/* Of all that is found here, what lives elsewhere. */
STMT(elsewhere, "directory.move_elsewhere", 2,
	"select tenant_id, slug from tenant where tenant_id = any ($1::bigint[]) and region <> $2 "
	"and state <> 'moving' order by 1");
STMT(databases, "cluster.move_databases", 0,
	"select substr(datname, 9)::bigint from pg_database where datname ~ "
	"'^praya_t_[0-9]{1,18}$' union select substr(rolname, 9)::bigint from pg_roles where "
	"rolname ~ '^praya_t_[0-9]{1,18}$'");
STMT(cell_rows, "cell.move_rows", 0, "select tenant_id from tenant");
STMT(has_key, "cell.move_has_key", 1,
	"select exists (select from tenant_key where tenant_id = $1::bigint)");
STMT(is_open, "cluster.move_open", 1,
	"select exists (select from pg_database where datname = $1 and datconnlimit <> 0)");

#define FOUND_MAX ((size_t)100000)

struct err *
move_hold(struct conn *cluster, struct arena *a, int64_t id, bool *held_r)
{
	struct rows *r;

	TRY(conn_query(cluster, a, &hold_move, VALS(val_i64(id)), &r));
	*held_r = rows_bool(r, 0, 0);
	return NULL;
}

void
move_let_go(struct conn *cluster, struct arena *a, int64_t id)
{
	/* A connection that is gone has given it up. */
	(void)!conn_query(cluster, a, &let_go_move, VALS(val_i64(id)), NULL);
}

/* A lock goes with its connection, and a pool opens another without a word. */
struct err *
move_alone(struct moving *mv)
{
	struct rows *here, *there;

	TRY(conn_query(mv->here_cluster, mv->a, &still_held, VALS(val_i64(mv->tn->id)), &here));
	TRY(conn_query(mv->there_cluster, mv->a, &lock_still_held, NO_VALS, &there));
	return rows_bool(here, 0, 0) && rows_bool(there, 0, 0)
		       ? NULL
		       : err_busy(mv->a, "the locks of the move were lost");
}

/* Where it still is: open again, once whoever moved it is no more. */
static struct err *
take_back(struct tenancy *t, struct arena *a, const char *slug)
{
	struct err *e;
	bool undone;

	e = tenant_move_undo(t, a, slug, &undone);
	if (e == NULL && undone)
		log_warn("workspace %s: its move was cut off; it is open again in region %s, and "
			 "the other region clears what was copied",
			slug, t->st->region);
	/* Who moves it is at work. */
	return e != NULL && e->kind == ERR_BUSY ? NULL : e;
}

struct err *
move_may_live(struct tenancy *t, struct arena *a, int64_t id, bool *key_r, bool *live_r)
{
	struct conn *c, *cluster;
	struct rows *r;

	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &has_key, VALS(val_i64(id)), &r));
	*key_r = rows_bool(r, 0, 0);
	TRY(move_cluster(t, a, &cluster));
	TRY(conn_query(cluster, a, &is_open, VALS(val_text(tenant_database(a, id))), &r));
	*live_r = *key_r && rows_bool(r, 0, 0);
	return NULL;
}

static struct err *
clear(struct tenancy *t, struct arena *a, struct conn *cluster, int64_t id, const char *slug)
{
	struct err *e;
	bool held;

	/* Whoever moved it away does it. */
	TRY(move_hold(cluster, a, id, &held));
	if (!held)
		return NULL;
	e = tenant_destroy_parts(t, a, id, false);
	move_let_go(cluster, a, id);
	if (e == NULL)
		log_warn("workspace %s is in another region: what a move that was cut off had left "
			 "of it in region %s is destroyed",
			slug, t->st->region);
	/* The next time; or it is the operator's to decide. */
	return e != NULL && (e->kind == ERR_BUSY || e->kind == ERR_CONFLICT) ? NULL : e;
}

/* One that cannot be mended holds up no other. */
static void
say(const char *what, const char *whose, const struct err *e)
{
	if (e != NULL)
		log_error("%s of workspace %s: %s: %s", what, whose, err_name(e->kind),
			e->detail != NULL ? e->detail : "");
}

static void
add_rows(int64_t *list, size_t *n, const struct rows *r)
{
	for (size_t i = 0; i < rows_count(r) && *n < FOUND_MAX; i++)
		list[(*n)++] = rows_i64(r, i, 0);
}

/* Of which workspaces there is anything here. A folder of files alone says nothing: where two
 * regions were given one store by mistake it is the other's, and alive. */
static struct err *
found_here(struct tenancy *t, struct arena *a, struct conn *cluster, int64_t **list_r, size_t *n_r)
{
	struct rows *r;
	struct conn *c;

	*n_r = 0;
	*list_r = ARENA_ARRAY(a, FOUND_MAX, int64_t);
	TRY(conn_query(cluster, a, &databases, NO_VALS, &r));
	add_rows(*list_r, n_r, r);
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &cell_rows, NO_VALS, &r));
	add_rows(*list_r, n_r, r);
	return NULL;
}

struct err *
tenant_move_left(struct tenancy *t, struct arena *a)
{
	struct conn *c, *cluster;
	struct rows *r;
	int64_t *list;
	size_t n;

	TRY(move_cluster(t, a, &cluster));
	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &moving_rows, VALS(val_text(t->st->region)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		say("the taking back", rows_text(r, i, 1), take_back(t, a, rows_text(r, i, 1)));
	TRY(found_here(t, a, cluster, &list, &n));
	TRY(directory_conn(t, a, &c));
	TRY(conn_query(c, a, &elsewhere, VALS(val_i64s(list, n), val_text(t->st->region)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		say("the clearing", rows_text(r, i, 1),
			clear(t, a, cluster, rows_i64(r, i, 0), rows_text(r, i, 1)));
	return NULL;
}
