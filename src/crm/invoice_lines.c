/* SPDX-License-Identifier: ISC */
/* Reading the lines and the bill-to block of an invoice from what was sent. */
#include <string.h>

#include "card.h"
#include "invoice.h"
#include "money.h"
#include "text.h"
#include "utf8.h"

#define DESCRIPTION_MAX 500
#define NAME_MAX 200
#define ADDRESS_MAX 500
#define QUANTITY_UNIT 1000
#define QUANTITY_MAX 1000000000LL
#define AMOUNT_MAX 999999999999999LL

const char *const invoice_extra[] = {
	"lines", "line", "lines_shown", "bill_to", "bill_to_shown", NULL};

/* "1.5" -> 1500 */
static bool
quantity_parse(const char *s, int64_t *out)
{
	int64_t whole = 0, part = 0, unit = QUANTITY_UNIT;

	if (*s < '0' || *s > '9')
		return false;
	for (; *s >= '0' && *s <= '9'; s++) {
		whole = whole * 10 + (*s - '0');
		if (whole > QUANTITY_MAX)
			return false;
	}
	if (*s == '.')
		for (s++; *s >= '0' && *s <= '9' && unit > 1; s++) {
			unit /= 10;
			part += (*s - '0') * unit;
		}
	if (*s != '\0' || whole * QUANTITY_UNIT + part == 0)
		return false;
	*out = whole * QUANTITY_UNIT + part;
	return true;
}

const char *
invoice_quantity_text(struct arena *a, int64_t q)
{
	char *s = arena_printf(
		a, "%lld.%03lld", (long long)(q / QUANTITY_UNIT), (long long)(q % QUANTITY_UNIT));
	size_t n = strlen(s);

	while (s[n - 1] == '0')
		s[--n] = '\0';
	if (s[n - 1] == '.')
		s[--n] = '\0';
	return s;
}

/* quantity x unit, rounded half away from zero. False: beyond what is kept. */
static bool
line_amount(int64_t quantity, int64_t unit, int64_t *out)
{
	__int128 product = (__int128)quantity * unit;
	__int128 half = product < 0 ? -QUANTITY_UNIT / 2 : QUANTITY_UNIT / 2;
	__int128 amount = (product + half) / QUANTITY_UNIT;

	if (amount > AMOUNT_MAX || amount < -AMOUNT_MAX)
		return false;
	*out = (int64_t)amount;
	return true;
}

static void
fail(const struct record_ctx *cx, struct err **e, size_t row, const char *part, const char *key)
{
	err_add_field(cx->a, e, arena_printf(cx->a, "lines.%zu.%s", row, part), key, NULL);
}

/* Text of a JSON string or number; NULL: absent, null, or something else. */
static const char *
plain_text(const struct record_ctx *cx, struct json_object *v)
{
	if (json_object_is_type(v, json_type_int) || json_object_is_type(v, json_type_double))
		return arena_strdup(cx->a, json_object_to_json_string(v));
	if (!json_object_is_type(v, json_type_string))
		return NULL;
	return text_clean(cx->a, json_object_get_string(v), true);
}

/* {"amount": "12.50", "currency": "HKD"}, or the amount alone. */
static bool
read_money(const struct record_ctx *cx, struct json_object *v, const char *currency, int64_t *out)
{
	struct json_object *amount = v, *cur = NULL;
	const char *s;

	if (json_object_is_type(v, json_type_object)) {
		amount = json_object_object_get(v, "amount");
		cur = json_object_object_get(v, "currency");
		if (json_object_object_length(v) > 2 ||
			(cur != NULL && strcmp(json_object_get_string(cur), currency) != 0))
			return false;
	}
	s = plain_text(cx, amount);
	return s != NULL && money_parse(s, currency, out);
}

static const char *
read_words(const struct record_ctx *cx, struct json_object *v, size_t max, const char **problem_r)
{
	const char *s;

	*problem_r = NULL;
	if (v == NULL)
		return NULL;
	if (!json_object_is_type(v, json_type_string)) {
		*problem_r = "error.type";
		return NULL;
	}
	s = text_clean(cx->a, json_object_get_string(v), true);
	if (s != NULL && utf8_length(s) > max)
		*problem_r = "error.too_much_text";
	else if (s != NULL && card_found(s))
		*problem_r = "error.card";
	return s;
}

/* The amount is ours to work out, but a line that was read may come back whole. */
static void
check_rest(const struct record_ctx *cx, struct json_object *o, const char *currency, size_t row,
	const struct invoice_line *l, struct err **e)
{
	int64_t amount;

	json_object_object_foreach(o, name, v)
	{
		if (strcmp(name, "description") == 0 || strcmp(name, "quantity") == 0 ||
			strcmp(name, "unit_amount") == 0)
			continue;
		if (strcmp(name, "amount") != 0)
			fail(cx, e, row, "unknown", "error.unknown_field");
		else if (!read_money(cx, v, currency, &amount) || amount != l->amount)
			fail(cx, e, row, "amount", "error.amount_of_lines");
	}
}

static void
read_line(const struct record_ctx *cx, struct json_object *o, const char *currency, size_t row,
	struct invoice_line *l, struct err **e)
{
	struct json_object *quantity = json_object_object_get(o, "quantity");
	const char *problem, *text = quantity != NULL ? plain_text(cx, quantity) : "1";

	l->description =
		read_words(cx, json_object_object_get(o, "description"), DESCRIPTION_MAX, &problem);
	if (problem == NULL && l->description == NULL)
		problem = "error.required";
	if (problem != NULL)
		fail(cx, e, row, "description", problem);
	if (text == NULL || !quantity_parse(text, &l->quantity))
		fail(cx, e, row, "quantity", "error.quantity");
	else if (!read_money(
			 cx, json_object_object_get(o, "unit_amount"), currency, &l->unit_amount))
		fail(cx, e, row, "unit_amount", "error.money");
	else if (!line_amount(l->quantity, l->unit_amount, &l->amount))
		fail(cx, e, row, "unit_amount", "error.outside");
	check_rest(cx, o, currency, row, l, e);
}

static void
read_list(const struct record_ctx *cx, struct json_object *list, const char *currency,
	struct invoice_input *in, struct err **e)
{
	size_t n;

	in->lines_sent = true;
	if (list == NULL)
		return;
	if (!json_object_is_type(list, json_type_array)) {
		err_add_field(cx->a, e, "lines", "error.type", NULL);
		return;
	}
	n = json_object_array_length(list);
	if (n > INVOICE_LINES_MAX) {
		err_add_field(cx->a, e, "lines", "error.too_many_lines", NULL);
		return;
	}
	in->lines = ARENA_ARRAY(cx->a, n + 1, struct invoice_line);
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		if (json_object_is_type(o, json_type_object))
			read_line(cx, o, currency, i, &in->lines[in->n++], e);
		else
			err_add_field(cx->a, e, "lines", "error.type", NULL);
	}
}

/* Rows of a form that were left blank are no lines. */
static void
read_form(const struct record_ctx *cx, struct json_object *sent, const char *currency,
	struct invoice_input *in, struct err **e)
{
	static const char *const parts[] = {"description", "quantity", "unit_amount"};

	in->lines_sent = true;
	in->lines = ARENA_ARRAY(cx->a, INVOICE_FORM_LINES, struct invoice_line);
	for (size_t row = 0; sent != NULL && row < INVOICE_FORM_LINES; row++) {
		struct json_object *o = model_object(cx->a), *v;

		for (size_t k = 0; k < 3; k++)
			if (json_object_object_get_ex(
				    sent, arena_printf(cx->a, "%zu.%s", row, parts[k]), &v))
				json_object_object_add(o, parts[k], json_object_get(v));
		if (json_object_object_length(o) > 0)
			read_line(cx, o, currency, row, &in->lines[in->n++], e);
	}
}

static void
read_bill_to(const struct record_ctx *cx, struct json_object *o, struct invoice_input *in,
	struct err **e)
{
	const char *problem;

	in->bill_to_sent = true;
	if (o == NULL)
		return;
	json_object_object_foreach(o, name, v)
	{
		if (strcmp(name, "name") == 0) {
			in->name = read_words(cx, v, NAME_MAX, &problem);
		} else if (strcmp(name, "address") == 0) {
			in->address = read_words(cx, v, ADDRESS_MAX, &problem);
		} else {
			problem = "error.unknown_field";
		}
		if (problem != NULL)
			err_add_field(cx->a, e, "bill_to", problem, NULL);
	}
}

static void
add_up(const struct record_ctx *cx, struct invoice_input *in, struct err **e)
{
	for (size_t i = 0; i < in->n; i++) {
		/* Each is below 10^15 and there are at most 200 of them. */
		in->total += in->lines[i].amount;
	}
	if (in->total > AMOUNT_MAX || in->total < -AMOUNT_MAX)
		err_add_field(cx->a, e, "lines", "error.outside", NULL);
}

void
invoice_input_read(struct request *rq, const struct record_ctx *cx, const char *currency,
	struct invoice_input *in, struct err **e)
{
	memset(in, 0, sizeof(*in));
	if (request_has(rq, "lines"))
		read_list(cx, request_value(rq, "lines"), currency, in, e);
	else if (request_bool(rq, "lines_shown", false))
		read_form(cx, request_value(rq, "line"), currency, in, e);
	if (!request_has(rq, "bill_to") && !request_bool(rq, "bill_to_shown", false))
		in->bill_to_sent = false;
	else if (!invoice_shows_bill_to(cx))
		err_add_field(cx->a, e, "bill_to", "error.unknown_field", NULL);
	else
		read_bill_to(cx, request_value(rq, "bill_to"), in, e);
	add_up(cx, in, e);
}
