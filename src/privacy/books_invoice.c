/* SPDX-License-Identifier: ISC */
/* The invoices of the books: each with the block of whom it was for, whoever was erased. */
#include <string.h>

#include "books.h"
#include "csv.h"
#include "event.h"
#include "invoice.h"
#include "money.h"
#include "token.h"

STMT(next_invoices, "books.invoices", 1,
	"with b as materialized (select * from invoice where invoice_id > $1::bigint "
	"order by invoice_id limit 200) "
	"select b.invoice_id, b.contact_id, b.number, b.issued_on::text, b.due_on::text, b.status, "
	"b.currency, b.amount, b.keep_until::text, b.bill_to, b.bill_to_key_id, k.wrapped "
	"from b left join data_key k on k.key_id = b.bill_to_key_id order by b.invoice_id");
STMT(next_lines, "books.lines", 1,
	"with b as materialized (select invoice_id, number, currency from invoice "
	"where invoice_id > $1::bigint order by invoice_id limit 200) "
	"select b.number, l.position, l.description, l.quantity, l.unit_amount, l.amount, "
	"b.currency from b join invoice_line l using (invoice_id) "
	"order by b.invoice_id, l.position");

/* Places of books.invoices. */
enum {
	ID,
	CONTACT,
	NUMBER,
	ISSUED,
	DUE,
	STATUS,
	CURRENCY,
	AMOUNT,
	KEEP_UNTIL,
	BILL_TO,
	KEY,
	WRAPPED,
	COLUMNS
};

#define INVOICE_CELLS 9
#define LINE_CELLS 6

static const char *const invoice_columns[INVOICE_CELLS] = {"number", "issued_on", "due_on",
	"status", "currency", "amount", "name", "address", "keep_until"};
static const char *const line_columns[LINE_CELLS] = {
	"number", "position", "description", "quantity", "unit_amount", "amount"};

static struct err *
put_head(struct books *b, struct book *k, const char *const *columns, size_t n)
{
	const char *cells[INVOICE_CELLS];

	for (size_t i = 0; i < n; i++)
		cells[i] = view_text(b->run->a, b->lang,
			arena_printf(b->run->a, "books.column.%s", columns[i]), NULL);
	return book_row(b, k, cells, n);
}

static struct err *
open_block(struct books *b, const struct rows *r, size_t i, const char **name_r,
	const char **address_r)
{
	struct seal_key key;
	struct err *e;

	*name_r = *address_r = NULL;
	if (rows_null(r, i, BILL_TO) || rows_null(r, i, WRAPPED))
		return NULL;
	if (!key_unwrap(b->run->a, &b->run->tenant->kek, "bill_to",
		    rows_bytes(b->run->a, r, i, WRAPPED), rows_i64(r, i, KEY), &key))
		return err_internal(b->run->a, "the key of a bill-to block does not open");
	e = invoice_bill_to_open(&b->cx, rows_i64(r, i, ID), rows_bytes(b->run->a, r, i, BILL_TO),
		&key, name_r, address_r);
	secret_wipe(&key, sizeof(key));
	return e;
}

static struct err *
put_invoice(struct books *b, const struct rows *r, size_t i)
{
	const struct field *f = catalogue_find(b->cx.cat, ENTITY_INVOICE, "status");
	const char *currency = rows_text(r, i, CURRENCY);
	const struct choice *status = field_choice(f, rows_text(r, i, STATUS));
	const char *cells[INVOICE_CELLS] = {rows_text(r, i, NUMBER), rows_text(r, i, ISSUED),
		rows_null(r, i, DUE) ? NULL : rows_text(r, i, DUE), rows_text(r, i, STATUS),
		currency, money_plain(b->run->a, rows_i64(r, i, AMOUNT), currency), NULL, NULL,
		rows_text(r, i, KEEP_UNTIL)};

	if (status != NULL)
		cells[3] = b->lang == LANG_ZH ? status->label_zh : status->label_en;
	TRY(open_block(b, r, i, &cells[6], &cells[7]));
	return book_row(b, &b->invoices, cells, INVOICE_CELLS);
}

static struct err *
put_line(struct books *b, const struct rows *r, size_t i)
{
	const char *currency = rows_text(r, i, 6);
	const char *cells[LINE_CELLS] = {rows_text(r, i, 0),
		arena_printf(b->run->a, "%lld", (long long)rows_i64(r, i, 1)),
		rows_null(r, i, 2) ? NULL : rows_text(r, i, 2),
		invoice_quantity_text(b->run->a, rows_i64(r, i, 3)),
		money_plain(b->run->a, rows_i64(r, i, 4), currency),
		money_plain(b->run->a, rows_i64(r, i, 5), currency)};

	return book_row(b, &b->lines, cells, LINE_CELLS);
}

/* Whose invoices went out stands in each person's history. */
static void
log_piece(struct tx *tx, struct arena *a, const struct rows *r)
{
	size_t n = rows_count(r);
	int64_t *ids = ARENA_ARRAY(a, n, int64_t), *people = ARENA_ARRAY(a, n, int64_t);
	struct audit_event e = {.action = "export",
		.entity = "invoice",
		.reason = "books",
		.records = ids,
		.nrecords = n,
		.subjects = people,
		.nsubjects = n};

	for (size_t i = 0; i < n; i++) {
		ids[i] = rows_i64(r, i, ID);
		people[i] = rows_i64(r, i, CONTACT);
	}
	audit_queue(tx, a, &e);
}

static struct err *
piece(struct books *b, int64_t *after, size_t *n_r)
{
	struct rows *r, *l;
	struct tx *tx;

	TRY(job_begin(b->run, &tx));
	tx_queue(tx, &next_lines, VALS(val_i64(*after)), &l);
	TRY(tx_query(tx, &next_invoices, VALS(val_i64(*after)), &r));
	*n_r = rows_count(r);
	if (*n_r > 0)
		log_piece(tx, b->run->a, r);
	TRY(job_commit(b->run, tx));
	for (size_t i = 0; i < *n_r; i++)
		TRY(put_invoice(b, r, i));
	for (size_t i = 0; i < rows_count(l); i++)
		TRY(put_line(b, l, i));
	if (*n_r > 0)
		*after = rows_i64(r, *n_r - 1, ID);
	b->done += (int64_t)*n_r;
	TRY(book_flush(b, &b->invoices, false));
	return book_flush(b, &b->lines, false);
}

struct err *
books_invoices(struct books *b)
{
	int64_t after = 0;
	size_t n;

	TRY(put_head(b, &b->invoices, invoice_columns, INVOICE_CELLS));
	TRY(put_head(b, &b->lines, line_columns, LINE_CELLS));
	TRY(book_flush(b, &b->invoices, false));
	TRY(book_flush(b, &b->lines, false));
	do {
		struct arena_mark mark = arena_mark(b->run->a);

		TRY(piece(b, &after, &n));
		arena_release(b->run->a, mark);
		TRY(job_beat(b->run, b->done, 0));
	} while (n > 0);
	return NULL;
}
