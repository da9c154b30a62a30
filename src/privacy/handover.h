/* SPDX-License-Identifier: ISC */
/*
 * Handing an answer over: a link that is good for two weeks, and each time a code that is
 * mailed to the address of the requestor. The database knows digests of both only. Who
 * has the link learns that a file waits, its size and until when, and nothing else.
 */
#ifndef PRAYA_HANDOVER_H
#define PRAYA_HANDOVER_H

#include "case.h"
#include "run.h"

/* data.handovers, page.handover_fields where one can be made. */
struct err *case_handovers(struct request *rq, const struct privacy_case *c,
	struct json_object *data, struct json_object *page);
/* Mails to who sees to the case: nobody has fetched it. */
struct err *handover_warn(struct job_run *run, struct tx *tx) ATTR_WARN_UNUSED;

extern const struct route handover_routes[];
extern const struct route handover_case_routes[];

#endif
