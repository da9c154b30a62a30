/* SPDX-License-Identifier: ISC */
/* A record of a package, for people and for machines: what is not withheld of it, as it leaves. */
#include "case_package_part.h"

#include <string.h>

#include "law_words.h"

static const char *
label_of(struct packing *p, enum entity e, const char *name)
{
	const struct field *f = catalogue_find(p->cx.cat, e, name);
	const char *key = arena_printf(p->a, "%s.%s", entity_name(e), name);

	if (f != NULL) {
		json_object_object_add(p->seen, key, json_object_new_boolean(1));
		return field_label(f, p->cx.lang);
	}
	if (strncmp(name, "bill_to", 7) == 0)
		return package_word(p,
			strcmp(name, "bill_to.address") == 0 ? "export.bill_to_address"
							     : "export.bill_to_name",
			NULL);
	return package_word(p,
		strncmp(name, "disclosed.", 10) == 0 ? "disclosures.title" : "export.line", NULL);
}

/* A field as it leaves: a letter for a user, a text with letters for others. */
static const char *
text_of(struct packing *p, struct json_object *f, const struct copy_mark *m, size_t n)
{
	struct json_object *v;

	if (json_object_object_get_ex(f, "u", &v))
		return json_object_get_string(
			json_object_object_get(p->staff, json_object_get_string(v)));
	if (json_object_object_get_ex(f, "s", &v))
		return json_object_get_string(v);
	return copy_redacted(
		p->piece, json_object_get_string(json_object_object_get(f, "v")), m, n, p->aliases);
}

/* Of what is no text the code goes along, but no number of somebody else. */
static void
put_code(const struct packing *p, enum entity e, struct json_object *f, const char *name,
	struct json_object *o)
{
	const struct field *field = catalogue_find(p->cx.cat, e, name);
	struct json_object *v;

	if (json_object_object_get_ex(f, "s", NULL) && json_object_object_get_ex(f, "v", &v) &&
		field != NULL && field->type != FIELD_COMPANY && field->type != FIELD_TEAM)
		model_text(o, "value", json_object_get_string(v));
}

static void
put_fields(struct packing *p, enum entity e, struct json_object *copy, const struct copy_mark *m,
	size_t n, struct json_object *data, struct json_object *item)
{
	struct json_object *fields = json_object_object_get(copy, "fields"),
			   *list = model_list(data, "fields"), *facts = model_list(item, "facts");

	for (size_t i = 0; i < json_object_array_length(fields); i++) {
		struct json_object *f = json_object_array_get_idx(fields, i), *o, *fact;
		const char *name = json_object_get_string(json_object_object_get(f, "n")), *text;
		size_t from = 0, to;

		while (from < n && strcmp(m[from].field, name) != 0)
			from++;
		for (to = from; to < n && strcmp(m[to].field, name) == 0;)
			to++;
		text = text_of(p, f, m + from, to - from);
		o = model_item(list);
		model_text(o, "field", name);
		model_text(o, "text", text);
		put_code(p, e, f, name, o);
		fact = model_item(facts);
		model_text(fact, "label", label_of(p, e, name));
		model_text(fact, "text", text);
	}
}

static void
put_changed(struct packing *p, enum entity e, struct json_object *copy, struct json_object *data,
	struct json_object *item)
{
	struct json_object *changed = json_object_object_get(copy, "changed"), *list;

	if (json_object_array_length(changed) == 0)
		return;
	list = model_list(data, "changed_since_receipt");
	for (size_t i = 0; i < json_object_array_length(changed); i++) {
		struct json_object *x = json_object_array_get_idx(changed, i), *fact;
		const char *name = json_object_get_string(json_object_object_get(x, "n"));

		model_push_text(list, name);
		fact = model_item(json_object_object_get(item, "facts"));
		model_text(fact, "label", package_word(p, "package.changed", NULL));
		model_text(fact, "text", label_of(p, e, name));
	}
}

struct err *
package_record(struct packing *p, const struct rows *r, size_t i, const struct copy_mark *m,
	size_t n, struct json_object *items)
{
	enum entity e = entity_parse(rows_text(r, i, 1));
	struct json_object *copy, *data = model_object(p->piece), *item = model_item(items);
	struct bytes plain;

	if (!unseal_value(p->piece, &p->key, copy_place(p->piece, &p->key),
		    rows_bytes(p->piece, r, i, 3), &plain))
		return err_internal(p->a, "a copy does not open");
	copy = model_own(p->piece, json_tokener_parse((const char *)plain.p));
	model_text(data, "kind", entity_name(e));
	model_i64(data, "id", rows_i64(r, i, 2));
	model_i64(item, "id", rows_i64(r, i, 2));
	model_text(item, "anchor",
		arena_printf(p->piece, "%s-%lld", entity_name(e), (long long)rows_i64(r, i, 2)));
	model_text(item, "title",
		package_word(p, arena_printf(p->piece, "entity.%s.one", entity_name(e)), NULL));
	model_text(item, "created", json_object_get_string(json_object_object_get(copy, "at")));
	if (!rows_null(r, i, 4)) {
		struct json_object *fact = model_item(model_list(item, "facts"));

		/* What is withheld is said, with its ground; nothing of it. */
		model_text(data, "withheld", rows_text(r, i, 4));
		model_text(fact, "label", package_word(p, "package.withheld", NULL));
		model_text(fact, "text",
			law_shown(p->piece, p->cx.lang,
				arena_printf(p->piece, "Cap. 486 s.%s", rows_text(r, i, 4))));
	} else {
		put_fields(p, e, copy, m, n, data, item);
		put_changed(p, e, copy, data, item);
	}
	TRY(package_json(p, p->any ? ",\n" : "\n", data));
	p->any = true;
	return NULL;
}
