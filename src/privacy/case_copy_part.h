/* SPDX-License-Identifier: ISC */
/* A copy that is being put together. Of case_copy.c and case_copy_record.c only. */
#ifndef PRAYA_CASE_COPY_PART_H
#define PRAYA_CASE_COPY_PART_H

#include "case_copy.h"
#include "case_people.h"
#include "export.h"
#include "invoice.h"

struct copying {
	struct job_run *run;
	struct arena *a;     /* of the whole */
	struct arena *piece; /* emptied after every piece */
	struct arena *past;  /* of undo */
	struct record_ctx cx;
	int64_t request, received, recorded;
	const char *received_at;
	struct seal_key key;
	int64_t *contacts;
	size_t n;
	struct people *people;
	/* {"message:12": {field: {"old":.., "at":..}}}, of the person under way; "lost": there was
	 * another value, and nothing has it any more. */
	struct json_object *undo;
	bool own;          /* that person is one the case is about */
	int64_t erased_at; /* of that person; 0: not */
	int64_t done, total;
};

/* A transaction, whose memory is that of the piece; so much more is done with it. */
struct err *copy_begin(struct copying *c) ATTR_WARN_UNUSED;
struct err *copy_commit(struct copying *c, int64_t more) ATTR_WARN_UNUSED;

/* What was changed since receipt: into c->undo, in steps of transactions of their own. own: of
 * all records of that person; else of those that were found to speak of the case's people,
 * contact 0: of nobody, as companies. */
struct err *copy_undo(struct copying *c, int64_t contact, bool own) ATTR_WARN_UNUSED;
/* The record as it was; x: of an invoice its lines and bill-to, else NULL. */
struct err *copy_record(struct copying *c, const struct record *rec, const struct invoice_rows *x,
	struct json_object *o) ATTR_WARN_UNUSED;

#endif
