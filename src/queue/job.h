/* SPDX-License-Identifier: ISC */
/*
 * Asking for background work.
 *
 * A job is a row that is written in the transaction that makes it necessary:
 * both are there, or neither. Whoever commits rings for the worker afterwards
 * (the gate does it for every request, tx_rung() says whether it must); a ring
 * that gets lost is made up for by the worker's sweep.
 */
#ifndef PRAYA_JOB_H
#define PRAYA_JOB_H

#include <json-c/json.h>

#include "tx.h"

/* kind: a row of bin/jobs.c. args: an object of ids and names of fields, never
 * anything personal; NULL: none. unique_key: while a job with that key waits or
 * runs its id is given instead of a new one (so it names whoever may see the
 * result too); NULL: always a new one. created_by 0: Praya itself.
 * Runs what the transaction has queued. */
struct err *job_enqueue(struct tx *tx, struct arena *a, const char *kind, struct json_object *args,
	const char *unique_key, int64_t created_by, int64_t *job_r) ATTR_WARN_UNUSED;

/* Something the job needs that may not stand in its arguments (a password):
 * sealed by the caller, gone when the job ends in whatever way. */
void job_keep_secret(struct tx *tx, int64_t job, struct bytes sealed);

#endif
