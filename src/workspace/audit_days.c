/* SPDX-License-Identifier: ISC */
/*
 * How many events a day had, as a chart: out of counts that the worker keeps up (table
 * audit_day), so that it costs the same whatever the size of the log. They know action and
 * user; with any other filter there is no chart.
 */
#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"

#define DAYS 30

STMT(days, "audit.days", 4,
	"with l as materialized (select least(coalesce((($2::timestamptz - interval '1 "
	"microsecond') "
	"at time zone 'Asia/Hong_Kong')::date, t.today), t.today) as last from (select (now() at "
	"time zone 'Asia/Hong_Kong')::date as today) t), "
	"n as materialized (select c.day, sum(c.events)::bigint as events from audit_day c "
	"where c.day > (select last - 30 from l) and c.day <= (select last from l) "
	"and ($3::text[] is null or c.action = any ($3::text[])) "
	"and ($4::bigint is null or c.actor_id = $4::bigint) group by c.day) "
	"select to_char(d.day, 'YYYY-MM-DD'), coalesce(n.events, 0) "
	"from l cross join lateral (select l.last - g as day from generate_series(0, 29) g) d "
	"left join n using (day) where $1::timestamptz is null or d.day >= ($1::timestamptz at "
	"time zone 'Asia/Hong_Kong')::date order by 1");

static struct val
time_val(struct arena *a, int64_t usec)
{
	return usec == 0 ? NO_VAL : val_text(time_rfc3339(a, usec));
}

bool
audit_days_queue(struct request *rq, const struct audit_filter *f, struct rows **rows_r)
{
	if (f->contact != 0 || f->record != 0 || f->session != 0 || f->entity != NULL ||
		f->outcome != NULL || f->field != NULL || f->ip != NULL)
		return false;
	tx_queue(rq->tx, &days,
		VALS(time_val(rq->a, f->from_usec), time_val(rq->a, f->to_usec),
			audit_filter_actions(rq->a, f), val_id(f->actor)),
		rows_r);
	return true;
}

static void
add_bars(struct request *rq, const struct rows *r, int64_t most, struct json_object *list)
{
	static const int foot = 90, step = 20, bar = 14;
	const char *lang = lang_tag(request_lang(rq));

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *b = model_item(list);
		int64_t n = rows_i64(r, i, 1), height = n * 80 / most;

		model_i64(b, "x", (int64_t)i * step + (step - bar) / 2);
		/* Some is never none. */
		if (n > 0 && height == 0)
			height = 1;
		model_i64(b, "y", foot - height);
		model_i64(b, "height", height);
		model_i64(b, "n", n);
		model_text(b, "label", date_show(rq->a, rows_text(r, i, 0), lang));
	}
}

void
audit_days_model(struct request *rq, const struct rows *r, struct response *rp)
{
	struct json_object *list = model_list(response_data(rp), "days"), *o;
	int64_t most = 1, total = 0;
	size_t n = rows_count(r);

	for (size_t i = 0; i < n; i++) {
		struct json_object *day = model_item(list);

		model_text(day, "day", rows_text(r, i, 0));
		model_i64(day, "events", rows_i64(r, i, 1));
		total += rows_i64(r, i, 1);
		most = rows_i64(r, i, 1) > most ? rows_i64(r, i, 1) : most;
	}
	if (rq->api || n == 0)
		return;
	o = model_child(response_page(rp), "chart");
	model_i64(o, "total", total);
	model_i64(o, "width", (int64_t)DAYS * 20);
	model_i64(o, "height", 96);
	model_i64(o, "foot", 90);
	model_i64(o, "bar", 14);
	model_text(o, "first", date_show(rq->a, rows_text(r, 0, 0), lang_tag(request_lang(rq))));
	model_text(o, "last", date_show(rq->a, rows_text(r, n - 1, 0), lang_tag(request_lang(rq))));
	add_bars(rq, r, most, model_list(o, "bars"));
}
