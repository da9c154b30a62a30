/* SPDX-License-Identifier: ISC */
/* Fields to be filled in: forms, and what a list is filtered by. */
#include <stdint.h>
#include <string.h>

#include "model_part.h"

STMT(users, "choices.users", 0,
	"select user_id, name from app_user where active order by name limit 1000");
STMT(teams, "choices.teams", 0, "select team_id, name from team order by name limit 300");

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

/* held: the label of current, where the record has it: it is offered though it is not in the
 * list (somebody who left, or is past its end), or saving the form would take it away. */
static void
add_options(const struct record_ctx *cx, const struct field *f, const struct model_lists *lists,
	const char *current, const char *held, struct json_object *o)
{
	struct json_object *options;
	bool found = current == NULL || *current == '\0';
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
	for (size_t i = 0; r != NULL && i < rows_count(r); i++) {
		add_option(options, rows_text(r, i, 0), rows_text(r, i, 1), current);
		found = found || strcmp(rows_text(r, i, 0), current) == 0;
	}
	if (r != NULL && !found && held != NULL)
		add_option(options, current, held, current);
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
	struct json_object *o = model_item(model_group(cx, groups, f));
	const char *value = typed_text(cx, typed, f), *held = NULL;
	size_t i = place_in(rec, f);

	model_field_head(cx, f, o);
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
	if (i != SIZE_MAX && !rec->masked[i] && value != NULL && rec->values[i].text != NULL &&
		strcmp(value, rec->values[i].text) == 0)
		held = rec->shown[i];
	model_text(o, "value", value);
	add_options(cx, f, lists, value, held, o);
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
		model_field_head(cx, f, item);
		model_text(item, "value", text);
		add_options(cx, f, lists, text, NULL, item);
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
