/* SPDX-License-Identifier: ISC */
#include "catalogue.h"

#include <json-c/json.h>
#include <string.h>

#include "entity.h"
#include "log.h"

/* More workspaces than a process has connections to. */
#define CACHE_SLOTS 256
#define CATALOGUE_MEMORY ((size_t)4 * 1024 * 1024)
/* Texts around a contact are many: those up to here have an index. */
#define CHILD_TEXT_MAX 1000

static struct slot {
	struct arena *a;
	int64_t tenant;
	struct catalogue *cat;
	unsigned long used;
} cache[CACHE_SLOTS];
static unsigned long tick;

static const char *const type_names[FIELD_TYPE_MAX] = {
	[FIELD_TEXT] = "text",
	[FIELD_LONG_TEXT] = "long_text",
	[FIELD_NUMBER] = "number",
	[FIELD_SIZE] = "size",
	[FIELD_DATE] = "date",
	[FIELD_TIME] = "time",
	[FIELD_CHOICE] = "choice",
	[FIELD_BOOLEAN] = "boolean",
	[FIELD_EMAIL] = "email",
	[FIELD_PHONE] = "phone",
	[FIELD_URL] = "url",
	[FIELD_HKID] = "hkid",
	[FIELD_MONEY] = "money",
	[FIELD_CURRENCY] = "currency",
	[FIELD_TAGS] = "tags",
	[FIELD_USER] = "user",
	[FIELD_TEAM] = "team",
	[FIELD_COMPANY] = "company",
	[FIELD_CONTACT] = "contact",
};

STMT(load_fields, "catalogue.load", 0,
	"select field_id, entity, name, column_name, type, label_en, label_zh, section, category, "
	"purpose, justification, sealed, enabled, builtin, writable, required, listed, max_length, "
	"choices, state, version, (select catalogue from epoch), (select currency from workspace) "
	/* profile_levels() has the same order. */
	"from field order by entity, position, field_id");

static void
parse_choices(struct arena *a, struct field *f, const char *text)
{
	struct json_object *list = text != NULL ? json_tokener_parse(text) : NULL;

	if (list == NULL)
		return;
	f->nchoices = json_object_array_length(list);
	f->choices = ARENA_ARRAY(a, f->nchoices, struct choice);
	for (size_t i = 0; i < f->nchoices; i++) {
		struct json_object *o = json_object_array_get_idx(list, i);

		f->choices[i].value =
			arena_strdup(a, json_object_get_string(json_object_object_get(o, "value")));
		f->choices[i].label_en = arena_strdup(
			a, json_object_get_string(json_object_object_get(o, "label_en")));
		f->choices[i].label_zh = arena_strdup(
			a, json_object_get_string(json_object_object_get(o, "label_zh")));
	}
	json_object_put(list);
}

static int64_t
default_length(enum field_type t)
{
	return t == FIELD_LONG_TEXT ? 20000 : t == FIELD_URL ? 500 : 200;
}

static void
from_row(struct arena *a, struct field *f, const struct rows *r, size_t i)
{
	f->id = rows_i64(r, i, 0);
	f->entity = entity_parse(rows_text(r, i, 1));
	f->name = arena_strdup(a, rows_text(r, i, 2));
	f->column = arena_strdup(a, rows_text(r, i, 3));
	f->type = field_type_parse(rows_text(r, i, 4));
	f->label_en = arena_strdup(a, rows_text(r, i, 5));
	f->label_zh = arena_strdup(a, rows_text(r, i, 6));
	f->section = arena_strdup(a, rows_text(r, i, 7));
	f->category = arena_strdup(a, rows_text(r, i, 8));
	f->purpose = arena_strdup(a, rows_text(r, i, 9));
	f->justification = arena_strdup(a, rows_text(r, i, 10));
	f->sealed = rows_bool(r, i, 11);
	f->enabled = rows_bool(r, i, 12);
	f->builtin = rows_bool(r, i, 13);
	f->writable = rows_bool(r, i, 14);
	f->required = rows_bool(r, i, 15);
	f->listed = rows_bool(r, i, 16);
	f->max_length = rows_null(r, i, 17) ? default_length(f->type) : rows_i64(r, i, 17);
	parse_choices(a, f, rows_text(r, i, 18));
	f->state = arena_strdup(a, rows_text(r, i, 19));
	f->version = rows_i64(r, i, 20);
	ASSERT(f->entity != ENTITY_NONE && f->type != FIELD_TYPE_MAX);
}

static struct slot *
slot_find(int64_t tenant)
{
	struct slot *oldest = &cache[0];

	for (size_t i = 0; i < CACHE_SLOTS; i++) {
		if (cache[i].tenant == tenant) {
			oldest = &cache[i];
			break;
		}
		if (cache[i].used < oldest->used)
			oldest = &cache[i];
	}
	if (oldest->tenant != tenant)
		oldest->cat = NULL;
	oldest->tenant = tenant;
	oldest->used = ++tick;
	return oldest;
}

struct err *
catalogue_load(struct conn *c, struct arena *a, const struct tenant *tn, int64_t epoch,
	const struct catalogue **cat_r)
{
	struct slot *s = slot_find(tn->id);
	struct catalogue *cat;
	struct rows *rows;

	if (s->cat != NULL && epoch != 0 && s->cat->epoch == epoch) {
		*cat_r = s->cat;
		return NULL;
	}
	TRY(conn_query(c, a, &load_fields, NO_VALS, &rows));
	if (rows_count(rows) == 0)
		return err_internal(a, "the catalogue is empty");
	s->cat = NULL;
	if (s->a == NULL)
		s->a = arena_new(CATALOGUE_MEMORY);
	arena_reset(s->a);
	cat = ARENA_NEW(s->a, struct catalogue);
	cat->n = rows_count(rows);
	cat->epoch = rows_i64(rows, 0, 21);
	cat->currency = arena_strdup(s->a, rows_text(rows, 0, 22));
	cat->fields = ARENA_ARRAY(s->a, cat->n, struct field);
	for (size_t i = 0; i < cat->n; i++) {
		from_row(s->a, &cat->fields[i], rows, i);
		cat->fields[i].place = i;
	}
	s->cat = cat;
	*cat_r = epoch == 0 || epoch == cat->epoch ? cat : NULL;
	return NULL;
}

const struct field *
catalogue_find(const struct catalogue *cat, enum entity e, const char *name)
{
	for (size_t i = 0; i < cat->n; i++)
		if (cat->fields[i].entity == e && strcmp(cat->fields[i].name, name) == 0)
			return &cat->fields[i];
	return NULL;
}

const struct field *
catalogue_visible(const struct catalogue *cat, const struct principal *p, enum entity e,
	const char *name, enum field_level *level_r)
{
	const struct field *f = catalogue_find(cat, e, name);

	*level_r = LEVEL_HIDDEN;
	if (f == NULL || !field_is_live(f))
		return NULL;
	*level_r = field_level(p, f);
	return *level_r == LEVEL_HIDDEN ? NULL : f;
}

enum field_level
field_level(const struct principal *p, const struct field *f)
{
	return principal_level(p, f->entity, f->place);
}

bool
field_is_personal(const struct field *f)
{
	return strcmp(f->category, "none") != 0;
}

bool
field_is_live(const struct field *f)
{
	return f->enabled && strcmp(f->state, "live") == 0;
}

bool
field_filters(const struct field *f)
{
	bool text = f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT;

	return f->type != FIELD_SIZE &&
	       !(text && entity_def(f->entity)->child && f->max_length > CHILD_TEXT_MAX);
}

const char *
field_label(const struct field *f, enum lang l)
{
	return l == LANG_ZH ? f->label_zh : f->label_en;
}

const char *
field_type_name(enum field_type t)
{
	return type_names[t];
}

enum field_type
field_type_parse(const char *name)
{
	for (int t = 0; t < FIELD_TYPE_MAX; t++)
		if (strcmp(type_names[t], name) == 0)
			return (enum field_type)t;
	return FIELD_TYPE_MAX;
}

const struct choice *
field_choice(const struct field *f, const char *value)
{
	for (size_t i = 0; i < f->nchoices; i++)
		if (strcmp(f->choices[i].value, value) == 0)
			return &f->choices[i];
	return NULL;
}
