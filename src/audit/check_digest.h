/* SPDX-License-Identifier: ISC */
/* Digests of the events that stand in the log now, as chain_digests of chain.h makes them, but
 * in a tenth of the time: PostgreSQL only reads the events. Of check.c only. */
#ifndef PRAYA_CHECK_DIGEST_H
#define PRAYA_CHECK_DIGEST_H

#include "chain.h"

/* What a stretch has in one month. */
struct tally {
	size_t stretch; /* from 0 */
	const char *part;
	int64_t events;
	unsigned char digest[HEAD_BYTES];
	bool used;
};

struct stretch {
	int64_t generation;
	const char *from, *to;
};

/* In memory of the arena that does not grow with the number of events. */
struct err *check_digests(const struct chain_run *run, const struct stretch *list, size_t n,
	struct tally **tallies_r, size_t *n_r) ATTR_WARN_UNUSED;

#endif
