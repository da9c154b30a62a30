/* SPDX-License-Identifier: ISC */
/*
 * What a web process counts: requests by route and status, their time, that of the
 * database, whether it is busy, and the memory it keeps between requests. Nothing names a
 * workspace or a person.
 *
 * Each process has a file of its own in a folder (best on tmpfs), mapped: counting is
 * a few additions and no system call. A process that ends leaves its file, and the
 * next one goes on in it, so that sums never fall; a lock on the file says that
 * somebody has it. `praya metrics` adds all of them up (metrics_print()).
 */
#ifndef PRAYA_METRICS_H
#define PRAYA_METRICS_H

#include "route.h"
#include "sb.h"

/* folder NULL: nothing is counted. Also when it cannot be used, which is logged:
 * figures are no reason not to serve. After routes_init(). */
void metrics_open(const char *folder);
/* A request came; the next call says how it went. route NULL: none was found. */
void metrics_begin(void);
void metrics_end(const struct route *route, int status, long us, long db_us);

/* The sums of all processes in Prometheus's text format. False: no such folder. */
bool metrics_print(const char *folder, struct sb *sb);

#endif
