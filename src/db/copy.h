/* SPDX-License-Identifier: ISC */
/*
 * Rows by the hundred thousand, one at a time as they come: nothing of them is kept. For
 * whoever reads a whole table with the owner's rights, outside of a transaction.
 */
#ifndef PRAYA_COPY_H
#define PRAYA_COPY_H

#include "tx.h"

/* A row as PostgreSQL sends its types in binary, read field by field. */
struct copy_row {
	const unsigned char *p, *end;
	int left; /* fields */
};

struct copy_field {
	const unsigned char *p; /* NULL: SQL null */
	size_t n;
};

/* The next field; false: there is none, or the row is cut off. */
bool copy_next(struct copy_row *r, struct copy_field *out);
/* Of a field of so many bytes at most 8, the most significant first; 0 for null. */
uint64_t copy_number(const struct copy_field *f);

/* The statement's rows in turn; values are texts and whole numbers. An error of fn ends it and
 * is returned. One statement: statement_timeout holds. */
typedef struct err *copy_fn(void *ctx, struct copy_row *row);
struct err *conn_copy(struct conn *c, struct arena *a, const struct stmt *s, struct vals vals,
	copy_fn *fn, void *ctx) ATTR_WARN_UNUSED;

#endif
