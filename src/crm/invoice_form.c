/* SPDX-License-Identifier: ISC */
/* The form of an invoice: what it begins with, its lines and whom it is billed to. */
#include <string.h>

#include "invoice.h"
#include "money.h"

/* What a new one begins with: the day, and the number of the one made last. */
STMT(beginning, "invoice.beginning", 1,
	"select hk_today()::text, (select number from invoice where $1::boolean "
	"order by invoice_id desc limit 1)");

static const char *
typed(struct request *rq, const char *param, const char *name)
{
	struct json_object *of = request_value(rq, param), *v;

	if (of == NULL || !json_object_object_get_ex(of, name, &v))
		return NULL;
	return json_object_get_string(v);
}

/* The first error of a row, to stand beside it. */
static const char *
row_error(const struct record_ctx *cx, struct json_object *page, size_t row)
{
	static const char *const parts[] = {"description", "quantity", "unit_amount"};
	struct json_object *errors = json_object_object_get(page, "errors"), *v;

	for (size_t k = 0; errors != NULL && k < 3; k++)
		if (json_object_object_get_ex(
			    errors, arena_printf(cx->a, "lines.%zu.%s", row, parts[k]), &v))
			return json_object_get_string(v);
	return NULL;
}

/* What is stored, or what was typed, and a few blank rows to go on. */
static void
form_lines(struct request *rq, const struct record_ctx *cx, const struct invoice_line *l, size_t n,
	const char *currency, struct json_object *page)
{
	bool again = rq->method != METHOD_GET;
	size_t rows = again ? INVOICE_FORM_LINES : n + 3 < 4 ? 4 : n + 3;
	struct json_object *list = model_list(page, "lines");

	for (size_t i = 0; i < rows && i < INVOICE_FORM_LINES; i++) {
		struct json_object *row = model_item(list);
		const char *at = arena_printf(cx->a, "%zu.", i);

		model_i64(row, "row", (int64_t)i);
		model_text(row, "error", row_error(cx, page, i));
		if (again) {
			model_text(row, "description",
				typed(rq, "line", arena_printf(cx->a, "%sdescription", at)));
			model_text(row, "quantity",
				typed(rq, "line", arena_printf(cx->a, "%squantity", at)));
			model_text(row, "unit_amount",
				typed(rq, "line", arena_printf(cx->a, "%sunit_amount", at)));
		} else if (i < n) {
			model_text(row, "description", l[i].description);
			model_text(row, "quantity", invoice_quantity_text(cx->a, l[i].quantity));
			model_text(
				row, "unit_amount", money_plain(cx->a, l[i].unit_amount, currency));
		}
	}
}

/* A field of the form; NULL: it is not there for this user. */
static struct json_object *
field_of(struct json_object *page, const char *wanted)
{
	struct json_object *groups = json_object_object_get(page, "groups");

	for (size_t i = 0; i < json_object_array_length(groups); i++) {
		struct json_object *fields =
			json_object_object_get(json_object_array_get_idx(groups, i), "fields");

		for (size_t k = 0; k < json_object_array_length(fields); k++) {
			struct json_object *f = json_object_array_get_idx(fields, k);

			if (strcmp(json_object_get_string(json_object_object_get(f, "name")),
				    wanted) == 0)
				return f;
		}
	}
	return NULL;
}

/* What a field of a new invoice holds before anything is typed. */
static void
begin_with(struct json_object *page, const char *name, const char *value)
{
	struct json_object *f = field_of(page, name), *options;

	if (f == NULL || value == NULL || json_object_object_get(f, "value") != NULL)
		return;
	model_text(f, "value", value);
	if (!json_object_object_get_ex(f, "options", &options))
		return;
	for (size_t i = 0; i < json_object_array_length(options); i++) {
		struct json_object *o = json_object_array_get_idx(options, i);

		if (strcmp(json_object_get_string(json_object_object_get(o, "value")), value) == 0)
			model_bool(o, "selected", true);
	}
}

/* The number after this one: its last digits, counted on. NULL: it ends in none. */
static const char *
number_after(struct arena *a, const char *number)
{
	size_t n = number != NULL ? strlen(number) : 0, at = n;
	char *next;

	while (at > 0 && number[at - 1] >= '0' && number[at - 1] <= '9')
		at--;
	if (at == n)
		return NULL;
	next = arena_strdup(a, number);
	for (size_t i = n; i-- > at;) {
		if (next[i] != '9') {
			next[i]++;
			return next;
		}
		next[i] = '0';
	}
	return arena_printf(a, "%.*s1%s", (int)at, next, next + at);
}

/* The amount's unit stands before it. A new invoice is a draft of today in the workspace's
 * currency, and numbered on where all numbers are there to be seen. */
static struct err *
form_begin(const struct record_ctx *cx, const struct record *rec, const char *currency,
	struct json_object *page)
{
	struct json_object *amount = field_of(page, "amount");
	struct rows *r;

	if (amount != NULL)
		model_text(amount, "currency", currency);
	if (rec != NULL)
		return NULL;
	begin_with(page, "currency", currency);
	TRY(tx_query(cx->tx, &beginning,
		VALS(val_bool(cx->principal->scopes[ENTITY_INVOICE][RIGHT_VIEW] == SCOPE_ALL)),
		&r));
	begin_with(page, "issued_on", rows_text(r, 0, 0));
	begin_with(page, "status", "draft");
	begin_with(page, "number", number_after(cx->a, rows_text(r, 0, 1)));
	return NULL;
}

struct err *
invoice_form(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *page)
{
	const char *name = NULL, *address = NULL;
	struct json_object *block;
	struct invoice_line *l = NULL;
	size_t n = state != NULL ? invoice_rows_lines(cx, state, &l) : 0;
	const char *currency = rec != NULL ? rec->currency : cx->cat->currency;

	TRY(form_begin(cx, rec, currency, page));
	if (invoice_lines_level(cx) != LEVEL_EDIT)
		n = 0;
	else if (n <= INVOICE_FORM_LINES)
		form_lines(rq, cx, l, n, currency, page);
	model_bool(page, "many_lines", n > INVOICE_FORM_LINES);
	if (!invoice_shows_bill_to(cx))
		return NULL;
	block = model_child(page, "bill_to");
	model_bool(block, "shown", true);
	if (rq->method != METHOD_GET) {
		name = typed(rq, "bill_to", "name");
		address = typed(rq, "bill_to", "address");
	} else if (state != NULL && rec != NULL) {
		TRY(invoice_rows_bill_to(cx, state, rec->id, &name, &address));
	}
	model_text(block, "name", name);
	model_text(block, "address", address);
	return NULL;
}
