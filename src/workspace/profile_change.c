/* SPDX-License-Identifier: ISC */
/* In what two profiles differ, and what that is called. */
#include <string.h>

#include "controls.h"
#include "member.h"
#include "model.h"
#include "profile.h"

struct differ {
	struct request *rq;
	struct profile_change *list;
	size_t n;
};

static struct profile_change *
add(struct differ *d, const char *key, const char *was, const char *becomes, bool more)
{
	struct profile_change *c = &d->list[d->n++];

	c->entity = ENTITY_NONE;
	c->key = key;
	c->was = was;
	c->becomes = becomes;
	c->more = more;
	return c;
}

static void
compare_rights(struct differ *d, const struct profile *a, const struct profile *b)
{
	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; i < PROFILE_RIGHTS; i++) {
			enum right r = profile_rights[i];
			struct profile_change *c;

			if (a->scopes[e][r] == b->scopes[e][r])
				continue;
			c = add(d,
				arena_printf(d->rq->a, "rights.%s.%s", entity_name((enum entity)e),
					right_name(r)),
				profile_scope_word(a->scopes[e][r]),
				profile_scope_word(b->scopes[e][r]),
				b->scopes[e][r] > a->scopes[e][r]);
			c->entity = (enum entity)e;
			c->right = r;
		}
	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++)
		if (RIGHT_IS_SPECIAL(r) && a->special[r] != b->special[r])
			add(d, arena_printf(d->rq->a, "special.%s", right_name((enum right)r)),
				a->special[r] ? "yes" : "no", b->special[r] ? "yes" : "no",
				b->special[r])
				->right = (enum right)r;
}

static void
compare_level(struct differ *d, const char *key, enum field_level was, enum field_level becomes,
	const struct field *f)
{
	struct profile_change *c;

	if (was == becomes)
		return;
	c = add(d, key, field_level_name(was), field_level_name(becomes), becomes > was);
	c->field = f;
	if (f != NULL)
		c->entity = f->entity;
}

struct profile_change *
profile_compare(struct request *rq, const struct profile *a, const struct profile *b, size_t *n_r)
{
	size_t max = (size_t)ENTITY_MAX * PROFILE_RIGHTS + RIGHT_MAX + 4 + rq->catalogue->n;
	struct differ d = {.rq = rq, .list = ARENA_ARRAY(rq->a, max, struct profile_change)};

	if (strcmp(a->name, b->name) != 0)
		add(&d, "name", a->name, b->name, false);
	if (a->require_totp != b->require_totp)
		add(&d, "require_totp", a->require_totp ? "yes" : "no",
			b->require_totp ? "yes" : "no", false);
	compare_rights(&d, a, b);
	compare_level(&d, "new_fields", a->new_fields, b->new_fields, NULL);
	compare_level(&d, "new_sealed", a->new_sealed, b->new_sealed, NULL);
	for (size_t i = 0; i < rq->catalogue->n; i++) {
		const struct field *f = &rq->catalogue->fields[i];

		if (a->levels[i] != b->levels[i] && !field_is_note(f))
			compare_level(&d,
				arena_printf(
					rq->a, "fields.%s.%s", entity_name(f->entity), f->name),
				profile_level(a, i), profile_level(b, i), f);
	}
	*n_r = d.n;
	return d.list;
}

bool
profile_only_totp(struct request *rq, const struct profile *from, const struct profile *to)
{
	size_t n;
	struct profile_change *list = profile_compare(rq, from, to, &n);

	return n == 1 && strcmp(list[0].key, "require_totp") == 0;
}

static const char *
word_in(const struct record_ctx *cx, const char *prefix, const char *word)
{
	const char *key = arena_printf(cx->a, "%s.%s", prefix, word);
	const char *text = view_text(cx->a, cx->lang, key, NULL);

	return strcmp(text, key) == 0 ? word : text;
}

/* "Contacts: View", "Contacts: HKID number" of "contact.view", "contact.hkid". */
static const char *
pair_label(const struct record_ctx *cx, const char *rest, bool field)
{
	const char *dot = strchr(rest, '.'), *records, *name;
	const struct field *f;
	enum entity e;

	if (dot == NULL)
		return NULL;
	e = entity_parse(arena_strndup(cx->a, rest, (size_t)(dot - rest)));
	if (e == ENTITY_NONE)
		return NULL;
	records = view_text(
		cx->a, cx->lang, arena_printf(cx->a, "entity.%s.many", entity_name(e)), NULL);
	f = field ? catalogue_find(cx->cat, e, dot + 1) : NULL;
	if (field && f == NULL)
		return NULL;
	name = field ? field_label(f, cx->lang) : word_in(cx, "profiles.right", dot + 1);
	return arena_printf(cx->a, "%s%s%s", records, cx->lang == LANG_ZH ? "：" : ": ", name);
}

const char *
profile_key_label(const struct record_ctx *cx, const char *key)
{
	if (strncmp(key, "rights.", 7) == 0)
		return pair_label(cx, key + 7, false);
	if (strncmp(key, "fields.", 7) == 0)
		return pair_label(cx, key + 7, true);
	if (strncmp(key, "special.", 8) == 0)
		return word_in(cx, "profiles.special", key + 8);
	return word_in(cx, "profiles.key", key);
}

const char *
profile_word(const struct record_ctx *cx, const char *key, const char *word)
{
	if (strcmp(key, "name") == 0 || strcmp(key, "team") == 0 || word == NULL)
		return word;
	if (strcmp(key, "profile") == 0)
		return word_in(cx, "profile", word);
	if (strncmp(key, "rights.", 7) == 0)
		return word_in(cx, "profiles.scope", word);
	if (strncmp(key, "special.", 8) == 0 || strcmp(key, "require_totp") == 0)
		return word_in(cx, "profiles.yes_no", word);
	return word_in(cx, "profiles.level", word);
}

/* A field that the reader does not see is not named either. */
static bool
may_name(const struct record_ctx *cx, const char *key)
{
	const char *dot = strchr(key + 7, '.');
	enum field_level level;
	enum entity e;

	if (strncmp(key, "fields.", 7) != 0 ||
		principal_may(cx->principal, ENTITY_NONE, RIGHT_MANAGE_PROFILES))
		return true;
	if (dot == NULL)
		return false;
	e = entity_parse(arena_strndup(cx->a, key + 7, (size_t)(dot - key - 7)));
	return e != ENTITY_NONE &&
	       catalogue_visible(cx->cat, cx->principal, e, dot + 1, &level) != NULL;
}

void
profile_log_model(const struct record_ctx *cx, const char *key, struct json_object *pair,
	struct json_object *o)
{
	const char *label = profile_key_label(cx, key);
	struct json_object *list, *item;

	if (label == NULL || !may_name(cx, key))
		return;
	list = json_object_object_get(o, "changes");
	item = model_item(list != NULL ? list : model_list(o, "changes"));
	model_text(item, "field", key);
	model_text(item, "label", label);
	model_text(item, "before",
		profile_word(cx, key, json_object_get_string(json_object_object_get(pair, "old"))));
	model_text(item, "after",
		profile_word(cx, key, json_object_get_string(json_object_object_get(pair, "new"))));
}

const char *
profile_title(const struct request *rq, const struct profile *p)
{
	return profile_label(rq, p->name, p->builtin);
}
