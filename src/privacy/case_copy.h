/* SPDX-License-Identifier: ISC */
/*
 * The copy that a request for access is answered with (s.19, s.20(1)(b)).
 *
 * It is put together by a job: every record of those whom the case is about, as it was
 * when the request was received (later changes are undone with the old values of the
 * log), and others' records that speak of them, as they were then, too. What of those
 * cannot be had any more is listed as changed. What in it tells of other people is
 * marked, to be looked through; the package is made of what was looked through and
 * approved. A copy lies under the case's key: a row a record, with its fields as
 *
 *	{"at":..., "fields":[{"n":"body","v":"text"},
 *	 {"n":"happened_at","v":"2026-01-02T03:04:05Z","s":"2 January 2026, 11:04"},
 *	 {"n":"owner_id","u":3}], "changed":[{"n":"email","at":...}]}
 *
 * A field with "s" is no text, and shown so; one with "u" is a user, shown as a letter.
 */
#ifndef PRAYA_CASE_COPY_H
#define PRAYA_CASE_COPY_H

#include "case_view.h"
#include "run.h"

/* The jobs "case_copy" and "case_package", args {"request": id}. */
struct err *case_copy_step(struct job_run *run);
struct err *case_package_step(struct job_run *run);

/* The key of a case in a job's transaction; CONFLICT when it is gone. */
struct err *case_key(struct job_run *run, struct tx *tx, int64_t request, struct seal_key *key_r);
/* Binds a copy to its place. */
const char *copy_place(struct arena *a, const struct seal_key *key);

extern const struct route case_copy_routes[];
extern const struct route case_consent_routes[];

#endif
