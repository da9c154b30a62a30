/* SPDX-License-Identifier: ISC */
/*
 * What a bearer token may do of all that its user may: a list of rights as the
 * profile knows them ("contact.view", ".erase"), chosen when it is made. What counts is
 * the rights that are in the list and the profile's too, at every request anew; so a
 * token never has more than its user, and what a later version adds it has not.
 */
#ifndef PRAYA_TOKEN_SCOPE_H
#define PRAYA_TOKEN_SCOPE_H

#include "principal.h"

/* Words of a choice: read (see every kind of record), write (and add, change, archive, and
 * one's own settings), export, import, one right ("contact.view"), one special right
 * ("erase"). p: whose token, NULL: made by the operator. Of read, write, export and import
 * what p has; another right that p has not, or no such word: *bad_r names it. */
const char **token_scope(struct arena *a, const char *const *words, size_t n,
	const struct principal *p, size_t *n_r, const char **bad_r);

#endif
