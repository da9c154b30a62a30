/* SPDX-License-Identifier: ISC */
/* What the worker does in one workspace. Of runner/ only. */
#ifndef PRAYA_VISIT_H
#define PRAYA_VISIT_H

#include "worker.h"

struct worker {
	struct tenancy *tenancy;
	const struct worker_work *work;
	const char **kinds; /* names of work->kinds */
	size_t nkinds;
	struct arena *visit; /* of one visit */
	struct arena *claim; /* of one job */
	struct arena *step;
	bool job; /* one was worked on in this round */
	volatile sig_atomic_t stop;
};

/* Milliseconds of a clock that never jumps, to share time fairly. */
int64_t worker_now(void);

/* *usec_r: until more work of the workspace is due; 0: now; negative: none known. */
struct err *visit_tenant(struct worker *w, const struct tenant *tn, int64_t *usec_r);

#endif
