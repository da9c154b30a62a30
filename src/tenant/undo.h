/* SPDX-License-Identifier: ISC */
/* Of tenant/ only. */
#ifndef PRAYA_UNDO_H
#define PRAYA_UNDO_H

#include "tenancy.h"

/* Database, role, files, keys and names of a workspace whose state is TENANT_CREATING. Under the
 * cluster's lock; admin: to database postgres. */
struct err *undo_made(struct tenancy *t, struct arena *a, struct conn *admin, int64_t id);

#endif
