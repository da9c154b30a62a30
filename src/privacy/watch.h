/* SPDX-License-Identifier: ISC */
/*
 * Watching over the log: the chore that looks at what is new and tells administrators
 * of what is out of the ordinary. The rules stand in sql/tenant/repeatable/48_watch.sql;
 * nothing here stands in anybody's way.
 */
#ifndef PRAYA_WATCH_H
#define PRAYA_WATCH_H

#include "run.h"

struct err *watch_chore(struct job_run *run, int64_t *next_r);

#endif
