/* SPDX-License-Identifier: ISC */
/* What the two files of moving share. */
#ifndef PRAYA_MOVE_PART_H
#define PRAYA_MOVE_PART_H

#include "move.h"
#include "tenancy.h"

struct moving {
	struct tenancy *from;
	struct tenancy *to;
	struct arena *a;
	struct tenant *tn;
	const char *database;
	struct conn *here; /* superuser's, to the workspace's database in the old region */
	struct conn *there;
	struct conn *here_cluster;  /* to database postgres of the old region */
	struct conn *there_cluster; /* of the new one */
	struct moved *m;
};

/* Role and database in the new region, as they are in the old one at this moment; what an
 * earlier call made is thrown away. */
struct err *move_database(struct moving *mv);
/* Tables that differ are copied once more. *again_r: the schema changed meanwhile. */
struct err *move_changes(struct moving *mv, bool *again_r);
/* Every table of both is the same: counts and digests. ERR_CONFLICT names the first that is not. */
struct err *move_compare(struct moving *mv);
/* Files that are lacking, each read back and compared; last: and none too many. */
struct err *move_files(struct moving *mv, bool last);
/* Files of signed lines: heads of its log, its ledger of erasures. Copied; and, where no other
 * workspace goes on in them, removed. */
struct err *move_signed(struct moving *mv);
struct err *move_signed_end(struct tenancy *from, struct arena *a, const struct tenant *tn);

/* Superuser's, to database postgres. */
struct err *move_cluster(struct tenancy *t, struct arena *a, struct conn **c_r);
/* Whoever holds a workspace in the cluster it is in, moves it or clears what a move left: no
 * other does. Goes with the connection. */
struct err *move_hold(struct conn *cluster, struct arena *a, int64_t id, bool *held_r);
void move_let_go(struct conn *cluster, struct arena *a, int64_t id);
/* A database that opens to people and whose key is here may be the living one, whatever the
 * directory says: it may have been restored as it was before a move. That is the operator's to
 * decide, whom doctor tells. What was moved away is shut, and a copy has no key before its end. */
struct err *
move_may_live(struct tenancy *t, struct arena *a, int64_t id, bool *key_r, bool *live_r);
/* ERR_BUSY: that, or the lock of the new region's cluster, was lost meanwhile. */
struct err *move_alone(struct moving *mv);

#endif
