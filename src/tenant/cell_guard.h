/* SPDX-License-Identifier: ISC */
/*
 * Counts of the region's database against guessing and flooding, as access/guard.h
 * keeps them in a workspace's: for hosts that are no workspace's. Not for others.
 */
#ifndef PRAYA_CELL_GUARD_H
#define PRAYA_CELL_GUARD_H

#include "tx.h"

/* Whoever asks for the same key at the same time waits until this transaction is over. Of two
 * keys everybody asks in the same order. */
struct err *cell_guard_locked(struct tx *tx, struct bytes key, bool *locked_r);
/* Queued. Past its allowance within an hour the key is locked. */
void cell_guard_count(struct tx *tx, struct bytes key, int64_t allowance);
/* Queued. */
void cell_guard_clear(struct tx *tx, struct bytes key);

#endif
