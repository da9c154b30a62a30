/* SPDX-License-Identifier: ISC */
/* Job rows as the worker moves them on. Of runner/ only. */
#ifndef PRAYA_CLAIM_H
#define PRAYA_CLAIM_H

#include "run.h"

/* Starts since the last progress after which a job has failed. */
#define JOB_ATTEMPTS 5

struct claim {
	int64_t id; /* 0: nothing is due */
	const char *kind;
	struct json_object *args;
	int64_t created_by;
	int64_t done;
	int64_t total;
	int64_t lease;
	int attempt;
};

/* The longest waiting job of these kinds, leased for half a minute: queued and
 * due, or left behind by a worker that is gone. */
struct err *claim_next(struct conn *c, struct arena *a, const char *const *kinds, size_t nkinds,
	struct claim *claim_r);
/* Back into the queue, at its end: the worker ends, or others wait too. */
struct err *claim_release(struct job_run *run);
/* Again later: after 5 s, 20 s, 80 s, 320 s. */
struct err *claim_retry(struct job_run *run, int attempt);
/* For good. failed may be NULL. */
struct err *claim_fail(struct job_run *run, const struct job_kind *kind, const char *key);
/* Microseconds until the next job of these kinds is due, negative: none waits. */
struct err *claim_due(
	struct conn *c, struct arena *a, const char *const *kinds, size_t nkinds, int64_t *usec_r);

#endif
