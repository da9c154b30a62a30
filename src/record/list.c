/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "narrow.h"
#include "phone.h"
#include "token.h"
#include "utf8.h"
#include "order.h"

#define LIMIT_MAX 200

/* What is looked for decides the plan: a rare name wants its index, "all
 * customers" the order of the list. A plan made for any value knows neither. */
STMT(plan_by_value, "list.plan_by_value", 0,
	"select set_config('plan_cache_mode', 'force_custom_plan', true)");
/* A narrow list finds its way whatever the values are; to plan it costs more than
 * to run it. */
STMT(plan_once, "list.plan_once", 0,
	"select set_config('plan_cache_mode', 'force_generic_plan', true)");

static struct err *
bad_query(const struct record_ctx *cx, const char *name, const char *key)
{
	struct err *e = NULL;

	err_add_field(cx->a, &e, name, key, NULL);
	e->kind = ERR_BAD_REQUEST;
	return e;
}

/* '%', '_' and '\' of a word mean themselves. */
static const char *
like_escape(struct arena *a, const char *s, size_t n)
{
	struct sb sb;

	sb_init(&sb, a, 2 * n + 1);
	for (size_t i = 0; i < n; i++) {
		if (s[i] == '%' || s[i] == '_' || s[i] == '\\')
			sb_putc(&sb, '\\');
		sb_putc(&sb, s[i]);
	}
	return sb.p;
}

/* Grams find candidates by index; only a word longer than its grams can match
 * by accident and is looked at again. */
static bool
needs_recheck(const char *word, size_t n)
{
	const char *end = word + n;
	size_t chars = 0;
	bool han = false;
	uint32_t cp;

	for (const char *p = word; p < end; chars++) {
		size_t k = utf8_next(p, end, &cp);

		if (k == 0)
			return true;
		han |= utf8_is_han(cp);
		p += k;
	}
	return chars > (han ? 2 : 3);
}

/* The index knows every field that words may stand in. Where some of them are not
 * to be read, a row that it finds is looked at once more without them: whoever
 * may not see a phone number finds nobody by it. */
static struct err *
add_search(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d, const char *q)
{
	const char *words, *grams;
	char digits[32];
	const char *p;
	bool all;

	if (!record_may_search(cx, d->entity))
		return bad_query(cx, "q", "error.unknown_field");
	if (phone_search_digits(q, digits, sizeof(digits)))
		q = arena_strdup(cx->a, digits);
	words = words_sql(cx, d->entity, &all);
	grams = arena_printf(cx->a, "praya_sys.query_grams(%s)", sqlb_val(b, val_text(q), "text"));
	sqlb_add(b, " and r.grams operator(praya_sys.@>>) %s", grams);
	for (p = q; *p != '\0';) {
		size_t n = strcspn(p, " ,\t");

		if (n > 0 && needs_recheck(p, n))
			sqlb_add(b,
				" and praya_sys.fold(%s) like '%%' || praya_sys.fold(%s) || '%%'",
				words, sqlb_val(b, val_text(like_escape(cx->a, p, n)), "text"));
		p += n + (p[n] != '\0');
	}
	if (!all)
		sqlb_add(b, " and praya_sys.grams(%s) operator(praya_sys.@>>) %s", words, grams);
	return NULL;
}

static struct err *
parse_filter(const struct record_ctx *cx, const struct field *f, const char *text, struct value *v)
{
	struct json_object *in = json_object_new_string(text);
	struct err *e = NULL;
	bool ok = value_parse(cx->a, f, cx->cat->currency, in, v, &e);

	json_object_put(in);
	if (!ok || v->null) {
		struct err *bad = bad_query(cx, arena_printf(cx->a, "filter[%s]", f->name),
			!ok && e->fields != NULL ? e->fields->key : "error.required");

		return bad;
	}
	return NULL;
}

/* "2026-01-01..2026-06-30", either end may be left out. */
static struct err *
add_range(struct sqlb *b, const struct record_ctx *cx, const struct field *f, const char *text,
	const char *dots)
{
	const char *lo = arena_strndup(cx->a, text, (size_t)(dots - text)), *hi = dots + 2;
	struct value v;

	if (*lo != '\0') {
		TRY(parse_filter(cx, f, lo, &v));
		sqlb_add(b, " and r.%s >= %s", f->column, sqlb_val(b, v.val, value_cast(f)));
	}
	if (*hi != '\0') {
		TRY(parse_filter(cx, f, hi, &v));
		sqlb_add(b, " and r.%s <= %s", f->column, sqlb_val(b, v.val, value_cast(f)));
	}
	return NULL;
}

static struct err *
add_filter(struct sqlb *b, const struct record_ctx *cx, enum entity e, const char *name,
	const char *text)
{
	enum field_level level;
	const struct field *f = catalogue_visible(cx->cat, cx->principal, e, name, &level);
	const char *dots;
	struct value v;

	/* A masked field in a filter would be an oracle. */
	if (f == NULL || level < LEVEL_READ || !field_filters(f))
		return bad_query(
			cx, arena_printf(cx->a, "filter[%s]", name), "error.unknown_field");
	dots = strstr(text, "..");
	if (dots != NULL && !f->sealed &&
		(f->type == FIELD_DATE || f->type == FIELD_TIME || f->type == FIELD_NUMBER ||
			f->type == FIELD_MONEY))
		return add_range(b, cx, f, text, dots);
	TRY(parse_filter(cx, f, text, &v));
	if (f->sealed)
		sqlb_add(b, " and r.%s_bi = %s", f->column,
			sqlb_val(b, val_bytes(field_blind(cx, f, v.text)), "bytea"));
	else if (f->type == FIELD_BOOLEAN)
		/* Spelled out, so that the partial index is found. */
		sqlb_add(b, v.val.u.yes ? " and r.%1$s" : " and not r.%1$s and r.%1$s is not null",
			f->column);
	else if (f->type == FIELD_TAGS)
		sqlb_add(b, " and r.%s operator(praya_sys.@>>) %s", f->column,
			sqlb_val(b, v.val, "text[]"));
	else if (f->type == FIELD_COMPANY && !record_sees_all(cx, ENTITY_COMPANY))
		/* Who refers to a record that is not visible is not told. */
		sqlb_add(b,
			" and r.%s = (select x.company_id from company x where x.company_id = %s)",
			f->column, sqlb_val(b, v.val, "bigint"));
	else if (f->type == FIELD_CONTACT && !record_sees_all(cx, ENTITY_CONTACT))
		sqlb_add(b,
			" and r.%s = (select x.contact_id from contact x where x.contact_id = %s)",
			f->column, sqlb_val(b, v.val, "bigint"));
	else
		sqlb_add(b, " and r.%s = %s", f->column, sqlb_val(b, v.val, value_cast(f)));
	return NULL;
}

static struct err *
add_filters(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q)
{
	if (q->filter == NULL)
		return NULL;
	json_object_object_foreach(q->filter, name, v)
	{
		const char *text = v != NULL ? json_object_get_string(v) : "";

		if (json_object_is_type(v, json_type_array) ||
			json_object_is_type(v, json_type_object))
			return bad_query(cx, arena_printf(cx->a, "filter[%s]", name), "error.type");
		if (*text != '\0')
			TRY(add_filter(b, cx, q->entity, name, text));
	}
	return NULL;
}

/* The list a cursor is of: a field of the same name may be of another kind elsewhere, or
 * be made anew as one. */
static const char *
cursor_place(const struct record_ctx *cx, const struct entity_def *d, const struct sort_key *k)
{
	return arena_printf(cx->a, "cursor|%s|%s", d->table, k->cast);
}

/* A cursor is "sort|id|value", sealed, so that neither names nor positions of
 * invisible records can be read from it or put into it. */
static const char *
cursor_make(const struct record_ctx *cx, const char *place, const char *sort, const char *value,
	int64_t id)
{
	const char *text = arena_printf(cx->a, "%s|%lld|%s", sort, (long long)id, value);
	struct bytes sealed = seal_value(cx->a, &cx->tenant->cursor, place, text, strlen(text));

	return base64url_encode(cx->a, sealed.p, sealed.n);
}

static struct err *
add_cursor(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	const struct list_order *o, const char *sort, const struct entity_def *d)
{
	struct bytes raw, plain;
	const char *text, *value;
	int64_t id;

	if (q->after == NULL)
		return NULL;
	if (!base64url_decode(cx->a, q->after, &raw) ||
		!unseal_value(cx->a, &cx->tenant->cursor, cursor_place(cx, d, o->key), raw, &plain))
		return bad_query(cx, "after", "error.cursor");
	text = (const char *)plain.p;
	if (strncmp(text, sort, strlen(sort)) != 0 || text[strlen(sort)] != '|')
		return bad_query(cx, "after", "error.cursor");
	text += strlen(sort) + 1;
	value = strchr(text, '|');
	if (value == NULL)
		return bad_query(cx, "after", "error.cursor");
	id = strtoll(text, NULL, 10);
	/* With "or the same", the planner counts rows that share the value: where most
	 * have none, it would take the rest of the list for empty and sort the table. */
	sqlb_add(b, " and (%s, r.%s) %s (%s, %s)", o->key->sql, d->pk,
		o->desc ? "<=" : ">=", sqlb_val(b, val_text(value + 1), o->key->cast),
		sqlb_val(b, val_i64(o->desc ? id - 1 : id + 1), "bigint"));
	return NULL;
}

/* A key that is no field, or one that may be read. */
static bool
may_sort(const struct record_ctx *cx, enum entity e, const struct sort_key *k)
{
	return catalogue_find(cx->cat, e, k->name) == NULL || record_reads(cx, e, k->name);
}

/* The order of those whom the default order's field is hidden from. */
static const struct sort_key *
key_by_number(const struct record_ctx *cx, const struct entity_def *d)
{
	struct sort_key *k = ARENA_NEW(cx->a, struct sort_key);

	k->name = "id";
	k->sql = arena_printf(cx->a, "r.%s", d->pk);
	k->cast = "bigint";
	k->text = arena_printf(cx->a, "r.%s::text", d->pk);
	return k;
}

static struct err *
parse_sort(const struct record_ctx *cx, const struct record_query *q, const struct entity_def *d,
	struct list_order *o, const char **sort_r)
{
	bool said = q->sort != NULL && *q->sort != '\0';
	const char *sort = said ? q->sort : d->sort;

	o->desc = *sort == '-';
	if ((!said || strcmp(sort, "-id") == 0) &&
		!may_sort(cx, d->entity, entity_sort(d, d->sort + (*d->sort == '-')))) {
		o->key = key_by_number(cx, d);
		*sort_r = "-id";
		return NULL;
	}
	o->key = order_find(cx, d, sort + o->desc);
	/* No order by a field one may not see. */
	if (o->key == NULL || !may_sort(cx, d->entity, o->key))
		return bad_query(cx, "sort", "error.sort");
	*sort_r = sort;
	return NULL;
}

static bool
looks_for_something(const struct record_query *q)
{
	return (q->q != NULL && *q->q != '\0') ||
	       (q->filter != NULL && json_object_object_length(q->filter) > 0);
}

/* Which rows, as conditions on alias r. */
static struct err *
add_conditions(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	const struct list_order *o, const char *sort)
{
	const struct entity_def *d = entity_def(q->entity);

	sqlb_add(b, " and r.archived_at is %s", q->archived ? "not null" : "null");
	if (q->contact_id != 0)
		sqlb_add(
			b, " and r.contact_id = %s", sqlb_val(b, val_i64(q->contact_id), "bigint"));
	if (q->q != NULL && *q->q != '\0')
		TRY(add_search(b, cx, d, q->q));
	TRY(add_filters(b, cx, q));
	return add_cursor(b, cx, q, o, sort, d);
}

struct err *
list_where(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	struct list_order *o, const char **sort_r)
{
	TRY(parse_sort(cx, q, entity_def(q->entity), o, sort_r));
	return add_conditions(b, cx, q, o, *sort_r);
}

static struct err *
compose(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	const struct layout *l, struct list_order *o, const char **sort_r)
{
	const struct entity_def *d = l->def;
	const char *conditions;

	TRY(list_where(b, cx, q, o, sort_r));
	conditions = sqlb_take(b);
	sqlb_add(b, "with ");
	if (narrow_list(cx, q)) {
		narrow_rows(b, cx, q, l, o, conditions);
	} else {
		sqlb_add(b, "q as materialized (");
		layout_select(b, cx, l, o->key->text);
		sqlb_add(b, " from %s r where true%s order by %s %s, r.%s %s limit %lld)", d->table,
			conditions, o->key->sql, o->desc ? "desc" : "asc", d->pk,
			o->desc ? "desc" : "asc", (long long)q->limit + 1);
	}
	/* The row that only says that there is more is not shown, so not logged. */
	read_event(b, l, looks_for_something(q) ? "search" : "list",
		arena_printf(cx->a, "(select * from q limit %lld) shown", (long long)q->limit),
		d->entity == ENTITY_CONTACT || d->child);
	sqlb_add(b, " select * from q");
	return NULL;
}

struct err *
record_list_check(const struct record_ctx *cx, const struct record_query *q)
{
	struct list_order o;
	const char *sort;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	return compose(&b, cx, q, layout_of(cx, q->entity, q->listed, q->labels), &o, &sort);
}

/* A column of notes is there where one of them is. */
static void
drop_notes(struct layout *l, const struct record_page *page)
{
	if (l->n == 0 || !field_is_note(l->fields[l->n - 1]))
		return;
	for (size_t i = 0; i < page->n; i++)
		if (!page->records[i].values[l->n - 1].null)
			return;
	l->n--;
}

static void
queue_plan_mode(const struct record_ctx *cx, const struct record_query *q)
{
	/* A trial has decided for all that is asked in it. */
	if (tx_on_trial(cx->tx))
		return;
	if (looks_for_something(q))
		tx_queue(cx->tx, &plan_by_value, NO_VALS, NULL);
	else if (narrow_list(cx, q))
		tx_queue(cx->tx, &plan_once, NO_VALS, NULL);
}

struct err *
record_list(const struct record_ctx *cx, const struct record_query *q, struct record_page *page_r)
{
	struct layout *l = layout_of(cx, q->entity, q->listed, q->labels);
	struct list_order o;
	struct rows *rows;
	struct sqlb b;
	size_t n;

	memset(page_r, 0, sizeof(*page_r));
	if (q->limit < 1 || q->limit > LIMIT_MAX)
		return bad_query(cx, "limit", "error.outside");
	sqlb_init(&b, cx->a);
	TRY(compose(&b, cx, q, l, &o, &page_r->sort));
	queue_plan_mode(cx, q);
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.list", entity_name(q->entity)), &rows);
	TRY(tx_commit_begin(cx->tx));
	n = rows_count(rows);
	page_r->layout = l;
	page_r->n = n > (size_t)q->limit ? (size_t)q->limit : n;
	page_r->records = ARENA_ARRAY(cx->a, page_r->n, struct record);
	for (size_t i = 0; i < page_r->n; i++)
		layout_read(cx, l, rows, i, NULL, 0, &page_r->records[i]);
	if (q->listed)
		drop_notes(l, page_r);
	if (n > page_r->n)
		page_r->next = cursor_make(cx, cursor_place(cx, l->def, o.key), page_r->sort,
			rows_text(rows, page_r->n - 1, LAYOUT_CURSOR),
			page_r->records[page_r->n - 1].id);
	return NULL;
}
