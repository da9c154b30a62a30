/* SPDX-License-Identifier: ISC */
/*
 * What the scan looks for: values of the erased person that tell who somebody
 * is. They live sealed, until the scan is through and for a day at most.
 */
#ifndef PRAYA_ERASE_NEEDLES_H
#define PRAYA_ERASE_NEEDLES_H

#include "erase_part.h"

struct needles {
	const char **texts;
	size_t n;
	const char **numbers; /* last digits of telephone numbers */
	size_t nnumbers;
};

struct bytes needles_seal(const struct erasing *er);
struct err *needles_open(struct arena *a, const struct tenant *tn, int64_t contact_id,
	struct bytes sealed, struct needles *needles_r);
/* Those of many. */
void needles_add(struct arena *a, struct needles *all, const struct needles *more);
/* Does the text hold one? Whatever the case of its letters, and however the
 * digits of a number are grouped. */
bool needles_in(const struct needles *n, struct arena *a, const char *text);

/* What many people are looked for by, so that a text is gone through once for all of them,
 * however many they are. The texts of needles are in lower case. */
struct needle_index;
struct needle_index *needle_index_new(struct arena *a);
void needle_index_add(struct needle_index *ix, const struct needles *n, size_t person);
/* For each place where the text, in lower case, holds something: whose it is. */
void needle_index_look(const struct needle_index *ix, struct arena *a, const char *text,
	void (*hit)(void *ctx, size_t person), void *ctx);
/* What may group digits. */
#define NEEDLES_GROUPING " -().\xc2\xa0"

#endif
