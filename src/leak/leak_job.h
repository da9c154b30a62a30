/* SPDX-License-Identifier: ISC */
/* The leak test in the background: a profile a step, at night. */
#ifndef PRAYA_LEAK_JOB_H
#define PRAYA_LEAK_JOB_H

#include "run.h"

struct err *leak_test_step(struct job_run *run);
/* Asks for one in the night after a day in which the workspace was used. */
struct err *leak_test_chore(struct job_run *run, int64_t *next_r);
/* Asks for one now; the one that is waiting or running when there is. */
struct err *leak_test_ask(struct tx *tx, struct arena *a, int64_t user, int64_t *job_r);

#endif
