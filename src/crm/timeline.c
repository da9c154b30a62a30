/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "contact.h"
#include "date.h"

/* Each part has its index on (contact_id, time); the whole is cut at 60. Of a
 * person who is not visible there is nothing to look through: no time is spent on
 * it that could be told from outside. $2: what may be read of the parts. What is in it
 * has its events: one of each kind of record, with the fields it tells of. */
STMT(timeline, "contact.timeline", 2,
	"with w as materialized (select contact_id from contact where contact_id = $1::bigint), "
	"t as ("
	"(select 'message' as kind, m.message_id as id, case when 'message.happened_at' = any "
	"($2::text[]) then m.happened_at else m.created_at end as at, "
	"case when 'message.subject' = any ($2::text[]) then m.subject end as title, "
	"case when 'message.body' = any ($2::text[]) then left(m.body, 600) end as body, "
	"m.created_by as who, case when 'message.channel' = any ($2::text[]) then m.channel end as "
	"a, "
	"case when 'message.direction' = any ($2::text[]) then m.direction end as b, null::bigint "
	"as n, "
	"false as private, m.opinion_note as note "
	"from message m where m.contact_id = (select contact_id from w) "
	"and m.archived_at is null "
	"order by m.happened_at desc, m.message_id desc limit 60) union all "
	"(select 'activity', v.activity_id, case when 'activity.happened_at' = any ($2::text[]) "
	"then "
	"v.happened_at else v.created_at end, "
	"case when 'activity.subject' = any ($2::text[]) then v.subject end, "
	"case when 'activity.body' = any ($2::text[]) then left(v.body, 600) end, v.created_by, "
	"case when 'activity.kind' = any ($2::text[]) then v.kind end, "
	"case when v.kind = 'task' and v.done_at is null then 'open' else 'done' end, null, "
	"v.private_to is not null, v.opinion_note from activity v "
	"where v.contact_id = (select contact_id from w) and v.archived_at is null "
	"order by v.happened_at desc, v.activity_id desc limit 60) union all "
	"(select 'attachment', f.attachment_id, f.created_at, "
	"case when 'attachment.file_name' = any ($2::text[]) then f.file_name end, null, "
	"f.created_by, "
	"null, null, f.size, false, null from attachment f "
	"where f.contact_id = (select contact_id from w) "
	"and f.archived_at is null and f.message_id is null "
	"order by f.created_at desc, f.attachment_id desc limit 60) union all "
	"(select 'invoice', i.invoice_id, case when 'invoice.issued_on' = any ($2::text[]) then "
	"i.issued_on::timestamp at time zone 'Asia/Hong_Kong' else i.created_at end, "
	"case when 'invoice.number' = any ($2::text[]) then i.number end, null, i.created_by, "
	"i.currency, "
	"case when 'invoice.status' = any ($2::text[]) then i.status end, "
	"case when 'invoice.amount' = any ($2::text[]) then i.amount end, false, null "
	"from invoice i where i.contact_id = (select contact_id from w) "
	"and i.archived_at is null order by i.issued_on desc, i.invoice_id desc limit 60) union "
	"all "
	"(select 'change', e.event_id, e.at, e.action, array_to_string(s.fields, ','), e.actor_id, "
	"e.entity, e.actor_kind, null, false, null "
	"from contact_events((select contact_id from w), 300) e "
	"left join field_set s using (field_set_id) "
	"where e.entity = 'contact' and e.outcome = 'ok' and e.action in ('create', 'update', "
	"'archive', "
	"'restore', 'import', 'merge', 'erase', 'reveal', 'export', 'permission'))), "
	"q as materialized (select * from t order by t.at desc, t.id desc, t.kind limit 60), "
	"k as (select q.kind, array_agg(q.id order by q.id) as ids, array(select "
	"split_part(f.name, "
	"'.', 2) from unnest($2::text[]) f (name) where split_part(f.name, '.', 1) = q.kind order "
	"by 1) as fields from q where q.kind <> 'change' group by q.kind), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) select 'list', k.kind, k.ids, array[$1::bigint], coalesce((select s.field_set_id "
	"from field_set s where s.entity = k.kind and s.fields = k.fields), field_set_of(k.kind, "
	"k.fields)), cardinality(k.ids) from k) "
	"select q.kind, q.id, (extract(epoch from q.at) * 1000000)::bigint, q.title, q.body, "
	"u.name, q.a, "
	"q.b, q.n, q.private, q.note from q left join app_user u on u.user_id = q.who "
	"order by q.at desc, q.id desc, q.kind");

void
timeline_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r)
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
	size_t n = 0;

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (record_reads(cx, parts[i].entity, parts[i].field))
			names[n++] = arena_printf(
				cx->a, "%s.%s", entity_name(parts[i].entity), parts[i].field);
	tx_queue(cx->tx, &timeline, VALS(val_i64(contact_id), val_texts(names, n)), rows_r);
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
timeline_model(const struct record_ctx *cx, const struct rows *rows, struct json_object *page)
{
	struct json_object *list = model_list(page, "timeline");

	for (size_t i = 0; i < rows_count(rows); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "at", time_rfc3339(cx->a, rows_i64(rows, i, 2)));
		model_text(o, "when", time_show(cx->a, rows_i64(rows, i, 2), lang_tag(cx->lang)));
		model_text(o, "who", rows_text(rows, i, 5));
		add_entry(cx, rows, i, o);
	}
}
