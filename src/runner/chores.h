/* SPDX-License-Identifier: ISC */
/* What every workspace needs now and then, whatever it is used for. */
#ifndef PRAYA_CHORES_H
#define PRAYA_CHORES_H

#include "run.h"

/* Events of the log by day, and the index by person put in order. */
struct err *chore_audit_index(struct job_run *run, int64_t *next_r);
/* What lives a day at most: searches, answers kept for repeated writes, shown
 * values, sessions that are over, downloads. */
struct err *chore_expire(struct job_run *run, int64_t *next_r);

/* An archive of the workspace, when it is time for one (tenant/backup.h). */
struct err *chore_backup(struct job_run *run, int64_t *next_r);

/* What was wrapped by the workspace's key before while that one was rotated. */
struct err *chore_rekey(struct job_run *run, int64_t *next_r);

#endif
