/* SPDX-License-Identifier: ISC */
/*
 * "I forgot my password": the page only writes down the address, sealed, and a
 * job looks whether anybody has it. So the answer takes as long, and says the
 * same, whether there is such a user or not.
 */
#ifndef PRAYA_LINK_JOB_H
#define PRAYA_LINK_JOB_H

#include "run.h"
#include "tenant.h"

/* tx came through gate_nobody. *locked_r: too many from this address of the
 * network; what the guard counted is to be committed. */
struct err *link_ask(struct tx *tx, struct arena *a, const struct tenant *tn, const char *email,
	const char *ip, bool *locked_r);
/* Kind "link". */
struct err *link_step(struct job_run *run);

#endif
