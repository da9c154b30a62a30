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

/* How somebody came back by an act of their own; NULL ends it. */
extern const char *const suppression_ways[];
/* A number or an address makes records again; *lifted_r false: it did already. The log has it. */
struct err *
suppression_return(struct request *rq, const char *text, const char *how, bool *lifted_r);

extern const struct route suppression_routes[];

#endif
