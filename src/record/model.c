/* SPDX-License-Identifier: ISC */
#include "model.h"

#include <stdint.h>
#include <string.h>

#include "date.h"
#include "order.h"

STMT(users, "choices.users", 0,
	"select user_id, name from app_user where active order by name limit 300");
STMT(teams, "choices.teams", 0, "select team_id, name from team order by name limit 300");

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
static struct json_object *
group_of(const struct record_ctx *cx, struct json_object *groups, const struct field *f)
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

static void
field_head(const struct record_ctx *cx, const struct field *f, struct json_object *o)
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
		f = model_item(group_of(cx, groups, field));
		field_head(cx, field, f);
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

static void
add_option(struct json_object *options, const char *value, const char *label, const char *current)
{
	struct json_object *o = model_item(options);

	model_text(o, "value", value);
	model_text(o, "label", label);
	if (current != NULL && strcmp(current, value) == 0)
		model_bool(o, "selected", true);
}

struct model_lists {
	struct rows *users;
	struct rows *teams;
};

struct model_lists *
model_lists(const struct record_ctx *cx)
{
	struct model_lists *lists = ARENA_NEW(cx->a, struct model_lists);

	tx_queue(cx->tx, &users, NO_VALS, &lists->users);
	tx_queue(cx->tx, &teams, NO_VALS, &lists->teams);
	return lists;
}

static void
add_options(const struct record_ctx *cx, const struct field *f, const struct model_lists *lists,
	const char *current, struct json_object *o)
{
	struct json_object *options;
	const struct rows *r = f->type == FIELD_USER   ? lists->users
			       : f->type == FIELD_TEAM ? lists->teams
						       : NULL;

	if (f->type != FIELD_CHOICE && r == NULL)
		return;
	options = model_list(o, "options");
	for (size_t i = 0; i < f->nchoices; i++)
		add_option(options, f->choices[i].value,
			cx->lang == LANG_ZH ? f->choices[i].label_zh : f->choices[i].label_en,
			current);
	for (size_t i = 0; r != NULL && i < rows_count(r); i++)
		add_option(options, rows_text(r, i, 0), rows_text(r, i, 1), current);
}

/* What was typed before the form was refused; NULL: nothing was. */
static const char *
typed_text(const struct record_ctx *cx, struct json_object *typed, const struct field *f)
{
	struct json_object *v;

	if (typed == NULL)
		return NULL;
	if (!json_object_object_get_ex(typed, f->name, &v) || v == NULL)
		return f->type == FIELD_BOOLEAN ? "0" : "";
	return arena_strdup(cx->a, json_object_get_string(v));
}

static size_t
place_in(const struct record *rec, const struct field *f)
{
	for (size_t i = 0; rec != NULL && i < rec->layout->n; i++)
		if (rec->layout->fields[i] == f)
			return i;
	return SIZE_MAX;
}

static void
form_field(const struct record_ctx *cx, const struct field *f, const struct record *rec,
	struct json_object *typed, const struct model_lists *lists, struct json_object *groups)
{
	struct json_object *o = model_item(group_of(cx, groups, f));
	const char *value = typed_text(cx, typed, f);
	size_t i = place_in(rec, f);

	field_head(cx, f, o);
	if (f->required)
		model_bool(o, "required", true);
	model_i64(o, "max", f->max_length);
	if (f->type == FIELD_LONG_TEXT)
		model_bool(o, "wide", true);
	if (rec != NULL && i != SIZE_MAX && rec->masked[i]) {
		/* What is not shown is kept unless something new is typed. */
		model_bool(o, "masked", true);
		model_text(o, "mask", rec->shown[i]);
	} else if (i != SIZE_MAX && value == NULL) {
		value = value_input(cx->a, f, rec->currency, &rec->values[i]);
		if (f->type == FIELD_BOOLEAN)
			value = strcmp(value, "true") == 0 ? "1" : "0";
		if (rec->shown[i] != NULL)
			model_text(o, "text", rec->shown[i]);
	}
	model_text(o, "value", value);
	add_options(cx, f, lists, value, o);
}

static bool
named_in(const char *const *list, const char *name)
{
	for (; list != NULL && *list != NULL; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

void
model_form(const struct record_ctx *cx, enum entity e, const struct record *rec,
	struct json_object *typed, const struct model_lists *lists, const char *const *leave_out,
	struct json_object *o)
{
	struct json_object *groups = model_list(o, "groups");

	if (rec != NULL) {
		model_i64(o, "id", rec->id);
		model_i64(o, "version", rec->version);
	}
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (f->entity != e || !field_is_live(f) || !f->writable ||
			field_level(cx->principal, f) != LEVEL_EDIT || named_in(leave_out, f->name))
			continue;
		form_field(cx, f, rec, typed, lists, groups);
	}
}

void
model_filters(const struct record_ctx *cx, enum entity e, struct json_object *filter,
	const struct model_lists *lists, struct json_object *o)
{
	struct json_object *list = model_list(o, "filters");

	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];
		struct json_object *item, *v;
		const char *text = NULL;

		if (f->entity != e || !field_is_live(f) || !field_filters(f) ||
			f->type == FIELD_CONTACT || field_level(cx->principal, f) < LEVEL_READ)
			continue;
		if (filter != NULL && json_object_object_get_ex(filter, f->name, &v) && v != NULL)
			text = json_object_get_string(v);
		item = model_item(list);
		field_head(cx, f, item);
		model_text(item, "value", text);
		add_options(cx, f, lists, text, item);
	}
}

static const char *
applied_text(const struct record_ctx *cx, const struct field *f, const char *text)
{
	struct json_object *in = json_object_new_string(text);
	struct value v;
	struct err *e = NULL;
	bool ok = value_parse(cx->a, f, cx->cat->currency, in, &v, &e);

	json_object_put(in);
	return ok ? value_show(cx->a, f, cx->cat->currency, &v, cx->lang) : text;
}

void
model_applied(const struct record_ctx *cx, enum entity e, struct json_object *filter,
	struct json_object *o)
{
	struct json_object *list = model_list(o, "applied");

	if (filter == NULL)
		return;
	json_object_object_foreach(filter, name, v)
	{
		const struct field *f = catalogue_find(cx->cat, e, name);
		struct json_object *item;

		if (f == NULL || v == NULL || *json_object_get_string(v) == '\0')
			continue;
		item = model_item(list);
		model_text(item, "name", name);
		model_text(item, "label", field_label(f, cx->lang));
		model_text(item, "value", json_object_get_string(v));
		model_text(item, "text", applied_text(cx, f, json_object_get_string(v)));
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
