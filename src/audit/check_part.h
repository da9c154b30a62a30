/* SPDX-License-Identifier: ISC */
/* Parts of a check. Of check*.c only. */
#ifndef PRAYA_CHECK_PART_H
#define PRAYA_CHECK_PART_H

#include "check.h"

struct finding {
	const char *kind;
	const char *month;
	int64_t at;
	int64_t seal;
	int64_t sealed, found; /* negative: says nothing */
	const char *where;
};

struct check {
	struct audit_check *out;
	struct json_object *findings;
	struct head_key key;
	char missing[11]; /* the month last found missing */
	struct seal last; /* of the chain as it stood when the check began */
};

void check_found(struct check *c, const struct finding *f);
/* A transaction that sees everything; the caller ends it. */
struct err *check_tx(struct check *c, struct arena *a, struct tx **tx_r);
/* The end of the chain against what was published. */
struct err *check_heads(struct check *c);

#endif
