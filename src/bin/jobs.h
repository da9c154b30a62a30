/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_JOBS_H
#define PRAYA_JOBS_H

#include "worker.h"

/* Every kind of job and every chore: one line a slice. */
extern const struct worker_work praya_work;
/* Before any of it runs: the leak test asks the routes, through the gate. */
void praya_work_prepare(const struct settings *st, struct tenancy *t);

#endif
