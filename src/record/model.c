/* SPDX-License-Identifier: ISC */
#include "model_part.h"

#include <stdint.h>
#include <string.h>

#include "date.h"
#include "order.h"

const char *
record_title(const struct record_ctx *cx, const struct record *rec)
{
	if (rec->title != NULL && *rec->title != '\0')
		return rec->title;
	return arena_printf(cx->a, "%s %lld",
		view_text(cx->a, cx->lang,
			arena_printf(cx->a, "entity.%s.one", entity_name(rec->layout->def->entity)),
			NULL),
		(long long)rec->id);
}

void
model_record(const struct record_ctx *cx, const struct record *rec, struct json_object *o)
{
	struct json_object *masked = NULL;

	model_i64(o, "id", rec->id);
	for (size_t i = 0; i < rec->layout->n; i++) {
		const struct field *f = rec->layout->fields[i];

		if (!rec->masked[i]) {
			value_json(cx->a, f, rec->currency, &rec->values[i], o, f->name);
			continue;
		}
		model_text(o, f->name, rec->shown[i]);
		if (masked == NULL)
			masked = model_list(o, "masked");
		model_push_text(masked, f->name);
	}
	model_i64(o, "version", rec->version);
	model_text(o, "created_at", time_rfc3339(cx->a, rec->created_at));
	model_text(o, "updated_at", time_rfc3339(cx->a, rec->updated_at));
	model_bool(o, "archived", rec->archived_at != 0);
	if (rec->layout->def->entity == ENTITY_CONTACT)
		model_bool(o, "erased", rec->erased_at != 0);
}

void
model_page(const struct record_ctx *cx, const struct record_page *page, struct json_object *o)
{
	struct json_object *items = model_list(o, "items");

	for (size_t i = 0; i < page->n; i++)
		model_record(cx, &page->records[i], model_item(items));
	model_text(o, "next", page->next);
}

const char *
model_text_of(const struct record_ctx *cx, const struct record *rec, size_t i)
{
	const struct field *f = rec->layout->fields[i];

	if (rec->masked[i])
		return rec->shown[i];
	if (f->type >= FIELD_USER && f->type <= FIELD_CONTACT)
		return rec->values[i].null ? "" : rec->shown[i] != NULL ? rec->shown[i] : "";
	return value_show(cx->a, f, rec->currency, &rec->values[i], cx->lang);
}

/* Where a value leads: references and web addresses. */
static const char *
url_of(const struct record_ctx *cx, const struct field *f, const struct value *v)
{
	if (f->type == FIELD_CONTACT || f->type == FIELD_COMPANY)
		return arena_printf(cx->a, "%s/%s",
			f->type == FIELD_CONTACT ? "/contacts" : "/companies", v->text);
	return f->type == FIELD_URL ? v->text : NULL;
}

static void
add_url(const struct record_ctx *cx, const struct record *rec, size_t i, struct json_object *o)
{
	const char *url = NULL;

	if (!rec->values[i].null && !rec->masked[i])
		url = url_of(cx, rec->layout->fields[i], &rec->values[i]);
	if (url != NULL)
		model_text(o, "url", url);
}

static void
add_tags(const struct record *rec, size_t i, struct json_object *o)
{
	const struct value *v = &rec->values[i];

	if (rec->layout->fields[i]->type == FIELD_TAGS && !v->null && !rec->masked[i])
		json_object_object_add(o, "tags", json_tokener_parse(v->text));
}

/* The colour of a choice: what is done or active, what waits, what is over. */
static const char *
badge_kind(const char *value)
{
	static const struct {
		const char *value, *kind;
	} kinds[] = {{"customer", "success"}, {"paid", "success"}, {"prospect", "info"},
		{"issued", "info"}, {"lead", "warning"}, {"draft", "neutral"}, {"void", "neutral"}};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(kinds[i].value, value) == 0)
			return kinds[i].kind;
	return "neutral";
}

static void
cell_tags(const struct record_ctx *cx, const struct value *v, struct view_cell *cell)
{
	struct json_object *list = model_own(cx->a, json_tokener_parse(v->text));
	const char **tags = ARENA_ARRAY(cx->a, json_object_array_length(list), const char *);

	for (; cell->ntags < json_object_array_length(list); cell->ntags++)
		tags[cell->ntags] =
			json_object_get_string(json_object_array_get_idx(list, cell->ntags));
	cell->tags = tags;
}

static void
table_cell(const struct record_ctx *cx, const struct record *rec, size_t i, struct view_cell *cell)
{
	const struct field *f = rec->layout->fields[i];
	const struct value *v = &rec->values[i];

	cell->text = model_text_of(cx, rec, i);
	cell->masked = rec->masked[i];
	if (v->null || cell->masked)
		return;
	if (f->type == FIELD_CHOICE)
		cell->badge = badge_kind(v->text);
	else if (f->type == FIELD_TAGS)
		cell_tags(cx, v, cell);
	else if (f->type != FIELD_URL)
		cell->url = url_of(cx, f, v);
}

const struct view_rows *
model_rows(const struct record_ctx *cx, const struct record_page *page)
{
	const struct layout *l = page->layout;
	struct view_rows *rows = ARENA_NEW(cx->a, struct view_rows);
	struct view_row *list = ARENA_ARRAY(cx->a, page->n, struct view_row);

	for (size_t i = 0; i < page->n; i++) {
		const struct record *rec = &page->records[i];
		struct view_cell *cells = ARENA_ARRAY(cx->a, l->n, struct view_cell);

		for (size_t k = 0; k < l->n; k++)
			table_cell(cx, rec, k, &cells[k]);
		/* A row can always be opened, also where its first column is empty. */
		if (l->n > 0 && rec->values[0].null)
			cells[0].text = record_title(cx, rec);
		list[i].url = arena_printf(cx->a, "%s/%lld", l->def->path, (long long)rec->id);
		list[i].muted = rec->archived_at != 0;
		list[i].cells = cells;
	}
	*rows = (struct view_rows){page->n, l->n, list};
	return rows;
}

static void
table_columns(const struct record_ctx *cx, const struct record_page *page, const char *base,
	struct json_object *o)
{
	struct json_object *columns = model_list(o, "columns");
	bool desc = page->sort[0] == '-';

	for (size_t i = 0; i < page->layout->n; i++) {
		const struct field *f = page->layout->fields[i];
		struct json_object *c = model_item(columns);
		bool sorted = strcmp(page->sort + desc, f->name) == 0;

		model_text(c, "name", f->name);
		model_text(c, "label", field_label(f, cx->lang));
		if (f->type == FIELD_MONEY || f->type == FIELD_NUMBER || f->type == FIELD_SIZE)
			model_text(c, "align", "end");
		if (f->sealed)
			model_bool(c, "encrypted", true);
		if (sorted)
			model_text(c, "sorted", desc ? "desc" : "asc");
		if (order_find(cx, page->layout->def, f->name) != NULL &&
			page->layout->levels[i] >= LEVEL_READ)
			model_text(c, "sort_url",
				arena_printf(cx->a, "%ssort=%s%s", base, sorted && !desc ? "-" : "",
					f->name));
	}
}

void
model_table(const struct record_ctx *cx, const struct record_page *page, const char *base,
	bool first, struct json_object *o)
{
	struct json_object *pager = model_child(o, "pager");

	table_columns(cx, page, base, o);
	if (!first)
		model_text(pager, "first_url", arena_printf(cx->a, "%ssort=%s", base, page->sort));
	if (page->next != NULL)
		model_text(pager, "next_url",
			arena_printf(cx->a, "%ssort=%s&after=%s", base, page->sort, page->next));
}

/* The section of a field: the open one when it is the same, else a new one. */
struct json_object *
model_group(const struct record_ctx *cx, struct json_object *groups, const struct field *f)
{
	size_t n = json_object_array_length(groups);
	struct json_object *g;

	for (size_t i = 0; i < n; i++) {
		g = json_object_array_get_idx(groups, i);
		if (strcmp(json_object_get_string(json_object_object_get(g, "name")), f->section) ==
			0)
			return json_object_object_get(g, "fields");
	}
	g = model_item(groups);
	model_text(g, "name", f->section);
	model_text(g, "label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "section.%s", f->section), NULL));
	return model_list(g, "fields");
}

void
model_field_head(const struct record_ctx *cx, const struct field *f, struct json_object *o)
{
	model_text(o, "name", f->name);
	model_text(o, "label", field_label(f, cx->lang));
	model_text(o, "type", field_type_name(f->type));
	if (field_is_personal(f))
		model_bool(o, "personal", true);
	if (f->sealed)
		model_bool(o, "encrypted", true);
}

void
model_detail(const struct record_ctx *cx, const struct record *rec, struct json_object *o)
{
	struct json_object *groups = model_list(o, "groups");

	model_i64(o, "id", rec->id);
	model_i64(o, "version", rec->version);
	model_text(o, "title", record_title(cx, rec));
	for (size_t i = 0; i < rec->layout->n; i++) {
		const struct field *field = rec->layout->fields[i];
		struct json_object *f;

		/* What is not recorded would only push apart what is. */
		if (rec->values[i].null || (field->type == FIELD_BOOLEAN && !rec->masked[i] &&
						   strcmp(rec->values[i].text, "false") == 0))
			continue;
		f = model_item(model_group(cx, groups, field));
		model_field_head(cx, field, f);
		model_text(f, "text", model_text_of(cx, rec, i));
		if (rec->masked[i])
			model_bool(f, "masked", true);
		if (rec->masked[i] && rec->layout->levels[i] >= LEVEL_READ)
			model_bool(f, "revealable", true);
		if (field->type == FIELD_HKID || field->type == FIELD_PHONE ||
			strcmp(field->name, "date_of_birth") == 0)
			model_bool(f, "verifiable", true);
		add_url(cx, rec, i, f);
		add_tags(rec, i, f);
	}
}

void
model_action(struct json_object *o, const struct record_ctx *cx, const char *key, const char *url,
	bool post)
{
	struct json_object *list = json_object_object_get(o, "actions");
	struct json_object *item = model_item(list != NULL ? list : model_list(o, "actions"));

	model_text(item, "key", key);
	model_text(item, "label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "action.%s", key), NULL));
	model_text(item, "url", url);
	if (strcmp(key, "erase") == 0)
		model_text(item, "kind", "danger");
	if (post)
		model_bool(item, "post", true);
}

void
model_badge(struct json_object *o, const struct record_ctx *cx, const char *kind, const char *key)
{
	struct json_object *list = json_object_object_get(o, "badges");
	struct json_object *item = model_item(list != NULL ? list : model_list(o, "badges"));

	model_text(item, "kind", kind);
	model_text(item, "text", view_text(cx->a, cx->lang, key, NULL));
}

void
model_crumb(struct json_object *o, const char *label, const char *url)
{
	struct json_object *list = json_object_object_get(o, "crumbs");
	struct json_object *item = model_item(list != NULL ? list : model_list(o, "crumbs"));

	model_text(item, "label", label);
	model_text(item, "url", url);
}

void
model_notice(struct json_object *o, const struct record_ctx *cx, const char *kind, const char *key,
	const char *arg)
{
	struct json_object *list = json_object_object_get(o, "notices");
	struct json_object *item = model_item(list != NULL ? list : model_list(o, "notices"));

	model_text(item, "kind", kind);
	model_text(item, "text", view_text(cx->a, cx->lang, key, arg));
}
