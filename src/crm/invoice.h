/* SPDX-License-Identifier: ISC */
/*
 * Invoices: the financial history that stays, and adds up, when its person is
 * erased.
 *
 * The amount of an invoice with lines is the sum of its lines. The bill-to
 * block (name and address) is sealed under a key of its own, which belongs to
 * no person and lives until the invoice's keep_until: the law wants the book
 * kept (Cap. 112 s.51C) when the person's own key is gone.
 */
#ifndef PRAYA_INVOICE_H
#define PRAYA_INVOICE_H

#include "pages.h"

extern const struct route invoice_routes[];
extern const struct entity_hooks invoice_hooks;

#define INVOICE_LINES_MAX 200
/* As many as a form can carry; longer ones are changed by the API. */
#define INVOICE_FORM_LINES 16

struct invoice_line {
	const char *description;
	int64_t quantity;    /* in thousandths */
	int64_t unit_amount; /* minor units */
	int64_t amount;
};

/* What the body says beside the fields. */
struct invoice_input {
	bool lines_sent;
	struct invoice_line *lines;
	size_t n;
	int64_t total; /* of the lines */
	bool bill_to_sent;
	const char *name; /* NULL: none */
	const char *address;
};

/* Body parameters of the two. A form repeats line[N.description], line[N.quantity]
 * and line[N.unit_amount], and says by lines_shown and bill_to_shown that what
 * it does not send is empty. */
#define INVOICE_PARAMS \
	{"lines", P_JSON, IN_BODY, 0, 0, false}, \
	{ \
		"bill_to", P_FILTERS, IN_BODY, 0, 0, false \
	}
extern const char *const invoice_extra[];

/* May whoever asks read the block with the person's name and address? */
bool invoice_shows_bill_to(const struct record_ctx *cx);
/* What whoever asks may do with the lines: the same as with the amount. */
enum field_level invoice_lines_level(const struct record_ctx *cx);
/* The hook of its form (pages.h). */
struct err *invoice_form(struct request *rq, const struct record_ctx *cx, const struct record *rec,
	void *state, struct json_object *page);
/* Errors at "lines.0.quantity", "lines" and "bill_to" go to *e. */
void invoice_input_read(struct request *rq, const struct record_ctx *cx, const char *currency,
	struct invoice_input *in, struct err **e);
/* 1500 -> "1.5" */
const char *invoice_quantity_text(struct arena *a, int64_t q);

/* Writes lines and bill-to as far as they were sent and differ, each with its
 * event; a changed invoice gets a new version. */
struct err *invoice_store(const struct record_ctx *cx, int64_t id, bool created,
	const char *currency, const struct invoice_input *in);

/* Lines and bill-to of an invoice: queued, there after the trip. action: what the
 * event of the block says, "view" or "export". */
struct invoice_rows {
	struct rows *lines;
	struct rows *bill_to;
};
struct invoice_rows *
invoice_rows_queue(const struct record_ctx *cx, int64_t id, const char *action);
size_t invoice_rows_lines(
	const struct record_ctx *cx, const struct invoice_rows *r, struct invoice_line **lines_r);
/* Last day of a block that only a law keeps, of an erased person; NULL: none. */
const char *invoice_rows_kept(const struct invoice_rows *r, int64_t *contact_r);
/* Opens a sealed block with its key. */
struct err *invoice_bill_to_open(const struct record_ctx *cx, int64_t id, struct bytes sealed,
	const struct seal_key *key, const char **name_r, const char **address_r);
/* Both NULL when there is none. */
struct err *invoice_rows_bill_to(const struct record_ctx *cx, const struct invoice_rows *r,
	int64_t id, const char **name_r, const char **address_r);

#endif
