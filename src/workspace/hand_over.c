/* SPDX-License-Identifier: ISC */
#include "hand_over.h"

#include <string.h>

#include "controls.h"
#include "job.h"

/* What changes hands while whoever asked waits; more goes piece by piece. */
#define AT_ONCE 5000
#define PIECE 5000

STMT(count_owned, "user.owned", 1, "select entity, n from owned_count($1::bigint)");
STMT(move_owned, "user.hand_over", 3,
	"select entity, n from hand_over($1::bigint, $2::bigint, $3::bigint)");
STMT(on_its_way, "user.handing_over", 1,
	"select 1 from job where kind = 'hand_over' and state in ('queued', 'running') "
	"and $1::bigint in ((args->>'from')::bigint, (args->>'to')::bigint)");
STMT(job_ends, "hand_over_job.ends", 2,
	"select (select active from app_user where user_id = $1::bigint), "
	"(select active from app_user where user_id = $2::bigint)");
STMT(can_take, "user.can_take", 2,
	"select 1 from app_user where user_id = $1::bigint and active and user_id <> $2::bigint "
	"for share");
STMT(colleagues, "user.colleagues", 1,
	"select user_id, name, email from app_user where active and user_id <> $1::bigint "
	"order by lower(name), user_id limit 1000");

static void
read_owned(const struct rows *r, struct owned *o)
{
	*o = (struct owned){0};
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *entity = rows_text(r, i, 0);
		int64_t n = rows_i64(r, i, 1);

		if (strcmp(entity, "contact") == 0)
			o->contacts = n;
		else if (strcmp(entity, "company") == 0)
			o->companies = n;
		else
			o->tasks = n;
		o->all += n;
	}
}

/* Counted whether whoever asks may see them or not; only the numbers are told. */
static struct err *
owned_by(struct request *rq, int64_t user, struct owned *o_r)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &count_owned, VALS(val_i64(user)), &r));
	read_owned(r, o_r);
	return NULL;
}

/* Nobody leaves, or takes over, in the middle of it. */
static struct err *
check_none_on_its_way(struct request *rq, int64_t user)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &on_its_way, VALS(val_i64(user)), &r));
	return rows_count(r) == 0 ? NULL : err_new(rq->a, ERR_CONFLICT, "error.hand_over_runs");
}

static struct err *
begin_job(struct request *rq, int64_t user, int64_t to, struct owned *o)
{
	struct json_object *args = model_object(rq->a);

	model_i64(args, "from", user);
	model_i64(args, "to", to);
	return job_enqueue(rq->tx, rq->a, "hand_over", args,
		arena_printf(rq->a, "hand_over|%lld", (long long)user), rq->principal->user_id,
		&o->job);
}

struct err *
hand_over(struct request *rq, int64_t user, int64_t to, struct owned *o_r)
{
	struct err *e = NULL;
	struct rows *r;

	TRY(check_none_on_its_way(rq, user));
	TRY(owned_by(rq, user, o_r));
	if (to == 0) {
		if (o_r->all > 0)
			err_add_field(rq->a, &e, "hand_over_to", "error.hand_over_to",
				arena_printf(rq->a, "%lld", (long long)o_r->all));
		return e;
	}
	TRY(tx_query(rq->tx, &can_take, VALS(val_i64(to), val_i64(user)), &r));
	if (rows_count(r) == 0) {
		err_add_field(rq->a, &e, "hand_over_to", "error.choice", NULL);
		return e;
	}
	if (o_r->all > AT_ONCE)
		return begin_job(rq, user, to, o_r);
	TRY(tx_query(rq->tx, &move_owned, VALS(val_i64(user), val_i64(to), NO_VAL), &r));
	read_owned(r, o_r);
	return NULL;
}

/* Whoever is back keeps what has not gone. */
static struct err *
end_job(struct job_run *run, struct tx *tx)
{
	struct json_object *result = model_object(run->a);

	model_i64(result, "records", run->done);
	job_finish(run, tx, result);
	return job_commit(run, tx);
}

struct err *
hand_over_step(struct job_run *run)
{
	const struct val from = val_i64(job_arg_i64(run, "from")),
			 to = val_i64(job_arg_i64(run, "to"));
	struct owned left, moved;
	struct rows *ends, *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	tx_queue(tx, &job_ends, VALS(from, to), &ends);
	TRY(tx_query(tx, &count_owned, VALS(from), &r));
	read_owned(r, &left);
	if (left.all == 0 || rows_bool(ends, 0, 0))
		return end_job(run, tx);
	if (!rows_bool(ends, 0, 1))
		return err_new(run->a, ERR_CONFLICT, "error.hand_over_gone");
	TRY(tx_query(tx, &move_owned, VALS(from, to, val_i64(PIECE)), &r));
	read_owned(r, &moved);
	job_progress(run, tx, run->done + moved.all, run->done + left.all);
	return job_commit(run, tx);
}

void
owned_model(const struct owned *o, struct json_object *to)
{
	model_i64(to, "contact", o->contacts);
	model_i64(to, "company", o->companies);
	model_i64(to, "activity", o->tasks);
}

struct err *
hand_over_form(struct request *rq, int64_t user, struct json_object *page)
{
	struct json_object *o = model_child(page, "hand_over"), *f;
	struct owned owned;
	struct rows *r;

	TRY(owned_by(rq, user, &owned));
	model_i64(o, "all", owned.all);
	owned_model(&owned, o);
	if (owned.all == 0)
		return NULL;
	f = form_field(rq, model_list(o, "fields"), "choice", "hand_over_to",
		say(rq, "users.hand_over_to"), "");
	form_required(f);
	TRY(tx_query(rq->tx, &colleagues, VALS(val_i64(user)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		form_option(f, arena_printf(rq->a, "%lld", (long long)rows_i64(r, i, 0)),
			arena_printf(rq->a, "%s (%s)", rows_text(r, i, 1), rows_text(r, i, 2)));
	return NULL;
}
