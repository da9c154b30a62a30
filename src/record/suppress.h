/* SPDX-License-Identifier: ISC */
/*
 * Whom nobody makes anew: telephone numbers and email addresses of erased people,
 * and of those who opted out of marketing, as keyed digests. An erased person's make
 * no record until somebody comes back by an act of their own; both stop marketing for good.
 */
#ifndef PRAYA_SUPPRESS_H
#define PRAYA_SUPPRESS_H

#include "record.h"

/* Does the field hold a number or an address of a contact? */
bool suppress_field(const struct field *f);
/* The digest of a number (E.164) or an address, however its letters are written. */
struct bytes suppress_digest(const struct record_ctx *cx, const char *text);

/* What stands about the n-th of the digests that were asked about. */
struct suppressed {
	const char *erased_on; /* the day, when it makes nobody anew; else NULL */
	bool marketing;        /* none is sent */
};
/* list: one for each digest. Runs what is queued. */
struct err *suppress_find(const struct record_ctx *cx, const struct bytes *digests, size_t n,
	struct suppressed **list_r);
/* INVALID at the field when a change would make an erased person anew; *marketing_r: none
 * is sent to what it holds. */
struct err *suppress_check(const struct record_ctx *cx, const struct changes *c, bool *marketing_r);
/* Was that the error? */
bool suppress_refused(const struct err *e);
/* What is wrong with it, for whoever asks: the day only for those who may know. */
const char *suppress_key(const struct principal *p);

/* Queues: from now on these are "erased" or "opt_out", and no contact with one of
 * them is sent marketing, nor these contacts. For a transaction that sees everybody (gate_widen).
 */
void suppress_add(const struct record_ctx *cx, const char *kind, const char *const *texts, size_t n,
	const int64_t *contacts, size_t ncontacts);

#endif
