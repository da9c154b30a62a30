/* SPDX-License-Identifier: ISC */
/*
 * What comes back to an erasure: orders that were cut off, and the end of what
 * a law had kept.
 */
#include "date.h"
#include "erase.h"
#include "erase_job.h"
#include "erase_part.h"
#include "event.h"
#include "job.h"
#include "mail_tray_page.h"

/* Terms end one after another; the first storage stage comes before any. */
STMT(due, "erase_due.list", 0,
	"select erasure_id, contact_id, receipt::text, hk_today()::text, "
	"(extract(epoch from now()) * 1000000)::bigint from erasure "
	"where completed_at is null and scrubbed_at is not null "
	"and (next_until is null or next_until < hk_today()) "
	"order by erasure_id limit 100 for update");
STMT(end_keys, "erase_due.keys", 1,
	"delete from data_key where contact_id = $1::bigint and purpose = 'kept' "
	"and keep_until < hk_today()");
STMT(end_days, "erase_due.days", 1,
	"delete from erasure_term where erasure_id = $1::bigint and until < hk_today()");
/* Nothing is kept any more: complete, unless the disk has to be written over again. */
STMT(store, "erase_due.store", 4,
	"update erasure set receipt = $2::jsonb, next_until = $3::date, "
	"completed_at = case when $3::date is null then now() end, "
	"scrubbed_at = case when $4::boolean then null else scrubbed_at end "
	"where erasure_id = $1::bigint");

/* A stage that failed for good, or whose job got lost, is begun again. */
STMT(stuck, "erase_due.stuck", 0,
	"select min(erasure_id), max(erasure_id) from (select erasure_id from erasure e where "
	"scrubbed_at is null and erased_at < now() - interval '10 minutes' and not exists (select "
	"from job j where j.kind = 'erase_scan' and j.state in ('queued', 'running') and "
	"e.erasure_id between (j.args->>'erasure')::bigint and coalesce(j.args->>'last', "
	"j.args->>'erasure')::bigint) order by erasure_id limit 100) x having count(*) > 0");
/* What the scan looks for is personal data: it lives a day at most. */
STMT(give_up, "erase_due.give_up", 0,
	"update erasure set needles = null, scanned_at = coalesce(scanned_at, now()), "
	"receipt = receipt || jsonb_build_object('scan_incomplete', true) "
	"where needles is not null and erased_at < now() - interval '1 day'");
/* Seconds until something more ends; what is not through yet is looked at hourly. */
STMT(due_next, "erase_due.next", 0,
	"select greatest(60, ceil(extract(epoch from min(case when scrubbed_at is null "
	"or next_until < hk_today() then now() + interval '1 hour' else "
	"(next_until + 1)::timestamp at time zone 'Asia/Hong_Kong' end) - now())))::bigint "
	"from erasure where completed_at is null having count(*) > 0");

struct due {
	int64_t erasure;
	int64_t contact;
	struct json_object *receipt;
	bool ended; /* something was kept, and is erased now */
};

/* r, i: row of `due`. */
static struct err *
end_one(struct job_run *run, struct tx *tx, const struct rows *r, size_t i)
{
	struct due d = {.erasure = rows_i64(r, i, 0), .contact = rows_i64(r, i, 1)};
	struct json_object *kept;
	struct erase_counts n;
	const char *next;

	d.receipt = model_own(run->a, json_tokener_parse(rows_text(r, i, 2)));
	kept = json_object_object_get(d.receipt, "kept");
	for (size_t k = 0; k < json_object_array_length(kept); k++)
		d.ended |=
			json_object_object_get_ex(json_object_array_get_idx(kept, k), "left", NULL);
	if (d.ended) {
		erase_end_terms(tx, d.contact, &n);
		tx_queue(tx, &end_keys, VALS(val_i64(d.contact)), NULL);
		tx_queue(tx, &end_days, VALS(val_i64(d.erasure)), NULL);
		audit_queue_one(tx, run->a, "erase", "contact", d.contact, d.contact, "kept_ended");
		TRY(erase_queue_scan(tx, run->a, d.erasure, d.erasure, 0));
	}
	erase_stays_queue(tx, d.contact, &n.stays);
	TRY(tx_run(tx));
	erase_kept_update(
		kept, n.stays, rows_text(r, i, 3), time_rfc3339(run->a, rows_i64(r, i, 4)), &next);
	tx_queue(tx, &store,
		VALS(val_i64(d.erasure),
			val_text(json_object_to_json_string_ext(d.receipt, JSON_C_TO_STRING_PLAIN)),
			val_text(next), val_bool(d.ended)),
		NULL);
	return NULL;
}

struct err *
erase_due_chore(struct job_run *run, int64_t *next_r)
{
	struct rows *r, *again, *next;
	struct tx *tx;

	TRY(chore_begin(run, "erase_due", &tx));
	tx_queue(tx, &give_up, NO_VALS, NULL);
	tx_queue(tx, &stuck, NO_VALS, &again);
	TRY(mail_tray_expire(tx, run->a));
	TRY(tx_query(tx, &due, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(again); i++)
		TRY(erase_queue_scan(tx, run->a, rows_i64(again, i, 0), rows_i64(again, i, 1), 0));
	for (size_t i = 0; i < rows_count(r); i++)
		TRY(end_one(run, tx, r, i));
	TRY(tx_query(tx, &due_next, NO_VALS, &next));
	TRY(tx_commit(tx));
	*next_r = rows_count(next) > 0 ? rows_i64(next, 0, 0) : 0;
	return NULL;
}

struct err *
erase_resume_chore(struct job_run *run, int64_t *next_r)
{
	struct record_ctx cx;
	size_t left;

	TRY(record_ctx_system(run->conn, run->a, run->tenant, "worker", 0, &cx));
	TRY(erase_resume(&cx, run->tenancy, run->conn, &left));
	*next_r = left > 0 ? 60 : 0;
	return NULL;
}
