/* SPDX-License-Identifier: ISC */
/* What the worker does about the chain over the log. */
#ifndef PRAYA_CHAIN_JOB_H
#define PRAYA_CHAIN_JOB_H

#include "run.h"

/* Chore: events that are over are covered. */
struct err *chain_chore(struct job_run *run, int64_t *next_r);
/* Part of it: administrators who want it get the newest head by mail, once a month. */
struct err *chain_mail(struct job_run *run);
/* Job "audit_verify": the whole log is checked; its result is audit_check's row. */
struct err *chain_verify_step(struct job_run *run);

#endif
