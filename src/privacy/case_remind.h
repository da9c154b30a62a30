/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_CASE_REMIND_H
#define PRAYA_CASE_REMIND_H

#include "run.h"

/* A chore: mails at 20, 10, 5, 2 and 1 days before the target date of open cases, and daily after
 * it. Also the end of what is kept of closed ones. */
struct err *case_remind_chore(struct job_run *run, int64_t *next_r);

#endif
