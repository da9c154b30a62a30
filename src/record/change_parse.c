/* SPDX-License-Identifier: ISC */
/* Reading what is to be changed, and whether it may stand. */
#include "change.h"

#include <string.h>

#include "log.h"
#include "text.h"

const struct change *
changes_find(const struct changes *c, const char *field)
{
	for (size_t i = 0; i < c->n; i++)
		if (strcmp(c->list[i].field->name, field) == 0)
			return &c->list[i];
	return NULL;
}

void
changes_set_text(const struct record_ctx *cx, struct changes *c, enum entity e, const char *field,
	const char *text)
{
	const struct field *f = catalogue_find(cx->cat, e, field);
	struct change *list = ARENA_ARRAY(cx->a, c->n + 1, struct change);

	ASSERT(f != NULL);
	memcpy(list, c->list, c->n * sizeof(*list));
	list[c->n].field = f;
	list[c->n].value =
		(struct value){.null = text == NULL, .text = text, .val = val_text(text)};
	c->list = list;
	c->n++;
}

static bool
skipped(const char *const *skip, const char *name)
{
	for (; skip != NULL && *skip != NULL; skip++)
		if (strcmp(*skip, name) == 0)
			return true;
	return name[0] == '_';
}

/* An invoice's own currency, also when it comes in the same body. */
static const char *
currency_of(const struct record_ctx *cx, enum entity e, struct json_object *body)
{
	struct json_object *v;

	if (e == ENTITY_INVOICE && json_object_object_get_ex(body, "currency", &v) &&
		json_object_is_type(v, json_type_string) && json_object_get_string_len(v) == 3)
		return json_object_get_string(v);
	return cx->currency != NULL ? cx->currency : cx->cat->currency;
}

static void
parse_one(const struct record_ctx *cx, enum entity e, const char *name, struct json_object *v,
	const char *currency, struct changes *out, struct err **err)
{
	enum field_level level;
	const struct field *f = catalogue_visible(cx->cat, cx->principal, e, name, &level);
	struct change *c = &out->list[out->n];

	if (f == NULL) {
		err_add_field(cx->a, err, name, "error.unknown_field", NULL);
		return;
	}
	if (!f->writable || level != LEVEL_EDIT) {
		err_add_field(cx->a, err, name, "error.read_only", NULL);
		return;
	}
	if (!value_parse(cx->a, f, currency, v, &c->value, err))
		return;
	if (c->value.null && f->required) {
		err_add_field(cx->a, err, name, "error.required", NULL);
		return;
	}
	if (c->value.warn_check) {
		if (out->warnings == NULL)
			out->warnings = model_object(cx->a);
		model_text(out->warnings, name, "error.hkid_check");
	}
	c->field = f;
	out->n++;
}

struct err *
changes_parse(const struct record_ctx *cx, enum entity e, struct json_object *body,
	const char *const *skip, bool creating, struct changes *out)
{
	const char *currency = currency_of(cx, e, body);
	struct err *err = NULL;

	memset(out, 0, sizeof(*out));
	out->list = ARENA_ARRAY(cx->a, (size_t)json_object_object_length(body) + 1, struct change);
	json_object_object_foreach(body, name, v)
	{
		if (!skipped(skip, name))
			parse_one(cx, e, name, v, currency, out, &err);
	}
	for (size_t i = 0; creating && i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (f->entity == e && f->required && f->writable && field_is_live(f) &&
			!json_object_object_get_ex(body, f->name, NULL) && !skipped(skip, f->name))
			err_add_field(cx->a, &err, f->name, "error.required", NULL);
	}
	return err;
}

struct err *
change_check_references(const struct record_ctx *cx, const struct changes *c)
{
	static const char *const tables[FIELD_TYPE_MAX] = {[FIELD_USER] = "app_user",
		[FIELD_TEAM] = "team",
		[FIELD_COMPANY] = "company",
		[FIELD_CONTACT] = "contact"};
	struct rows **found = ARENA_ARRAY(cx->a, c->n, struct rows *);
	struct err *e = NULL;
	bool any = false;

	for (size_t i = 0; i < c->n; i++) {
		const char *t = tables[c->list[i].field->type];
		struct sqlb b;

		if (t == NULL || c->list[i].value.null)
			continue;
		sqlb_init(&b, cx->a);
		sqlb_add(&b, "select 1 from %s where %s_id = %s%s", t,
			strcmp(t, "app_user") == 0 ? "user" : t,
			sqlb_val(&b, c->list[i].value.val, "bigint"),
			strcmp(t, "contact") == 0 ? " and erased_at is null" : "");
		sqlb_queue(&b, cx->tx, "reference.check", &found[i]);
		any = true;
	}
	if (any)
		TRY(tx_run(cx->tx));
	for (size_t i = 0; i < c->n; i++)
		if (found[i] != NULL && rows_count(found[i]) == 0)
			err_add_field(cx->a, &e, c->list[i].field->name, "error.reference", NULL);
	return e;
}

/* People have at least one name; the English one follows from its parts. */
struct err *
change_contact_names(const struct record_ctx *cx, struct changes *c)
{
	const struct change *name = changes_find(c, "name_en"), *zh = changes_find(c, "name_zh");
	const struct change *s = changes_find(c, "surname_en"), *g = changes_find(c, "given_en"),
			    *en = changes_find(c, "english_name");
	const char *made;
	struct err *e = NULL;

	if (name != NULL && !name->value.null)
		return NULL;
	made = text_name_en(cx->a, s != NULL ? s->value.text : NULL,
		g != NULL ? g->value.text : NULL, en != NULL ? en->value.text : NULL);
	if (made != NULL && *made != '\0') {
		if (name == NULL)
			changes_set_text(cx, c, ENTITY_CONTACT, "name_en", made);
		else
			((struct change *)name)->value =
				(struct value){.text = made, .val = val_text(made)};
		return NULL;
	}
	if (zh != NULL && !zh->value.null)
		return NULL;
	err_add_field(cx->a, &e, "name_en", "error.name_needed", NULL);
	return e;
}

void
changes_drop(struct changes *c, const char *field)
{
	const struct change *ch = changes_find(c, field);
	size_t i;

	if (ch == NULL)
		return;
	i = (size_t)(ch - c->list);
	memmove(&c->list[i], &c->list[i + 1], (c->n - i - 1) * sizeof(*c->list));
	c->n--;
}

void
changes_put(const struct record_ctx *cx, struct changes *c, enum entity e, const char *field,
	struct value v)
{
	const struct field *f = catalogue_find(cx->cat, e, field);
	struct change *list;

	ASSERT(f != NULL);
	changes_drop(c, field);
	list = ARENA_ARRAY(cx->a, c->n + 1, struct change);
	if (c->n > 0)
		memcpy(list, c->list, c->n * sizeof(*list));
	list[c->n].field = f;
	list[c->n].value = v;
	c->list = list;
	c->n++;
}

struct value
value_id(struct arena *a, int64_t id)
{
	return (struct value){.val = val_i64(id), .text = arena_printf(a, "%lld", (long long)id)};
}
