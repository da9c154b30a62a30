/* SPDX-License-Identifier: ISC */
/* Values on their way to libpq, and results on their way back. */
#ifndef PRAYA_VALUE_H
#define PRAYA_VALUE_H

#include <libpq-fe.h>

#include "val.h"

struct params {
	int n;
	const char **values;
	int *lengths;
	int *formats; /* 1: binary, bytea alone */
	size_t bytes;
};

/* For a statement of that name that takes n values: any other number ends the process.
 * Copies everything: the values may go as soon as this returns. */
const struct params *params_encode(struct arena *a, const char *stmt, struct vals vals, int n);

/* Takes over the result: cleared with the arena. */
struct rows *rows_wrap(struct arena *a, PGresult *res);

#endif
