/* SPDX-License-Identifier: ISC */
/*
 * The second stage of an erasure: files, and remains elsewhere.
 */
#include "erase_job.h"

#include "erase_scan.h"
#include "job.h"
#include "log.h"
#include "object.h"

STMT(files_left, "erase_scan.files", 2,
	"select a.attachment_id, a.object from attachment a join erasure e using (contact_id) "
	"where e.erasure_id between $1::bigint and $2::bigint and a.object is not null and "
	"a.object_key is null limit 200");
STMT(file_gone, "erase_scan.file_gone", 1,
	"update attachment set object = null where attachment_id = any ($1::bigint[])");
STMT(downloads_left, "erase_scan.downloads", 2,
	"select d.download_id, d.object from erasure e cross join lateral "
	"(select d.download_id, d.object from download d where d.contact_id = e.contact_id "
	"and d.destroyed_at is null union select d.download_id, d.object from export_record r "
	"join export x using (export_id) join download d using (download_id) "
	"where r.contact_id = e.contact_id and d.destroyed_at is null union "
	"select d.download_id, d.object from export x join download d using (job_id) "
	"where x.kind = 'workspace' and d.destroyed_at is null) d "
	"where e.erasure_id between $1::bigint and $2::bigint limit 200");
STMT(download_gone, "erase_scan.download_gone", 1,
	"with r as (delete from export_record where export_id in (select export_id from export "
	"where download_id = any ($1::bigint[]))) "
	"update download set destroyed_at = now() where download_id = any ($1::bigint[])");
STMT(files_done, "erase_scan.files_done", 2,
	"update erasure set files_at = coalesce(files_at, now()) where erasure_id between "
	"$1::bigint and $2::bigint");
STMT(to_look_for, "erase_scan.people", 2,
	"select erasure_id, contact_id, needles from erasure where erasure_id between $1::bigint "
	"and $2::bigint and needles is not null order by erasure_id");
/* A job that was given up leaves its import as it stood. */
STMT(imports_on_their_way, "erase_scan.imports", 0,
	"select exists (select from import i join job j using (job_id) "
	"where j.state in ('queued', 'running') and i.state in ('queued', 'running'))");
STMT(scan_done, "erase_scan.done", 2,
	"update erasure set scanned_at = now(), needles = null, "
	"receipt = receipt || jsonb_build_object('remains', $2::jsonb) where erasure_id = "
	"$1::bigint");

STMT(elsewhere, "erase_scan.elsewhere", 1,
	"select entity, id, request from erasure_elsewhere($1::bigint)");

#define IMPORT_SECONDS 20

/* One erasure, or those from it to the last one that were done in a row. */
static int64_t
last_of(const struct job_run *run)
{
	int64_t last = job_arg_i64(run, "last");

	return last != 0 ? last : job_arg_i64(run, "erasure");
}
#define RANGE(run) VALS(val_i64(job_arg_i64(run, "erasure")), val_i64(last_of(run)))

/* Unlinks files whose keys are gone; a crash between leaves unreadable bytes
 * that the next run unlinks. */
static struct err *
destroy_some(struct job_run *run, const struct stmt *list, const struct stmt *mark, size_t *n_r)
{
	int64_t *ids;
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, list, RANGE(run), &r));
	*n_r = rows_count(r);
	ids = ARENA_ARRAY(run->a, *n_r, int64_t);
	for (size_t i = 0; i < *n_r; i++) {
		ids[i] = rows_i64(r, i, 0);
		TRY(object_destroy(run->a, run->tenant->files, rows_text(r, i, 1)));
	}
	if (*n_r > 0)
		tx_queue(tx, mark, VALS(val_i64s(ids, *n_r)), NULL);
	if (*n_r > 0)
		job_progress(run, tx, run->done + (int64_t)*n_r, 0);
	return job_commit(run, tx);
}

/* The people, and what to look for of each. Whose does not open keeps nobody else waiting: a
 * day later the receipt says that nothing was looked for. */
static void
open_people(struct scan *s, const struct rows *r)
{
	struct arena *a = s->run->a;

	s->people = ARENA_ARRAY(a, rows_count(r) + 1, struct scanned);
	for (size_t i = 0; i < rows_count(r); i++) {
		struct scanned *p = &s->people[s->n];

		*p = (struct scanned){rows_i64(r, i, 0), rows_i64(r, i, 1), {0},
			model_own(a, json_object_new_array())};
		if (needles_open(a, s->run->tenant, p->contact_id, rows_bytes(a, r, i, 2),
			    &p->needles) != NULL) {
			log_error("erasure %lld: what to look for does not open",
				(long long)p->erasure);
			continue;
		}
		needles_add(a, &s->all, &p->needles);
		s->n++;
	}
}

static struct err *
scan_elsewhere(struct scan *s)
{
	struct record_ctx cx;

	TRY(record_ctx_system(s->run->conn, s->run->a, s->run->tenant, "worker", 0, &cx));
	s->cat = cx.cat;
	TRY(scan_imports(s));
	TRY(scan_texts(s));
	TRY(scan_outbox(s));
	return scan_records(s);
}

/* What left, and what lies with requests. */
static struct err *
add_elsewhere(const struct scanned *p, struct tx *tx)
{
	struct rows *r;

	TRY(tx_query(tx, &elsewhere, VALS(val_i64(p->contact_id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(p->remains);

		model_text(o, "entity", rows_text(r, i, 0));
		model_i64(o, "id", rows_i64(r, i, 1));
		if (!rows_null(r, i, 2))
			model_i64(o, "request", rows_i64(r, i, 2));
	}
	tx_queue(tx, &scan_done,
		VALS(val_i64(p->erasure), val_text(json_object_to_json_string_ext(
						  p->remains, JSON_C_TO_STRING_PLAIN))),
		NULL);
	return NULL;
}

struct err *
erase_queue_scan(struct tx *tx, struct arena *a, int64_t first, int64_t last, int64_t created_by)
{
	struct json_object *args = model_object(a);
	const char *key = arena_printf(a, "erase_scan|%lld", (long long)first);
	int64_t job;

	model_i64(args, "erasure", first);
	if (last != first) {
		model_i64(args, "last", last);
		key = arena_printf(a, "%s-%lld", key, (long long)last);
	}
	return job_enqueue(tx, a, "erase_scan", args, key, created_by, &job);
}

struct err *
erase_scan_step(struct job_run *run)
{
	struct scan s = {.run = run};
	size_t files, downloads;
	struct rows *r, *imports;
	struct tx *tx;
	int64_t scrub;

	TRY(destroy_some(run, &files_left, &file_gone, &files));
	TRY(destroy_some(run, &downloads_left, &download_gone, &downloads));
	if (files + downloads > 0)
		return NULL;
	TRY(job_begin(run, &tx));
	tx_queue(tx, &imports_on_their_way, NO_VALS, &imports);
	tx_queue(tx, &files_done, RANGE(run), NULL);
	TRY(tx_query(tx, &to_look_for, RANGE(run), &r));
	if (rows_count(r) > 0 && rows_bool(imports, 0, 0)) {
		/* What it refuses would come after the search. */
		job_later(run, tx, IMPORT_SECONDS);
		return job_commit(run, tx);
	}
	TRY(job_commit(run, tx));
	open_people(&s, r);
	if (s.n > 0)
		TRY(scan_elsewhere(&s));
	/* Told to end in the middle of it: it begins anew. */
	if (*run->stop)
		return NULL;
	TRY(job_begin(run, &tx));
	for (size_t i = 0; i < s.n; i++)
		TRY(add_elsewhere(&s.people[i], tx));
	TRY(job_enqueue(tx, run->a, "scrub", NULL, "scrub", 0, &scrub));
	job_finish(run, tx, NULL);
	return job_commit(run, tx);
}
