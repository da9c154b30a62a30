/* SPDX-License-Identifier: ISC */
#include "month.h"

#include <string.h>

#include "date.h"
#include "event.h"
#include "response.h"

STMT(read_keep, "audit.months_keep", 0, "select audit_months, head_mail from workspace");
STMT(read_months, "audit.months", 0,
	"select to_char(m.month, 'YYYY-MM'), case "
	"when p.month is null and m.dropped_at is not null then 'gone' "
	"when p.month is null then 'missing' when m.month = t.month then 'current' "
	"when m.month > t.month then 'ahead' when exists (select from audit_hold h where "
	"h.ended_at is null and h.first_day < m.month + interval '1 month' and h.last_day >= "
	"m.month) then 'held' when m.month < t.month - make_interval(months => w.audit_months) "
	"then 'past' else 'kept' end, "
	"case when p.month is null then m.events when c.reltuples >= 0 then c.reltuples::bigint "
	"end, pg_total_relation_size(p.part), "
	"to_char(greatest((m.month + make_interval(months => w.audit_months + 1))::date, "
	"(m.notice_at at time zone 'Asia/Hong_Kong' + interval '7 days')::date), 'YYYY-MM-DD'), "
	"to_char(m.dropped_at at time zone 'Asia/Hong_Kong', 'YYYY-MM-DD') "
	"from audit_month m left join audit_partition p using (month) "
	"left join pg_class c on c.oid = p.part cross join workspace w "
	"cross join (select date_trunc('month', now() at time zone 'Asia/Hong_Kong')::date as "
	"month) t order by m.month desc limit 300");
STMT(read_holds, "audit.holds", 0,
	"select h.hold_id, to_char(h.first_day, 'YYYY-MM-DD'), to_char(h.last_day, 'YYYY-MM-DD'), "
	"h.reason, u.name, (extract(epoch from h.created_at) * 1000000)::bigint "
	"from audit_hold h left join app_user u on u.user_id = h.created_by "
	"where h.ended_at is null order by h.hold_id limit 500");
STMT(set_keep, "audit.months_set", 1,
	"update workspace set audit_months = $1::integer where audit_months <> $1::integer");
STMT(set_mail, "audit.head_mail_set", 1,
	"update workspace set head_mail = $1::boolean where head_mail <> $1::boolean");
STMT(hold_add, "audit.hold_add", 3,
	"select audit_hold_add($1::date, $2::date, $3, null), "
	"(select count(*) from (select from audit_hold where ended_at is null order by first_day, "
	"last_day limit 501) h)");
STMT(hold_end, "audit.hold_end", 1, "select audit_hold_end($1::bigint)");

/* More than anybody needs: whoever has so many wants a longer time. */
#define HOLDS_MAX 500

const char *const audit_hold_reasons[] = {"investigation", "dispute", "authority", NULL};

static void
month_model(const struct rows *r, size_t i, struct json_object *o)
{
	const char *state = rows_text(r, i, 1);

	model_text(o, "month", rows_text(r, i, 0));
	model_text(o, "state", state);
	if (rows_null(r, i, 2))
		model_null(o, "events");
	else
		model_i64(o, "events", rows_i64(r, i, 2));
	model_i64(o, "bytes", rows_i64(r, i, 3));
	if (strcmp(state, "gone") == 0)
		model_text(o, "gone_on", rows_text(r, i, 5));
	else if (strcmp(state, "held") != 0 && strcmp(state, "missing") != 0)
		model_text(o, "goes_on", rows_text(r, i, 4));
}

struct err *
audit_months_model(struct tx *tx, struct arena *a, struct json_object *o)
{
	struct rows *keep, *months, *holds;
	struct json_object *list;

	tx_queue(tx, &read_keep, NO_VALS, &keep);
	tx_queue(tx, &read_months, NO_VALS, &months);
	TRY(tx_query(tx, &read_holds, NO_VALS, &holds));
	model_i64(o, "keep_months", rows_i64(keep, 0, 0));
	model_bool(o, "head_mail", rows_bool(keep, 0, 1));
	list = model_list(o, "items");
	for (size_t i = 0; i < rows_count(months); i++)
		month_model(months, i, model_item(list));
	list = model_list(o, "holds");
	for (size_t i = 0; i < rows_count(holds); i++) {
		struct json_object *item = model_item(list);

		model_i64(item, "id", rows_i64(holds, i, 0));
		model_text(item, "from", rows_text(holds, i, 1));
		model_text(item, "to", rows_text(holds, i, 2));
		model_text(item, "reason", rows_text(holds, i, 3));
		model_text(item, "set_by", rows_text(holds, i, 4));
		model_text(item, "set_at", time_rfc3339(a, rows_i64(holds, i, 5)));
	}
	model_null(o, "next");
	return NULL;
}

struct err *
audit_months_keep(struct tx *tx, struct arena *a, int64_t months)
{
	struct audit_event ev = {.action = "setting", .entity = "audit", .count = months};
	struct err *e = NULL;
	struct rows *r;

	if (months < AUDIT_MONTHS_MIN || months > AUDIT_MONTHS_MAX) {
		err_add_field(a, &e, "keep_months", "error.audit_months", NULL);
		return e;
	}
	TRY(tx_query(tx, &set_keep, VALS(val_i64(months)), &r));
	ev.reason = "months_changed";
	if (rows_affected(r) > 0)
		audit_queue(tx, a, &ev);
	return NULL;
}

struct err *
audit_head_mail(struct tx *tx, struct arena *a, bool wanted)
{
	struct audit_event ev = {.action = "setting", .entity = "audit"};
	struct rows *r;

	TRY(tx_query(tx, &set_mail, VALS(val_bool(wanted)), &r));
	ev.reason = wanted ? "head_mail_on" : "head_mail_off";
	if (rows_affected(r) > 0)
		audit_queue(tx, a, &ev);
	return NULL;
}

static const char *
read_day(struct arena *a, const char *text, const char *name, struct err **e)
{
	char day[11];

	if (text == NULL || *text == '\0')
		err_add_field(a, e, name, "error.required", NULL);
	else if (!date_normalise(text, day) || strcmp(day, "1970-01-01") < 0)
		err_add_field(a, e, name, "error.date", NULL);
	else
		return arena_strdup(a, day);
	return NULL;
}

struct err *
audit_hold_set(struct tx *tx, struct arena *a, const char *from, const char *to, const char *reason,
	int64_t *hold_r)
{
	const char *const *known = audit_hold_reasons;
	struct err *e = NULL;
	struct rows *r;

	from = read_day(a, from, "from", &e);
	to = read_day(a, to, "to", &e);
	if (from != NULL && to != NULL && strcmp(from, to) > 0)
		err_add_field(a, &e, "to", "error.hold_order", NULL);
	while (*known != NULL && (reason == NULL || strcmp(*known, reason) != 0))
		known++;
	if (*known == NULL)
		err_add_field(a, &e, "reason", "error.choice", NULL);
	if (e != NULL)
		return e;
	TRY(tx_query(tx, &hold_add, VALS(val_text(from), val_text(to), val_text(reason)), &r));
	if (rows_i64(r, 0, 1) >= HOLDS_MAX)
		return err_new(a, ERR_CONFLICT, "error.too_many_holds");
	/* Which has written its event. */
	*hold_r = rows_i64(r, 0, 0);
	return NULL;
}

struct err *
audit_hold_end(struct tx *tx, struct arena *a, int64_t hold)
{
	struct rows *r;

	TRY(tx_query(tx, &hold_end, VALS(val_i64(hold)), &r));
	if (!rows_bool(r, 0, 0))
		return err_new(a, ERR_NOT_FOUND, NULL);
	return NULL;
}
