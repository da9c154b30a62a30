/* SPDX-License-Identifier: ISC */
#include "dashboard.h"

#include "activity.h"
#include "controls.h"
#include "date.h"
#include "money.h"
#include "setup.h"

/* Counts stop here: a number of this size is read as "many", and counting a
 * million rows at every look at this page would cost more than it tells. */
#define COUNT_MAX 10000
#define WEEKS 12
/* Of so many people records are looked for person by person. */
#define NEAR_MAX "20000"

/* Tasks that are shown: at first, and where more are asked for. */
#define TASKS_FIRST 8
#define TASKS_ALL 500
#define TASKS_URL "/?tasks=true"

/* Pixels of the chart's own coordinates; the page scales it. */
#define BAR_STEP 50
#define BAR_WIDTH 34
#define CHART_TOP 18
#define CHART_FOOT 150

/* Names are looked up for those shown: a join would begin with all people. */
STMT(tasks, "dashboard.tasks", 6,
	"with t as materialized (select activity_id, contact_id, version, subject, due_on from "
	"activity "
	"where kind = 'task' and done_at is null and archived_at is null and owner_id = $1::bigint "
	"order by due_on, activity_id limit $6::integer), "
	"q as materialized (select t.activity_id as id, t.contact_id as person, t.version, "
	"case when $4::boolean then t.subject end as title, t.due_on::text as due, "
	"coalesce(t.due_on < hk_today(), false) as late, coalesce(t.due_on = hk_today(), false) "
	"as today, "
	"(select coalesce(case when $2::boolean then c.name_en end, "
	"case when $3::boolean then c.name_zh end) "
	"from contact c where c.contact_id = t.contact_id) as name "
	"from t order by t.due_on, t.activity_id), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) "
	"select 'list', 'activity', array_agg(id), array_agg(distinct person), "
	"field_set_of('activity', $5::text[]), count(*) from q having count(*) > 0) select * from "
	"q");
/* Whose scope is own or team ($4) begins with those few people, not with everybody. */
STMT(recent, "dashboard.recent", 4,
	"with n as materialized (select record_id from record_near where $4::boolean "
	"and entity = 'contact' limit 501), "
	"w as materialized (select not $4::boolean or count(*) > 500 as wide from n), "
	"k as materialized ((select contact_id, last_activity_at from contact "
	"where (select wide from w) and last_activity_at > now() - interval '90 days' "
	"and archived_at is null and erased_at is null "
	"order by last_activity_at desc, contact_id desc limit 8) union all "
	"(select c.contact_id, c.last_activity_at from (select distinct record_id from n "
	"where not (select wide from w)) n join contact c on c.contact_id = n.record_id "
	"where c.last_activity_at > now() - interval '90 days' "
	"and c.archived_at is null and c.erased_at is null "
	"order by c.last_activity_at desc, c.contact_id desc limit 8)), "
	"q as materialized (select c.contact_id as id, case when $1::boolean then c.name_en end as "
	"en, case when $2::boolean then c.name_zh end as zh, "
	"(extract(epoch from c.last_activity_at) * 1000000)::bigint as at "
	"from k join contact c using (contact_id) order by c.last_activity_at desc, c.contact_id "
	"desc), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) "
	"select 'list', 'contact', array_agg(id), array_agg(id), "
	"field_set_of('contact', $3::text[]), count(*) from q having count(*) > 0) select * from "
	"q");
/* Nobody's name: who looks further is in the log for it. */
STMT(requests, "dashboard.requests", 0,
	"select request_id, reference, kind, due_on::text, delayed_at is null and hk_today() > "
	"due_rolled_on, (due_on - hk_today())::bigint, due_rolled_on::text, delayed_at is null and "
	"(due_on - hk_today()) * 4 < due_on - received_on from privacy_request where closed_at is "
	"null order by due_on, request_id "
	"limit 6");
/* Of the log, for whoever may read it. */
STMT(alerts, "dashboard.alerts", 0,
	"select rule, usec(raised_at) from alert where seen_at is null order by alert_id desc "
	"limit "
	"5");
STMT(counts, "dashboard.counts", 4,
	"select (select count(*) from ((select from contact where not $3::boolean "
	"and archived_at is null and erased_at is null limit $2::bigint + 1) union all "
	"(select from (select distinct record_id from record_near where $3::boolean "
	"and entity = 'contact') n join contact c on c.contact_id = n.record_id "
	"where c.archived_at is null and c.erased_at is null limit $2::bigint + 1)) x), "
	"(select count(*) from ((select from company where not $4::boolean "
	"and archived_at is null limit $2::bigint + 1) union all "
	"(select from (select distinct record_id from record_near where $4::boolean "
	"and entity = 'company') n join company c on c.company_id = n.record_id "
	"where c.archived_at is null limit $2::bigint + 1)) x), "
	"(select count(*) from (select from activity where kind = 'task' and done_at is null "
	"and archived_at is null and owner_id = $1::bigint limit $2::bigint + 1) x)");
/* For each of one's people their invoices, by the index that has them together: what is
 * not asked for person by person is let through by the policy row by row, of everybody's. */
STMT(unpaid, "dashboard.unpaid", 1,
	"with n as materialized (select record_id from record_near where $1::boolean "
	"and entity = 'contact' limit " NEAR_MAX " + 1), "
	"w as materialized (select not $1::boolean or count(*) > " NEAR_MAX " as wide from n), "
	"i as ((select currency, amount from invoice where (select wide from w) "
	"and status = 'issued' and archived_at is null) union all "
	"(select i.currency, i.amount from (select distinct record_id from n where not (select "
	"wide from w)) n cross join lateral (select currency, amount from invoice i "
	"where i.contact_id = n.record_id and i.status = 'issued' and i.archived_at is null "
	"offset 0) i)) "
	"select currency, count(*), sum(amount)::bigint from i group by currency "
	"order by count(*) desc, currency limit 4");
/* A week at a time, so that each count is a range of an index. Materialised:
 * under a policy only a bare value beside the column can use the index. */
STMT(weeks, "dashboard.weeks", 2,
	"with w as materialized (select m.monday, m.monday at time zone 'Asia/Hong_Kong' as since, "
	"(m.monday + interval '1 week') at time zone 'Asia/Hong_Kong' as until "
	"from (select date_trunc('week', now() at time zone 'Asia/Hong_Kong') "
	"- make_interval(weeks => n) as monday from generate_series(0, $1::integer - 1) n) m), "
	"n as materialized (select record_id from record_near where $2::boolean "
	"and entity = 'contact' limit " NEAR_MAX " + 1), "
	"x as materialized (select not $2::boolean or count(*) > " NEAR_MAX " as wide from n), "
	"f as materialized (select m.direction, width_bucket(m.happened_at, "
	"(select array_agg(since order by since) from w)) as week, count(*) as n "
	"from (select distinct record_id from n where not (select wide from x)) n "
	"cross join lateral (select direction, happened_at from message m "
	"where m.contact_id = n.record_id and m.happened_at >= (select min(since) from w) "
	"and m.happened_at < (select max(until) from w) and m.archived_at is null offset 0) m "
	"group by 1, 2) "
	"select w.monday::date::text, "
	"(select count(*) from message where (select wide from x) and direction = 'in' "
	"and archived_at is null and happened_at >= w.since and happened_at < w.until) "
	"+ coalesce((select n from f where direction = 'in' and week = w.week), 0), "
	"(select count(*) from message where (select wide from x) and direction = 'out' "
	"and archived_at is null and happened_at >= w.since and happened_at < w.until) "
	"+ coalesce((select n from f where direction = 'out' and week = w.week), 0) "
	"from (select *, row_number() over (order by monday) as week from w) w order by w.monday");

STMT(exports, "dashboard.exports", 1,
	"select count(*) from export where state = 'waiting' and created_by <> $1::bigint");

/* Holds that the reader is to look at again. */
STMT(holds_due, "dashboard.holds", 2,
	"select count(*) from (select from contact where hold and hold_reviewer_id = $1::bigint "
	"and hold_review_on <= hk_today() limit $2::bigint + 1) x");

struct board {
	struct rows *holds;
	struct rows *exports; /* of others, for whoever approves them */
	struct rows *tasks;
	struct rows *recent;
	struct rows *counts;
	struct rows *unpaid;
	struct rows *weeks;
	struct rows *requests;
	struct rows *alerts;
	struct rows *setup;
};

static bool
narrow(const struct record_ctx *cx, enum entity e)
{
	return cx->principal->scopes[e][RIGHT_VIEW] != SCOPE_ALL;
}

static void
queue_people(const struct record_ctx *cx, struct board *b, int64_t tasks_max)
{
	bool en = record_reads(cx, ENTITY_CONTACT, "name_en"),
	     zh = record_reads(cx, ENTITY_CONTACT, "name_zh");
	bool subject = record_reads(cx, ENTITY_ACTIVITY, "subject");
	const char *task_fields[] = {"due_on", "subject"};
	const char *names[3];
	size_t n = 0;

	names[n++] = "last_activity_at";
	if (en)
		names[n++] = "name_en";
	if (zh)
		names[n++] = "name_zh";
	/* What a list goes by is as good as shown. */
	if (record_reads(cx, ENTITY_ACTIVITY, "kind") &&
		record_reads(cx, ENTITY_ACTIVITY, "owner_id") &&
		record_reads(cx, ENTITY_ACTIVITY, "due_on") &&
		record_reads(cx, ENTITY_ACTIVITY, "done_at"))
		tx_queue(cx->tx, &tasks,
			VALS(val_i64(cx->principal->user_id), val_bool(en), val_bool(zh),
				val_bool(subject), val_texts(task_fields, subject ? 2 : 1),
				val_i64(tasks_max)),
			&b->tasks);
	if (record_reads(cx, ENTITY_CONTACT, "last_activity_at"))
		tx_queue(cx->tx, &recent,
			VALS(val_bool(en), val_bool(zh), val_texts(names, n),
				val_bool(narrow(cx, ENTITY_CONTACT))),
			&b->recent);
}

static void
queue_numbers(const struct record_ctx *cx, struct board *b)
{
	struct val few = val_bool(narrow(cx, ENTITY_CONTACT));

	if (record_reads(cx, ENTITY_CONTACT, "hold_reviewer_id") &&
		record_reads(cx, ENTITY_CONTACT, "hold_review_on"))
		tx_queue(cx->tx, &holds_due,
			VALS(val_i64(cx->principal->user_id), val_i64(COUNT_MAX)), &b->holds);
	if (principal_may(cx->principal, ENTITY_NONE, RIGHT_APPROVE_EXPORTS))
		tx_queue(cx->tx, &exports, VALS(val_i64(cx->principal->user_id)), &b->exports);
	tx_queue(cx->tx, &counts,
		VALS(val_i64(cx->principal->user_id), val_i64(COUNT_MAX), few,
			val_bool(narrow(cx, ENTITY_COMPANY))),
		&b->counts);
	if (record_reads(cx, ENTITY_INVOICE, "amount") &&
		record_reads(cx, ENTITY_INVOICE, "currency") &&
		record_reads(cx, ENTITY_INVOICE, "status"))
		tx_queue(cx->tx, &unpaid, VALS(few), &b->unpaid);
	if (record_reads(cx, ENTITY_MESSAGE, "direction") &&
		record_reads(cx, ENTITY_MESSAGE, "happened_at"))
		tx_queue(cx->tx, &weeks, VALS(val_i64(WEEKS), few), &b->weeks);
}

static const char *
name_or_number(const struct record_ctx *cx, const char *name, int64_t id)
{
	if (name != NULL && *name != '\0')
		return name;
	return arena_printf(cx->a, "%s %lld",
		view_text(cx->a, cx->lang, "entity.contact.one", NULL), (long long)id);
}

static void
model_tasks(const struct record_ctx *cx, const struct rows *r, struct json_object *page)
{
	struct json_object *list = model_list(page, "tasks");
	bool edit =
		principal_may(cx->principal, ENTITY_ACTIVITY, RIGHT_EDIT) && activity_may_end(cx);

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		long long id = rows_i64(r, i, 0), person = rows_i64(r, i, 1);
		const char *title = rows_text(r, i, 3);

		model_text(o, "url", arena_printf(cx->a, "/activities/%lld", id));
		model_text(o, "title",
			title != NULL ? title : view_text(cx->a, cx->lang, "kind.task", NULL));
		model_text(o, "who", name_or_number(cx, rows_text(r, i, 7), person));
		model_text(o, "who_url", arena_printf(cx->a, "/contacts/%lld", person));
		if (!rows_null(r, i, 4))
			model_text(
				o, "due", date_show(cx->a, rows_text(r, i, 4), lang_tag(cx->lang)));
		model_bool(o, "late", rows_bool(r, i, 5));
		model_bool(o, "today", rows_bool(r, i, 6));
		if (!edit)
			continue;
		model_text(o, "done_url", arena_printf(cx->a, "/activities/%lld/done", id));
		model_i64(o, "version", rows_i64(r, i, 2));
	}
}

static void
model_recent(const struct record_ctx *cx, const struct rows *r, struct json_object *page)
{
	struct json_object *list = model_list(page, "recent");

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		const char *en = rows_text(r, i, 1), *zh = rows_text(r, i, 2);

		model_text(o, "url",
			arena_printf(cx->a, "/contacts/%lld", (long long)rows_i64(r, i, 0)));
		model_text(o, "title", name_or_number(cx, en != NULL ? en : zh, rows_i64(r, i, 0)));
		if (en != NULL)
			model_text(o, "text", zh);
		model_text(o, "when", time_show(cx->a, rows_i64(r, i, 3), lang_tag(cx->lang)));
	}
}

static struct json_object *
add_number(const struct record_ctx *cx, struct json_object *list, const char *key, const char *text,
	const char *url)
{
	struct json_object *o = model_item(list);

	model_text(o, "key", key);
	model_text(o, "label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "dashboard.%s", key), NULL));
	model_text(o, "text", text);
	model_text(o, "url", url);
	return o;
}

static void
add_count(const struct record_ctx *cx, struct json_object *list, const char *key, int64_t n,
	const char *url)
{
	bool more = n > COUNT_MAX;
	struct json_object *o;

	/* Digits are grouped by the template; "+": there are more. */
	o = add_number(cx, list, key, NULL, url);
	model_i64(o, "count", more ? COUNT_MAX : n);
	if (more)
		model_bool(o, "more", true);
}

/* Are there some that the page does not show, and another way to them? */
static bool
more_tasks(const struct board *b)
{
	return rows_count(b->tasks) <= TASKS_FIRST &&
	       rows_i64(b->counts, 0, 2) > (int64_t)rows_count(b->tasks);
}

static void
model_numbers(const struct record_ctx *cx, const struct board *b, struct json_object *page)
{
	struct json_object *list = model_list(page, "numbers");
	const struct principal *p = cx->principal;

	if (b->exports != NULL && rows_i64(b->exports, 0, 0) > 0)
		add_count(cx, list, "exports", rows_i64(b->exports, 0, 0), "/exports");
	if (b->holds != NULL && rows_i64(b->holds, 0, 0) > 0)
		add_count(cx, list, "holds", rows_i64(b->holds, 0, 0),
			"/contacts?sort=hold_review_on&filter[hold]=true");
	if (principal_may(p, ENTITY_CONTACT, RIGHT_VIEW))
		add_count(cx, list, "contacts", rows_i64(b->counts, 0, 0), "/contacts");
	if (principal_may(p, ENTITY_COMPANY, RIGHT_VIEW))
		add_count(cx, list, "companies", rows_i64(b->counts, 0, 1), "/companies");
	if (b->tasks != NULL)
		add_count(cx, list, "tasks", rows_i64(b->counts, 0, 2),
			more_tasks(b) ? TASKS_URL : NULL);
	if (b->unpaid != NULL && rows_count(b->unpaid) == 0)
		add_number(
			cx, list, "unpaid", money_show(cx->a, 0, cx->cat->currency), "/invoices");
	for (size_t i = 0; b->unpaid != NULL && i < rows_count(b->unpaid); i++)
		add_number(cx, list, "unpaid",
			money_show(cx->a, rows_i64(b->unpaid, i, 2), rows_text(b->unpaid, i, 0)),
			"/invoices");
}

static int64_t
highest(const struct rows *r)
{
	int64_t max = 1;

	for (size_t i = 0; i < rows_count(r); i++) {
		int64_t n = rows_i64(r, i, 1) + rows_i64(r, i, 2);

		max = n > max ? n : max;
	}
	return max;
}

/* Two pieces a bar, sent on top of received; whole numbers throughout. */
static void
model_chart(const struct record_ctx *cx, const struct rows *r, struct json_object *page)
{
	struct json_object *chart = model_child(page, "chart"), *bars = model_list(chart, "bars");
	int64_t max = highest(r), room = CHART_FOOT - CHART_TOP, total = 0;

	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(bars);
		int64_t in = rows_i64(r, i, 1), out = rows_i64(r, i, 2);
		int64_t in_h = in * room / max, all_h = (in + out) * room / max;
		int64_t x = (int64_t)i * BAR_STEP + (BAR_STEP - BAR_WIDTH) / 2;

		model_i64(o, "x", x);
		model_i64(o, "middle", x + BAR_WIDTH / 2);
		model_i64(o, "in_y", CHART_FOOT - in_h);
		model_i64(o, "in_height", in_h);
		model_i64(o, "out_y", CHART_FOOT - all_h);
		model_i64(o, "out_height", all_h - in_h);
		model_i64(o, "text_y", CHART_FOOT - all_h - 5);
		model_i64(o, "total", in + out);
		model_i64(o, "in", in);
		model_i64(o, "out", out);
		model_text(o, "week", date_show(cx->a, rows_text(r, i, 0), lang_tag(cx->lang)));
		/* "11-23": the year would not fit, and there is only one. */
		model_text(o, "label", rows_text(r, i, 0) + 5);
		total += in + out;
	}
	model_i64(chart, "width", (int64_t)WEEKS * BAR_STEP);
	model_i64(chart, "bar", BAR_WIDTH);
	model_i64(chart, "foot", CHART_FOOT);
	model_i64(chart, "label_y", CHART_FOOT + 16);
	model_i64(chart, "height", CHART_FOOT + 22);
	model_i64(chart, "total", total);
}

static void
model_requests(struct request *rq, const struct rows *r, struct json_object *page)
{
	struct json_object *list = model_list(page, "requests");
	enum lang lang = request_lang(rq);

	model_text(page, "requests_url", "/privacy");
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);
		int64_t left = rows_i64(r, i, 5);

		model_text(o, "url",
			arena_printf(
				rq->a, "/privacy/requests/%lld", (long long)rows_i64(r, i, 0)));
		model_text(o, "reference", rows_text(r, i, 1));
		model_text(o, "kind",
			view_text(rq->a, lang,
				arena_printf(rq->a, "requests.kind.%s", rows_text(r, i, 2)), NULL));
		model_text(o, "due", date_show(rq->a, rows_text(r, i, 3), lang_tag(lang)));
		model_bool(o, "late", rows_bool(r, i, 4));
		/* As on the board: between the target date and the last day it is that day. */
		if (rows_bool(r, i, 7) && left >= 0)
			model_text(o, "soon", count_text(rq, "requests.left", left));
		else if (rows_bool(r, i, 7))
			model_text(o, "soon",
				view_text(rq->a, lang, "requests.badge.last_day",
					date_show(rq->a, rows_text(r, i, 6), lang_tag(lang))));
	}
}

static void
model_alerts(const struct record_ctx *cx, const struct rows *r, struct json_object *page)
{
	struct json_object *list = model_list(page, "alerts");

	model_text(page, "alerts_url", "/audit/alerts");
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "text",
			view_text(cx->a, cx->lang,
				arena_printf(cx->a, "watch.rule.%s", rows_text(r, i, 0)), NULL));
		model_text(o, "when", time_show(cx->a, rows_i64(r, i, 1), lang_tag(cx->lang)));
	}
}

/* Until the last step is done. */
static void
model_setup(const struct record_ctx *cx, const struct rows *r, struct json_object *page)
{
	int64_t n = setup_count(r);

	if (n == SETUP_STEPS)
		return;
	model_text(page, "setup_url", "/setup");
	model_text(page, "setup",
		view_text(cx->a, cx->lang, "setup.count",
			arena_printf(cx->a, "%lld/%d", (long long)n, SETUP_STEPS)));
}

static struct err *
dashboard(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *page = response_page(rp);
	struct board b = {0};

	queue_people(&cx, &b, request_bool(rq, "tasks", false) ? TASKS_ALL : TASKS_FIRST);
	queue_numbers(&cx, &b);
	if (principal_may(cx.principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		tx_queue(cx.tx, &requests, NO_VALS, &b.requests);
	if (principal_may(cx.principal, ENTITY_NONE, RIGHT_VIEW_AUDIT))
		tx_queue(cx.tx, &alerts, NO_VALS, &b.alerts);
	if (principal_may(cx.principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))
		setup_queue(cx.tx, &b.setup);
	TRY(tx_commit(rq->tx));
	model_text(page, "title", view_text(rq->a, cx.lang, "nav.dashboard", NULL));
	if (b.setup != NULL)
		model_setup(&cx, b.setup, page);
	model_numbers(&cx, &b, page);
	if (b.tasks != NULL)
		model_tasks(&cx, b.tasks, page);
	if (b.tasks != NULL && more_tasks(&b))
		model_text(page, "tasks_url", TASKS_URL);
	if (b.requests != NULL)
		model_requests(rq, b.requests, page);
	if (b.alerts != NULL && rows_count(b.alerts) > 0)
		model_alerts(&cx, b.alerts, page);
	if (b.recent != NULL)
		model_recent(&cx, b.recent, page);
	if (b.weeks != NULL)
		model_chart(&cx, b.weeks, page);
	return NULL;
}

static const struct param params[] = {
	{"tasks", P_BOOL, IN_QUERY, 0, 0, false}, /* all of them, not the first ones alone */
	PARAM_END,
};

const struct route dashboard_routes[] = {
	ROUTE(READ, GET, "/", ON_PAGE, "", RIGHT_SELF, "list", dashboard, params, NULL, "dashboard",
		"dashboard.read"),
	ROUTE_END,
};
