/* SPDX-License-Identifier: ISC */
/*
 * The versions of a workspace's key. `praya key rotate SLUG` adds one, which wraps data
 * keys from then on; the ones before still open what has not been wrapped anew: keys that
 * a process made which did not know yet, older archives. From the first, the root, comes
 * for good what must not move: blind indexes, signatures of the log's heads and of the
 * ledger, tokens, and values in the log that are of no person.
 *
 * Inside tenant/ only.
 */
#ifndef PRAYA_VERSIONS_H
#define PRAYA_VERSIONS_H

#include "tenancy.h"

#define VERSIONS_MAX 64

/* Newest first. */
struct version {
	struct seal_key key;
	bool done; /* what was under the one before was wrapped anew */
	struct version *next;
};

const struct seal_key *version_find(const struct version *list, int64_t id);
/* The last of a list that is not empty. */
const struct version *version_root(const struct version *list);
size_t version_count(const struct version *list);
/* Into its place; nothing when it is there already. */
void version_add(struct version **list, struct arena *a, const struct seal_key *key, bool done);
void version_wipe(struct version *list);

/* From the region's database, in a's memory. An error when one does not open. */
struct err *
versions_read(struct tenancy *t, struct arena *a, int64_t tenant_id, struct version **list_r);
/* All of them for the row of a workspace there, under the master key of that tenancy. */
struct err *
versions_write(struct tenancy *t, struct arena *a, int64_t tenant_id, const struct version *list);

#endif
