/* SPDX-License-Identifier: ISC */
/* A record as a line of CSV, or of JSON. */
#include <string.h>

#include "csv.h"
#include "date.h"
#include "list_file.h"
#include "model.h"
#include "num.h"
#include "view.h"

/* Cells beside the fields: id before; contact, created, updated, export behind. */
#define CELLS_MORE 5

static const char *
address_of(const struct list_file *lf, const char *text)
{
	int64_t id;

	if (!num_parse_i64(text, 1, INT64_MAX, &id))
		return NULL;
	for (size_t i = 0; i < lf->npeople; i++)
		if (lf->people[i].user_id == id)
			return lf->people[i].email;
	return NULL;
}

static const char *
cell_of(const struct list_file *lf, const struct record *rec, size_t i)
{
	const struct field *f = rec->layout->fields[i];
	const struct value *v = &rec->values[i];

	if (v->null)
		return NULL;
	if (rec->masked[i])
		return rec->shown[i];
	switch (f->type) {
	case FIELD_USER:
		return address_of(lf, v->text);
	case FIELD_COMPANY:
		return rec->shown[i];
	case FIELD_TIME:
	case FIELD_PHONE:
		return v->text;
	default:
		return value_input(lf->piece, f, rec->currency, v);
	}
}

/* What hangs on a person names the person, in a column that is no field. */
static const char *
person_of(const struct record *rec)
{
	for (size_t i = 0; i < rec->layout->n; i++)
		if (rec->layout->fields[i]->type == FIELD_CONTACT)
			return rec->shown[i];
	return NULL;
}

void
list_header(const struct list_file *lf, struct sb *sb)
{
	const struct layout *l = lf->layout;
	const char **cells = ARENA_ARRAY(lf->piece, l->n + CELLS_MORE, const char *);
	size_t n = 0;

	cells[n++] = "id";
	for (size_t i = 0; i < l->n; i++)
		cells[n++] = l->names[i];
	if (l->def->child)
		cells[n++] = "contact";
	cells[n++] = "created_at";
	cells[n++] = "updated_at";
	cells[n++] = "export";
	csv_put_row(sb, cells, n);
}

static void
put_csv(const struct list_file *lf, const struct record *rec, struct sb *sb)
{
	const struct layout *l = lf->layout;
	const char **cells = ARENA_ARRAY(lf->piece, l->n + CELLS_MORE, const char *);
	size_t n = 0;

	cells[n++] = arena_printf(lf->piece, "%lld", (long long)rec->id);
	for (size_t i = 0; i < l->n; i++)
		cells[n++] = cell_of(lf, rec, i);
	if (l->def->child)
		cells[n++] = person_of(rec);
	cells[n++] = time_rfc3339(lf->piece, rec->created_at);
	cells[n++] = time_rfc3339(lf->piece, rec->updated_at);
	cells[n++] = lf->code;
	csv_put_row(sb, cells, n);
}

void
list_record(const struct list_file *lf, const struct record *rec, struct sb *sb)
{
	struct json_object *o;

	if (lf->csv) {
		put_csv(lf, rec, sb);
		return;
	}
	o = model_object(lf->piece);
	model_record(&lf->cx, rec, o);
	if (lf->layout->def->child)
		model_text(o, "contact", person_of(rec));
	model_text(o, "export", lf->code);
	view_json(o, sb);
	sb_putc(sb, '\n');
}
