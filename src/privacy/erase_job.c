/* SPDX-License-Identifier: ISC */
/*
 * The second stage of an erasure: files, and remains elsewhere.
 */
#include "erase_job.h"

#include <string.h>

#include "erase_part.h"
#include "event.h"
#include "job.h"
#include "log.h"
#include "object.h"

STMT(files_left, "erase_scan.files", 1,
	"select a.attachment_id, a.object from attachment a join erasure e using (contact_id) "
	"where e.erasure_id = $1::bigint and a.object is not null and a.object_key is null limit "
	"200");
STMT(file_gone, "erase_scan.file_gone", 1,
	"update attachment set object = null where attachment_id = any ($1::bigint[])");
STMT(downloads_left, "erase_scan.downloads", 1,
	"select d.download_id, d.object from download d join erasure e using (contact_id) "
	"where e.erasure_id = $1::bigint and d.destroyed_at is null limit 200");
STMT(download_gone, "erase_scan.download_gone", 1,
	"update download set destroyed_at = now() where download_id = any ($1::bigint[])");
STMT(load_needles, "erase_scan.needles", 1,
	"select contact_id, needles, files_at is not null from erasure where erasure_id = "
	"$1::bigint");
STMT(files_done, "erase_scan.files_done", 1,
	"update erasure set files_at = coalesce(files_at, now()) where erasure_id = $1::bigint");
/* Other people's texts that hold a value: for a person to decide about. */
STMT(find_remains, "erase_scan.remains", 2,
	"select 'message', message_id from message where contact_id <> $2::bigint "
	"and (position($1 in coalesce(body, '')) > 0 or position($1 in coalesce(subject, '')) > 0) "
	"union all select 'activity', activity_id from activity where contact_id <> $2::bigint "
	"and (position($1 in coalesce(body, '')) > 0 or position($1 in coalesce(subject, '')) > 0) "
	"union all select 'contact', contact_id from contact where contact_id <> $2::bigint "
	"and (position($1 in coalesce(bio, '')) > 0 or position($1 in coalesce(address, '')) > 0) "
	"limit 200");
STMT(failed_rows, "erase_scan.failed_rows", 2,
	"select f.import_id, f.row_number, f.cells, i.key_id, k.wrapped from import_failed f "
	"join import i using (import_id) join data_key k on k.key_id = i.key_id "
	"where (f.import_id, f.row_number) > ($1::bigint, $2::bigint) "
	"order by f.import_id, f.row_number limit 500");
STMT(drop_failed, "erase_scan.drop_failed", 2,
	"delete from import_failed where import_id = $1::bigint and row_number = $2::bigint");
STMT(scan_done, "erase_scan.done", 2,
	"update erasure set scanned_at = now(), needles = null, "
	"receipt = receipt || jsonb_build_object('remains', $2::jsonb) where erasure_id = "
	"$1::bigint");

/* Unlinks files whose keys are gone; a crash between leaves unreadable bytes
 * that the next run unlinks. */
static struct err *
destroy_some(struct job_run *run, const struct stmt *list, const struct stmt *mark, size_t *n_r)
{
	int64_t *ids;
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, list, VALS(val_i64(job_arg_i64(run, "erasure"))), &r));
	*n_r = rows_count(r);
	ids = ARENA_ARRAY(run->a, *n_r, int64_t);
	for (size_t i = 0; i < *n_r; i++) {
		ids[i] = rows_i64(r, i, 0);
		TRY(object_destroy(run->a, run->tenant->files, rows_text(r, i, 1)));
	}
	if (*n_r > 0)
		tx_queue(tx, mark, VALS(val_i64s(ids, *n_r)), NULL);
	job_progress(run, tx, run->done + (int64_t)*n_r, 0);
	return job_commit(run, tx);
}

static bool
holds_any(struct json_object *needles, const char *text)
{
	for (size_t i = 0; i < json_object_array_length(needles); i++)
		if (strstr(text, json_object_get_string(json_object_array_get_idx(needles, i))) !=
			NULL)
			return true;
	return false;
}

/* Rows that imports refused lie there sealed: opened, looked at, dropped. */
static struct err *
scan_failed_rows(struct job_run *run, struct tx *tx, struct json_object *needles)
{
	int64_t import = 0, row = 0;

	for (;;) {
		struct rows *r;
		size_t n;

		TRY(tx_query(tx, &failed_rows, VALS(val_i64(import), val_i64(row)), &r));
		n = rows_count(r);
		for (size_t i = 0; i < n; i++) {
			struct bytes plain;
			struct seal_key key;

			import = rows_i64(r, i, 0);
			row = rows_i64(r, i, 1);
			if (key_unwrap(run->a, &run->tenant->kek, "import",
				    rows_bytes(run->a, r, i, 4), rows_i64(r, i, 3), &key) &&
				unseal_value(run->a, &key,
					arena_printf(run->a, "import_failed|%lld|%lld",
						(long long)import, (long long)row),
					rows_bytes(run->a, r, i, 2), &plain) &&
				holds_any(needles, (const char *)plain.p))
				tx_queue(tx, &drop_failed, VALS(val_i64(import), val_i64(row)),
					NULL);
		}
		if (n < 500)
			return NULL;
	}
}

static struct err *
scan_texts(struct tx *tx, struct json_object *needles, int64_t contact, struct json_object *remains)
{
	for (size_t i = 0; i < json_object_array_length(needles); i++) {
		struct rows *r;

		TRY(tx_query(tx, &find_remains,
			VALS(val_text(
				     json_object_get_string(json_object_array_get_idx(needles, i))),
				val_i64(contact)),
			&r));
		for (size_t k = 0; k < rows_count(r); k++) {
			struct json_object *o = model_item(remains);

			model_text(o, "entity", rows_text(r, k, 0));
			model_i64(o, "id", rows_i64(r, k, 1));
		}
	}
	return NULL;
}

struct err *
erase_scan_step(struct job_run *run)
{
	int64_t erasure = job_arg_i64(run, "erasure"), contact;
	struct json_object *needles, *remains;
	struct bytes plain;
	struct rows *r;
	struct tx *tx;
	size_t files, downloads;
	int64_t scrub;

	TRY(destroy_some(run, &files_left, &file_gone, &files));
	TRY(destroy_some(run, &downloads_left, &download_gone, &downloads));
	if (files + downloads > 0)
		return NULL;
	TRY(job_begin(run, &tx));
	tx_queue(tx, &files_done, VALS(val_i64(erasure)), NULL);
	TRY(tx_query(tx, &load_needles, VALS(val_i64(erasure)), &r));
	if (rows_count(r) > 0 && !rows_null(r, 0, 1)) {
		contact = rows_i64(r, 0, 0);
		if (!unseal_value(run->a, &run->tenant->kek, erase_needles_place(run->a, contact),
			    rows_bytes(run->a, r, 0, 1), &plain))
			return err_internal(run->a, "needles do not open");
		needles = model_own(run->a, json_tokener_parse((const char *)plain.p));
		remains = model_own(run->a, json_object_new_array());
		TRY(scan_texts(tx, needles, contact, remains));
		TRY(scan_failed_rows(run, tx, needles));
		tx_queue(tx, &scan_done,
			VALS(val_i64(erasure), val_text(json_object_to_json_string_ext(
						       remains, JSON_C_TO_STRING_PLAIN))),
			NULL);
	}
	TRY(job_enqueue(tx, run->a, "scrub", NULL, "scrub", 0, &scrub));
	job_finish(run, tx, NULL);
	return job_commit(run, tx);
}
