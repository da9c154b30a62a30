/* SPDX-License-Identifier: ISC */
/* Another key for one workspace, while it is in use. */
#include "cluster.h"
#include "log.h"
#include "rotate.h"
#include "service.h"
#include "token.h"
#include "tx.h"
#include "versions.h"

/* Rows in one transaction. */
#define PIECE 500
#define TRIES 10

STMT(add_version, "cell.rekey_add", 3,
	"insert into tenant_key (tenant_id, kek_version, wrapped) values ($1::bigint, "
	"$2::bigint::integer, $3)");
STMT(set_done, "cell.rekey_done", 1,
	"update tenant_key set done_at = now() where tenant_id = $1::bigint and done_at is null");
/* A sealed value says in its bytes 2 to 9 what it lies under. */
STMT(older, "owner.rekey_older", 3,
	"select key_id, purpose, wrapped from data_key where key_id > $1::bigint "
	"and substring(wrapped from 2 for 8) <> int8send($2::bigint) order by key_id "
	"limit $3::bigint");
STMT(count_older, "owner.rekey_count", 1,
	"select count(*) from data_key where substring(wrapped from 2 for 8) <> "
	"int8send($1::bigint)");
/* Only over what was read: erased meanwhile it stays erased. */
STMT(put, "owner.rekey_put", 3,
	"update data_key k set wrapped = x.new from unnest($1::bigint[], $2::bytea[], "
	"$3::bytea[]) as x (id, old, new) where k.key_id = x.id and k.wrapped = x.old");

struct rekeying {
	struct tenancy *t;
	struct arena *a;
	const struct tenant *tn;
	struct conn *c; /* to the workspace's database, with the owner's rights */
	struct version *versions;
	struct rekeyed *done;
};

static const struct seal_key *
find(void *ctx, int64_t id)
{
	return version_find(((const struct rekeying *)ctx)->versions, id);
}

static struct err *
in_words(struct arena *a, enum err_kind kind, const char *text)
{
	return err_sure(err_detail(a, kind, __FILE__, __LINE__, "%s", text));
}

/* The next version, or the one that a call before did not finish. */
static struct err *
choose_version(struct rekeying *rk)
{
	const char *purpose = tenant_key_purpose(rk->a, rk->tn->id);
	struct seal_key key;
	struct conn *cell;

	(void)tenancy_read_keys(rk->t);
	TRY(tenancy_check_master(rk->t, rk->a));
	TRY(versions_read(rk->t, rk->a, rk->tn->id, &rk->versions));
	if (rk->versions == NULL)
		return in_words(
			rk->a, ERR_CONFLICT, "the workspace has no key: it is not finished");
	rk->done->resumed = rk->versions->next != NULL && !rk->versions->done;
	if (rk->done->resumed)
		return NULL;
	if (version_count(rk->versions) == VERSIONS_MAX)
		return in_words(rk->a, ERR_CONFLICT,
			"the workspace's key was rotated as often as it can be");
	seal_key_random(&key);
	key.id = rk->versions->key.id + 1;
	TRY(cell_conn(rk->t, rk->a, &cell));
	TRY(conn_query(cell, rk->a, &add_version,
		VALS(val_i64(rk->tn->id), val_i64(key.id),
			val_bytes(key_wrap(rk->a, &rk->t->master, purpose, &key))),
		NULL));
	version_add(&rk->versions, rk->t->mem, &key, false);
	secret_wipe(&key, sizeof(key));
	return NULL;
}

/* One at a time, and none while the master key is rotated. */
static struct err *
choose_locked(struct rekeying *rk)
{
	struct conn *admin;
	const char *info;
	struct err *e;

	TRY(admin_conninfo(rk->t->st, rk->a, "postgres", &info));
	TRY(conn_get(rk->t->pool, rk->a, info, &admin));
	TRY(cluster_lock(admin, rk->a));
	e = choose_version(rk);
	cluster_unlock(admin, rk->a);
	return e;
}

struct piece {
	int64_t ids[PIECE];
	struct bytes old[PIECE], new[PIECE];
	size_t n;
};

/* A row under the newest version; it opens again before it is written. */
static void
rewrap(struct rekeying *rk, const struct rows *r, size_t i, struct piece *p)
{
	const struct key_kin kin = {find, rk};
	const char *purpose = rows_text(r, i, 1);
	struct seal_key kek = rk->versions->key, key, again;
	int64_t id = rows_i64(r, i, 0);

	kek.kin = &kin;
	p->old[p->n] = rows_bytes(rk->a, r, i, 2);
	if (!key_unwrap(rk->a, &kek, purpose, p->old[p->n], id, &key)) {
		rk->done->lost++;
		return;
	}
	p->ids[p->n] = id;
	p->new[p->n] = key_wrap(rk->a, &kek, purpose, &key);
	ASSERT(key_unwrap(rk->a, &kek, purpose, p->new[p->n], id, &again) &&
		equal_const_time(again.key, key.key, KEY_BYTES));
	p->n++;
	secret_wipe(&key, sizeof(key));
	secret_wipe(&again, sizeof(again));
	secret_wipe(&kek, sizeof(kek));
}

/* Somebody may hold a row for a moment: they are not hurried. */
static struct err *
put_piece(struct rekeying *rk, const struct piece *p)
{
	struct rows *r;
	struct err *e = NULL;

	for (int i = 0; i < TRIES; i++) {
		e = conn_query(rk->c, rk->a, &put,
			VALS(val_i64s(p->ids, p->n), val_byteses(p->old, p->n),
				val_byteses(p->new, p->n)),
			&r);
		if (e == NULL)
			rk->done->rewrapped += rows_affected(r);
		if (e == NULL || e->kind != ERR_BUSY)
			break;
	}
	return e;
}

/* Everything that is not under the newest version; *n_r: how many were. */
static struct err *
pass(struct rekeying *rk, int64_t *n_r)
{
	struct piece *p = ARENA_NEW(rk->a, struct piece);
	int64_t last = 0;
	struct rows *r;
	size_t found;

	*n_r = 0;
	rk->done->lost = 0;
	do {
		struct arena_mark mark = arena_mark(rk->a);

		p->n = 0;
		TRY(conn_query(rk->c, rk->a, &older,
			VALS(val_i64(last), val_i64(rk->versions->key.id), val_i64(PIECE)), &r));
		found = rows_count(r);
		for (size_t i = 0; i < found; i++)
			rewrap(rk, r, i, p);
		if (found > 0)
			last = rows_i64(r, found - 1, 0);
		if (p->n > 0)
			TRY(put_piece(rk, p));
		*n_r += (int64_t)p->n;
		seal_forget();
		arena_release(rk->a, mark);
	} while (found > 0);
	return NULL;
}

/* What others add meanwhile under the version before comes with the next pass. */
static struct err *
rewrap_all(struct rekeying *rk)
{
	struct conn *cell;
	int64_t n;

	for (int i = 0; i < TRIES; i++) {
		TRY(pass(rk, &n));
		if (n == 0)
			break;
	}
	TRY(cell_conn(rk->t, rk->a, &cell));
	return conn_query(cell, rk->a, &set_done, VALS(val_i64(rk->tn->id)), NULL);
}

struct err *
rekey_workspace(struct tenancy *t, struct arena *a, const struct tenant *tn, struct rekeyed *done_r)
{
	struct rekeying rk = {.t = t, .a = a, .tn = tn, .done = done_r};
	struct err *e;

	*done_r = (struct rekeyed){0};
	if (tn->state == TENANT_CREATING || tn->state == TENANT_DESTROYED)
		return in_words(a, ERR_CONFLICT, "the workspace is not finished, or is gone");
	if (tn->state == TENANT_MOVING)
		return in_words(a, ERR_CONFLICT,
			"the workspace is on its way to another region: when it has arrived");
	TRY(tenant_conn_migrate(t, a, tn, &rk.c));
	TRY(choose_locked(&rk));
	done_r->version = rk.versions->key.id;
	e = rewrap_all(&rk);
	version_wipe(rk.versions);
	return e;
}

struct err *
rekey_rest(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	struct rekeyed done = {0};
	struct rekeying rk = {.t = t, .a = a, .tn = tn, .done = &done};
	struct err *e = NULL;

	TRY(versions_read(t, a, tn->id, &rk.versions));
	if (rk.versions != NULL && rk.versions->next != NULL) {
		TRY(tenant_conn_migrate(t, a, tn, &rk.c));
		e = rewrap_all(&rk);
	}
	version_wipe(rk.versions);
	return e;
}

struct err *
rekey_older(
	struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t version, int64_t *n_r)
{
	struct rows *r;
	struct conn *c;

	TRY(tenant_conn_migrate(t, a, tn, &c));
	TRY(conn_query(c, a, &count_older, VALS(val_i64(version)), &r));
	*n_r = rows_i64(r, 0, 0);
	return NULL;
}
