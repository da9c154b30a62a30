/* SPDX-License-Identifier: ISC */
/*
 * Who was erased and is not made anew, who opted out (record/suppress.h): asking, the
 * way back for somebody who returns by an act of their own, and stopping marketing at
 * once when somebody opts out (Cap. 486 s.35G).
 */
#ifndef PRAYA_SUPPRESSION_H
#define PRAYA_SUPPRESSION_H

#include "case.h"

struct json_object;

/* For these people, and for the number and address in the particulars when it is they who
 * ask. Ends with what the principal sees. */
struct err *suppression_opt_out(struct request *rq, const int64_t *contacts, size_t n,
	struct json_object *particulars, const char *capacity);

extern const struct route suppression_routes[];

#endif
