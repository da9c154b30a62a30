/* SPDX-License-Identifier: ISC */
/*
 * Where the business holds personal data outside of Praya (settings): a request for
 * access becomes a task for each, to be answered before its end. And who processes data
 * for it: a request for erasure ends once each of them has confirmed.
 */
#ifndef PRAYA_CASE_SOURCE_H
#define PRAYA_CASE_SOURCE_H

#include "case.h"

/* A task for each source that the case does not ask yet. *n_r: so many; may be NULL. */
struct err *case_ask_sources(struct request *rq, const struct privacy_case *c, size_t *n_r);

extern const struct route source_routes[];

#endif
