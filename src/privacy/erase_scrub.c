/* SPDX-License-Identifier: ISC */
/*
 * The third stage: what held something of an erased person is written anew on
 * disk. One run serves every erasure whose scan is through.
 */
#include "erase_job.h"
#include "job.h"
#include "rewrite.h"

STMT(last_scanned, "scrub.last", 0,
	"select coalesce(max(erasure_id), 0) from erasure where scanned_at is not null "
	"and files_at is not null and scrubbed_at is null");
/* Large tables in which none of them has a row were never touched by them. */
STMT(touched, "scrub.touched", 1,
	"with e as materialized (select distinct contact_id from erasure where "
	"erasure_id <= $1::bigint and scrubbed_at is null) "
	"select exists (select from message join e using (contact_id)), "
	"exists (select from activity join e using (contact_id)), "
	"exists (select from attachment join e using (contact_id)), "
	"exists (select from invoice join e using (contact_id))");
STMT(mark, "scrub.mark", 1,
	"update erasure set scrubbed_at = now() where scrubbed_at is null "
	"and scanned_at is not null and files_at is not null and erasure_id <= $1::bigint");

/* touched: column of that answer, -1: always. */
static const struct {
	const char *table;
	int touched;
} tables[] = {
	{"contact", -1},
	{"data_key", -1},
	{"message", 0},
	{"activity", 1},
	{"attachment", 2},
	{"invoice", 3},
	{"invoice_line", 3},
	{"stored_query", -1},
	{"replay", -1},
	{"reveal", -1},
	{"kept_field", -1},
	{"erasure", -1},
	{"erasure_term", -1},
	{"erasure_text", -1},
	{"import", -1},
	{"import_failed", -1},
	{"download", -1},
	{"export", -1},
	{"export_record", -1},
};
#define N_TABLES ((int)(sizeof(tables) / sizeof(tables[0])))

struct scrub {
	struct job_run *run;
	int done;
};

static struct err *
beat(void *ctx)
{
	struct scrub *s = ctx;

	return job_beat(s->run, s->done, N_TABLES + 1);
}

static struct err *
look(struct job_run *run, int64_t *last_r, bool touched_r[4])
{
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(run, &tx));
	TRY(tx_query(tx, &last_scanned, NO_VALS, &r));
	*last_r = rows_i64(r, 0, 0);
	TRY(tx_query(tx, &touched, VALS(val_i64(*last_r)), &r));
	for (size_t i = 0; i < 4; i++)
		touched_r[i] = rows_bool(r, 0, i);
	return tx_commit(tx);
}

static struct err *
rewrite_all(struct job_run *run, const bool touched_by[4])
{
	struct scrub s = {.run = run};
	struct rewrite w = {run->tenancy, run->a, run->tenant, beat, &s};

	TRY(rewrite_begin(&w));
	for (; s.done < N_TABLES; s.done++) {
		int t = tables[s.done].touched;

		if (t >= 0 && !touched_by[t])
			continue;
		TRY(rewrite_table(&w, tables[s.done].table));
		TRY(beat(&s));
	}
	TRY(rewrite_statistics(&w));
	return rewrite_end(&w);
}

struct err *
scrub_step(struct job_run *run)
{
	bool touched_by[4];
	struct tx *tx;
	int64_t last;

	TRY(look(run, &last, touched_by));
	if (last > 0)
		TRY(rewrite_all(run, touched_by));
	TRY(job_begin(run, &tx));
	tx_queue(tx, &mark, VALS(val_i64(last)), NULL);
	job_finish(run, tx, NULL);
	return job_commit(run, tx);
}
