/* SPDX-License-Identifier: ISC */
/* Fields as pages: the list, and the form of one. */
#include "field.h"

#include <string.h>

#include "controls.h"

STMT(field_jobs, "field.jobs", 0,
	"select job_id, args ->> 'entity', args ->> 'field', done, coalesce(total, 0) from job "
	"where unique_key like 'field|%' and state in ('queued', 'running') order by job_id "
	"limit 10");

/* One line of the list: words and signs in the reader's language. */
static void
add_row(const struct request *rq, const struct field *f, struct json_object *o)
{
	enum lang l = request_lang(rq);

	model_text(o, "url",
		arena_printf(rq->a, "/settings/fields/%s.%s", entity_name(f->entity), f->name));
	model_text(o, "label", field_label(f, l));
	model_text(o, "other", field_label(f, l == LANG_EN ? LANG_ZH : LANG_EN));
	model_text(o, "name", f->name);
	model_text(o, "type", say_word(rq, "field.type", field_type_name(f->type)));
	model_text(o, "category", say_word(rq, "field.category", f->category));
	model_text(o, "purpose", say_word(rq, "fields.purpose_word", f->purpose));
	model_bool(o, "personal", field_is_personal(f));
	model_bool(o, "encrypted", f->sealed);
	model_bool(o, "off", !f->enabled);
	model_bool(o, "custom", !f->builtin);
	model_bool(o, "listed", f->listed);
	if (strcmp(f->state, "live") != 0)
		model_text(o, "busy", say_word(rq, "fields.state", f->state));
}

/* What jobs are doing with fields now; the page comes again until they are done. */
static struct err *
add_jobs(struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "jobs");
	struct rows *r;

	TRY(tx_query(rq->tx, &field_jobs, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		enum entity e = entity_parse(rows_text(r, i, 1));
		const struct field *f =
			e == ENTITY_NONE ? NULL
					 : catalogue_find(rq->catalogue, e, rows_text(r, i, 2));
		struct json_object *o = model_item(list);

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "label",
			f != NULL ? field_label(f, request_lang(rq)) : rows_text(r, i, 2));
		if (f != NULL)
			model_text(o, "state", say_word(rq, "fields.state", f->state));
		model_i64(o, "done", rows_i64(r, i, 3));
		model_i64(o, "total", rows_i64(r, i, 4));
	}
	model_bool(page, "running", rows_count(r) > 0);
	return NULL;
}

static void
add_crumbs(const struct request *rq, struct json_object *page, bool fields)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	if (!fields)
		return;
	o = model_item(list);
	model_text(o, "label", say(rq, "fields.title"));
	model_text(o, "url", "/settings/fields");
}

struct err *
field_list_page(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *groups = model_list(page, "groups"), *action;

	model_text(page, "title", say(rq, "fields.title"));
	add_crumbs(rq, page, false);
	action = model_item(model_list(page, "actions"));
	model_text(action, "key", "new");
	model_text(action, "label", say(rq, "fields.add"));
	model_text(action, "url", "/settings/fields/new");
	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *group = model_item(groups), *rows = model_list(group, "rows");

		model_text(group, "name", entity_name((enum entity)e));
		model_text(group, "label",
			say(rq, arena_printf(
					rq->a, "entity.%s.many", entity_name((enum entity)e))));
		for (size_t i = 0; i < rq->catalogue->n; i++)
			if (rq->catalogue->fields[i].entity == (enum entity)e)
				add_row(rq, &rq->catalogue->fields[i], model_item(rows));
	}
	return add_jobs(rq, page);
}

static struct json_object *
add_group(const struct request *rq, struct json_object *groups, const char *name, const char *label)
{
	struct json_object *g = model_item(groups);

	(void)rq;
	model_text(g, "name", name);
	model_text(g, "label", label);
	return model_list(g, "fields");
}

static void
wide(struct json_object *f, int64_t rows)
{
	model_bool(f, "wide", true);
	if (rows > 0)
		model_i64(f, "rows", rows);
}

/* What PDPO asks about a field: kind of data, purpose, need. f NULL: a new one. */
static void
form_privacy(struct request *rq, struct json_object *groups, const struct field *f)
{
	struct json_object *list = add_group(rq, groups, "privacy", say(rq, "fields.privacy")), *o;
	bool hkid = f != NULL && f->type == FIELD_HKID;

	o = form_field(rq, list, "choice", "category", say(rq, "fields.category"),
		f != NULL ? f->category : "");
	form_required(o);
	form_words(rq, o, field_categories, "field.category");
	o = form_field(rq, list, "text", "purpose", say(rq, "fields.purpose"),
		f != NULL ? say_word(rq, "fields.purpose_word", f->purpose) : "");
	model_i64(o, "max", 300);
	form_hint(rq, o, "fields.purpose_hint");
	o = form_field(rq, list, hkid ? "choice" : "long_text", "justification",
		say(rq, hkid ? "fields.justification_hkid" : "fields.justification"),
		f != NULL ? f->justification : "");
	wide(o, 2);
	model_i64(o, "max", 500);
	if (!hkid)
		return;
	form_words(rq, o, field_grounds, "fields.ground");
	/* A ground in words of its own, given by a program. */
	if (*f->justification != '\0' && !field_word_in(field_grounds, f->justification))
		form_option(o, f->justification, f->justification);
	form_hint(rq, o, "fields.hkid_hint");
}

struct err *
field_new_page(struct request *rq, struct response *rp)
{
	static const char *const entities[] = {"contact", "company", NULL};
	struct json_object *page = response_page(rp), *groups = model_list(page, "groups"), *list,
			   *o;

	model_text(page, "title", say(rq, "fields.add"));
	model_text(page, "subtitle", say(rq, "fields.lead"));
	model_text(page, "action", "/settings/fields");
	model_text(page, "cancel_url", "/settings/fields");
	model_text(page, "submit", say(rq, "fields.add"));
	add_crumbs(rq, page, true);
	list = add_group(rq, groups, "what", say(rq, "fields.what"));
	o = form_field(rq, list, "text", "label_en", say(rq, "fields.label_en"), "");
	form_required(o);
	model_i64(o, "max", 80);
	o = form_field(rq, list, "text", "label_zh", say(rq, "fields.label_zh"), "");
	model_i64(o, "max", 80);
	o = form_field(rq, list, "choice", "entity", say(rq, "fields.of"), "contact");
	form_required(o);
	for (const char *const *e = entities; *e != NULL; e++)
		form_option(o, *e, say(rq, arena_printf(rq->a, "entity.%s.many", *e)));
	o = form_field(rq, list, "choice", "type", say(rq, "fields.type"), "");
	form_required(o);
	form_words(rq, o, field_new_types, "field.type");
	o = form_field(rq, list, "text", "name", say(rq, "fields.name"), "");
	form_required(o);
	model_i64(o, "max", 40);
	form_hint(rq, o, "fields.name_hint");
	form_field(rq, list, "boolean", "listed", say(rq, "fields.listed"), "false");
	o = form_field(rq, list, "long_text", "choices", say(rq, "fields.choices"), "");
	form_hint(rq, o, "fields.choices_hint");
	wide(o, 4);
	form_privacy(rq, groups, NULL);
	list = json_object_object_get(json_object_array_get_idx(groups, 1), "fields");
	o = form_field(rq, list, "boolean", "sealed", say(rq, "fields.sealed"), "false");
	form_hint(rq, o, "fields.sealed_hint");
	wide(o, 0);
	rp->template = "record/form";
	return NULL;
}

static void
edit_notices(const struct request *rq, const struct field *f, struct json_object *page)
{
	struct json_object *list = model_list(page, "notices"), *o;

	if (strcmp(f->state, "live") != 0) {
		o = model_item(list);
		model_text(o, "kind", "warning");
		model_text(o, "text", say(rq, "fields.busy"));
	}
	if (f->type == FIELD_HKID && !f->enabled) {
		o = model_item(list);
		model_text(o, "kind", "info");
		model_text(o, "text", say(rq, "fields.hkid_off"));
	}
}

struct err *
field_edit_page(struct request *rq, struct response *rp)
{
	const struct field *f = field_of(rq);
	struct json_object *page = response_page(rp), *groups = model_list(page, "groups"), *list,
			   *o;
	const char *id;

	if (f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	id = arena_printf(rq->a, "%s.%s", entity_name(f->entity), f->name);
	model_text(page, "title", field_label(f, request_lang(rq)));
	add_row(rq, f, model_child(page, "field"));
	model_text(page, "entity_label",
		say(rq, arena_printf(rq->a, "entity.%s.many", entity_name(f->entity))));
	model_text(page, "id", id);
	model_text(page, "action", arena_printf(rq->a, "/settings/fields/%s", id));
	model_i64(page, "version", f->version);
	add_crumbs(rq, page, true);
	edit_notices(rq, f, page);
	list = add_group(rq, groups, "what", say(rq, "fields.what"));
	o = form_field(rq, list, "text", "label_en", say(rq, "fields.label_en"), f->label_en);
	form_required(o);
	model_i64(o, "max", 80);
	o = form_field(rq, list, "text", "label_zh", say(rq, "fields.label_zh"), f->label_zh);
	form_required(o);
	model_i64(o, "max", 80);
	form_field(rq, list, "boolean", "enabled", say(rq, "fields.enabled"),
		f->enabled ? "true" : "false");
	form_field(rq, list, "boolean", "listed", say(rq, "fields.listed"),
		f->listed ? "true" : "false");
	form_privacy(rq, groups, f);
	list = json_object_object_get(json_object_array_get_idx(groups, 1), "fields");
	if (!f->builtin && f->entity == ENTITY_CONTACT) {
		o = form_field(rq, list, "boolean", "sealed", say(rq, "fields.sealed"),
			f->sealed ? "true" : "false");
		form_hint(rq, o, "fields.sealed_hint");
		wide(o, 0);
	}
	if (!f->builtin)
		model_text(
			page, "remove_url", arena_printf(rq->a, "/settings/fields/%s/remove", id));
	rp->template = "settings/field";
	return NULL;
}
