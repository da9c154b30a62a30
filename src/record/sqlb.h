/* SPDX-License-Identifier: ISC */
/*
 * Composing SQL inside record/: text from catalogue and entity tables only,
 * every value bound. The one place where a statement is not a constant.
 */
#ifndef PRAYA_SQLB_H
#define PRAYA_SQLB_H

#include "sb.h"
#include "tx.h"

struct sqlb {
	struct arena *a;
	struct sb sql;
	struct val *vals;
	int n, room;
};

void sqlb_init(struct sqlb *b, struct arena *a);
void sqlb_add(struct sqlb *b, const char *fmt, ...) ATTR_PRINTF(2, 3);
/* Binds a value and returns its place as text: "$3::bigint". */
const char *sqlb_val(struct sqlb *b, struct val v, const char *cast);
/* The text so far, a part of what follows; the values stay. */
const char *sqlb_take(struct sqlb *b);
void sqlb_queue(struct sqlb *b, struct tx *tx, const char *name, struct rows **rows_r);

#endif
