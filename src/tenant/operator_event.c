/* SPDX-License-Identifier: ISC */
#include "operator_event.h"

#include "operator.h"
#include "operator_part.h"

/* What is past its time goes whenever something is added. */
STMT(add_event, "cell.operator_event", 4,
	"with old as (delete from operator_event where at < now() - interval '13 months') "
	"insert into operator_event (operator_id, kind, ip, case_id) "
	"values ($1::bigint, $2, $3::inet, $4::bigint)");
STMT(newest, "cell.operator_events", 1,
	"select (extract(epoch from e.at) * 1000000)::bigint, e.kind, o.email, host(e.ip), c.slug "
	"from operator_event e left join operator o using (operator_id) "
	"left join operator_case c using (case_id) order by e.event_id desc limit $1::bigint");

void
operator_event_add(
	struct tx *tx, int64_t operator_id, const char *kind, const char *ip, int64_t case_id)
{
	tx_queue(tx, &add_event,
		VALS(val_id(operator_id), val_text(kind), val_text(ip), val_id(case_id)), NULL);
}

struct err *
operator_event_now(struct tenancy *t, struct arena *a, int64_t operator_id, const char *kind,
	const char *ip, int64_t case_id)
{
	struct conn *c;

	TRY(cell_conn(t, a, &c));
	return conn_query(c, a, &add_event,
		VALS(val_id(operator_id), val_text(kind), val_text(ip), val_id(case_id)), NULL);
}

struct err *
operator_events(struct tenancy *t, struct arena *a, int64_t last, struct operator_event **list_r,
	size_t *n_r)
{
	struct tenant *desk;
	struct rows *rows;
	struct conn *c;

	TRY(tenancy_desk(t, a, &desk));
	TRY(cell_conn(t, a, &c));
	TRY(conn_query(c, a, &newest, VALS(val_i64(last)), &rows));
	*n_r = rows_count(rows);
	*list_r = ARENA_ARRAY(a, *n_r + 1, struct operator_event);
	for (size_t i = 0; i < *n_r; i++) {
		struct operator_event *e = &(*list_r)[i];

		e->at = rows_i64(rows, i, 0);
		e->kind = rows_text(rows, i, 1);
		e->ip = rows_text(rows, i, 3);
		if (!rows_null(rows, i, 2))
			TRY(operator_open(
				desk, a, OPERATOR_EMAIL, rows_bytes(a, rows, i, 2), &e->email));
		if (!rows_null(rows, i, 4))
			TRY(operator_open(
				desk, a, OPERATOR_SLUG, rows_bytes(a, rows, i, 4), &e->slug));
	}
	return NULL;
}
