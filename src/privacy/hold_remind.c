/* SPDX-License-Identifier: ISC */
/* The day on which somebody looks at a hold again: they hear of it by mail, with a number
 * and no name. */
#include "hold_remind.h"

#include "date.h"
#include "model.h"
#include "outbox.h"
#include "record.h"

/* On the day, and every week until somebody has looked. */
STMT(due_holds, "hold.due", 0,
	"select c.contact_id, c.hold_review_on::text, coalesce(u.user_id, 0) from contact c "
	"left join app_user u on u.user_id = c.hold_reviewer_id and u.active "
	"where c.hold_review_on <= hk_today() and c.hold "
	"and (c.hold_reminded_on is null or c.hold_reminded_on <= hk_today() - 7) "
	"order by c.hold_review_on limit 100 for update of c skip locked");
/* The reviewer; where there is none any more, whoever runs requests. */
STMT(reviewers, "hold.reviewers", 1,
	"select u.user_id, u.email, u.name, u.language from app_user u where u.active and case "
	"when $1::bigint <> 0 then u.user_id = $1::bigint else exists (select from profile_right "
	"r "
	"where r.profile_id = u.profile_id and r.entity = '' and r.\"right\" = 'run_requests') end "
	"order by 1 limit 50");
STMT(reminded, "hold.reminded", 1,
	"update contact set hold_reminded_on = hk_today() where contact_id = $1::bigint");

static struct err *
remind(struct job_run *run, struct tx *tx, const struct rows *r, size_t i)
{
	struct rows *to;

	TRY(tx_query(tx, &reviewers, VALS(val_i64(rows_i64(r, i, 2))), &to));
	for (size_t k = 0; k < rows_count(to); k++) {
		enum lang lang = lang_parse(rows_text(to, k, 3));
		struct outgoing m = {.kind = "hold_review",
			.to = rows_text(to, k, 1),
			.name = rows_text(to, k, 2),
			.lang = lang,
			.user_id = rows_i64(to, k, 0)};

		m.data = model_object(run->a);
		model_text(m.data, "workspace", run->tenant->name);
		model_text(m.data, "name", m.name);
		model_text(m.data, "day", date_show(run->a, rows_text(r, i, 1), lang_tag(lang)));
		model_text(m.data, "link",
			arena_printf(run->a, "%s/contacts/%lld", run->tenant->origin,
				(long long)rows_i64(r, i, 0)));
		TRY(outbox_add(tx, run->a, &run->tenant->kek, &m));
	}
	tx_queue(tx, &reminded, VALS(val_i64(rows_i64(r, i, 0))), NULL);
	return tx_run(tx);
}

struct err *
hold_remind(struct job_run *run, struct tx *tx)
{
	struct rows *r;

	TRY(tx_query(tx, &due_holds, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(remind(run, tx, r, i));
	return NULL;
}
