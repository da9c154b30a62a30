/* SPDX-License-Identifier: ISC */
/*
 * The worker: one process, one job step at a time, as many as there should be.
 *
 * It sleeps until a workspace rings or has work that is due, then visits it:
 * chores first, then jobs, oldest first. A job that takes long goes to the end
 * of the queue every few seconds, a workspace with much work likewise, so that
 * neither keeps the others waiting.
 *
 * worker_stop() is for signal handlers: the step in hand is finished, the job
 * goes back into the queue, worker_run() returns.
 */
#ifndef PRAYA_WORKER_H
#define PRAYA_WORKER_H

#include "run.h"
#include "tenant.h"
#include "view.h"

/* The certificate of a destruction as PDF. The runner links nothing that makes papers. */
typedef struct err *
certificate_paper(struct arena *a, const char *certificate, enum lang l, struct bytes *pdf_r);

struct worker_work {
	certificate_paper *paper;
	const struct job_kind *kinds; /* ended by one without a name */
	const struct chore *chores;   /* likewise */
};

void worker_run(struct tenancy *t, const struct worker_work *work);
/* All chores and jobs that are due, of one workspace or (NULL) in the whole region,
 * then returns. False: a workspace could not be worked on (logged). */
bool worker_once(struct tenancy *t, const struct worker_work *work, const struct tenant *only);
void worker_stop(void);

#endif
