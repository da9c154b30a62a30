/* SPDX-License-Identifier: ISC */
/* To whom data of the person was given: part of what is held. */
#include <string.h>

#include "csv.h"
#include "date.h"
#include "disclosed.h"
#include "person_file.h"

#define ROWS_MAX ((size_t)4 * 1024 * 1024)

static const char *const header[] = {
	"disclosed_on", "source", "recipient", "purpose", "fields", "recorded_by"};

static void
add_one(const struct person_file *pf, const struct disclosed *d, struct json_object *data,
	struct json_object *item, struct sb *csv)
{
	enum lang l = pf->cx.lang;
	const char *who = d->by != 0 ? person_staff(pf, d->by, l) : NULL;
	const char *to = disclosed_to(pf->piece, l, d->source, who, d->note);
	const char *fields = disclosed_fields(pf->piece, pf->cx.cat, l, d), *purpose = d->purpose;
	const char *source = person_word(pf, l, "disclosures.source", d->source);
	struct json_object *names = model_list(data, "fields");

	if (strcmp(d->source, "export") == 0 && d->note != NULL)
		purpose = person_word(pf, l, "reason", d->note);
	model_text(data, "disclosed_on", d->on);
	model_text(data, "source", d->source);
	model_text(data, "recipient", to);
	model_text(data, "purpose", purpose);
	for (size_t i = 0; i < d->nfields; i++)
		model_push_text(names, d->fields[i]);
	model_text(data, "recorded_by", who);
	model_text(item, "day", date_show(pf->piece, d->on, lang_tag(l)));
	model_text(item, "source", source);
	model_text(item, "recipient", to);
	model_text(item, "purpose", purpose);
	model_text(item, "fields", fields);
	model_text(item, "who", who);
	{
		const char *cells[] = {d->on, d->source, to, purpose, fields, who};

		csv_put_row(csv, cells, sizeof(cells) / sizeof(cells[0]));
	}
}

struct err *
person_add_disclosed(struct person_file *pf)
{
	struct json_object *page = model_object(pf->piece), *items = model_list(page, "items");
	struct json_object *data = model_own(pf->piece, json_object_new_array());
	struct disclosed *list;
	struct scratch *s;
	struct sb csv;
	size_t n;

	TRY(person_begin(pf));
	TRY(disclosed_load(pf->cx.tx, pf->piece, pf->in->contact_id, &pf->key, NULL, &list, &n));
	TRY(person_commit(pf));
	sb_init(&csv, pf->piece, ROWS_MAX);
	csv_put_row(&csv, header, sizeof(header) / sizeof(header[0]));
	for (size_t i = 0; i < n; i++)
		add_one(pf, &list[i], model_item(data), model_item(items), &csv);
	TRY(person_heading(
		pf, "disclosures", person_text(pf, "disclosures.title", NULL), (int64_t)n));
	if (n > 0)
		TRY(person_html(pf, "export/disclosed", page));
	TRY(person_json_text(pf, ",\n\"disclosures\":"));
	TRY(person_json(pf, data));
	TRY(scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, &s));
	TRY(scratch_add_sb(s, &csv));
	archive_add_scratch(pf->ar, "disclosures.csv", s);
	arena_reset(pf->piece);
	return NULL;
}
