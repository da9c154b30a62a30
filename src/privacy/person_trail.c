/* SPDX-License-Identifier: ISC */
/*
 * The history of a person: who saw and did what, with old and new values.
 *
 * Other people's numbers in an event (a list page shows twenty-five) are left
 * out, and where staff sat and with which browser: neither is about the person.
 */
#include <string.h>

#include "csv.h"
#include "date.h"
#include "export.h"
#include "person_file.h"

#define PIECE_EVENTS 250
#define ROWS_MAX ((size_t)16 * 1024 * 1024)

STMT(trail, "person_export.trail", 5,
	"with q as materialized (select s.at, s.event_id, e.actor_kind, e.actor_id, e.via, "
	"e.action, "
	"e.outcome, e.entity, audit_records(e.entity, e.record_ids, e.subject_ids) as record_ids, "
	"e.subject_ids, f.fields, e.reason, e.count, e.key_id, "
	"e.changes from audit_of($1::bigint, $3::timestamptz, $4::bigint, $2::timestamptz, "
	"$5::integer, false) s cross join lateral (select x.* from audit_event x where x.at = s.at "
	"and x.event_id = s.event_id offset 0) e "
	"left join field_set f on f.field_set_id = e.field_set_id), "
	"a as (insert into audit_event (action, entity, subject_ids, count) "
	"select 'export', 'audit', array[$1::bigint], count(*) from q having count(*) > 0) "
	"select event_id, at::text, (extract(epoch from at) * 1000000)::bigint, actor_kind, "
	"actor_id, via, "
	"action, outcome, entity, record_ids, cardinality(subject_ids), fields, reason, count, "
	"key_id, "
	"changes from q order by at, event_id");

enum {
	EVENT_ID,
	AT,
	USEC,
	ACTOR_KIND,
	ACTOR,
	VIA,
	ACTION,
	OUTCOME,
	ENTITY,
	RECORDS,
	SUBJECTS,
	FIELDS,
	REASON,
	COUNT,
	KEY,
	CHANGES
};

static const char *const header[] = {
	"at", "who", "via", "action", "outcome", "entity", "fields", "reason", "changes"};

/* One event on its way into the three files. */
struct trail_row {
	const struct rows *r;
	size_t i;
	enum entity entity;
	struct json_object *changes; /* {field: {old, new}}, NULL when none */
};

static const char *
who(const struct person_file *pf, const struct trail_row *t)
{
	const char *staff = rows_null(t->r, t->i, ACTOR)
				    ? NULL
				    : person_staff(pf, rows_i64(t->r, t->i, ACTOR), pf->cx.lang);

	return staff != NULL ? staff
			     : person_word(pf, pf->cx.lang, "audit.actor",
				       rows_text(t->r, t->i, ACTOR_KIND));
}

static const struct field *
field_of(const struct person_file *pf, const struct trail_row *t, const char *name)
{
	return t->entity == ENTITY_NONE ? NULL : catalogue_find(pf->cx.cat, t->entity, name);
}

/* "Email, Phone (masked)" */
static const char *
field_words(const struct person_file *pf, const struct trail_row *t)
{
	struct sb sb;
	size_t n;
	const char **names = rows_texts(pf->piece, t->r, t->i, FIELDS, &n);

	sb_init(&sb, pf->piece, (size_t)64 * 1024);
	for (size_t k = 0; k < n; k++) {
		size_t len = strlen(names[k]);
		bool masked = len > 0 && names[k][len - 1] == '~';
		const char *name = arena_strndup(pf->piece, names[k], masked ? len - 1 : len);
		const struct field *f = field_of(pf, t, name);

		const char *label = f != NULL ? field_label(f, pf->cx.lang)
					      : person_word(pf, pf->cx.lang, "export.part", name);

		if (masked)
			label = person_bracket(
				pf, pf->cx.lang, label, person_text(pf, "badge.masked", NULL));
		sb_printf(&sb, "%s%s", k > 0 ? ", " : "", label);
	}
	return sb_ok(&sb) ? sb.p : "";
}

/* A value of the past as people read it. */
static const char *
value_words(const struct person_file *pf, const struct field *f, const char *text)
{
	struct value v;

	if (text == NULL)
		return NULL;
	if (f == NULL)
		return text;
	value_from_text(pf->piece, f, text, &v);
	if (f->type == FIELD_USER)
		return v.null ? NULL : person_staff(pf, v.val.u.i64, pf->cx.lang);
	return value_show(pf->piece, f, pf->cx.cat->currency, &v, pf->cx.lang);
}

static const char *
text_of(struct json_object *pair, const char *name)
{
	return json_object_get_string(json_object_object_get(pair, name));
}

/* Opened with the person's key; an event of another key has no values here. */
static struct err *
open_changes(const struct person_file *pf, struct trail_row *t)
{
	struct bytes plain;

	t->changes = NULL;
	if (rows_null(t->r, t->i, CHANGES) || rows_null(t->r, t->i, KEY) ||
		rows_i64(t->r, t->i, KEY) != pf->key.id)
		return NULL;
	if (!unseal_value(pf->piece, &pf->key,
		    arena_printf(pf->piece, "audit.changes|%lld", (long long)pf->in->contact_id),
		    rows_bytes(pf->piece, t->r, t->i, CHANGES), &plain))
		return err_internal(pf->piece, "the old values of an event do not open");
	t->changes = model_own(pf->piece, json_tokener_parse((const char *)plain.p));
	return NULL;
}

static void
add_changes(const struct person_file *pf, const struct trail_row *t, struct json_object *data,
	struct json_object *item, struct sb *cell)
{
	struct json_object *list, *shown;

	if (t->changes == NULL)
		return;
	list = model_list(data, "changes");
	shown = model_list(item, "changes");
	json_object_object_foreach(t->changes, name, pair)
	{
		const struct field *f = field_of(pf, t, name);
		bool user = f != NULL && f->type == FIELD_USER;
		struct json_object *o = model_item(list), *s = model_item(shown);
		const char *before = value_words(pf, f, text_of(pair, "old"));
		const char *after = value_words(pf, f, text_of(pair, "new"));
		const char *label = f != NULL ? field_label(f, pf->cx.lang)
					      : person_word(pf, pf->cx.lang, "export.part", name);

		model_text(o, "field", name);
		model_text(o, "old", user ? before : text_of(pair, "old"));
		model_text(o, "new", user ? after : text_of(pair, "new"));
		model_text(s, "label", label);
		model_text(s, "before", before);
		model_text(s, "after", after);
		sb_printf(cell, "%s%s: %s -> %s", cell->n > 0 ? "; " : "", label,
			before != NULL ? before : "", after != NULL ? after : "");
	}
}

static void
event_data(const struct person_file *pf, const struct trail_row *t, struct json_object *o)
{
	static const struct {
		const char *name;
		size_t col;
	} texts[] = {{"via", VIA}, {"action", ACTION}, {"outcome", OUTCOME}, {"entity", ENTITY},
		{"reason", REASON}};
	struct json_object *list;
	const char **names;
	int64_t *ids;
	size_t n;

	model_text(o, "at", time_rfc3339(pf->piece, rows_i64(t->r, t->i, USEC)));
	model_text(o, "who", who(pf, t));
	for (size_t k = 0; k < sizeof(texts) / sizeof(texts[0]); k++)
		model_text(o, texts[k].name, rows_text(t->r, t->i, texts[k].col));
	/* Records of one person alone are this person's. */
	ids = rows_i64s(pf->piece, t->r, t->i, RECORDS, &n);
	list = model_list(o, "record_ids");
	for (size_t k = 0; k < n && rows_i64(t->r, t->i, SUBJECTS) == 1; k++)
		model_push_i64(list, ids[k]);
	names = rows_texts(pf->piece, t->r, t->i, FIELDS, &n);
	list = model_list(o, "fields");
	for (size_t k = 0; k < n; k++)
		model_push_text(list, names[k]);
}

static void
event_item(const struct person_file *pf, const struct trail_row *t, struct json_object *item)
{
	const char *entity = rows_text(t->r, t->i, ENTITY), *reason = rows_text(t->r, t->i, REASON);
	enum lang l = pf->cx.lang;

	model_text(item, "when", time_show(pf->piece, rows_i64(t->r, t->i, USEC), lang_tag(l)));
	model_text(item, "who", who(pf, t));
	model_text(
		item, "action", person_word(pf, l, "audit.action", rows_text(t->r, t->i, ACTION)));
	if (t->entity != ENTITY_NONE)
		model_text(item, "entity",
			person_text(pf, arena_printf(pf->piece, "entity.%s.one", entity), NULL));
	else if (entity != NULL)
		model_text(item, "entity", person_word(pf, l, "export.part", entity));
	if (strcmp(rows_text(t->r, t->i, OUTCOME), "ok") != 0)
		model_text(item, "outcome",
			person_word(pf, l, "audit.outcome_label", rows_text(t->r, t->i, OUTCOME)));
	if (reason != NULL)
		model_text(item, "reason", person_word(pf, l, "reason", reason));
	model_text(item, "fields", field_words(pf, t));
}

static struct err *
write_event(struct person_file *pf, struct trail_row *t, struct json_object *items, struct sb *json,
	struct sb *csv)
{
	struct json_object *data = model_object(pf->piece), *item = model_item(items);
	const char *entity = rows_text(t->r, t->i, ENTITY);
	struct sb changes;

	t->entity = entity != NULL ? entity_parse(entity) : ENTITY_NONE;
	TRY(open_changes(pf, t));
	event_data(pf, t, data);
	event_item(pf, t, item);
	sb_init(&changes, pf->piece, ROWS_MAX);
	add_changes(pf, t, data, item, &changes);
	view_json(data, json);
	{
		const char *cells[] = {time_rfc3339(pf->piece, rows_i64(t->r, t->i, USEC)),
			who(pf, t), rows_text(t->r, t->i, VIA), rows_text(t->r, t->i, ACTION),
			rows_text(t->r, t->i, OUTCOME), entity, field_words(pf, t),
			rows_text(t->r, t->i, REASON), changes.p};

		csv_put_row(csv, cells, sizeof(cells) / sizeof(cells[0]));
	}
	return NULL;
}

static struct err *
write_events(struct person_file *pf, const struct rows *r, bool first)
{
	struct json_object *page = model_object(pf->piece), *items = model_list(page, "items");
	struct sb json, csv;

	sb_init(&json, pf->piece, ROWS_MAX);
	sb_init(&csv, pf->piece, ROWS_MAX);
	if (first)
		csv_put_row(&csv, header, sizeof(header) / sizeof(header[0]));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct trail_row t = {.r = r, .i = i};

		sb_puts(&json, first && i == 0 ? "\n" : ",\n");
		TRY(write_event(pf, &t, items, &json, &csv));
	}
	TRY(scratch_add_sb(pf->json, &json));
	TRY(scratch_add_sb(pf->csv, &csv));
	return rows_count(r) > 0 ? person_html(pf, "export/events", page) : NULL;
}

struct err *
person_add_trail(struct person_file *pf)
{
	const char *at = "-infinity";
	bool first = true;
	int64_t id = 0;
	size_t n;

	TRY(person_heading(pf, "history", person_text(pf, "export.history", NULL), pf->nevents));
	TRY(person_json_text(pf, ",\n\"history\":["));
	TRY(scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, &pf->csv));
	do {
		struct rows *r;
		char last[64];

		TRY(person_begin(pf));
		TRY(tx_query(pf->cx.tx, &trail,
			VALS(val_i64(pf->in->contact_id), val_text(pf->made_at), val_text(at),
				val_i64(id), val_i64(PIECE_EVENTS)),
			&r));
		TRY(person_commit(pf));
		TRY(write_events(pf, r, first));
		first = false;
		n = rows_count(r);
		if (n > 0) {
			id = rows_i64(r, n - 1, EVENT_ID);
			/* The piece's memory ends here. */
			memcpy(last, rows_text(r, n - 1, AT), strlen(rows_text(r, n - 1, AT)) + 1);
		}
		TRY(person_tick(pf, (int64_t)n));
		arena_reset(pf->piece);
		at = n > 0 ? arena_strdup(pf->piece, last) : at;
	} while (n == PIECE_EVENTS);
	archive_add_scratch(pf->ar, "history.csv", pf->csv);
	return person_json_text(pf, "]");
}
