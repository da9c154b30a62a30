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
	struct record_ctx cx;
	int64_t request, received, recorded;
	const char *received_at;
	struct seal_key key;
	int64_t *contacts;
	size_t n;
	struct people *people;
	struct json_object *undo; /* {"message:12": {field: old}}, of the person under way */
	int64_t done, total;
};

/* What was changed since receipt, of this person's records: into c->undo. */
struct err *copy_undo(struct copying *c, int64_t contact) ATTR_WARN_UNUSED;
/* The record as it was; x: of an invoice its lines and bill-to, else NULL. */
struct err *copy_record(struct copying *c, const struct record *rec, const struct invoice_rows *x,
	struct json_object *o) ATTR_WARN_UNUSED;

#endif
