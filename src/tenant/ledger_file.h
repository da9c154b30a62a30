/* SPDX-License-Identifier: ISC */
/*
 * The ledger of erasures outside of the cluster, for when the region's database is lost
 * or older than a workspace's: PUBLIC.erased in Files.Heads, a line an erasure,
 *
 *	praya-erased 1 PUBLIC NUMBER RECORD MICROSECONDS BEFORE SIGNATURE
 *
 * NUMBER counts from 1, BEFORE is the SHA-256 of the line before (keys, digest and
 * signature in hex). Signed with a key that is derived from the workspace's own: whatever
 * was made out of its backups goes on in the same file. It is only added to;
 * PUBLIC.erased-last has the newest line and is replaced whole, so that a file that was cut
 * is found by it, or by the region's database. Of a person it has the number of a record.
 */
#ifndef PRAYA_LEDGER_FILE_H
#define PRAYA_LEDGER_FILE_H

#include "ledger.h"

struct ledger_file {
	const char *path;
	struct ledger_entry *list; /* id: the line */
	size_t n;
};

/* "PUBLIC.erased", in the folder of every region that the workspace was in. */
const char *ledger_file_name(struct arena *a, const struct seal_key *root);

/* All workspaces that came of one another, of this one's root; `id` is first, known to the
 * region or not. */
struct err *ledger_family(struct tenancy *t, struct arena *a, const struct seal_key *root,
	int64_t id, int64_t **ids_r, size_t *n_r);
/* What the region's database has of the workspace and the file has not. */
struct err *ledger_file_add(struct tenancy *t, struct arena *a, const struct tenant *tn);
/* An empty one when there never was any. ERR_CONFLICT, in words: a line is not the
 * workspace's, the file was cut, or is not there. */
struct err *ledger_file_read(struct tenancy *t, struct arena *a, const struct seal_key *root,
	const int64_t *family, size_t nfamily, struct ledger_file *file_r);
/* A new file out of the region's database alone; what is there is put aside. */
struct err *ledger_file_renew(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct ledger_file *file_r);
/* Orders every erasure of the file and of the family once more, in this workspace. */
struct err *ledger_order_again(struct tenancy *t, struct arena *a, int64_t tenant_id,
	const int64_t *family, size_t nfamily, const struct ledger_file *file, int64_t *orders_r);

#endif
