/* SPDX-License-Identifier: ISC */
/* Samples and refused rows are copies of a file of people: they do not outlive their use. */
#include "import.h"
#include "object.h"
#include "run.h"
#include "service.h"

/* Not one that is at work, unless its job was given up. */
STMT(over, "import.over", 1,
	"select i.import_id, i.object, i.key_id from import i left join job j using (job_id) "
	"where i.destroyed_at is null and coalesce(i.finished_at, i.created_at) "
	"<= now() - make_interval(days => $1::int) "
	"and (i.state not in ('queued', 'running') or j.state = 'failed') "
	"order by coalesce(i.finished_at, i.created_at) limit 100 for update of i");
/* What waited for its columns will not be taken in any more. */
STMT(destroy, "import.destroy", 2,
	"with f as (delete from import_failed where import_id = any ($1::bigint[])), "
	"i as (update import set header = null, object = null, object_key = null, key_id = null, "
	"destroyed_at = now(), error = case when state = 'uploaded' then 'import.waited' "
	"else error end, state = case when state = 'uploaded' then 'failed' else state end "
	"where import_id = any ($1::bigint[])) "
	"delete from data_key where key_id = any ($2::bigint[]) and purpose = 'import'");
STMT(over_next, "import.over_next", 1,
	"select ceil(extract(epoch from min(coalesce(finished_at, created_at)) "
	"+ make_interval(days => $1::int) - now()))::bigint from import where destroyed_at is "
	"null");

#define HOUR 3600

/* Up to a hundred of them. */
static struct err *
piece(struct job_run *run, int64_t days, size_t *n_r)
{
	int64_t *ids, *keys;
	struct rows *r;
	struct tx *tx;
	size_t n;

	TRY(chore_begin(run, run->kind, &tx));
	TRY(tx_query(tx, &over, VALS(val_i64(days)), &r));
	n = *n_r = rows_count(r);
	ids = ARENA_ARRAY(run->a, n + 1, int64_t);
	keys = ARENA_ARRAY(run->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		ids[i] = rows_i64(r, i, 0);
		keys[i] = rows_i64(r, i, 2);
		/* Killed behind this, the next run finds the row again. */
		if (!rows_null(r, i, 1))
			TRY(object_destroy(run->a, run->tenant->files, rows_text(r, i, 1)));
	}
	tx_queue(tx, &destroy, VALS(val_i64s(ids, n), val_i64s(keys, n)), NULL);
	return tx_commit(tx);
}

struct err *
import_expire_chore(struct job_run *run, int64_t *next_r)
{
	int64_t days = tenancy_settings(run->tenancy)->import_keep;
	struct rows *r;
	struct tx *tx;
	size_t n;

	do {
		struct arena_mark mark = arena_mark(run->a);

		TRY(piece(run, days, &n));
		arena_release(run->a, mark);
	} while (n == 100 && !*run->stop);
	TRY(chore_begin(run, run->kind, &tx));
	TRY(tx_query(tx, &over_next, VALS(val_i64(days)), &r));
	TRY(tx_commit(tx));
	if (!rows_null(r, 0, 0))
		*next_r = rows_i64(r, 0, 0) > HOUR ? rows_i64(r, 0, 0) : HOUR;
	return NULL;
}
