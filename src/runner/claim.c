/* SPDX-License-Identifier: ISC */
#include "claim.h"

#include "response.h"

STMT(next, "job.claim", 1,
	"with due as (select job_id from job where kind = any ($1::text[]) "
	"and state in ('queued', 'running') "
	"and ((state = 'queued' and run_at <= now()) or (state = 'running' and lease_until <= "
	"now())) "
	"order by run_at, job_id limit 1 for update skip locked) "
	"update job j set state = 'running', lease = lease + 1, attempt = attempt + 1, "
	"lease_until = now() + interval '30 seconds', started_at = coalesce(started_at, now()) "
	"from due where j.job_id = due.job_id "
	"returning j.job_id, j.kind, j.args::text, j.created_by, j.done, j.total, j.lease, "
	"j.attempt");
STMT(release, "job.release", 2,
	"update job set state = 'queued', run_at = now(), lease_until = null, "
	"attempt = greatest(attempt - 1, 0) "
	"where job_id = $1::bigint and lease = $2::bigint and state = 'running'");
STMT(retry, "job.retry", 3,
	"update job set state = 'queued', run_at = now() + make_interval(secs => $3::int), "
	"lease_until = null where job_id = $1::bigint and lease = $2::bigint and state = "
	"'running'");
STMT(fail, "job.fail", 2,
	"with gone as (delete from job_secret where job_id = $1::bigint) "
	"update job set state = 'failed', error = $2, lease_until = null, finished_at = now() "
	"where job_id = $1::bigint");
STMT(due, "job.due", 1,
	"select ceil(extract(epoch from min(case when state = 'queued' then run_at else "
	"lease_until end) "
	"- now()) * 1000000)::bigint "
	"from job where kind = any ($1::text[]) and state in ('queued', 'running')");

struct err *
claim_next(struct conn *c, struct arena *a, const char *const *kinds, size_t nkinds,
	struct claim *claim_r)
{
	struct rows *rows;

	*claim_r = (struct claim){0};
	TRY(conn_query(c, a, &next, VALS(val_texts(kinds, nkinds)), &rows));
	if (rows_count(rows) == 0)
		return NULL;
	claim_r->id = rows_i64(rows, 0, 0);
	claim_r->kind = rows_text(rows, 0, 1);
	claim_r->args = json_tokener_parse(rows_text(rows, 0, 2));
	if (!json_object_is_type(claim_r->args, json_type_object))
		return err_internal(
			a, "job %lld: its arguments are no object", (long long)claim_r->id);
	model_own(a, claim_r->args);
	claim_r->created_by = rows_i64(rows, 0, 3);
	claim_r->done = rows_i64(rows, 0, 4);
	claim_r->total = rows_i64(rows, 0, 5);
	claim_r->lease = rows_i64(rows, 0, 6);
	claim_r->attempt = (int)rows_i64(rows, 0, 7);
	return NULL;
}

struct err *
claim_release(struct job_run *run)
{
	return conn_query(
		run->conn, run->a, &release, VALS(val_i64(run->id), val_i64(run->lease)), NULL);
}

struct err *
claim_retry(struct job_run *run, int attempt)
{
	int seconds = 5;

	for (int i = 1; i < attempt; i++)
		seconds *= 4;
	return conn_query(run->conn, run->a, &retry,
		VALS(val_i64(run->id), val_i64(run->lease), val_i64(seconds)), NULL);
}

struct err *
claim_fail(struct job_run *run, const struct job_kind *kind, const char *key)
{
	struct tx *tx;

	/* That it failed is written down whoever may do what. */
	run->right = RIGHT_SELF;
	TRY(job_begin(run, &tx));
	tx_queue(tx, &fail, VALS(val_i64(run->id), val_text(key)), NULL);
	if (kind->failed != NULL)
		kind->failed(run, tx, key);
	return tx_commit(tx);
}

struct err *
claim_due(struct conn *c, struct arena *a, const char *const *kinds, size_t nkinds, int64_t *usec_r)
{
	struct rows *rows;

	TRY(conn_query(c, a, &due, VALS(val_texts(kinds, nkinds)), &rows));
	*usec_r = rows_null(rows, 0, 0) ? -1 : rows_i64(rows, 0, 0);
	if (!rows_null(rows, 0, 0) && *usec_r < 0)
		*usec_r = 0;
	return NULL;
}
