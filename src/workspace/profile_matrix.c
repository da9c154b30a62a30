/* SPDX-License-Identifier: ISC */
/* Profiles beside each other: two of them with what differs first, and all of them
 * by every right and every field. */
#include <string.h>

#include "controls.h"
#include "model.h"
#include "profile.h"
#include "workspace.h"

static void
add_choice(struct request *rq, struct json_object *page, const char *name,
	const struct profile *all, size_t n, int64_t chosen)
{
	struct json_object *list = model_list(page, name);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o = model_item(list);

		model_i64(o, "value", all[i].id);
		model_text(o, "label", profile_title(rq, &all[i]));
		model_bool(o, "selected", all[i].id == chosen);
	}
}

static const struct profile *
find(const struct profile *all, size_t n, int64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (all[i].id == id)
			return &all[i];
	return NULL;
}

static void
add_difference(struct request *rq, const struct profile_change *c, struct json_object *o)
{
	struct record_ctx cx = record_ctx_of(rq);
	if (rq->api) {
		model_text(o, "key", c->key);
		model_text(o, "a", c->was);
		model_text(o, "b", c->becomes);
		return;
	}
	model_text(o, "label", profile_key_label(&cx, c->key));
	model_text(o, "a", profile_word(&cx, c->key, c->was));
	model_text(o, "b", profile_word(&cx, c->key, c->becomes));
	model_bool(o, "more", c->more);
}

/* What both say alike: everything that does not differ. */
static void
add_same(struct request *rq, const struct profile *a, struct profile_change *differ, size_t n,
	struct json_object *list)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct profile none = {.name = ""};
	struct profile_change *all;
	size_t count;

	none.levels = arena_strdup(rq->a, a->levels);
	/* No level is this letter, so each field is in the list. */
	memset(none.levels, '-', strlen(none.levels));
	all = profile_compare(rq, &none, a, &count);
	for (size_t i = 0; i < count; i++) {
		bool differs = strcmp(all[i].key, "name") == 0;
		struct json_object *o;

		for (size_t k = 0; k < n && !differs; k++)
			differs = strcmp(differ[k].key, all[i].key) == 0;
		if (differs)
			continue;
		o = model_item(list);
		model_text(o, "label", profile_key_label(&cx, all[i].key));
		model_text(o, "both", profile_word(&cx, all[i].key, all[i].becomes));
	}
}

static struct err *
compare(struct request *rq, struct response *rp)
{
	int64_t a = request_i64(rq, "a", 0), b = request_i64(rq, "b", 0);
	struct json_object *page = rq->api ? response_data(rp) : response_page(rp), *list;
	const struct profile *one, *two;
	struct profile_change *c;
	struct profile *all;
	size_t n, differ;

	TRY(profile_load_all(rq, true, &all, &n));
	one = find(all, n, a);
	two = find(all, n, b);
	if ((a != 0 && one == NULL) || (b != 0 && two == NULL))
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (!rq->api) {
		profile_crumbs(rq, page, true);
		model_text(page, "title", say_word(rq, "profiles.action", "compare"));
		add_choice(rq, page, "a", all, n, a);
		add_choice(rq, page, "b", all, n, b);
	}
	if (one == NULL || two == NULL)
		return NULL;
	c = profile_compare(rq, one, two, &differ);
	list = model_list(page, "differences");
	for (size_t i = 0; i < differ; i++)
		if (strcmp(c[i].key, "name") != 0)
			add_difference(rq, &c[i], model_item(list));
	if (rq->api)
		return NULL;
	model_text(page, "a_title", profile_title(rq, one));
	model_text(page, "b_title", profile_title(rq, two));
	model_bool(page, "compared", true);
	add_same(rq, one, c, differ, model_list(page, "same"));
	return NULL;
}

/* One letter a cell, in the reader's language: 200 profiles by 150 fields are 30,000
 * cells, so each is no more than its text, and the style is named after that. */
struct letters {
	const char *of[128]; /* by the code: h m r e, n o t a y */
	const char **row;
	size_t n;
};

static struct letters
letters_new(const struct request *rq, size_t n)
{
	struct letters l = {.row = ARENA_ARRAY(rq->a, n, const char *), .n = n};

	for (const char *code = "hmrenotay"; *code != '\0'; code++)
		l.of[(unsigned char)*code] =
			say_word(rq, "profiles.letter", arena_strndup(rq->a, code, 1));
	return l;
}

static void
letters_put(struct letters *l, size_t i, char code)
{
	l->row[i] = l->of[(unsigned char)code];
}

static void
add_cells(struct json_object *row, const struct letters *l)
{
	struct json_object *list = model_list(row, "cells");

	for (size_t i = 0; i < l->n; i++)
		model_push_text(list, l->row[i]);
}

static void
add_right_rows(struct request *rq, const struct profile *all, size_t n, struct json_object *page)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *group = model_item(model_list(page, "groups")),
			   *rows = model_list(group, "rows");
	struct letters letters = letters_new(rq, n);

	model_text(group, "name", "rights");
	model_text(group, "label", say(rq, "profiles.rights"));
	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t k = 0; k < PROFILE_RIGHTS; k++) {
			struct json_object *row = model_item(rows);

			model_text(row, "label",
				profile_key_label(&cx, arena_printf(rq->a, "rights.%s.%s",
							       entity_name((enum entity)e),
							       right_name(profile_rights[k]))));
			for (size_t i = 0; i < n; i++)
				letters_put(&letters, i,
					"nota"[profile_scope_held(
						&all[i], (enum entity)e, profile_rights[k])]);
			add_cells(row, &letters);
		}
	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++) {
		struct json_object *row;

		if (!RIGHT_IS_SPECIAL(r))
			continue;
		row = model_item(rows);
		model_text(
			row, "label", say_word(rq, "profiles.special", right_name((enum right)r)));
		for (size_t i = 0; i < n; i++)
			letters_put(&letters, i, all[i].special[r] ? 'y' : 'n');
		add_cells(row, &letters);
	}
}

static void
add_field_rows(
	struct request *rq, const struct profile *all, size_t n, int only, struct json_object *page)
{
	struct json_object *groups = model_list(page, "groups");
	struct letters letters = letters_new(rq, n);

	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *group, *rows;

		if (only != ENTITY_NONE && only != e)
			continue;
		group = model_item(groups);
		rows = model_list(group, "rows");
		model_text(group, "name", entity_name((enum entity)e));
		model_text(group, "label",
			say(rq, arena_printf(
					rq->a, "entity.%s.many", entity_name((enum entity)e))));
		for (size_t k = 0; k < rq->catalogue->n; k++) {
			const struct field *f = &rq->catalogue->fields[k];
			struct json_object *row;

			if (f->entity != (enum entity)e || !field_is_live(f))
				continue;
			row = model_item(rows);
			model_text(row, "label", field_label(f, request_lang(rq)));
			model_bool(row, "encrypted", f->sealed);
			for (size_t i = 0; i < n; i++)
				letters_put(&letters, i, "hmre"[profile_level_held(&all[i], f)]);
			add_cells(row, &letters);
		}
	}
}

static void
add_tabs(const struct request *rq, const char *shown, struct json_object *page)
{
	struct json_object *list = model_list(page, "tabs"), *o;

	for (int e = -2; e < ENTITY_MAX; e++) {
		const char *key = e == -2   ? "all"
				  : e == -1 ? "rights"
					    : entity_name((enum entity)e);

		o = model_item(list);
		model_text(o, "label",
			e == -2   ? say(rq, "profiles.all_fields")
			: e == -1 ? say(rq, "profiles.rights")
				  : say(rq, arena_printf(rq->a, "entity.%s.many", key)));
		model_text(o, "url", arena_printf(rq->a, "/settings/profiles/fields?show=%s", key));
		model_bool(o, "active", strcmp(key, shown) == 0);
	}
}

static struct err *
matrix_page(struct request *rq, struct response *rp)
{
	const char *show = request_text(rq, "show");
	struct json_object *page = response_page(rp), *list;
	struct profile *all;
	enum entity only;
	struct err *e = NULL;
	size_t n;

	if (show == NULL)
		show = "all";
	only = entity_parse(show);
	if (only == ENTITY_NONE && strcmp(show, "all") != 0 && strcmp(show, "rights") != 0) {
		err_add_field(rq->a, &e, "show", "error.choice", NULL);
		e->kind = ERR_BAD_REQUEST;
		return e;
	}
	TRY(profile_load_all(rq, strcmp(show, "rights") != 0, &all, &n));
	profile_crumbs(rq, page, true);
	model_text(page, "title", say_word(rq, "profiles.action", "fields"));
	add_tabs(rq, show, page);
	list = model_list(page, "profiles");
	for (size_t i = 0; i < n; i++) {
		struct json_object *o = model_item(list);

		model_text(o, "label", profile_title(rq, &all[i]));
		model_text(o, "url",
			arena_printf(rq->a, "/settings/profiles/%lld", (long long)all[i].id));
	}
	if (strcmp(show, "rights") == 0)
		add_right_rows(rq, all, n, page);
	else
		add_field_rows(rq, all, n, (int)only, page);
	return NULL;
}

/* The same for programs: a string a field, a letter a profile. */
static struct err *
matrix_api(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp), *list;
	struct profile *all;
	size_t n;

	TRY(profile_load_all(rq, true, &all, &n));
	list = model_list(o, "profiles");
	for (size_t i = 0; i < n; i++) {
		struct json_object *item = model_item(list), *levels;

		model_i64(item, "id", all[i].id);
		model_text(item, "name", all[i].name);
		levels = model_child(item, "fields");
		for (size_t k = 0; k < rq->catalogue->n; k++) {
			const struct field *f = &rq->catalogue->fields[k];

			if (field_is_live(f))
				model_text(levels,
					arena_printf(
						rq->a, "%s.%s", entity_name(f->entity), f->name),
					field_level_name(profile_level_held(&all[i], f)));
		}
	}
	return NULL;
}

static const struct param compare_params[] = {
	{"a", P_I64, IN_QUERY, 1, 0, false},
	{"b", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};
static const struct param compare_api_params[] = {
	{"a", P_I64, IN_QUERY, 1, 0, true},
	{"b", P_I64, IN_QUERY, 1, 0, true},
	PARAM_END,
};
static const struct param matrix_params[] = {
	{"show", P_TEXT, IN_QUERY, 0, 20, false},
	PARAM_END,
};

const struct route profile_matrix_routes[] = {
	ROUTE(READ, GET, "/profiles/compare", ON_API, "", RIGHT_MANAGE_PROFILES, "", compare,
		compare_api_params, NULL, "", "profile.compare"),
	ROUTE(READ, GET, "/profiles/fields", ON_API, "", RIGHT_MANAGE_PROFILES, "", matrix_api,
		NULL, NULL, "", "profile.fields"),
	ROUTE(READ, GET, "/settings/profiles/compare", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "",
		compare, compare_params, NULL, "settings/compare", "settings.profile_compare"),
	ROUTE(READ, GET, "/settings/profiles/fields", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "",
		matrix_page, matrix_params, NULL, "settings/matrix", "settings.profile_fields"),
	ROUTE_END,
};
