/* SPDX-License-Identifier: ISC */
#include "ledger.h"

#include "ledger_file.h"
#include "log.h"
#include "tx.h"

/* Two minutes: by then the worker's chore is due again in any case. */
STMT(intend, "ledger.intend", 2,
	"with o as (select ledger_id from erasure_ledger where tenant_id = $1::bigint "
	"and contact_id = $2::bigint and done_at is null order by ledger_id limit 1), "
	"n as (insert into erasure_ledger (tenant_id, contact_id) select $1::bigint, $2::bigint "
	"where not exists (select from o) returning ledger_id) "
	"select x.ledger_id, wake($1::bigint, now() + interval '2 minutes') "
	"from (select ledger_id from o union all select ledger_id from n) x");
STMT(done, "ledger.done", 1,
	"update erasure_ledger set done_at = now() where ledger_id = any ($1::bigint[]) and "
	"done_at is null");
STMT(open_entries, "ledger.open", 1,
	"select ledger_id, contact_id, (extract(epoch from intent_at) * 1000000)::bigint "
	"from erasure_ledger where tenant_id = $1::bigint and done_at is null "
	"order by ledger_id limit 100");
STMT(ordered, "ledger.ordered", 2,
	"select (extract(epoch from min(intent_at)) * 1000000)::bigint from erasure_ledger "
	"where tenant_id = $1::bigint and contact_id = $2::bigint and done_at is null");

void
ledger_copy(struct tenancy *t, struct arena *a, const struct tenant *tn)
{
	const struct err *e = ledger_file_add(t, a, tn);

	if (e != NULL)
		log_error("erasures are not in the file of the ledger yet: %s",
			e->detail != NULL ? e->detail : err_name(e->kind));
}

struct err *
ledger_intend(struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t contact_id,
	int64_t *ledger_r)
{
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(t, a, &cell));
	TRY(conn_query(cell, a, &intend, VALS(val_i64(tn->id), val_i64(contact_id)), &r));
	*ledger_r = rows_i64(r, 0, 0);
	ledger_copy(t, a, tn);
	return NULL;
}

struct err *
ledger_close(struct tenancy *t, struct arena *a, const int64_t *ledger_ids, size_t n)
{
	struct conn *cell;

	TRY(cell_conn(t, a, &cell));
	return conn_query(cell, a, &done, VALS(val_i64s(ledger_ids, n)), NULL);
}

struct err *
ledger_open(struct tenancy *t, struct arena *a, const struct tenant *tn,
	struct ledger_entry **list_r, size_t *n_r)
{
	struct conn *cell;
	struct rows *r;

	TRY(cell_conn(t, a, &cell));
	TRY(conn_query(cell, a, &open_entries, VALS(val_i64(tn->id)), &r));
	*n_r = rows_count(r);
	*list_r = ARENA_ARRAY(a, *n_r + 1, struct ledger_entry);
	for (size_t i = 0; i < *n_r; i++)
		(*list_r)[i] = (struct ledger_entry){
			rows_i64(r, i, 0), rows_i64(r, i, 1), rows_i64(r, i, 2)};
	return NULL;
}

int64_t
ledger_ordered_at(struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t contact_id)
{
	const struct vals who = VALS(val_i64(tn->id), val_i64(contact_id));
	struct conn *cell;
	struct rows *r;
	struct err *e = cell_conn(t, a, &cell);

	if (e == NULL)
		e = conn_query(cell, a, &ordered, who, &r);
	if (e == NULL)
		return rows_null(r, 0, 0) ? 0 : rows_i64(r, 0, 0);
	log_warn("the ledger of erasures was not asked: %s", e->detail != NULL ? e->detail : "");
	return 0;
}
