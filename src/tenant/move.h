/* SPDX-License-Identifier: ISC */
/*
 * A workspace goes to another region: its database, files and keys are copied while
 * it is in use; then it can be read only, and what has changed meanwhile follows; for a
 * last moment nobody is in it, and all tables and files are compared. Only then the
 * directory says the new region, and what is in the old one is destroyed.
 *
 * Given up, nothing of it stays in the new region. Killed anywhere, the same call goes on: until
 * the directory has changed the old one counts and the copy is made anew, afterwards the new one
 * counts and the old one goes. Not called again, the workers of both regions see to that.
 */
#ifndef PRAYA_MOVE_H
#define PRAYA_MOVE_H

#include "tenant.h"

struct moved {
	int64_t tables;
	int64_t rows;
	int64_t files;
	int64_t window_ms; /* nothing could be changed */
	int64_t closed_ms; /* of it: nor be read */
	bool was_there;    /* it was in that region already; left-overs elsewhere are gone */
};

/* from: the region it is in; to: the other. ERR_CONFLICT: its state does not allow it. */
struct err *tenant_move(struct tenancy *from, struct tenancy *to, struct arena *a, const char *slug,
	struct moved *m);
/* ERR_INVALID: by whatever names, both regions have one file store: what has just come would go
 * with what was left behind. */
struct err *tenant_move_stores(struct tenancy *from, struct tenancy *to, struct arena *a);
/* Removes what a move left in `from`, where the workspace is not any more; `known` as of
 * tenant_destroy_parts(). */
struct err *
tenant_move_clear(struct tenancy *from, struct arena *a, int64_t id, bool known, bool *any_r);
/* For the worker: takes back moves away from here, and clears what they left here, where whoever
 * moved is no more. */
struct err *tenant_move_left(struct tenancy *t, struct arena *a);
/* A move that was begun is taken back: it is open again where it is. ERR_BUSY: it is running. */
struct err *
tenant_move_undo(struct tenancy *from, struct arena *a, const char *slug, bool *undone_r);

#endif
