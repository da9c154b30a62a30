/* SPDX-License-Identifier: ISC */
/* Jobs and chores of erasure: rows of bin/jobs.c. */
#ifndef PRAYA_ERASE_JOB_H
#define PRAYA_ERASE_JOB_H

#include "run.h"

/* "erase_scan": unlinks the files, looks for the old values elsewhere. */
struct err *erase_scan_step(struct job_run *run);
/* "scrub": rewrites the touched tables, once every scan is through. */
struct err *scrub_step(struct job_run *run);
/* Daily: erases what a law kept until yesterday. */
struct err *erase_due_chore(struct job_run *run, int64_t *next_r);
/* Finishes erasures that a crash cut off between ledger and database. */
struct err *erase_resume_chore(struct job_run *run, int64_t *next_r);

#endif
