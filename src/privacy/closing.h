/* SPDX-License-Identifier: ISC */
/*
 * Closing the workspace. One administrator asks; where there is another, that one agrees,
 * and only while no privacy request is open. From then on business records are only read (a
 * trigger of the database, 70_closing.sql, sees to it), for CLOSING_DAYS days, in which any
 * administrator takes it back. Then the worker destroys everything (tenant/destroy.h); a
 * request that came meanwhile is waited for.
 */
#ifndef PRAYA_CLOSING_H
#define PRAYA_CLOSING_H

#include "record.h"
#include "run.h"

#define CLOSING_DAYS 30

extern const struct route closing_routes[];

/* The same by the operator, for an owner who cannot sign in; whoever is an administrator is told
 * by mail and can take it back. ERR_CONFLICT: a request is open, or it closes already; or it
 * does not. */
struct err *closing_begin(struct tx *tx, struct arena *a, int64_t *closes_at_r);
struct err *closing_end(struct tx *tx, struct arena *a);

/* Tells administrators 30, 14, 7 and 1 days before, and ends the workspace after its time. */
struct err *closing_chore(struct job_run *run, int64_t *next_r);

#endif
