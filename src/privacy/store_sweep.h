/* SPDX-License-Identifier: ISC */
/*
 * The file store and the rows that name its objects. What was cut off between
 * the two (a killed upload, a job that failed at its end) leaves an object that
 * nobody names and nobody can open, because its key was in no row: a daily chore
 * destroys those older than a day, and tells of rows whose object is missing.
 */
#ifndef PRAYA_STORE_SWEEP_H
#define PRAYA_STORE_SWEEP_H

#include "run.h"
#include "tenant.h"

struct err *store_sweep_chore(struct job_run *run, int64_t *next_r);

#endif
