/* SPDX-License-Identifier: ISC */
#include "wake.h"

#include "log.h"
#include "tenancy.h"
#include "tx.h"

STMT(ring, "wake.ring", 2,
	"select wake($1::bigint, now() + $2::bigint * interval '1 microsecond')");
STMT(take, "wake.take", 1, "select wake_take($1::int)");
STMT(done, "wake.done", 2,
	"select wake_done($1::bigint, now() + $2::bigint * interval '1 microsecond')");
STMT(until, "wake.wait", 0, "select ceil(wake_wait() * 1000)::bigint");
STMT(sweep, "wake.sweep", 0, "select wake(tenant_id, null) from tenant");

#define STIR_MS 60000
#define STIR_SLOTS 4096

static struct err *
ring_at(struct tenancy *t, struct arena *a, const struct tenant *tn, struct val usec)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, &ring, VALS(val_i64(tn->id), usec), NULL);
}

static void
ring_or_log(struct tenancy *t, struct arena *a, const struct tenant *tn, struct val usec)
{
	struct err *e = ring_at(t, a, tn, usec);

	if (e != NULL)
		log_warn("the worker was not rung: %s", e->detail != NULL ? e->detail : "");
}

void
wake_ring(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	ring_or_log(t, a, tn, NO_VAL);
}

void
wake_stir(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	/* Two workspaces that share a slot ring more often than they must. */
	static struct {
		int64_t id, at;
	} slots[STIR_SLOTS];
	size_t i = (uint64_t)tn->id % STIR_SLOTS;
	int64_t now = tenancy_now();

	if (slots[i].id == tn->id && now - slots[i].at < STIR_MS)
		return;
	slots[i].id = tn->id;
	slots[i].at = now;
	ring_or_log(t, a, tn, val_i64((int64_t)STIR_MS * 1000));
}

struct err *
wake_take(struct tenancy *t, struct arena *a, int limit, int64_t **ids_r, size_t *n_r)
{
	struct rows *rows;
	struct conn *c;

	*n_r = 0;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &take, VALS(val_i64(limit)), &rows));
	*n_r = rows_count(rows);
	*ids_r = ARENA_ARRAY(a, *n_r + 1, int64_t);
	for (size_t i = 0; i < *n_r; i++)
		(*ids_r)[i] = rows_i64(rows, i, 0);
	return NULL;
}

struct err *
wake_done(struct tenancy *t, struct arena *a, int64_t tenant_id, int64_t usec)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(
		c, a, &done, VALS(val_i64(tenant_id), usec < 0 ? NO_VAL : val_i64(usec)), NULL);
}

struct err *
wake_wait(struct tenancy *t, struct arena *a, int most, int *ms_r)
{
	struct rows *rows;
	struct conn *c;

	*ms_r = most;
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &until, NO_VALS, &rows));
	if (!rows_null(rows, 0, 0) && rows_i64(rows, 0, 0) < most)
		*ms_r = (int)rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
wake_sweep(struct tenancy *t, struct arena *a)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, &sweep, NO_VALS, NULL);
}
