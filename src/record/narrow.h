/* SPDX-License-Identifier: ISC */
/* The rows of a list for whoever does not see everything. Of record/ only. */
#ifndef PRAYA_NARROW_H
#define PRAYA_NARROW_H

#include "read.h"

struct list_order {
	const struct sort_key *key;
	bool desc;
};

/* Does the principal's scope need more than the order's index? */
bool narrow_list(const struct record_ctx *cx, const struct record_query *q);
/* "..., q as materialized (select ... limit + 1 rows in order)". rest: further
 * conditions on alias r, each beginning with " and ". */
void narrow_rows(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	const struct layout *l, const struct list_order *o, const char *rest);

/* The order of a list, and its conditions on alias r, each beginning with " and ":
 * of record/list.c, which checks the question. */
struct err *list_where(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	struct list_order *o, const char **sort_r);

#endif
