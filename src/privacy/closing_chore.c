/* SPDX-License-Identifier: ISC */
/* What time does to a workspace that closes: mails, and the end. */
#include "closing_part.h"

#include "destroy.h"
#include "provision.h"

/* The nearest of the days that administrators are told of; told: of which they know. */
STMT(look, "closing.look", 0,
	"select x.closing_id, (extract(epoch from x.closes_at) * 1000000)::bigint, "
	"x.closes_at <= now() and requests_open() = 0, "
	"(select min(d) from unnest(array[30, 14, 7, 1]) t (d) where x.closes_at <= now() + "
	"make_interval(days => d) and d < coalesce(x.told, 31))::bigint, "
	"greatest(60, least(3600, ceil(extract(epoch from x.closes_at - now()))))::bigint, "
	"x.asked_by is null "
	"from closing x where x.ended_at is null and x.begun_at is not null");
STMT(told, "closing.told", 2, "update closing set told = $2::int where closing_id = $1::bigint");

/* Places of closing.look. */
enum { ID, CLOSES_AT, OVER, TELL, NEXT, BY_OPERATOR };

static struct err *
tell(struct job_run *run, struct tx *tx, const struct rows *r)
{
	const struct closing_news n = {.kind = "closing",
		.closes_at = rows_i64(r, 0, CLOSES_AT),
		.days = rows_i64(r, 0, TELL)};

	if (tenancy_settings(run->tenancy)->mail_relay != NULL)
		TRY(closing_tell(tx, run->a, run->tenant, &n));
	tx_queue(tx, &told, VALS(val_i64(rows_i64(r, 0, ID)), val_i64(n.days)), NULL);
	return NULL;
}

static struct err *
end(struct job_run *run, bool by_operator)
{
	const struct destroying in = {.slug = run->tenant->slug,
		.reason = by_operator ? "closed by its operator" : "closed by its owner"};
	const char *certificate;

	return tenant_destroy(run->tenancy, run->a, &in, &certificate);
}

struct err *
closing_chore(struct job_run *run, int64_t *next_r)
{
	bool closing, over = false, by_operator = false;
	struct rows *r;
	struct tx *tx;

	TRY(chore_begin(run, "closing", &tx));
	TRY(tx_query(tx, &look, NO_VALS, &r));
	closing = rows_count(r) > 0;
	if (closing) {
		over = rows_bool(r, 0, OVER);
		by_operator = rows_bool(r, 0, BY_OPERATOR);
		*next_r = rows_i64(r, 0, NEXT);
		if (!over && !rows_null(r, 0, TELL))
			TRY(tell(run, tx, r));
	}
	TRY(tx_commit(tx));
	/* What the directory shows, should whoever changed it have been cut off. */
	if (closing != (run->tenant->state == TENANT_CLOSING))
		TRY(provision_close(run->tenancy, run->a, run->tenant->id, closing));
	return over ? end(run, by_operator) : NULL;
}
