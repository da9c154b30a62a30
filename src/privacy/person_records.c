/* SPDX-License-Identifier: ISC */
/* The person's record and what hangs on it, piece by piece, in three forms. */
#include <string.h>

#include "csv.h"
#include "date.h"
#include "export.h"
#include "model.h"
#include "num.h"
#include "person_file.h"

#define ROW_MAX ((size_t)4 * 1024 * 1024)
#define ROWS_MAX ((size_t)16 * 1024 * 1024)

/* Records of a piece: those with much around each of them fewer. */
static const struct section {
	enum entity entity;
	const char *name; /* in data.json and of the CSV */
	const char *file;
	int64_t limit;
} sections[] = {
	{ENTITY_INVOICE, "invoices", "invoices.csv", 50},
	{ENTITY_ACTIVITY, "activities", "activities.csv", 200},
	{ENTITY_MESSAGE, "messages", "messages.csv", 200},
	{ENTITY_ATTACHMENT, "attachments", "attachments.csv", 200},
};

STMT(kept_by_law, "person_export.kept", 1,
	"select field, until::text, law from kept_field where contact_id = $1::bigint order by "
	"field");

/* A user is a letter, other references are called by their name. */
static const char *
reference(const struct person_file *pf, const struct record *rec, size_t i)
{
	const struct value *v = &rec->values[i];
	int64_t id;

	if (v->null)
		return NULL;
	if (rec->layout->fields[i]->type != FIELD_USER)
		return rec->shown[i];
	return num_parse_i64(v->text, 1, INT64_MAX, &id) ? person_staff(pf, id, pf->cx.lang) : NULL;
}

static bool
is_reference(const struct field *f)
{
	return f->type == FIELD_USER || f->type == FIELD_TEAM || f->type == FIELD_COMPANY;
}

static void
data_of(const struct person_file *pf, const struct record *rec, struct json_object *o)
{
	model_record(&pf->cx, rec, o);
	for (size_t i = 0; i < rec->layout->n; i++) {
		const struct field *f = rec->layout->fields[i];
		size_t n = strlen(f->name);

		if (!is_reference(f))
			continue;
		/* "company_id" stays a number with "company" beside it; users have no number. */
		if (f->type == FIELD_USER)
			model_text(o, f->name, reference(pf, rec, i));
		else if (n > 3 && strcmp(f->name + n - 3, "_id") == 0)
			model_text(
				o, arena_strndup(pf->piece, f->name, n - 3), reference(pf, rec, i));
	}
}

static const char *
shown(const struct person_file *pf, const struct record *rec, size_t i)
{
	const struct field *f = rec->layout->fields[i];

	if (is_reference(f))
		return reference(pf, rec, i);
	return value_show(pf->piece, f, rec->currency, &rec->values[i], pf->cx.lang);
}

/* Facts on a line each, long texts below them; what holds nothing is left out. */
static void
item_of(const struct person_file *pf, const struct record *rec, struct json_object *item)
{
	struct json_object *facts = model_list(item, "facts"), *texts = model_list(item, "texts");

	model_i64(item, "id", rec->id);
	model_text(item, "anchor",
		arena_printf(pf->piece, "%s-%lld", rec->layout->def->table, (long long)rec->id));
	model_text(item, "title", record_title(&pf->cx, rec));
	model_text(item, "created", time_show(pf->piece, rec->created_at, lang_tag(pf->cx.lang)));
	model_bool(item, "archived", rec->archived_at != 0);
	for (size_t i = 0; i < rec->layout->n; i++) {
		const struct field *f = rec->layout->fields[i];
		struct json_object *fact;

		if (rec->values[i].null || f->type == FIELD_CONTACT)
			continue;
		fact = model_item(f->type == FIELD_LONG_TEXT ? texts : facts);
		model_text(fact, "label", field_label(f, pf->cx.lang));
		model_text(fact, "text", shown(pf, rec, i));
		model_bool(fact, "encrypted", f->sealed);
	}
}

/* As our own import reads it back. */
static const char *
cell_of(const struct person_file *pf, const struct record *rec, size_t i)
{
	const struct field *f = rec->layout->fields[i];

	if (rec->values[i].null)
		return NULL;
	if (is_reference(f))
		return reference(pf, rec, i);
	if (f->type == FIELD_TIME || f->type == FIELD_PHONE)
		return rec->values[i].text;
	return value_input(pf->piece, f, rec->currency, &rec->values[i]);
}

#define CELLS_BEFORE 1
#define CELLS_AFTER 3

static void
csv_header(const struct person_file *pf, const struct layout *l, struct sb *sb)
{
	const char **cells =
		ARENA_ARRAY(pf->piece, l->n + CELLS_BEFORE + CELLS_AFTER, const char *);
	size_t n = 0;

	cells[n++] = "id";
	for (size_t i = 0; i < l->n; i++)
		cells[n++] = l->fields[i]->name;
	cells[n++] = "created_at";
	cells[n++] = "updated_at";
	cells[n++] = "archived";
	csv_put_row(sb, cells, n);
}

static void
csv_row(const struct person_file *pf, const struct record *rec, struct sb *sb)
{
	const struct layout *l = rec->layout;
	const char **cells =
		ARENA_ARRAY(pf->piece, l->n + CELLS_BEFORE + CELLS_AFTER, const char *);
	size_t n = 0;

	cells[n++] = arena_printf(pf->piece, "%lld", (long long)rec->id);
	for (size_t i = 0; i < l->n; i++)
		cells[n++] = cell_of(pf, rec, i);
	cells[n++] = time_rfc3339(pf->piece, rec->created_at);
	cells[n++] = time_rfc3339(pf->piece, rec->updated_at);
	cells[n++] = rec->archived_at != 0 ? "true" : "false";
	csv_put_row(sb, cells, n);
}

static struct err *
csv_new(struct person_file *pf, struct scratch **s_r)
{
	return scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, s_r);
}

static void
add_kept(const struct person_file *pf, const struct rows *r, struct json_object *data,
	struct json_object *facts)
{
	struct json_object *list = model_list(data, "kept_by_law");

	for (size_t i = 0; i < rows_count(r); i++) {
		const struct field *f =
			catalogue_find(pf->cx.cat, ENTITY_CONTACT, rows_text(r, i, 0));
		struct json_object *o = model_item(list), *fact = model_item(facts);

		model_text(o, "field", rows_text(r, i, 0));
		model_text(o, "until", rows_text(r, i, 1));
		model_text(o, "law", rows_text(r, i, 2));
		model_text(fact, "label", person_text(pf, "export.kept", NULL));
		model_text(fact, "text",
			arena_printf(pf->piece, "%s: %s, %s",
				f != NULL ? field_label(f, pf->cx.lang) : rows_text(r, i, 0),
				date_show(pf->piece, rows_text(r, i, 1), lang_tag(pf->cx.lang)),
				rows_text(r, i, 2)));
	}
}

struct err *
person_add_record(struct person_file *pf)
{
	struct json_object *data, *page, *item;
	struct record_cursor cursor = {.id = 0};
	struct record_page records;
	struct rows *kept;
	struct sb sb;

	TRY(person_begin(pf));
	tx_queue(pf->cx.tx, &kept_by_law, VALS(val_i64(pf->in->contact_id)), &kept);
	TRY(record_export(&pf->cx, ENTITY_CONTACT, pf->in->contact_id, 1, &cursor, &records));
	TRY(person_commit(pf));
	if (records.n == 0)
		return err_new(pf->piece, ERR_NOT_FOUND, NULL);
	data = model_object(pf->piece);
	page = model_object(pf->piece);
	item = model_item(model_list(page, "items"));
	data_of(pf, &records.records[0], data);
	item_of(pf, &records.records[0], item);
	add_kept(pf, kept, data, json_object_object_get(item, "facts"));
	TRY(person_heading(pf, "record", person_text(pf, "entity.contact.one", NULL), 1));
	TRY(person_html(pf, "export/items", page));
	TRY(person_json_text(pf, ",\n\"contact\":"));
	TRY(person_json(pf, data));
	TRY(csv_new(pf, &pf->csv));
	sb_init(&sb, pf->piece, ROW_MAX);
	csv_header(pf, records.layout, &sb);
	csv_row(pf, &records.records[0], &sb);
	TRY(scratch_add_sb(pf->csv, &sb));
	archive_add_scratch(pf->ar, "contact.csv", pf->csv);
	TRY(person_tick(pf, 1));
	arena_reset(pf->piece);
	return NULL;
}

/* One piece out of memory and into the three files. */
static struct err *
write_piece(struct person_file *pf, const struct record_page *records,
	const struct person_extra *extra, bool first)
{
	struct json_object *page = model_object(pf->piece), *items = model_list(page, "items");
	struct sb json, csv;

	sb_init(&json, pf->piece, ROWS_MAX);
	sb_init(&csv, pf->piece, ROWS_MAX);
	if (first)
		csv_header(pf, records->layout, &csv);
	for (size_t i = 0; i < records->n; i++) {
		const struct record *rec = &records->records[i];
		struct json_object *data = model_object(pf->piece), *item = model_item(items);

		data_of(pf, rec, data);
		item_of(pf, rec, item);
		csv_row(pf, rec, &csv);
		TRY(person_extra_add(pf, extra, i, rec, data, item));
		sb_puts(&json, first && i == 0 ? "\n" : ",\n");
		view_json(data, &json);
	}
	TRY(scratch_add_sb(pf->json, &json));
	TRY(scratch_add_sb(pf->csv, &csv));
	if (records->n > 0)
		TRY(person_html(pf, "export/items", page));
	return NULL;
}

static struct err *
add_section(struct person_file *pf, const struct section *s)
{
	const char *many = arena_printf(pf->piece, "entity.%s.many", entity_name(s->entity));
	struct record_cursor cursor = {.id = 0};
	bool first = true;

	TRY(person_heading(
		pf, entity_name(s->entity), person_text(pf, many, NULL), pf->counts[s->entity]));
	TRY(person_json_text(pf, arena_printf(pf->piece, ",\n\"%s\":[", s->name)));
	TRY(csv_new(pf, &pf->csv));
	while (!cursor.ended) {
		struct person_extra *extra;
		struct record_page records;

		TRY(person_begin(pf));
		TRY(record_export(
			&pf->cx, s->entity, pf->in->contact_id, s->limit, &cursor, &records));
		extra = person_extra_queue(pf, s->entity, &records);
		TRY(tx_run(pf->cx.tx));
		TRY(person_commit(pf));
		TRY(write_piece(pf, &records, extra, first));
		TRY(person_tick(pf, (int64_t)records.n));
		first = false;
		arena_reset(pf->piece);
	}
	archive_add_scratch(pf->ar, s->file, pf->csv);
	return person_json_text(pf, "]");
}

struct err *
person_add_children(struct person_file *pf, enum entity e)
{
	const struct section *s = sections;

	while (s->entity != e)
		s++;
	TRY(person_extra_begin(pf, e));
	TRY(add_section(pf, s));
	person_extra_end(pf, e);
	return NULL;
}
