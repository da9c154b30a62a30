/* SPDX-License-Identifier: ISC */
/* What every code of an export means, in both languages; and whose letters they are. */
#include <string.h>

#include "person_file.h"

static const char *const actions[] = {"view", "list", "search", "reveal", "create", "update",
	"archive", "restore", "delete", "import", "export", "download", "merge", "erase", "consent",
	"opt_out", "send", "permission", "sign_in", "sign_in_failed", "sign_out", "setting",
	"support", "retention", NULL};
static const char *const outcomes[] = {"ok", "denied", "failed", NULL};
static const char *const actors[] = {"user", "worker", "cli", "nobody", NULL};

static void
add_labels(struct json_object *o, const char *en, const char *zh)
{
	model_text(o, lang_tag(LANG_EN), en);
	model_text(o, lang_tag(LANG_ZH), zh);
}

static void
add_words(const struct person_file *pf, struct json_object *o, const char *name, const char *prefix,
	const char *const *codes)
{
	struct json_object *list = model_child(o, name);

	for (; *codes != NULL; codes++)
		add_labels(model_child(list, *codes), person_word(pf, LANG_EN, prefix, *codes),
			person_word(pf, LANG_ZH, prefix, *codes));
}

static void
add_field(const struct person_file *pf, const struct field *f, struct json_object *fields,
	struct json_object *choices)
{
	const char *name = arena_printf(pf->piece, "%s.%s", entity_name(f->entity), f->name);
	struct json_object *o = model_child(fields, name), *list;

	add_labels(o, f->label_en, f->label_zh);
	model_text(o, "type", field_type_name(f->type));
	model_text(o, "category", f->category);
	model_text(o, "purpose", f->purpose);
	model_bool(o, "encrypted", f->sealed);
	if (f->nchoices == 0)
		return;
	list = model_child(choices, name);
	for (size_t i = 0; i < f->nchoices; i++)
		add_labels(model_child(list, f->choices[i].value), f->choices[i].label_en,
			f->choices[i].label_zh);
}

static void
add_staff(const struct person_file *pf, struct json_object *o)
{
	struct json_object *list = model_list(o, "staff");

	for (size_t i = 0; i < pf->nstaff; i++) {
		struct json_object *item;

		if (!pf->staff[i].used)
			continue;
		item = model_item(list);
		add_labels(item, person_staff(pf, pf->staff[i].user_id, LANG_EN),
			person_staff(pf, pf->staff[i].user_id, LANG_ZH));
	}
}

static struct json_object *
make_legend(const struct person_file *pf)
{
	struct json_object *o = model_object(pf->piece), *fields = model_child(o, "fields");
	struct json_object *choices = model_child(o, "choices");

	for (size_t i = 0; i < pf->cx.cat->n; i++)
		if (pf->cx.cat->fields[i].entity != ENTITY_COMPANY)
			add_field(pf, &pf->cx.cat->fields[i], fields, choices);
	add_words(pf, o, "actions", "audit.action", actions);
	add_words(pf, o, "outcomes", "audit.outcome_label", outcomes);
	add_words(pf, o, "actors", "audit.actor", actors);
	add_staff(pf, o);
	return o;
}

/* The codes that stand in data.json, as a table to read beside it. */
static void
legend_page(const struct person_file *pf, struct json_object *legend, struct json_object *page)
{
	static const char *const parts[] = {"fields", "actions", "outcomes", "actors"};
	struct json_object *rows = model_list(page, "rows");
	const char *tag = lang_tag(pf->cx.lang);

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		json_object_object_foreach(json_object_object_get(legend, parts[i]), code, words)
		{
			struct json_object *row = model_item(rows);

			model_text(row, "code", code);
			model_text(row, "text",
				json_object_get_string(json_object_object_get(words, tag)));
		}
	}
	json_object_object_foreach(json_object_object_get(legend, "choices"), field, values)
	{
		json_object_object_foreach(values, value, words)
		{
			struct json_object *row = model_item(rows);

			model_text(row, "code", arena_printf(pf->piece, "%s = %s", field, value));
			model_text(row, "text",
				json_object_get_string(json_object_object_get(words, tag)));
		}
	}
}

struct err *
person_add_legend(struct person_file *pf)
{
	struct json_object *legend = make_legend(pf), *page = model_object(pf->piece);
	const char *text = json_object_to_json_string_ext(legend, JSON_C_TO_STRING_PRETTY);
	struct scratch *s;

	legend_page(pf, legend, page);
	TRY(person_heading(pf, "legend", person_text(pf, "export.legend", NULL), 0));
	TRY(person_html(pf, "export/legend", page));
	TRY(person_json_text(pf, ",\n\"legend\":"));
	TRY(person_json(pf, legend));
	TRY(scratch_new(pf->a, tenancy_settings(pf->in->tenancy)->scratch, &s));
	TRY(scratch_add(s, text, strlen(text)));
	archive_add_scratch(pf->ar, "legend.json", s);
	arena_reset(pf->piece);
	return NULL;
}
