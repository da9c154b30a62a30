/* SPDX-License-Identifier: ISC */
#include "invoice.h"

#include <string.h>

#include "child.h"
#include "date.h"
#include "money.h"

STMT(currency_of, "invoice.currency", 1,
	"select currency from invoice where invoice_id = $1::bigint");
STMT(stored, "invoice.before_change", 1,
	"select issued_on::text, keep_until::text, amount, currency, "
	"(select count(*) from invoice_line l where l.invoice_id = i.invoice_id) "
	"from invoice i where invoice_id = $1::bigint");
/* The last day of the law's period: no row before the law. */
STMT(law, "invoice.law", 1,
	"select (($1::date + term)::date - 1)::text from law_term where code = 'business_records' "
	"and from_on <= $1::date order by from_on desc limit 1");

/* An amount of a stored invoice is read in its own currency. */
static struct err *
prepare(struct request *rq, struct record_ctx *cx, int64_t id)
{
	struct rows *r;

	(void)rq;
	TRY(tx_query(cx->tx, &currency_of, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	cx->currency = rows_text(r, 0, 0);
	return NULL;
}

static const char *
currency_in_force(const struct record_ctx *cx, const struct changes *c)
{
	const struct change *ch = changes_find(c, "currency");

	if (ch != NULL && !ch->value.null)
		return ch->value.text;
	return cx->currency != NULL ? cx->currency : cx->cat->currency;
}

static void
put_text(const struct record_ctx *cx, struct changes *c, const char *field, const char *text)
{
	changes_put(
		cx, c, ENTITY_INVOICE, field, (struct value){.text = text, .val = val_text(text)});
}

/* Kept at least as long as the law wants books kept. Nothing said: exactly so
 * long. before: row of `stored`, or no row. */
static struct err *
check_keep_until(
	const struct record_ctx *cx, const struct rows *before, struct changes *c, struct err **e)
{
	const struct change *issued = changes_find(c, "issued_on"),
			    *keep = changes_find(c, "keep_until");
	bool is_new = rows_count(before) == 0;
	const char *from, *least;
	struct rows *r;

	if (!is_new && issued == NULL && keep == NULL)
		return NULL;
	from = issued != NULL ? issued->value.text : is_new ? NULL : rows_text(before, 0, 0);
	if (from == NULL) /* required, and reported as such */
		return NULL;
	TRY(tx_query(cx->tx, &law, VALS(val_text(from)), &r));
	least = rows_count(r) == 1 ? rows_text(r, 0, 0) : NULL;
	if (least == NULL || strlen(least) != strlen("9999-12-31")) {
		err_add_field(cx->a, e, "issued_on", "error.date", NULL);
		return NULL;
	}
	if (keep != NULL && !keep->value.null) {
		if (strcmp(keep->value.text, least) < 0)
			err_add_field(cx->a, e, "keep_until", "error.keep_until", least);
	} else if (is_new || keep != NULL || strcmp(rows_text(before, 0, 1), least) < 0) {
		put_text(cx, c, "keep_until", arena_strdup(cx->a, least));
	}
	return NULL;
}

/* With lines the amount is their sum and nobody types it. A form sends its
 * amount along all the same; a program that sends another one is mistaken. */
static void
check_amount(struct request *rq, const struct record_ctx *cx, const struct rows *before,
	const struct invoice_input *in, struct changes *c, struct err **e)
{
	const struct change *amount = changes_find(c, "amount"), *cur = changes_find(c, "currency");
	bool is_new = rows_count(before) == 0;
	bool moved =
		!is_new && cur != NULL && strcmp(cur->value.text, rows_text(before, 0, 3)) != 0;
	bool lines = in->lines_sent ? in->n > 0 : !is_new && rows_i64(before, 0, 4) > 0;
	int64_t sum = in->lines_sent || is_new ? in->total : rows_i64(before, 0, 2);

	if (moved && !in->lines_sent && (lines || amount == NULL))
		err_add_field(cx->a, e, "currency", "error.currency_alone", NULL);
	if (!lines)
		return;
	if (amount != NULL && rq->api && (amount->value.null || amount->value.val.u.i64 != sum))
		err_add_field(cx->a, e, "amount", "error.amount_of_lines", NULL);
	changes_drop(c, "amount");
	if (in->lines_sent)
		changes_put(cx, c, ENTITY_INVOICE, "amount", value_id(cx->a, sum));
}

/* Lines are what the amount is made of: who reads and changes the one, the others. */
enum field_level
invoice_lines_level(const struct record_ctx *cx)
{
	enum field_level level;

	return catalogue_visible(cx->cat, cx->principal, ENTITY_INVOICE, "amount", &level) != NULL
		       ? level
		       : LEVEL_HIDDEN;
}

static void
check_lines(const struct record_ctx *cx, const struct invoice_input *in, struct err **e)
{
	enum field_level level = invoice_lines_level(cx);

	if (in->lines_sent && level != LEVEL_EDIT)
		err_add_field(cx->a, e, "lines",
			level == LEVEL_HIDDEN ? "error.unknown_field" : "error.read_only", NULL);
}

static struct err *
check(struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c)
{
	struct child_state st;
	struct invoice_input in;
	struct rows *before;
	struct err *e = NULL;

	tx_queue(cx->tx, &stored, VALS(val_i64(id)), &before);
	TRY(child_state(cx, ENTITY_INVOICE, id, &st));
	TRY(tx_run(cx->tx));
	child_check(cx, id, &st, c, &e);
	child_preset(cx, id, c, "currency", &e);
	if (id == 0 && changes_find(c, "currency") == NULL)
		put_text(cx, c, "currency", cx->cat->currency);
	invoice_input_read(rq, cx, currency_in_force(cx, c), &in, &e);
	check_lines(cx, &in, &e);
	check_amount(rq, cx, before, &in, c, &e);
	child_preset(cx, id, c, "amount", &e);
	TRY(check_keep_until(cx, before, c, &e));
	return e;
}

static struct err *
store(struct request *rq, const struct record_ctx *cx, int64_t id, bool created,
	const struct changes *c)
{
	const char *currency = currency_in_force(cx, c);
	struct invoice_input in;
	struct err *e = NULL;

	invoice_input_read(rq, cx, currency, &in, &e);
	TRY(e);
	return invoice_store(cx, id, created, currency, &in);
}

static void
queue(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	(void)rq;
	*state_r = invoice_rows_queue(cx, id, "view");
}

static void
add_money(const struct record_ctx *cx, struct json_object *o, const char *name, int64_t minor,
	const char *currency)
{
	struct json_object *m = model_child(o, name);

	model_text(m, "amount", money_plain(cx->a, minor, currency));
	model_text(m, "currency", currency);
}

static void
api_lines(const struct record_ctx *cx, const struct invoice_line *l, size_t n, const char *currency,
	struct json_object *o)
{
	struct json_object *list = model_list(o, "lines");

	for (size_t i = 0; i < n; i++) {
		struct json_object *line = model_item(list);

		model_text(line, "description", l[i].description);
		model_text(line, "quantity", invoice_quantity_text(cx->a, l[i].quantity));
		add_money(cx, line, "unit_amount", l[i].unit_amount, currency);
		add_money(cx, line, "amount", l[i].amount, currency);
	}
}

/* The block is the person's name and address once more: whoever may not read these on the
 * person does not read them here. A field that is not in use holds nobody back. */
bool
invoice_shows_bill_to(const struct record_ctx *cx)
{
	static const char *const names[] = {"name_en", "name_zh", "address"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, names[i]);

		if (f != NULL && f->enabled && field_is_live(f) &&
			field_level(cx->principal, f) < LEVEL_READ)
			return false;
	}
	return !principal_masks(cx->principal);
}

static void
api_bill_to(const char *name, const char *address, struct json_object *o)
{
	struct json_object *block;

	if (name == NULL && address == NULL) {
		model_null(o, "bill_to");
		return;
	}
	block = model_child(o, "bill_to");
	model_text(block, "name", name);
	model_text(block, "address", address);
}

static void
detail_lines(const struct record_ctx *cx, const struct invoice_line *l, size_t n,
	const char *currency, struct json_object *page)
{
	struct json_object *list = model_list(page, "lines");
	int64_t total = 0;

	for (size_t i = 0; i < n; i++) {
		struct json_object *line = model_item(list);

		model_text(line, "description", l[i].description);
		model_text(line, "quantity", invoice_quantity_text(cx->a, l[i].quantity));
		model_text(line, "unit_amount", money_show(cx->a, l[i].unit_amount, currency));
		model_text(line, "amount", money_show(cx->a, l[i].amount, currency));
		total += l[i].amount;
	}
	if (n > 0)
		model_text(page, "total", money_show(cx->a, total, currency));
}

static void
detail_bill_to(const char *name, const char *address, struct json_object *page)
{
	struct json_object *block;

	if (name == NULL && address == NULL)
		return;
	block = model_child(page, "bill_to");
	model_text(block, "name", name);
	model_text(block, "address", address);
}

/* The block of an erased person is shown to whoever gives a reason, and elsewhere. */
static void
detail_kept(const struct record_ctx *cx, const struct invoice_rows *rows, struct json_object *page)
{
	int64_t contact;
	const char *until = invoice_rows_kept(rows, &contact);
	struct json_object *o;

	if (until == NULL)
		return;
	o = model_child(page, "bill_to_kept");
	model_text(o, "until",
		view_text(cx->a, cx->lang, "kept.until",
			date_show(cx->a, until, lang_tag(cx->lang))));
	if (principal_may(cx->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		model_text(o, "url",
			arena_printf(cx->a, "/contacts/%lld/erase/kept", (long long)contact));
}

static struct err *
model(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *o, struct json_object *page)
{
	const char *name = NULL, *address = NULL;
	struct invoice_line *l;
	size_t n = invoice_rows_lines(cx, state, &l);

	/* Free text and an address: no field's level says anything of them. */
	if (principal_masks(cx->principal))
		return NULL;
	if (invoice_shows_bill_to(cx))
		TRY(invoice_rows_bill_to(cx, state, rec->id, &name, &address));
	if (rq->api) {
		if (invoice_lines_level(cx) >= LEVEL_READ)
			api_lines(cx, l, n, rec->currency, o);
		api_bill_to(name, address, o);
	} else if (rq->route->handler == pages_read) {
		if (invoice_lines_level(cx) >= LEVEL_READ)
			detail_lines(cx, l, n, rec->currency, page);
		detail_bill_to(name, address, page);
		detail_kept(cx, state, page);
	}
	return NULL;
}

const struct entity_hooks invoice_hooks = {
	.extra = invoice_extra,
	.prepare = prepare,
	.before = check,
	.after = store,
	.queue = queue,
	.model = model,
	.form = invoice_form,
	.form_template = "invoice/form",
};

static const struct param form_params[] = {
	INVOICE_PARAMS,
	{"line", P_FILTERS, IN_BODY, 0, 0, false},
	{"lines_shown", P_BOOL, IN_BODY, 0, 0, false},
	{"bill_to_shown", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param api_params[] = {INVOICE_PARAMS, PARAM_END};

const struct route invoice_routes[] = {
	ROUTE(READ, GET, "/invoices", ON_BOTH, "invoice", RIGHT_VIEW, "list", pages_list,
		list_params, NULL, "record/list", "invoice.list"),
	ROUTE(WRITE, POST, "/invoices/search", ON_BOTH, "invoice", RIGHT_VIEW, "search",
		pages_search, search_params, NULL, "", "invoice.search"),
	ROUTE(WRITE, POST, "/invoices", ON_BOTH, "invoice", RIGHT_CREATE, "create", pages_create,
		form_params, "invoice", "invoice/form", "invoice.create"),
	ROUTE(READ, GET, "/invoices/{id}", ON_BOTH, "invoice", RIGHT_VIEW, "view", pages_read, NULL,
		NULL, "invoice/detail", "invoice.read"),
	ROUTE(READ, GET, "/invoices/{id}/edit", ON_PAGE, "invoice", RIGHT_EDIT, "view", pages_edit,
		NULL, NULL, "invoice/form", "invoice.edit"),
	ROUTE(CHANGE, POST, "/invoices/{id}/edit", ON_PAGE, "invoice", RIGHT_EDIT, "update",
		pages_update, form_params, "invoice", "invoice/form", "invoice.save"),
	ROUTE(CHANGE, PATCH, "/invoices/{id}", ON_API, "invoice", RIGHT_EDIT, "update",
		pages_update, api_params, "invoice", "", "invoice.update"),
	ROUTE(CHANGE, POST, "/invoices/{id}/archive", ON_PAGE, "invoice", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "invoice.archive"),
	ROUTE(CHANGE, DELETE, "/invoices/{id}", ON_API, "invoice", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "invoice.delete"),
	ROUTE(CHANGE, POST, "/invoices/{id}/restore", ON_BOTH, "invoice", RIGHT_DELETE, "restore",
		pages_restore, NULL, NULL, "", "invoice.restore"),
	ROUTE(READ, GET, "/contacts/{id}/invoices", ON_API, "invoice", RIGHT_VIEW, "list",
		pages_children, list_params, NULL, "", "invoice.of_contact"),
	ROUTE(WRITE, POST, "/contacts/{id}/invoices", ON_BOTH, "invoice", RIGHT_CREATE, "create",
		pages_create_child, form_params, "invoice", "invoice/form", "invoice.add"),
	ROUTE(READ, GET, "/contacts/{id}/invoices/new", ON_PAGE, "invoice", RIGHT_CREATE, "view",
		pages_new_child, NULL, NULL, "invoice/form", "invoice.new"),
	ROUTE_END,
};
