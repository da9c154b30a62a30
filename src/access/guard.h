/* SPDX-License-Identifier: ISC */
/*
 * The guard against guessing and flooding: counts per account and per address of
 * the network, under keyed hashes, so that there is no list of either. Past its
 * allowance within an hour a key is locked for 30 s, then twice as long each
 * time, at most 15 minutes.
 */
#ifndef PRAYA_GUARD_H
#define PRAYA_GUARD_H

#include "tenant.h"
#include "tx.h"

struct guard {
	struct bytes key;
	int64_t allowance;
};

/* kind: "sign_in.account"; what: the account or address, its letter case does not count. */
struct guard guard_of(struct arena *a, const struct tenant *tn, const char *kind, const char *what,
	int64_t allowance);
/* Queued, before what is counted is looked at: whoever asks for the same key at the same time waits
 * until this transaction is over, so that twenty guesses at once are not twenty more than allowed.
 */
void guard_hold(struct tx *tx, const struct guard *g);
/* Holds the key, too. Of two keys everybody asks in the same order. */
struct err *guard_locked(struct tx *tx, const struct guard *g, bool *locked_r);
/* Queued. */
void guard_count(struct tx *tx, const struct guard *g);
/* The last one was none after all. */
void guard_take_back(struct tx *tx, const struct guard *g);
void guard_clear(struct tx *tx, const struct guard *g);

#endif
