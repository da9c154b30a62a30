/* SPDX-License-Identifier: ISC */
/* Results of leak tests, in the workspace: the last thirty. */
#ifndef PRAYA_LEAK_KEPT_H
#define PRAYA_LEAK_KEPT_H

#include "leak.h"

struct leak_kept {
	int64_t id;
	int64_t last_profile;       /* tried so far, in order of their numbers */
	struct json_object *report; /* as leak_report_json() gives it; NULL: nothing yet */
};

/* job 0: of the command. */
struct err *leak_kept_begin(struct tx *tx, int64_t job, int64_t *id_r);
/* The job's own, made at its first step. */
struct err *leak_kept_of_job(struct tx *tx, struct arena *a, int64_t job, struct leak_kept *k);
/* The report of some profiles and of some more. */
struct json_object *
leak_kept_add(struct arena *a, struct json_object *to, struct json_object *more);
/* Queued. */
void leak_kept_update(struct tx *tx, const struct leak_kept *k, bool finished);

#endif
