/* SPDX-License-Identifier: ISC */
#include "run.h"

#include "log.h"

STMT(enter, "job.enter", 5, "select job_enter($1::bigint, $2::bigint, $3, $4, $5)");
STMT(enter_chore, "job.enter_chore", 1, "select gate_system('worker', null, $1)");
STMT(enter_owner, "owner.enter_chore", 1, "select gate_system('worker', null, $1)");
STMT(progress, "job.progress", 3,
	"update job set done = $2::bigint, total = $3::bigint, attempt = 0, "
	"lease_until = clock_timestamp() + interval '30 seconds' where job_id = $1::bigint");
STMT(later, "job.later", 2,
	"update job set state = 'queued', run_at = now() + make_interval(secs => $2::bigint), "
	"attempt = 0, lease_until = null where job_id = $1::bigint");
STMT(finish, "job.finish", 2,
	"with gone as (delete from job_secret where job_id = $1::bigint) "
	"update job set state = 'done', done = coalesce(total, done), result = $2::jsonb, "
	"lease_until = null, finished_at = now(), error = null where job_id = $1::bigint");
STMT(beat, "job.beat", 4,
	"update job set done = $3::bigint, total = $4::bigint, "
	"lease_until = now() + interval '30 seconds' "
	"where job_id = $1::bigint and lease = $2::bigint and state = 'running'");
STMT(secret, "job.secret", 1, "select sealed from job_secret where job_id = $1::bigint");

struct err *
job_begin(struct job_run *run, struct tx **tx_r)
{
	const char *route = arena_printf(run->a, "job.%s", run->kind), *entity, *right = NULL;

	ASSERT(run->right == RIGHT_SELF || run->right >= RIGHT_VIEW);
	entity = RIGHT_IS_SPECIAL(run->right) ? "" : job_arg_text(run, "entity");
	if (run->right != RIGHT_SELF)
		right = right_name(run->right);
	run->tx = NULL;
	TRY(tx_begin(run->conn, run->a, &enter,
		VALS(val_i64(run->id), val_i64(run->lease), val_text(route), val_text(entity),
			val_text(right)),
		&run->tx));
	*tx_r = run->tx;
	return NULL;
}

struct err *
chore_begin(struct job_run *run, const char *name, struct tx **tx_r)
{
	const char *route = arena_printf(run->a, "chore.%s", name);

	run->tx = NULL;
	TRY(tx_begin(run->conn, run->a, &enter_chore, VALS(val_text(route)), &run->tx));
	*tx_r = run->tx;
	return NULL;
}

struct err *
chore_begin_owner(struct job_run *run, struct conn *owner, const char *name, struct tx **tx_r)
{
	const char *route = arena_printf(run->a, "chore.%s", name);

	run->tx = NULL;
	TRY(tx_begin(owner, run->a, &enter_owner, VALS(val_text(route)), &run->tx));
	*tx_r = run->tx;
	return NULL;
}

void
job_progress(struct job_run *run, struct tx *tx, int64_t done, int64_t total)
{
	run->done = done;
	run->total = total;
	tx_queue(tx, &progress, VALS(val_i64(run->id), val_i64(done), val_id(total)), NULL);
}

void
job_finish(struct job_run *run, struct tx *tx, struct json_object *result)
{
	const char *text = result != NULL
				   ? json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN)
				   : NULL;

	run->finished = true;
	tx_queue(tx, &finish, VALS(val_i64(run->id), val_text(text)), NULL);
}

void
job_later(struct job_run *run, struct tx *tx, int64_t seconds)
{
	run->later = true;
	tx_queue(tx, &later, VALS(val_i64(run->id), val_i64(seconds)), NULL);
}

struct err *
job_commit(struct job_run *run, struct tx *tx)
{
	ASSERT(tx == run->tx);
	TRY(tx_commit(tx));
	/* It may be gone before the step is: steps release memory in between. */
	run->tx = NULL;
	run->moved = true;
	return NULL;
}

struct err *
job_beat(struct job_run *run, int64_t done, int64_t total)
{
	struct arena_mark mark = arena_mark(run->a);
	struct rows *rows;
	bool ours;

	run->done = done;
	run->total = total;
	if (*run->stop)
		return err_busy(run->a, "job %s: the worker ends", run->kind);
	TRY(conn_query(run->conn, run->a, &beat,
		VALS(val_i64(run->id), val_i64(run->lease), val_i64(done), val_id(total)), &rows));
	ours = rows_affected(rows) == 1;
	arena_release(run->a, mark);
	return ours ? NULL : err_internal(run->a, "job %s: the lease is lost", run->kind);
}

struct err *
job_secret(struct job_run *run, struct tx *tx, struct bytes *sealed_r)
{
	struct rows *rows;

	*sealed_r = (struct bytes){NULL, 0};
	TRY(tx_query(tx, &secret, VALS(val_i64(run->id)), &rows));
	if (rows_count(rows) > 0)
		*sealed_r = rows_bytes(run->a, rows, 0, 0);
	return NULL;
}

int64_t
job_arg_i64(const struct job_run *run, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(run->args, name, &v) ? json_object_get_int64(v) : 0;
}

const char *
job_arg_text(const struct job_run *run, const char *name)
{
	struct json_object *v;

	return json_object_object_get_ex(run->args, name, &v) ? json_object_get_string(v) : NULL;
}
