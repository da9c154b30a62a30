/* SPDX-License-Identifier: ISC */
#include "leak_kept.h"

#include <string.h>

/* The last ones stay, so that a page can say since when. */
STMT(insert, "leak_test.insert", 1,
	"insert into leak_test (job_id) values ($1::bigint) returning leak_test_id");
STMT(update, "leak_test.update", 5,
	"with old as (delete from leak_test where leak_test_id < (select leak_test_id from "
	"leak_test "
	"order by leak_test_id desc offset 29 limit 1)) "
	"update leak_test set last_profile = $2::bigint, report = $3::jsonb, leaks = $4::bigint, "
	"finished_at = case when $5::boolean then clock_timestamp() end "
	"where leak_test_id = $1::bigint");
STMT(of_job, "leak_test.of_job", 1,
	"select leak_test_id, last_profile, report::text from leak_test where job_id = $1::bigint");

struct err *
leak_kept_begin(struct tx *tx, int64_t job, int64_t *id_r)
{
	struct rows *rows;

	TRY(tx_query(tx, &insert, VALS(val_id(job)), &rows));
	*id_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
leak_kept_of_job(struct tx *tx, struct arena *a, int64_t job, struct leak_kept *k)
{
	struct rows *rows;

	*k = (struct leak_kept){.report = NULL};
	TRY(tx_query(tx, &of_job, VALS(val_i64(job)), &rows));
	if (rows_count(rows) == 0)
		return leak_kept_begin(tx, job, &k->id);
	k->id = rows_i64(rows, 0, 0);
	k->last_profile = rows_i64(rows, 0, 1);
	k->report = json_tokener_parse(rows_text(rows, 0, 2));
	if (k->report != NULL)
		model_own(a, k->report);
	return NULL;
}

static int64_t
number(struct json_object *o, const char *name)
{
	return json_object_get_int64(json_object_object_get(o, name));
}

struct json_object *
leak_kept_add(struct arena *a, struct json_object *to, struct json_object *more)
{
	static const char *const sums[] = {"profiles", "answers", "canaries", "seen", "leaks"};
	struct json_object *from, *hits;

	if (to == NULL || json_object_object_length(to) == 0)
		return more;
	(void)a;
	for (size_t i = 0; i < sizeof(sums) / sizeof(sums[0]); i++)
		json_object_object_add(more, sums[i],
			json_object_new_int64(number(to, sums[i]) + number(more, sums[i])));
	hits = json_object_object_get(to, "hits");
	from = json_object_object_get(more, "hits");
	for (size_t i = 0; i < json_object_array_length(from); i++)
		if (json_object_array_length(hits) < LEAK_HITS)
			json_object_array_add(
				hits, json_object_get(json_object_array_get_idx(from, i)));
	json_object_object_add(more, "hits", json_object_get(hits));
	return more;
}

void
leak_kept_update(struct tx *tx, const struct leak_kept *k, bool finished)
{
	tx_queue(tx, &update,
		VALS(val_i64(k->id), val_i64(k->last_profile),
			val_text(json_object_to_json_string_ext(k->report, JSON_C_TO_STRING_PLAIN)),
			val_i64(number(k->report, "leaks")), val_bool(finished)),
		NULL);
}
