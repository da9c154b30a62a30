/* SPDX-License-Identifier: ISC */
/*
 * Doing background work: what a kind of job implements.
 *
 * A job runs in steps. A step does a bounded piece, in a transaction that also
 * moves the job's row on; so a worker that is killed loses at most the step in
 * hand, nothing is done twice, and memory stays that of one step. The step
 * function is called again and again until it has finished the job:
 *
 *	static struct err *
 *	count_step(struct job_run *run)
 *	{
 *		struct tx *tx;
 *
 *		TRY(job_begin(run, &tx));
 *		... up to 500 things behind run->done, through tx ...
 *		if (that was the end)
 *			job_finish(run, tx, result);
 *		else
 *			job_progress(run, tx, run->done + n, total);
 *		return job_commit(run, tx);
 *	}
 *
 * The worker ends a transaction that a failing step leaves open. Errors: BUSY
 * and INTERNAL are tried again later, five times since the last progress; any
 * other kind ends the job as failed, its key is what the asker reads. A job may
 * be interrupted between any two steps and go on in another process.
 *
 * Rights are asked of whoever wants the work done when it is asked for, and once more in
 * every transaction of it (job_enter()): a right that went, or an account that was closed,
 * ends the job as failed. Of what has been ordered and must not stay half done, an
 * erasure or a new column, the kind says RIGHT_SELF, and it goes on.
 *
 * A worker holds a job by a lease of half a minute, which every commit and
 * every job_beat() renews. Whoever lost it cannot commit any more.
 */
#ifndef PRAYA_RUN_H
#define PRAYA_RUN_H

#include <json-c/json.h>
#include <signal.h>

#include "right.h"
#include "tx.h"

struct tenancy;
struct tenant;

struct job_run {
	struct arena *a; /* of this step: gone after it */
	struct tenancy *tenancy;
	const struct tenant *tenant;
	struct conn *conn; /* the workspace's database, as its own role */
	int64_t id;
	const char *kind;
	enum right right;         /* of the kind */
	struct json_object *args; /* an object */
	int64_t created_by;       /* 0: Praya itself */
	int64_t done;             /* as the row has it */
	int64_t total;            /* 0: not known yet */
	int64_t lease;
	struct tx *tx; /* the one that is open */
	bool finished;
	bool later;                        /* nothing more before its time */
	bool moved;                        /* a step must commit something */
	const volatile sig_atomic_t *stop; /* the worker was asked to end */
};

struct job_kind {
	const char *name;
	/* What the asker must be allowed all the while: a special right, or one on the kind of
	 * records that the job's argument "entity" names. RIGHT_SELF: what has begun is finished.
	 */
	enum right right;
	struct err *(*step)(struct job_run *run);
	/* NULL, or queues what the kind wants to be true when its job has failed
	 * for good, into the transaction that says so. */
	void (*failed)(struct job_run *run, struct tx *tx, const char *key);
};

/* A transaction as the worker, on behalf of whoever asked; events say route
 * "job.KIND". No other may be open on the connection. */
struct err *job_begin(struct job_run *run, struct tx **tx_r) ATTR_WARN_UNUSED;
/* Queued into the transaction: so much is done for good. total 0: not known. */
void job_progress(struct job_run *run, struct tx *tx, int64_t done, int64_t total);
/* The same as the end of the job. result: an object of addresses and counts,
 * never anything personal, or NULL. */
void job_finish(struct job_run *run, struct tx *tx, struct json_object *result);
/* The same when the job has to wait: it goes on in so many seconds, as if started anew. */
void job_later(struct job_run *run, struct tx *tx, int64_t seconds);
struct err *job_commit(struct job_run *run, struct tx *tx) ATTR_WARN_UNUSED;

/* In between, for steps that cannot be cut into pieces: shows progress (what is
 * shown begins anew when the job does) and keeps the lease. No transaction may
 * be open. An error means that the job is no longer ours, or that the worker is
 * to end: the step returns it as it is. */
struct err *job_beat(struct job_run *run, int64_t done, int64_t total) ATTR_WARN_UNUSED;

/* What job_keep_secret() kept; p NULL when there is nothing. */
struct err *job_secret(struct job_run *run, struct tx *tx, struct bytes *sealed_r) ATTR_WARN_UNUSED;

/* Arguments of the job; 0 and NULL when absent. */
int64_t job_arg_i64(const struct job_run *run, const char *name);
const char *job_arg_text(const struct job_run *run, const char *name);

/*
 * Chores: what every workspace needs now and then, without a row of its own.
 * Called when somebody used the workspace or a time it named has come, at most
 * once in `every` seconds. *next_r: seconds until it must run again even in a
 * workspace that nobody uses; 0 (preset): not before somebody does.
 */
struct chore {
	const char *name;
	int every;
	struct err *(*run)(struct job_run *run, int64_t *next_r);
};

/* A transaction for a chore: job_begin() without a job; the caller commits.
 * Events say route "chore.NAME". */
struct err *chore_begin(struct job_run *run, const char *name, struct tx **tx_r) ATTR_WARN_UNUSED;
/* The same on the owner's connection (tenant_conn_migrate()), past all policies: for what looks
 * after the workspace as a whole and nobody's records in it. It is cheaper, too, where a
 * workspace is met anew: nothing of what policies look at is opened. */
struct err *chore_begin_owner(struct job_run *run, struct conn *owner, const char *name,
	struct tx **tx_r) ATTR_WARN_UNUSED;

#endif
