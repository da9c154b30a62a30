/* SPDX-License-Identifier: ISC */
/*
 * Rings between those who leave work behind and the worker, through the cell
 * database of the region: which workspaces have work, and when the next of it
 * is due. So a workspace that nobody uses costs neither process nor connection.
 *
 * A ring that cannot be delivered is logged and lost; the worker sweeps over
 * all workspaces when it starts and every few hours.
 */
#ifndef PRAYA_WAKE_H
#define PRAYA_WAKE_H

#include "tenant.h"

/* After a commit that enqueued a job. No transaction may be open on the cell. */
void wake_ring(struct tenancy *t, struct arena *a, const struct tenant *tn);
/* The workspace is in use: its chores are due in a minute. Costs a statement at
 * most once a minute, workspace and process. */
void wake_stir(struct tenancy *t, struct arena *a, const struct tenant *tn);

/* For the worker. */
#define WAKE_CHANNEL "praya_wakeup"

/* Workspaces with work, at most `limit`, longest waiting first; they are marked
 * as looked after until wake_done(). */
struct err *wake_take(struct tenancy *t, struct arena *a, int limit, int64_t **ids_r, size_t *n_r);
/* usec: until the next work of the workspace is due; negative: none is known. */
struct err *wake_done(struct tenancy *t, struct arena *a, int64_t tenant_id, int64_t usec);
/* Milliseconds until there is work, at most `most`. */
struct err *wake_wait(struct tenancy *t, struct arena *a, int most, int *ms_r);
/* Rings for every workspace of the region. */
struct err *wake_sweep(struct tenancy *t, struct arena *a);

#endif
