/* SPDX-License-Identifier: ISC */
/*
 * The ledger of erasures in the region's database: outside of the workspace's
 * own, so that a restored one is erased again. An intent is written before the
 * erasure and closed after it; the worker carries out what stays open.
 */
#ifndef PRAYA_LEDGER_H
#define PRAYA_LEDGER_H

#include "tenant.h"

struct ledger_entry {
	int64_t id;
	int64_t contact_id;
	int64_t intent_at; /* microseconds */
};

/* The open intent for this person, written now when there is none yet. The
 * worker looks after the workspace soon, whether anybody uses it or not. */
struct err *ledger_intend(struct tenancy *t, struct arena *a, const struct tenant *tn,
	int64_t contact_id, int64_t *ledger_r);
struct err *ledger_close(struct tenancy *t, struct arena *a, const int64_t *ledger_ids, size_t n);
/* All open intents of the workspace, a hundred at most, in their order. */
struct err *ledger_open(struct tenancy *t, struct arena *a, const struct tenant *tn,
	struct ledger_entry **list_r, size_t *n_r);
/* Puts what is not in the signed file outside of the cluster yet (ledger_file.h) there. What
 * goes wrong is logged: nobody's erasure waits for it, and the next call tries again. */
void ledger_copy(struct tenancy *t, struct arena *a, const struct tenant *tn);
/* When the erasure of this person was ordered, in microseconds; 0: no intent is
 * open, or the region's database does not answer, which is logged. */
int64_t
ledger_ordered_at(struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t contact_id);

#endif
