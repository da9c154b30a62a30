/* SPDX-License-Identifier: ISC */
#include "holiday.h"

/* A year is known when most of its general holidays are there, not one that somebody added. */
STMT(all_days, "holiday.days", 0,
	"select (day - date '1970-01-01')::bigint, "
	"(select (make_date(coalesce(max(y), 1970), 12, 31) - date '1970-01-01')::bigint from "
	"(select extract(year from day)::int as y from holiday where kind = 'general' "
	"group by 1 having count(*) >= 10) years) from holiday order by day");

struct err *
holidays_load(struct tx *tx, struct arena *a, struct holidays *h)
{
	struct rows *r;
	int64_t *days;

	TRY(tx_query(tx, &all_days, NO_VALS, &r));
	h->n = rows_count(r);
	h->known = h->n > 0 ? rows_i64(r, 0, 1) : 0;
	days = ARENA_ARRAY(a, h->n + 1, int64_t);
	for (size_t i = 0; i < h->n; i++)
		days[i] = rows_i64(r, i, 0);
	h->days = days;
	return NULL;
}
