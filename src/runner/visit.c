/* SPDX-License-Identifier: ISC */
#include "visit.h"

#include <string.h>
#include <time.h>

#include "claim.h"
#include "log.h"
#include "seal.h"

/* How long one job, and one workspace, may keep others waiting. */
#define JOB_TURN_MS 10000
#define VISIT_TURN_MS 10000
/* A chore that failed has its turn again after so many seconds, however rare it is: what
 * stood in its way, a lock or a lost connection, is mostly over then. */
#define CHORE_AGAIN 30
/* What is due within so many seconds is done in the same visit: chores of the same period
 * would else fall due one just after the other, each with a visit of its own. */
#define CHORE_EARLY 5

STMT(chores_due, "chore.due", 2,
	"select t.name, c.due_at is null or c.due_at <= now() + make_interval(secs => $2::int) "
	"from unnest($1::text[]) t (name) left join chore c on c.name = t.name");
STMT(chore_claim, "chore.claim", 3,
	"insert into chore (name, due_at) values ($1, now() + make_interval(secs => $2::int)) "
	"on conflict (name) do update set due_at = excluded.due_at "
	"where chore.due_at <= now() + make_interval(secs => $3::int) returning name");
STMT(chore_again, "chore.again", 2,
	"update chore set due_at = least(due_at, now() + make_interval(secs => $2::int)) "
	"where name = $1");

int64_t
worker_now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static void
sooner(int64_t *usec, int64_t other)
{
	if (other >= 0 && (*usec < 0 || other < *usec))
		*usec = other;
}

static void
log_failed(const char *what, const struct err *e)
{
	log_error("%s: %s at %s:%d: %s", what, err_name(e->kind), e->file, e->line,
		e->detail != NULL ? e->detail
		: e->key != NULL  ? e->key
				  : "");
}

static void
put_off(struct worker *w, struct conn *c, const struct chore *chore)
{
	struct err *e = conn_query(
		c, w->visit, &chore_again, VALS(val_text(chore->name), val_i64(CHORE_AGAIN)), NULL);

	if (e != NULL)
		log_failed(chore->name, e);
}

/* The claim is made before the work: two workers never do one chore at a time. */
static struct err *
run_chore(struct worker *w, const struct tenant *tn, struct conn *c, const struct chore *chore,
	int64_t *next_r)
{
	struct job_run run = {.a = w->step,
		.tenancy = w->tenancy,
		.tenant = tn,
		.conn = c,
		.kind = chore->name,
		.stop = &w->stop};
	struct rows *rows;
	struct err *e;

	*next_r = 0;
	TRY(conn_query(c, w->step, &chore_claim,
		VALS(val_text(chore->name), val_i64(chore->every), val_i64(CHORE_EARLY)), &rows));
	if (rows_count(rows) == 0)
		return NULL;
	e = chore->run(&run, next_r);
	tx_end(&run.tx);
	if (e != NULL)
		put_off(w, c, chore);
	return e;
}

/* The chores that are due. *usec_r: until the next one is, as of visit_tenant(). */
static struct err *
run_chores(struct worker *w, const struct tenant *tn, int64_t *usec_r)
{
	const char *names[32];
	struct rows *rows;
	struct conn *c;
	size_t n = 0;

	*usec_r = -1;
	for (const struct chore *ch = w->work->chores; ch->name != NULL; ch++) {
		ASSERT(n < sizeof(names) / sizeof(names[0]));
		names[n++] = ch->name;
	}
	TRY(tenant_conn(w->tenancy, w->visit, tn, &c));
	TRY(conn_query(
		c, w->visit, &chores_due, VALS(val_texts(names, n), val_i64(CHORE_EARLY)), &rows));
	for (size_t i = 0; i < n && !w->stop; i++) {
		const struct chore *chore = &w->work->chores[i];
		struct err *e;
		int64_t next;

		for (size_t k = 0; k < rows_count(rows); k++)
			if (strcmp(rows_text(rows, k, 0), chore->name) != 0 ||
				!rows_bool(rows, k, 1))
				continue;
			else if ((e = run_chore(w, tn, c, chore, &next)) != NULL) {
				/* The others are not held up. */
				log_failed(chore->name, e);
				sooner(usec_r, CHORE_AGAIN * INT64_C(1000000));
			} else if (next > 0)
				sooner(usec_r,
					(next > chore->every ? next : chore->every) * 1000000);
		arena_reset(w->step);
	}
	return NULL;
}

static const struct job_kind *
kind_of(const struct worker *w, const char *name)
{
	const struct job_kind *k = w->work->kinds;

	while (strcmp(k->name, name) != 0)
		k++;
	return k;
}

/* Steps until the end, an error, or the end of its turn. */
static struct err *
run_steps(struct worker *w, struct job_run *run, const struct job_kind *kind)
{
	int64_t start = worker_now();

	while (!run->finished && !run->later && !w->stop && worker_now() - start < JOB_TURN_MS) {
		struct err *e;

		arena_reset(w->step);
		run->moved = false;
		run->tx = NULL;
		e = kind->step(run);
		tx_end(&run->tx);
		seal_forget();
		if (e != NULL)
			return e;
		if (!run->moved)
			return err_internal(w->step, "a step of %s committed nothing", kind->name);
	}
	return NULL;
}

static struct err *
end_failed(struct job_run *run, const struct job_kind *kind, int attempt, const struct err *e)
{
	bool again = e->kind == ERR_BUSY || e->kind == ERR_INTERNAL;
	const char *key = e->key;

	log_failed(kind->name, e);
	if (again && attempt < JOB_ATTEMPTS)
		return claim_retry(run, attempt);
	if (key == NULL)
		key = again ? "job.error.gave_up"
			    : arena_printf(run->a, "error.%s.text", err_name(e->kind));
	return claim_fail(run, kind, key);
}

/* One job until it ends, goes back or its turn is over. *found_r: there was one. */
static struct err *
run_job(struct worker *w, const struct tenant *tn, bool *found_r)
{
	struct job_run run = {.a = w->step, .tenancy = w->tenancy, .tenant = tn, .stop = &w->stop};
	const struct job_kind *kind;
	struct claim claim;
	struct err *e;

	arena_reset(w->claim);
	arena_reset(w->step);
	TRY(tenant_conn(w->tenancy, w->claim, tn, &run.conn));
	TRY(claim_next(run.conn, w->claim, w->kinds, w->nkinds, &claim));
	*found_r = claim.id != 0;
	if (!*found_r)
		return NULL;
	kind = kind_of(w, claim.kind);
	run.id = claim.id;
	run.kind = kind->name;
	run.right = kind->right;
	run.args = claim.args;
	run.created_by = claim.created_by;
	run.done = claim.done;
	run.total = claim.total;
	run.lease = claim.lease;
	log_context(
		"tenant=%lld job=%lld kind=%s", (long long)tn->id, (long long)run.id, kind->name);
	/* It took workers with it, one after another. */
	if (claim.attempt > JOB_ATTEMPTS)
		return claim_fail(&run, kind, "job.error.gave_up");
	e = run_steps(w, &run, kind);
	if (run.finished) {
		/* What came after the end can only have been tidying up. */
		if (e != NULL)
			log_failed(kind->name, e);
		log_info("done");
		return NULL;
	}
	if (e == NULL && run.later)
		return NULL;
	if (e == NULL || w->stop)
		return claim_release(&run);
	return end_failed(&run, kind, claim.attempt, e);
}

struct err *
visit_tenant(struct worker *w, const struct tenant *tn, int64_t *usec_r)
{
	int64_t start = worker_now(), due;
	struct conn *c;
	bool found = true;

	*usec_r = -1;
	if (tn->state != TENANT_ACTIVE && tn->state != TENANT_CLOSING)
		return NULL;
	log_context("tenant=%lld", (long long)tn->id);
	TRY(run_chores(w, tn, usec_r));
	while (found && !w->stop) {
		struct err *e = run_job(w, tn, &found);

		log_context("tenant=%lld", (long long)tn->id);
		if (e != NULL)
			return e;
		w->job |= found;
		if (worker_now() - start > VISIT_TURN_MS)
			break;
	}
	TRY(tenant_conn(w->tenancy, w->visit, tn, &c));
	TRY(claim_due(c, w->visit, w->kinds, w->nkinds, &due));
	sooner(usec_r, due);
	return NULL;
}
