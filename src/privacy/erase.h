/* SPDX-License-Identifier: ISC */
/*
 * Erasing a person and keeping the books (PDPO s.26 and DPP2(2); Cap. 112
 * s.51C for what must stay).
 *
 * Stages, all on the receipt. 1, at once and in one transaction: the person's
 * key is destroyed, so sealed fields, files and old values in the log are
 * unreadable; plain columns become neutral; messages and notes are emptied.
 * 2, a job: files are unlinked, and the old values are looked for elsewhere. 3,
 * a job: touched tables are rewritten on disk. What a law keeps until a date
 * (erase_kept.c) is erased by a later run, each thing after its own last day.
 *
 * Order: intent in the cell's ledger, erasure here, done in the ledger. The
 * worker finishes what was cut off in between, and a restored database is
 * erased again from the ledger.
 */
#ifndef PRAYA_ERASE_H
#define PRAYA_ERASE_H

#include "record.h"

struct erase_order {
	int64_t contact_id;
	int64_t version;    /* 0: not compared */
	const char *reason; /* code */
};

/* CONFLICT while `hold` is set or when the person is erased already. Runs stage
 * 1 and commits cx->tx; the ledger is closed and the jobs are queued. The
 * receipt is filled in.
 *
 * What fails once the intent is in the ledger does not take the order back: such
 * an error has the key "error.erase_ordered", and the worker carries it out. */
struct err *erase_person(const struct record_ctx *cx, struct tenancy *t,
	const struct erase_order *order, struct json_object *receipt);
/* For the worker, and after a restore: carries out the intents of this workspace that are open, a
 * hundred at most, several in a transaction. *left_r: how many could not be, this time. */
struct err *
erase_resume(const struct record_ctx *cx, struct tenancy *t, struct conn *c, size_t *left_r);
/* The receipt as the API and the page show it. NOT_FOUND when there is none. */
struct err *erase_receipt(const struct record_ctx *cx, int64_t contact_id, struct json_object *o);

/* A job: the receipt as PDF, whose SHA-256 stays with it. */
struct job_run;
struct err *erase_receipt_step(struct job_run *run);

extern const struct route erase_routes[];
extern const struct route receipt_routes[];

#endif
