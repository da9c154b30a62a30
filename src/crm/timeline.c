/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "contact.h"
#include "date.h"

/* Each part has its index on (contact_id, time); the whole is cut at 60. */
STMT(timeline, "contact.timeline", 1,
	"with t as ("
	"(select 'message' as kind, m.message_id as id, m.happened_at as at, m.subject as title, "
	"left(m.body, 600) as body, m.created_by as who, m.channel as a, m.direction as b, "
	"null::bigint as n "
	"from message m where m.contact_id = $1::bigint and m.archived_at is null "
	"order by m.happened_at desc, m.message_id desc limit 60) union all "
	"(select 'activity', v.activity_id, v.happened_at, v.subject, left(v.body, 600), "
	"v.created_by, "
	"v.kind, case when v.kind = 'task' and v.done_at is null then 'open' else 'done' end, null "
	"from activity v where v.contact_id = $1::bigint and v.archived_at is null "
	"order by v.happened_at desc, v.activity_id desc limit 60) union all "
	"(select 'attachment', f.attachment_id, f.created_at, f.file_name, null, f.created_by, "
	"f.content_type, null, f.size from attachment f where f.contact_id = $1::bigint "
	"and f.archived_at is null and f.message_id is null "
	"order by f.created_at desc, f.attachment_id desc limit 60) union all "
	"(select 'invoice', i.invoice_id, i.issued_on::timestamp at time zone 'Asia/Hong_Kong', "
	"i.number, "
	"null, i.created_by, i.currency, i.status, i.amount from invoice i where i.contact_id = "
	"$1::bigint "
	"and i.archived_at is null order by i.issued_on desc, i.invoice_id desc limit 60) union "
	"all "
	"(select 'change', e.event_id, e.at, e.action, array_to_string(s.fields, ','), e.actor_id, "
	"e.entity, e.actor_kind, null from contact_events($1::bigint, 300) e "
	"left join field_set s using (field_set_id) "
	"where e.entity = 'contact' and e.outcome = 'ok' and e.action in ('create', 'update', "
	"'archive', "
	"'restore', 'import', 'merge', 'erase', 'reveal', 'export'))) "
	"select t.kind, t.id, (extract(epoch from t.at) * 1000000)::bigint, t.title, t.body, "
	"u.name, t.a, "
	"t.b, t.n from t left join app_user u on u.user_id = t.who order by t.at desc, t.id desc "
	"limit 60");

void
timeline_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r)
{
	tx_queue(cx->tx, &timeline, VALS(val_i64(contact_id)), rows_r);
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
	if (strcmp(kind, "message") == 0) {
		model_text(o, "kind", strcmp(b, "in") == 0 ? "message_in" : "message_out");
		model_text(o, "channel", choice_label(cx, ENTITY_MESSAGE, "channel", a));
		model_text(o, "url", arena_printf(cx->a, "/messages/%lld", id));
	} else if (strcmp(kind, "activity") == 0) {
		model_text(o, "kind", a);
		model_text(o, "channel", choice_label(cx, ENTITY_ACTIVITY, "kind", a));
		model_text(o, "url", arena_printf(cx->a, "/activities/%lld", id));
	} else if (strcmp(kind, "attachment") == 0) {
		model_text(o, "kind", "file");
		model_text(o, "url", arena_printf(cx->a, "/attachments/%lld", id));
	} else {
		struct value v = {.text = rows_text(r, i, 8), .val = val_i64(rows_i64(r, i, 8))};
		const struct field *f = catalogue_find(cx->cat, ENTITY_INVOICE, "amount");

		model_text(o, "kind", "invoice");
		model_text(o, "text",
			arena_printf(cx->a, "%s · %s", value_show(cx->a, f, a, &v, cx->lang),
				choice_label(cx, ENTITY_INVOICE, "status", b)));
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
