/* SPDX-License-Identifier: ISC */
/*
 * Repeated writes. An API client's Idempotency-Key, or the single-use form id
 * of a page, names a write: its answer is kept for 24 hours and given again;
 * the same key with another body is refused (422). The row is written in the
 * write's own transaction, so a write and its answer exist together or not at all.
 */
#ifndef PRAYA_REPLAY_H
#define PRAYA_REPLAY_H

#include "gate.h"

/* *replayed_r: the response holds the kept answer. */
struct err *replay_check(struct request *rq, struct response *rp, bool *replayed_r);
/* Queues the answer into the running transaction. */
void replay_store(struct request *rq, struct response *rp, const struct sb *body);

#endif
