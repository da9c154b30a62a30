/* SPDX-License-Identifier: ISC */
/*
 * What a law obliges the owner to keep beyond the workspace, as one file that needs no
 * program to read: the log book of refusals and all invoices, each as a page for people
 * and as CSV, in a ZIP. For whoever may close the workspace.
 */
#ifndef PRAYA_BOOKS_H
#define PRAYA_BOOKS_H

#include "record.h"
#include "run.h"
#include "view.h"

extern const struct route books_routes[];
struct err *books_step(struct job_run *run);

/* ---- among its files */

struct scratch;

/* One table in the making: its first row names the columns. */
struct book {
	const char *name; /* of its files */
	const char *key;  /* of its title */
	struct scratch *csv, *html;
	struct json_object *rows; /* not written yet */
	int64_t n;                /* rows, the first one included */
};

struct books {
	struct job_run *run;
	struct record_ctx cx;
	enum lang lang;
	struct book log, invoices, lines;
	int64_t done; /* invoices */
};

/* Cells that are NULL are empty. */
struct err *
book_row(struct books *b, struct book *k, const char *const *cells, size_t n) ATTR_WARN_UNUSED;
/* Writes the page as far as there are rows; before memory is released. */
struct err *book_flush(struct books *b, struct book *k, bool last) ATTR_WARN_UNUSED;
/* All invoices with their lines, each with its event; 200 at a time. */
struct err *books_invoices(struct books *b) ATTR_WARN_UNUSED;

#endif
