/* SPDX-License-Identifier: ISC */
/* Records of a user who leaves, in a colleague's hands. Of workspace/ only. */
#ifndef PRAYA_HAND_OVER_H
#define PRAYA_HAND_OVER_H

#include "gate.h"
#include "run.h"

struct owned {
	int64_t contacts, companies, tasks; /* tasks: open ones */
	int64_t all;
	int64_t job; /* that is handing them over; 0: they were, at once */
};

/* Hands all of it to `to`, with events: at once, or when it is much by a job. 0: to nobody,
 * which is good where there is nothing. ERR_INVALID at hand_over_to: nobody named, or nobody
 * who can take them; ERR_CONFLICT: a job of theirs, or one to them, still runs. */
struct err *hand_over(struct request *rq, int64_t user, int64_t to, struct owned *o_r);
/* "hand_over", a row of bin/jobs.c. Arguments: from, to. */
struct err *hand_over_step(struct job_run *run);
/* {"contact": 3, "company": 0, "activity": 1} */
void owned_model(const struct owned *o, struct json_object *to);
/* Page.hand_over: how much there is, and the colleagues who can take it. */
struct err *hand_over_form(struct request *rq, int64_t user, struct json_object *page);

#endif
