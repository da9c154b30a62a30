/* SPDX-License-Identifier: ISC */
/* What time does to a workspace that closes: mails, and the end. */
#include "closing.h"

#include "date.h"
#include "destroy.h"
#include "model.h"
#include "outbox.h"

/* The nearest of the days that administrators are told of; told: of which they know. */
STMT(look, "closing.look", 0,
	"select x.closing_id, (extract(epoch from x.closes_at) * 1000000)::bigint, "
	"x.closes_at <= now() and not exists (select from privacy_request where closed_at is "
	"null), "
	"(select min(d) from unnest(array[30, 14, 7, 1]) t (d) where x.closes_at <= now() + "
	"make_interval(days => d) and d < coalesce(x.told, 31))::bigint, "
	"greatest(60, least(3600, ceil(extract(epoch from x.closes_at - now()))))::bigint "
	"from closing x where x.ended_at is null and x.begun_at is not null");
STMT(told, "closing.told", 2, "update closing set told = $2::int where closing_id = $1::bigint");
STMT(administrators, "closing.administrators", 0,
	"select u.user_id, u.email, u.name, u.language from app_user u join profile_right r using "
	"(profile_id) where u.active and r.entity = '' and r.\"right\" = 'close_workspace' "
	"order by 1 limit 100");

static struct err *
tell(struct job_run *run, struct tx *tx, int64_t closes_at, int64_t days)
{
	struct rows *to;

	TRY(tx_query(tx, &administrators, NO_VALS, &to));
	for (size_t i = 0; i < rows_count(to); i++) {
		struct outgoing m = {.kind = "closing",
			.to = rows_text(to, i, 1),
			.name = rows_text(to, i, 2),
			.lang = lang_parse(rows_text(to, i, 3)),
			.user_id = rows_i64(to, i, 0),
			.subject_arg = run->tenant->name};

		m.data = model_object(run->a);
		model_text(m.data, "workspace", run->tenant->name);
		model_text(m.data, "name", m.name);
		model_i64(m.data, "days", days);
		model_text(m.data, "at", time_show(run->a, closes_at, lang_tag(m.lang)));
		model_text(
			m.data, "link", arena_printf(run->a, "%s/workspace", run->tenant->origin));
		TRY(outbox_add(tx, run->a, &run->tenant->kek, &m));
	}
	return NULL;
}

static struct err *
end(struct job_run *run)
{
	const struct destroying in = {.slug = run->tenant->slug, .reason = "closed by its owner"};
	const char *certificate;

	return tenant_destroy(run->tenancy, run->a, &in, &certificate);
}

struct err *
closing_chore(struct job_run *run, int64_t *next_r)
{
	bool mail = tenancy_settings(run->tenancy)->mail_relay != NULL, over = false;
	struct rows *r;
	struct tx *tx;

	TRY(chore_begin(run, "closing", &tx));
	TRY(tx_query(tx, &look, NO_VALS, &r));
	if (rows_count(r) > 0) {
		over = rows_bool(r, 0, 2);
		*next_r = rows_i64(r, 0, 4);
		if (!over && !rows_null(r, 0, 3)) {
			if (mail)
				TRY(tell(run, tx, rows_i64(r, 0, 1), rows_i64(r, 0, 3)));
			tx_queue(tx, &told,
				VALS(val_i64(rows_i64(r, 0, 0)), val_i64(rows_i64(r, 0, 3))), NULL);
		}
	}
	TRY(tx_commit(tx));
	return over ? end(run) : NULL;
}
