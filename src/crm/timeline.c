/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "contact.h"
#include "cursor.h"
#include "date.h"

/* What a page shows; one more is looked for, that says whether there are older ones. */
#define SHOWN 60
#define LOOKED "61"

/* timeline() gives the newest of each kind; the whole is cut here. What is shown has its
 * events: one of each kind of record, with the fields it tells of. */
STMT(timeline, "contact.timeline", 4,
	"with q as materialized (select t.*, row_number() over (order by t.at desc, t.rank, t.id "
	"desc) as place from timeline($1::bigint, $2::text[], $3::timestamptz, "
	"$4::bigint[], " LOOKED ") t order by t.at desc, t.rank, t.id desc limit " LOOKED "), "
	"k as (select q.kind, array_agg(q.id order by q.id) as ids, array(select "
	"split_part(f.name, '.', 2) from unnest($2::text[]) f (name) where split_part(f.name, "
	"'.', 1) = q.kind order by 1) as fields from q where q.kind <> 'change' and q.place "
	"< " LOOKED " group by q.kind), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) select 'list', k.kind, k.ids, array[$1::bigint], coalesce((select s.field_set_id "
	"from field_set s where s.entity = k.kind and s.fields = k.fields), field_set_of(k.kind, "
	"k.fields)), cardinality(k.ids) from k) "
	"select q.kind, q.id, (extract(epoch from q.at) * 1000000)::bigint, q.title, q.body, "
	"u.name, q.a, q.b, q.n, q.private, q.note, q.rank, q.at::text from q left join app_user u "
	"on u.user_id = q.who order by q.place");

/* Columns that say where an entry stands. */
enum { ENTRY_ID = 1, ENTRY_RANK = 11, ENTRY_AT_TEXT };
#define KINDS 5

/* Whose pages they are, of whom, and in which order: with other rights to read times there
 * is another order, and a page of the old one is none of the new. */
static const char *
cursor_place(const struct record_ctx *cx, int64_t contact_id)
{
	return arena_printf(cx->a, "timeline|%lld|%lld|%lld|%d%d%d", (long long)contact_id,
		(long long)cx->principal->user_id, (long long)cx->principal->grant_id,
		record_reads(cx, ENTITY_MESSAGE, "happened_at"),
		record_reads(cx, ENTITY_ACTIVITY, "happened_at"),
		record_reads(cx, ENTITY_INVOICE, "issued_on"));
}

/* Where a page begins: behind that moment, and of it with the numbers below. */
struct behind {
	const char *at;
	int64_t below[KINDS];
};

/* A cursor is number, kind and moment of the last entry that was shown. */
static const char *
behind_make(struct request *rq, const struct record_ctx *cx, int64_t contact_id,
	const struct rows *r, size_t last)
{
	const char *where = arena_printf(rq->a, "%lld|%s", (long long)rows_i64(r, last, ENTRY_RANK),
		rows_text(r, last, ENTRY_AT_TEXT));

	return cursor_of_pair(rq, cursor_place(cx, contact_id), where, rows_i64(r, last, ENTRY_ID));
}

static struct err *
behind_read(struct request *rq, const struct record_ctx *cx, int64_t contact_id,
	struct behind *behind_r)
{
	int64_t rank = 0, id;
	const char *where;

	behind_r->at = "infinity";
	TRY(cursor_pair(rq, cursor_place(cx, contact_id), &where, &id));
	if (where != NULL) {
		rank = where[0] - '0';
		if (rank < 1 || rank > KINDS || where[1] != '|')
			return cursor_refused(rq);
		behind_r->at = where + 2;
	}
	for (int64_t i = 1; i <= KINDS; i++)
		behind_r->below[i - 1] = i > rank ? INT64_MAX : i == rank ? id : 0;
	return NULL;
}

struct err *
timeline_queue(
	struct request *rq, const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r)
{
	static const struct {
		enum entity entity;
		const char *field;
	} parts[] = {{ENTITY_MESSAGE, "happened_at"}, {ENTITY_MESSAGE, "subject"},
		{ENTITY_MESSAGE, "body"}, {ENTITY_MESSAGE, "channel"},
		{ENTITY_MESSAGE, "direction"}, {ENTITY_ACTIVITY, "happened_at"},
		{ENTITY_ACTIVITY, "subject"}, {ENTITY_ACTIVITY, "body"}, {ENTITY_ACTIVITY, "kind"},
		{ENTITY_MESSAGE, "opinion_note"}, {ENTITY_ACTIVITY, "opinion_note"},
		{ENTITY_ATTACHMENT, "file_name"}, {ENTITY_INVOICE, "issued_on"},
		{ENTITY_INVOICE, "number"}, {ENTITY_INVOICE, "status"}, {ENTITY_INVOICE, "amount"}};
	const char *names[sizeof(parts) / sizeof(parts[0])];
	struct behind behind;
	size_t n = 0;

	TRY(behind_read(rq, cx, contact_id, &behind));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (record_reads(cx, parts[i].entity, parts[i].field))
			names[n++] = arena_printf(
				cx->a, "%s.%s", entity_name(parts[i].entity), parts[i].field);
	tx_queue(cx->tx, &timeline,
		VALS(val_i64(contact_id), val_texts(names, n), val_text(behind.at),
			val_i64s(behind.below, KINDS)),
		rows_r);
	return NULL;
}

/* "email,phone~" -> labels of the fields the reader may see. */
static const char *
field_labels(const struct record_ctx *cx, const char *names)
{
	struct sb sb;

	sb_init(&sb, cx->a, 4096);
	while (names != NULL && *names != '\0') {
		size_t n = strcspn(names, ",");
		size_t k = n > 0 && names[n - 1] == '~' ? n - 1 : n;
		enum field_level level;
		const struct field *f = catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT,
			arena_strndup(cx->a, names, k), &level);

		if (f != NULL)
			sb_printf(&sb, "%s%s", sb.n > 0 ? ", " : "", field_label(f, cx->lang));
		names += n + (names[n] == ',');
	}
	return sb.p;
}

static const char *
choice_label(const struct record_ctx *cx, enum entity e, const char *field, const char *value)
{
	const struct field *f = catalogue_find(cx->cat, e, field);
	const struct choice *c = f != NULL && value != NULL ? field_choice(f, value) : NULL;

	return c == NULL ? value : cx->lang == LANG_ZH ? c->label_zh : c->label_en;
}

static void
add_change(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	const char *action = rows_text(r, i, 3);

	model_text(o, "kind", "change");
	model_text(o, "title",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "audit.action.%s", action), NULL));
	model_text(o, "text", field_labels(cx, rows_text(r, i, 4)));
}

/* "HK$1,234.50 · Issued", as far as it may be read. */
static const char *
invoice_text(const struct record_ctx *cx, const struct rows *r, size_t i)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_INVOICE, "amount");
	struct value v = {.text = rows_text(r, i, 8), .val = val_i64(rows_i64(r, i, 8))};
	const char *amount =
		rows_null(r, i, 8) ? NULL : value_show(cx->a, f, rows_text(r, i, 6), &v, cx->lang);
	const char *status = choice_label(cx, ENTITY_INVOICE, "status", rows_text(r, i, 7));

	if (amount == NULL || status == NULL)
		return amount != NULL ? amount : status;
	return arena_printf(cx->a, "%s · %s", amount, status);
}

/* Of what has a day and no time: it begins that day in Hong Kong. */
static const char *
day_of(const struct record_ctx *cx, int64_t usec)
{
	const char *at = time_rfc3339(cx->a, usec + 8LL * 3600 * 1000000);

	return date_show(cx->a, arena_strndup(cx->a, at, 10), lang_tag(cx->lang));
}

static void
add_entry(const struct record_ctx *cx, const struct rows *r, size_t i, struct json_object *o)
{
	const char *kind = rows_text(r, i, 0), *a = rows_text(r, i, 6), *b = rows_text(r, i, 7);
	long long id = rows_i64(r, i, 1);

	if (strcmp(kind, "change") == 0) {
		add_change(cx, r, i, o);
		return;
	}
	model_text(o, "text", rows_text(r, i, 4));
	model_text(o, "note", rows_text(r, i, 10));
	if (strcmp(kind, "message") == 0) {
		model_text(o, "kind",
			b == NULL || strcmp(b, "in") == 0 ? "message_in" : "message_out");
		model_text(o, "channel", choice_label(cx, ENTITY_MESSAGE, "channel", a));
		model_text(o, "url", arena_printf(cx->a, "/messages/%lld", id));
		if (!rows_null(r, i, 8))
			model_bool(o, "unproven", true);
	} else if (strcmp(kind, "activity") == 0) {
		model_text(o, "kind", a != NULL ? a : "note");
		model_text(o, "channel", choice_label(cx, ENTITY_ACTIVITY, "kind", a));
		model_text(o, "url", arena_printf(cx->a, "/activities/%lld", id));
		if (rows_bool(r, i, 9))
			model_bool(o, "private", true);
	} else if (strcmp(kind, "attachment") == 0) {
		model_text(o, "kind", "file");
		model_text(o, "url", arena_printf(cx->a, "/attachments/%lld", id));
	} else {
		model_text(o, "kind", "invoice");
		model_text(o, "when", day_of(cx, rows_i64(r, i, 2)));
		model_text(o, "text", invoice_text(cx, r, i));
		model_text(o, "url", arena_printf(cx->a, "/invoices/%lld", id));
	}
	model_text(o, "title", rows_text(r, i, 3));
}

void
timeline_model(struct request *rq, const struct record_ctx *cx, int64_t contact_id,
	const struct rows *rows, struct json_object *page)
{
	struct json_object *list = model_list(page, "timeline");
	size_t n = rows_count(rows) > SHOWN ? SHOWN : rows_count(rows);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = model_item(list);

		model_text(o, "at", time_rfc3339(cx->a, rows_i64(rows, i, 2)));
		model_text(o, "when", time_show(cx->a, rows_i64(rows, i, 2), lang_tag(cx->lang)));
		model_text(o, "who", rows_text(rows, i, 5));
		add_entry(cx, rows, i, o);
	}
	if (request_text(rq, "after") != NULL)
		model_text(page, "timeline_newest",
			arena_printf(cx->a, "/contacts/%lld#timeline", (long long)contact_id));
	if (rows_count(rows) > n)
		model_text(page, "timeline_more",
			arena_printf(cx->a, "/contacts/%lld?after=%s#timeline",
				(long long)contact_id,
				behind_make(rq, cx, contact_id, rows, n - 1)));
}
