/* SPDX-License-Identifier: ISC */
/* The chain over the log grows once a minute; the whole of it is checked when asked. */
#include "chain_job.h"

#include "check.h"
#include "log.h"
#include "response.h"

/* A worker that comes back after months goes on a minute later. */
#define PIECES 200

static struct err *
run_of(struct job_run *run, const char *route, struct chain_run *cr)
{
	*cr = (struct chain_run){.tenancy = run->tenancy,
		.tenant = run->tenant,
		.a = run->a,
		.kind = "worker",
		.route = route};
	return tenant_conn_migrate(run->tenancy, run->a, run->tenant, &cr->conn);
}

static void
complain(enum chain_state state)
{
	if (state == CHAIN_BEHIND)
		log_error("the log ends before its published head: praya audit verify, and praya "
			  "audit resume when a backup was restored");
	else if (state == CHAIN_MOVED)
		log_error("the log comes from another cluster: praya audit resume");
}

struct err *
chain_chore(struct job_run *run, int64_t *next_r)
{
	struct chain_run cr;
	enum chain_state state;

	TRY(run_of(run, "chore.audit_seal", &cr));
	TRY(chain_seal_all(&cr, PIECES, &state));
	complain(state);
	TRY(chain_mail(run));
	/* Somebody is at work: what was not over yet comes next time. */
	if (cr.added > 0 || state == CHAIN_MORE)
		*next_r = 60;
	return NULL;
}

static struct err *
beat(void *ctx, int64_t done, int64_t total)
{
	return job_beat(ctx, done, total);
}

struct err *
chain_verify_step(struct job_run *run)
{
	struct audit_check c = {.beat = beat, .ctx = run};
	struct json_object *found, *result = model_object(run->a);
	enum chain_state state;
	struct tx *tx;

	TRY(run_of(run, "job.audit_verify", &c.run));
	TRY(chain_take_over(&c.run));
	TRY(audit_check_run(&c, &found));
	/* What is younger is covered now: the next look compares it, too. */
	TRY(chain_seal_all(&c.run, PIECES, &state));
	TRY(job_begin(run, &tx));
	TRY(audit_check_keep(tx, run->a, run->id, found));
	model_bool(result, "good", c.nfindings == 0);
	model_i64(result, "events", c.events);
	model_i64(result, "findings", (int64_t)c.nfindings);
	job_finish(run, tx, result);
	return job_commit(run, tx);
}
