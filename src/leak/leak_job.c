/* SPDX-License-Identifier: ISC */
#include "leak_job.h"

#include <time.h>

#include "job.h"
#include "leak_kept.h"
#include "log.h"

STMT(next_profile, "leak_test.next_profile", 1,
	"select (select min(profile_id) from profile where profile_id > $1::bigint), "
	"(select count(*) from profile where profile_id <= $1::bigint), "
	"(select count(*) from profile)");
/* Hours of the night in Hong Kong. A workspace of today is not tried tonight. */
STMT(due, "leak_test.due", 1,
	"with t as (select now() at time zone 'Asia/Hong_Kong' as at), w as (select created_at < "
	"now() - "
	"interval '1 day' and coalesce((select max(started_at) from leak_test), '-infinity') < "
	"now() - "
	"interval '20 hours' as due from workspace) "
	"select due, due and extract(hour from at)::int = $1::int, ceil(extract(epoch from "
	"date_trunc('day', at) + make_interval(days => case when extract(hour from at)::int >= "
	"$1::int "
	"then 1 else 0 end, hours => $1::int) - at))::bigint from t, w");

/* The lease is renewed over a connection of its own: the workspace's is in the trial. */
struct pulse {
	struct job_run run;
	int64_t last;
};

#define PULSE_MS 5000

static int64_t
clock_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static struct err *
beat(void *ctx)
{
	struct pulse *p = ctx;
	int64_t now = clock_ms();

	if (now - p->last < PULSE_MS)
		return NULL;
	p->last = now;
	return job_beat(&p->run, p->run.done, p->run.total);
}

static struct err *
pulse_begin(struct pulse *p, const struct job_run *run)
{
	const char *info = arena_printf(run->a, "%s keepalives=1", run->tenant->conninfo);

	*p = (struct pulse){.run = *run, .last = clock_ms()};
	return conn_get(tenancy_pool(run->tenancy), run->a, info, &p->run.conn);
}

/* What the step works on: *profile 0 when all have been tried. */
static struct err *
begin(struct job_run *run, struct leak_kept *k, int64_t *profile)
{
	struct rows *rows;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(leak_kept_of_job(tx, run->a, run->id, k));
	TRY(tx_query(tx, &next_profile, VALS(val_i64(k->last_profile)), &rows));
	*profile = rows_null(rows, 0, 0) ? 0 : rows_i64(rows, 0, 0);
	run->done = rows_i64(rows, 0, 1);
	run->total = rows_i64(rows, 0, 2);
	return job_commit(run, tx);
}

static struct err *
end(struct job_run *run, struct leak_kept *k)
{
	struct json_object *result;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	if (k->report == NULL)
		k->report = model_object(run->a);
	leak_kept_update(tx, k, run->done >= run->total);
	if (run->done < run->total) {
		job_progress(run, tx, run->done, run->total);
		return job_commit(run, tx);
	}
	result = model_object(run->a);
	model_i64(
		result, "leaks", json_object_get_int64(json_object_object_get(k->report, "leaks")));
	job_finish(run, tx, result);
	return job_commit(run, tx);
}

struct err *
leak_test_step(struct job_run *run)
{
	struct leak_order in = {.a = run->a, .tenancy = run->tenancy, .tenant = run->tenant};
	struct leak_report *report;
	struct leak_kept k;
	struct pulse pulse;
	struct err *e;
	int64_t profile;

	TRY(begin(run, &k, &profile));
	if (profile == 0) {
		run->done = run->total;
		return end(run, &k);
	}
	TRY(pulse_begin(&pulse, run));
	in.profile_id = profile;
	in.beat = beat;
	in.ctx = &pulse;
	e = leak_test(&in, &report);
	/* The gate has its own word for what is going on. */
	log_context("tenant=%lld job=%lld kind=%s", (long long)run->tenant->id, (long long)run->id,
		run->kind);
	if (e != NULL)
		return e;
	if (report->leaks > 0)
		log_error("the leak test has found %lld leaks", (long long)report->leaks);
	k.report = leak_kept_add(run->a, k.report, leak_report_json(run->a, report));
	k.last_profile = profile;
	run->done++;
	return end(run, &k);
}

struct err *
leak_test_ask(struct tx *tx, struct arena *a, int64_t user, int64_t *job_r)
{
	return job_enqueue(tx, a, "leak_test", NULL, "leak_test", user, job_r);
}

struct err *
leak_test_chore(struct job_run *run, int64_t *next_r)
{
	int64_t hour = tenancy_settings(run->tenancy)->leak_hour, job;
	struct rows *rows;
	struct tx *tx;

	if (hour < 0)
		return NULL;
	TRY(chore_begin(run, run->kind, &tx));
	TRY(tx_query(tx, &due, VALS(val_i64(hour)), &rows));
	if (rows_bool(rows, 0, 1))
		TRY(leak_test_ask(tx, run->a, 0, &job));
	else if (rows_bool(rows, 0, 0))
		*next_r = rows_i64(rows, 0, 2);
	return tx_commit(tx);
}
