/* SPDX-License-Identifier: ISC */
/* Reminders: whoever sees to a case hears of its days by mail. Nothing personal is in them. */
#include "case_remind.h"

#include "case_file.h"
#include "case_view.h"
#include "date.h"
#include "handover.h"
#include "hold_remind.h"
#include "outbox.h"

/* Once for each of these days, however late the worker looks; every day when it is late. */
STMT(due, "remind.due", 0,
	"select r.request_id, r.reference, r.kind, r.due_on::text, r.due_rolled_on::text, "
	"(r.due_on - hk_today())::bigint, coalesce(a.user_id, 0), case when r.kind in ('access', "
	"'correction') and r.delayed_at is null then hk_today() > r.due_rolled_on end "
	"from privacy_request r left join app_user a on a.user_id = r.assignee_id and a.active "
	"where r.closed_at is null and r.due_on <= hk_today() + 20 "
	"and r.reminded_on is distinct from hk_today() "
	"and (r.due_on < hk_today() or exists (select from unnest(array[20, 10, 5, 2, 1]) t (t) "
	"where r.due_on - hk_today() <= t.t and (r.reminded_on is null or r.due_on - "
	"r.reminded_on > t.t))) "
	"order by r.due_on, r.request_id limit 200 for update of r");
STMT(readers, "remind.readers", 1,
	"select u.user_id, u.email, u.name, u.language from app_user u where u.active and case "
	"when "
	"$1::bigint <> 0 then u.user_id = $1::bigint else exists (select from profile_right r "
	"where r.profile_id = u.profile_id and r.entity = '' and r.\"right\" = 'run_requests') end "
	"order by 1 limit 50");
STMT(done, "remind.done", 1,
	"update privacy_request set reminded_on = hk_today() where request_id = $1::bigint");
/* Seconds to the next day in Hong Kong, while something is open or held. */
STMT(next_day, "remind.next", 0,
	"select ceil(extract(epoch from ((hk_today() + 1)::timestamp at time zone "
	"'Asia/Hong_Kong') "
	"- now()))::bigint + 60 where exists (select from privacy_request where closed_at is "
	"null) or exists (select from contact where hold_review_on is not null and hold)");
STMT(drop_links, "remind.links", 0,
	"delete from request_token where hash = any (array(select hash from request_token "
	"where expires_at < now() order by expires_at limit 500))");
STMT(drop_files, "remind.files", 0,
	"delete from data_key k using privacy_request r where k.key_id = r.key_id and k.purpose = "
	"'request' and r.closed_at < now() - (select term from law_term where code = 'case_file' "
	"order by from_on desc limit 1)");

/* What the reader is told, in the reader's language. */
static struct json_object *
letter(struct job_run *run, const struct rows *r, size_t i, enum lang lang, const char *name)
{
	struct json_object *o = model_object(run->a);
	int64_t left = rows_i64(r, i, 5);
	const char *days = arena_printf(run->a, "%lld", (long long)(left < 0 ? -left : left));

	model_text(o, "workspace", run->tenant->name);
	model_text(o, "name", name);
	model_text(o, "kind",
		view_text(run->a, lang,
			arena_printf(run->a, "requests.kind.%s", rows_text(r, i, 2)), NULL));
	model_text(o, "reference", rows_text(r, i, 1));
	model_text(o, "days", days);
	model_bool(o, "late", left < 0);
	model_text(o, "due", date_show(run->a, rows_text(r, i, 3), lang_tag(lang)));
	/* What the law wants of it, when it does. */
	if (!rows_null(r, i, 7))
		model_text(o, "what",
			view_text(run->a, lang,
				rows_bool(r, i, 7) ? "requests.past" : "requests.soon",
				date_show(run->a, rows_text(r, i, 4), lang_tag(lang))));
	model_text(o, "last_day", date_show(run->a, rows_text(r, i, 4), lang_tag(lang)));
	model_text(o, "link",
		arena_printf(run->a, "%s/privacy/requests/%lld", run->tenant->origin,
			(long long)rows_i64(r, i, 0)));
	return o;
}

/* To who sees to it; where nobody does, or it is late, to all who run requests. */
static struct err *
remind(struct job_run *run, struct tx *tx, const struct rows *r, size_t i)
{
	bool late = rows_i64(r, i, 5) < 0;
	struct rows *to;

	TRY(tx_query(tx, &readers, VALS(val_i64(late ? 0 : rows_i64(r, i, 6))), &to));
	for (size_t k = 0; k < rows_count(to); k++) {
		enum lang lang = lang_parse(rows_text(to, k, 3));
		struct outgoing m = {.kind = "request_due",
			.to = rows_text(to, k, 1),
			.name = rows_text(to, k, 2),
			.lang = lang,
			.user_id = rows_i64(to, k, 0),
			.subject_arg = rows_text(r, i, 1)};

		m.data = letter(run, r, i, lang, m.name);
		TRY(outbox_add(tx, run->a, &run->tenant->kek, &m));
	}
	tx_queue(tx, &done, VALS(val_i64(rows_i64(r, i, 0))), NULL);
	return tx_run(tx);
}

struct err *
case_remind_chore(struct job_run *run, int64_t *next_r)
{
	bool mail = tenancy_settings(run->tenancy)->mail_relay != NULL;
	struct rows *r, *next;
	struct tx *tx;

	TRY(case_files_sweep(run));
	TRY(chore_begin(run, "requests", &tx));
	tx_queue(tx, &drop_links, NO_VALS, NULL);
	tx_queue(tx, &drop_files, NO_VALS, NULL);
	TRY(tx_query(tx, &due, NO_VALS, &r));
	for (size_t i = 0; mail && i < rows_count(r); i++)
		TRY(remind(run, tx, r, i));
	if (mail)
		TRY(handover_warn(run, tx));
	if (mail)
		TRY(hold_remind(run, tx));
	TRY(tx_query(tx, &next_day, NO_VALS, &next));
	TRY(tx_commit(tx));
	*next_r = rows_count(next) > 0 ? rows_i64(next, 0, 0) : 0;
	return NULL;
}

STMT(administrators, "case.administrators", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u join profile p using "
	"(profile_id) where u.active and p.builtin and p.name = 'administrator' order by 1 limit "
	"100");
STMT(was_sole, "case.was_sole", 1,
	"select sole from request_event where request_id = $1::bigint order by event_id desc limit "
	"1");

struct err *
case_tell_sole(struct request *rq, const struct privacy_case *c)
{
	struct rows *r, *to;

	tx_queue(rq->tx, &administrators, NO_VALS, &to);
	TRY(tx_query(rq->tx, &was_sole, VALS(val_i64(c->id)), &r));
	if (!rows_bool(r, 0, 0) || gate_settings()->mail_relay == NULL)
		return NULL;
	for (size_t i = 0; i < rows_count(to); i++) {
		struct outgoing m = {.kind = "request_sole",
			.to = rows_text(to, i, 1),
			.name = rows_text(to, i, 2),
			.lang = lang_parse(rows_text(to, i, 3)),
			.user_id = rows_i64(to, i, 0),
			.created_by = rq->principal->user_id,
			.subject_arg = c->reference};

		m.data = model_object(rq->a);
		model_text(m.data, "workspace", rq->tenant->name);
		model_text(m.data, "name", m.name);
		model_text(m.data, "who", rq->principal->name);
		model_text(m.data, "link",
			arena_printf(rq->a, "%s/privacy/requests/%lld", rq->tenant->origin,
				(long long)c->id));
		TRY(outbox_add(rq->tx, rq->a, &rq->tenant->kek, &m));
	}
	return NULL;
}
