/* SPDX-License-Identifier: ISC */
#ifndef PRAYA_JOBS_H
#define PRAYA_JOBS_H

#include "worker.h"

/* Every kind of job and every chore: one line a slice. */
extern const struct worker_work praya_work;

#endif
