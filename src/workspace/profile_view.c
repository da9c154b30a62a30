/* SPDX-License-Identifier: ISC */
/* A profile as the API answers it, and as the form of one page. */
#include <string.h>

#include "controls.h"
#include "model.h"
#include "profile.h"

static const char *
right_key(const struct request *rq, int e, enum right r)
{
	return arena_printf(rq->a, "%s.%s", entity_name((enum entity)e), right_name(r));
}

void
profile_model(struct request *rq, const struct profile *p, bool whole, struct json_object *o)
{
	struct json_object *part;

	model_i64(o, "id", p->id);
	model_text(o, "name", p->name);
	model_text(o, "label", profile_title(rq, p));
	model_bool(o, "builtin", p->builtin);
	model_bool(o, "fixed", profile_is_fixed(p));
	model_i64(o, "version", p->version);
	model_i64(o, "users", p->users);
	part = model_child(o, "rights");
	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; i < PROFILE_RIGHTS; i++)
			model_text(part, right_key(rq, e, profile_rights[i]),
				profile_scope_word(p->scopes[e][profile_rights[i]]));
	part = model_child(o, "special");
	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++)
		if (RIGHT_IS_SPECIAL(r))
			model_bool(part, right_name((enum right)r), p->special[r]);
	model_bool(o, "require_totp", p->require_totp);
	model_text(o, "new_fields", field_level_name(p->new_fields));
	model_text(o, "new_sealed", field_level_name(p->new_sealed));
	if (!whole)
		return;
	part = model_child(o, "fields");
	for (size_t i = 0; i < rq->catalogue->n; i++) {
		const struct field *f = &rq->catalogue->fields[i];

		model_text(part, arena_printf(rq->a, "%s.%s", entity_name(f->entity), f->name),
			field_level_name(
				field_is_note(f) ? profile_level_held(p, f) : profile_level(p, i)));
	}
}

void
profile_crumbs(const struct request *rq, struct json_object *page, bool profiles)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	if (!profiles)
		return;
	o = model_item(list);
	model_text(o, "label", say(rq, "profiles.title"));
	model_text(o, "url", "/settings/profiles");
}

/* The words of a select, with their rank: a line offers those up to its own max. */
static void
add_words(const struct request *rq, struct json_object *page, const char *list_name,
	const char *prefix, const char *const *words)
{
	struct json_object *list = model_list(page, list_name);

	for (int i = 0; words[i] != NULL; i++) {
		struct json_object *o = model_item(list);

		model_text(o, "value", words[i]);
		model_text(o, "label", say_word(rq, prefix, words[i]));
		model_i64(o, "rank", i);
	}
}

static const char *
error_of(const struct request *rq, const struct err *e, const char *key)
{
	for (const struct err_field *f = e != NULL ? e->fields : NULL; f != NULL; f = f->next)
		if (strcmp(f->name, key) == 0)
			return view_text(rq->a, request_lang(rq), f->key, f->arg);
	return NULL;
}

/* What a form's page is made of. */
struct form {
	struct request *rq;
	const struct profile *p, *own; /* own NULL: nothing can be changed */
	const struct err *e;
};

static void
add_line(const struct form *f, struct json_object *o, const char *part, const char *key,
	const char *word, int now, int mine)
{
	const char *error = error_of(f->rq, f->e, arena_printf(f->rq->a, "%s.%s", part, key));

	model_text(o, "name", arena_printf(f->rq->a, "%s[%s]", part, key));
	model_text(o, "id", arena_printf(f->rq->a, "%s-%s", part, key));
	model_text(o, "value", word);
	model_i64(o, "max", now > mine ? now : mine);
	model_text(o, "error", error);
}

static void
add_rights(const struct form *f, struct json_object *page)
{
	const struct request *rq = f->rq;
	struct json_object *columns = model_list(page, "rights"),
			   *rows = model_list(page, "entities");

	for (size_t i = 0; i < PROFILE_RIGHTS; i++)
		model_push_text(
			columns, say_word(rq, "profiles.right", right_name(profile_rights[i])));
	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *row = model_item(rows), *cells = model_list(row, "cells");

		model_text(row, "label",
			say(rq, arena_printf(
					rq->a, "entity.%s.many", entity_name((enum entity)e))));
		for (size_t i = 0; i < PROFILE_RIGHTS; i++) {
			enum right r = profile_rights[i];
			struct json_object *o = model_item(cells);
			enum scope s = f->p->scopes[e][r];

			add_line(f, o, "rights", right_key(rq, e, r), profile_scope_word(s), (int)s,
				f->own != NULL ? (int)f->own->scopes[e][r] : 0);
			model_text(o, "label", say_word(rq, "profiles.right", right_name(r)));
			model_text(
				o, "text", say_word(rq, "profiles.scope", profile_scope_word(s)));
		}
	}
}

static void
add_special(const struct form *f, struct json_object *page)
{
	struct json_object *list = model_list(page, "special");

	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++) {
		const char *name;
		struct json_object *o;

		if (!RIGHT_IS_SPECIAL(r))
			continue;
		name = right_name((enum right)r);
		o = model_item(list);
		add_line(f, o, "special", name, f->p->special[r] ? "1" : "0", 0, 0);
		model_text(o, "label", say_word(f->rq, "profiles.special", name));
		model_text(o, "hint", say_word(f->rq, "profiles.special_help", name));
		model_bool(o, "on", f->p->special[r]);
		model_bool(
			o, "locked", f->own == NULL || (!f->own->special[r] && !f->p->special[r]));
	}
}

static void
add_field(const struct form *f, const struct field *field, struct json_object *o)
{
	const struct request *rq = f->rq;
	enum lang l = request_lang(rq);
	enum field_level level = profile_level(f->p, field->place);
	bool note = field_is_note(field);

	add_line(f, o, "fields",
		arena_printf(rq->a, "%s.%s", entity_name(field->entity), field->name),
		field_level_name(level), (int)level,
		f->own != NULL ? (int)profile_level(f->own, field->place) : 0);
	model_text(o, "label", field_label(field, l));
	model_text(o, "text",
		note ? say(rq, "profiles.with_record")
		     : say_word(rq, "profiles.level", field_level_name(level)));
	model_bool(o, "fixed", note);
	model_bool(o, "personal", field_is_personal(field));
	model_bool(o, "encrypted", field->sealed);
	model_bool(o, "off", !field_is_live(field));
}

static void
add_fields(const struct form *f, struct json_object *page)
{
	const struct request *rq = f->rq;
	struct json_object *groups = model_list(page, "groups");

	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *group = model_item(groups), *list = model_list(group, "fields");

		model_text(group, "name", entity_name((enum entity)e));
		model_text(group, "label",
			say(rq, arena_printf(
					rq->a, "entity.%s.many", entity_name((enum entity)e))));
		for (size_t i = 0; i < rq->catalogue->n; i++)
			if (rq->catalogue->fields[i].entity == (enum entity)e)
				add_field(f, &rq->catalogue->fields[i], model_item(list));
	}
}

static void
add_new_level(const struct form *f, struct json_object *list, const char *key, enum field_level l,
	enum field_level mine)
{
	struct json_object *o = model_item(list);

	model_text(o, "name", key);
	model_text(o, "id", key);
	model_text(o, "label", say_word(f->rq, "profiles.key", key));
	model_text(o, "value", field_level_name(l));
	model_text(o, "text", say_word(f->rq, "profiles.level", field_level_name(l)));
	model_i64(o, "max", l > mine ? (int)l : (int)mine);
	model_text(o, "error", error_of(f->rq, f->e, key));
}

static void
add_action(const struct request *rq, struct json_object *list, const char *icon, const char *key,
	const char *url)
{
	struct json_object *o = model_item(list);

	model_text(o, "key", icon);
	model_text(o, "label", say_word(rq, "profiles.action", key));
	model_text(o, "url", url);
}

static void
add_actions(const struct request *rq, const struct profile *p, struct json_object *page)
{
	struct json_object *list = model_list(page, "actions");
	long long id = p->id;

	add_action(rq, list, "viewers", "compare",
		arena_printf(rq->a, "/settings/profiles/compare?a=%lld", id));
	add_action(rq, list, "new", "clone",
		arena_printf(rq->a, "/settings/profiles/new?from=%lld", id));
	if (!profile_is_fixed(p) && p->users == 0)
		add_action(rq, list, "remove", "remove",
			arena_printf(rq->a, "/settings/profiles/%lld/remove", id));
}

struct err *
profile_form(struct request *rq, struct response *rp, const struct profile *p,
	const struct profile *own, const struct err *errors)
{
	static const char *const scopes[] = {"none", "own", "team", "all", NULL},
				 *const levels[] = {"hidden", "masked", "read", "edit", NULL};
	struct form f = {rq, p, own, errors};
	struct json_object *page = response_page(rp), *list, *o;

	profile_crumbs(rq, page, true);
	model_text(page, "title", profile_title(rq, p));
	model_text(page, "subtitle", count_text(rq, "profiles.users", p->users));
	model_text(
		page, "action", arena_printf(rq->a, "/settings/profiles/%lld", (long long)p->id));
	model_i64(page, "version", p->version);
	model_bool(page, "readonly", own == NULL);
	model_bool(page, "builtin", p->builtin);
	model_text(page, "name", p->name);
	model_bool(page, "require_totp", p->require_totp);
	model_text(page, "name_error", error_of(rq, errors, "name"));
	add_words(rq, page, "scopes", "profiles.scope", scopes);
	add_words(rq, page, "levels", "profiles.level", levels);
	add_rights(&f, page);
	add_special(&f, page);
	list = model_list(page, "defaults");
	add_new_level(&f, list, "new_fields", p->new_fields,
		own != NULL ? own->new_fields : LEVEL_HIDDEN);
	add_new_level(&f, list, "new_sealed", p->new_sealed,
		own != NULL ? own->new_sealed : LEVEL_HIDDEN);
	add_fields(&f, page);
	add_actions(rq, p, page);
	if (own == NULL) {
		o = model_item(model_list(page, "notices"));
		model_text(o, "kind", "info");
		model_text(o, "text",
			say(rq, profile_is_fixed(p) ? "profiles.fixed" : "profiles.own"));
	}
	rp->template = "settings/profile";
	return NULL;
}
