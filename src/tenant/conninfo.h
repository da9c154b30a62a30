/* SPDX-License-Identifier: ISC */
/* Connection strings of libpq, "name=value" pairs, without libpq. */
#ifndef PRAYA_CONNINFO_H
#define PRAYA_CONNINFO_H

#include "arena.h"

/* False when it is not a list of name=value pairs (an URI is none either). */
bool conninfo_valid(const char *info);
/* The value of a name, NULL when it is not there; as libpq, the last one counts. */
const char *conninfo_get(struct arena *a, const char *info, const char *name);
/* info with a pair more, which counts before an earlier one; value NULL: info itself. */
const char *conninfo_set(struct arena *a, const char *info, const char *name, const char *value);

#endif
