/* SPDX-License-Identifier: ISC */
#include "watch.h"

#include "date.h"
#include "deadline.h"
#include "holiday.h"
#include "outbox.h"
#include "tenant.h"
#include "user.h"

#define CEILING_DAYS 5

STMT(look, "owner.watch_look", 0, "select watch_look()");
STMT(undecided, "watch.undecided", 0,
	"select incident_id, ((aware_at at time zone 'Asia/Hong_Kong')::date - date "
	"'1970-01-01')::bigint, (hk_today() - date '1970-01-01')::bigint from incident "
	"where closed_at is null and approved_at is null order by incident_id limit 200");
STMT(raise_undecided, "watch.raise_undecided", 1,
	"select alert_raise('undecided', 'i' || $1::text, null, null, $1::bigint, 1, "
	"date_trunc('day', aware_at), now()) from incident where incident_id = $1::bigint");
STMT(unmailed, "watch.unmailed", 0,
	"update alert set mailed_at = now() where alert_id = any (array(select alert_id from alert "
	"where "
	"mailed_at is null order by alert_id limit 100)) returning alert_id, rule, "
	"usec(raised_at)");
STMT(readers, "watch.readers", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u join profile p using "
	"(profile_id) where u.active and p.builtin and p.name = 'administrator' order by 1 limit "
	"100");

/* Five business days have gone by without a decision whether to notify. */
static struct err *
look_at_incidents(struct job_run *run, struct tx *tx)
{
	struct holidays h;
	struct rows *r, *done;

	TRY(tx_query(tx, &undecided, NO_VALS, &r));
	if (rows_count(r) == 0)
		return NULL;
	TRY(holidays_load(tx, run->a, &h));
	for (size_t i = 0; i < rows_count(r); i++)
		if (rows_i64(r, i, 2) > deadline_business(&h, rows_i64(r, i, 1), CEILING_DAYS))
			TRY(tx_query(
				tx, &raise_undecided, VALS(val_i64(rows_i64(r, i, 0))), &done));
	return NULL;
}

/* The rule and the time, no name: who opens the link sees the rest. */
static struct err *
tell(struct job_run *run, struct tx *tx, const struct rows *alerts, const struct rows *to, size_t i)
{
	enum lang lang = lang_parse(rows_text(to, i, 3));
	struct outgoing m = {.kind = "alert",
		.to = rows_text(to, i, 1),
		.name = rows_text(to, i, 2),
		.lang = lang,
		.user_id = rows_i64(to, i, 0),
		.subject_arg = run->tenant->name};
	struct json_object *list;

	m.data = model_object(run->a);
	model_text(m.data, "workspace", run->tenant->name);
	model_text(m.data, "name", m.name);
	list = model_list(m.data, "alerts");
	for (size_t k = 0; k < rows_count(alerts); k++) {
		struct json_object *o = model_item(list);

		model_text(o, "rule",
			view_text(run->a, lang,
				arena_printf(run->a, "watch.rule.%s", rows_text(alerts, k, 1)),
				NULL));
		model_text(o, "when", time_show(run->a, rows_i64(alerts, k, 2), lang_tag(lang)));
	}
	model_text(m.data, "link", arena_printf(run->a, "%s/audit/alerts", run->tenant->origin));
	return outbox_add(tx, run->a, &run->tenant->kek, &m);
}

struct err *
watch_chore(struct job_run *run, int64_t *next_r)
{
	bool mail = tenancy_settings(run->tenancy)->mail_relay != NULL;
	struct rows *r, *alerts, *to;
	struct conn *owner;
	struct tx *tx;
	bool more;

	TRY(tenant_conn_migrate(run->tenancy, run->a, run->tenant, &owner));
	TRY(chore_begin_owner(run, owner, run->kind, &tx));
	TRY(tx_query(tx, &look, NO_VALS, &r));
	more = rows_bool(r, 0, 0);
	TRY(tx_commit(tx));
	TRY(chore_begin(run, run->kind, &tx));
	TRY(look_at_incidents(run, tx));
	TRY(tx_query(tx, &unmailed, NO_VALS, &alerts));
	if (mail && rows_count(alerts) > 0) {
		TRY(tx_query(tx, &readers, NO_VALS, &to));
		for (size_t i = 0; i < rows_count(to); i++)
			TRY(tell(run, tx, alerts, to, i));
	}
	TRY(tx_commit(tx));
	/* One look takes so much and no more: the rest soon, others' work between. */
	*next_r = more ? 1 : 0;
	return NULL;
}
