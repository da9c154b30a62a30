/* SPDX-License-Identifier: ISC */
/*
 * A trial: whatever is done on a connection until its end happens inside one
 * transaction that is never committed. Nobody else sees any of it at any moment,
 * and nothing is left of it however the process ends.
 *
 * In between the connection is used as ever: tx_begin() and tx_commit() set and
 * release savepoints, settings of a transaction end with it. All statements read
 * one snapshot (REPEATABLE READ), and now() stands still. It keeps no lock that
 * its statements do not take; it does hold back VACUUM, so it should be over in minutes.
 */
#ifndef PRAYA_TRIAL_H
#define PRAYA_TRIAL_H

#include "conn.h"

/* No transaction may be open on it. The connection stays what it is in the pool. */
struct err *trial_begin(struct conn *c, struct arena *a) ATTR_WARN_UNUSED;
/* Where trial_back() goes back to, as often as it is called. ERR_BUSY: the
 * connection was lost, and all of the trial with it. */
struct err *trial_mark(struct conn *c, struct arena *a) ATTR_WARN_UNUSED;
struct err *trial_back(struct conn *c, struct arena *a) ATTR_WARN_UNUSED;
/* Takes all of it back. Also right when it never began, or was lost. */
void trial_end(struct conn *c, struct arena *a);

#endif
