/* SPDX-License-Identifier: ISC */
/* What somebody wants of a profile: read from a form or a program's body. */
#include <string.h>
#include <strings.h>

#include "controls.h"
#include "model.h"
#include "profile.h"
#include "text.h"
#include "utf8.h"

#define NAME_MAX 60

STMT(find_name, "profile.find_name", 2,
	"select profile_id from profile where lower(name) = lower($1) and profile_id <> "
	"$2::bigint");

/* A form sends a box's hidden "no" before its "yes": the last one counts. */
static const char *
word_of(struct json_object *v)
{
	if (json_object_is_type(v, json_type_array))
		v = json_object_array_get_idx(v, json_object_array_length(v) - 1);
	return json_object_is_type(v, json_type_string) ? json_object_get_string(v) : NULL;
}

static bool
read_right(const struct request *rq, struct profile *p, const char *key, struct json_object *v)
{
	const char *dot = strchr(key, '.'), *word = word_of(v);
	enum scope s = word != NULL ? scope_parse(word) : SCOPE_NONE;
	enum entity e;
	enum right r;

	if (dot == NULL || word == NULL || (s == SCOPE_NONE && strcmp(word, "none") != 0))
		return false;
	e = entity_parse(arena_strndup(rq->a, key, (size_t)(dot - key)));
	r = right_parse(dot + 1);
	if (e == ENTITY_NONE || r < RIGHT_VIEW || RIGHT_IS_SPECIAL(r))
		return false;
	p->scopes[e][r] = s;
	return true;
}

static bool
read_special(const struct request *rq, struct profile *p, const char *key, struct json_object *v)
{
	enum right r = right_parse(key);
	const char *word = word_of(v);

	(void)rq;
	if (!RIGHT_IS_SPECIAL(r))
		return false;
	if (json_object_is_type(v, json_type_boolean))
		p->special[r] = json_object_get_boolean(v);
	else if (word != NULL && (strcmp(word, "1") == 0 || strcmp(word, "0") == 0))
		p->special[r] = *word == '1';
	else
		return false;
	return true;
}

static bool
read_level(const struct request *rq, struct profile *p, const char *key, struct json_object *v)
{
	const char *dot = strchr(key, '.'), *word = word_of(v);
	enum field_level l = word != NULL ? field_level_parse(word) : LEVEL_MAX;
	const struct field *f;
	enum entity e;

	if (dot == NULL || l == LEVEL_MAX)
		return false;
	e = entity_parse(arena_strndup(rq->a, key, (size_t)(dot - key)));
	f = e != ENTITY_NONE ? catalogue_find(rq->catalogue, e, dot + 1) : NULL;
	if (f == NULL)
		return false;
	/* That one follows from viewing the record; what profile_model() says of it may
	 * come back. */
	if (field_is_note(f))
		return l == LEVEL_READ || l == LEVEL_HIDDEN;
	p->levels[f->place] = "hmre"[l];
	return true;
}

static void
read_all(struct request *rq, struct profile *p, const char *part,
	bool (*read)(const struct request *, struct profile *, const char *, struct json_object *),
	struct err **e)
{
	struct json_object *o = request_value(rq, part);

	if (o == NULL)
		return;
	json_object_object_foreach(o, key, v)
	{
		if (!read(rq, p, key, v))
			err_add_field(rq->a, e, arena_printf(rq->a, "%s.%s", part, key),
				"error.choice", NULL);
	}
}

static void
read_new(struct request *rq, const char *name, enum field_level *level, struct err **e)
{
	const char *word = request_text(rq, name);
	enum field_level l = word != NULL ? field_level_parse(word) : *level;

	if (l == LEVEL_MAX)
		err_add_field(rq->a, e, name, "error.choice", NULL);
	else
		*level = l;
}

/* No two may be told apart by their numbers only, in any language. */
static bool
is_preset(const struct request *rq, const char *name)
{
	static const char *const presets[] = {"administrator", "staff", "privacy_officer", "sales",
		"support", "marketing", "finance", "auditor"};

	for (size_t i = 0; i < sizeof(presets) / sizeof(presets[0]); i++)
		for (int l = 0; l < LANG_MAX; l++)
			if (strcasecmp(name, view_text(rq->a, (enum lang)l,
						     arena_printf(rq->a, "profile.%s", presets[i]),
						     NULL)) == 0)
				return true;
	return false;
}

static struct err *
read_name(struct request *rq, struct profile *p, struct err **e)
{
	const char *name = request_text(rq, "name");
	struct rows *r;

	if (p->id != 0 && !request_has(rq, "name"))
		return NULL;
	name = name != NULL ? text_clean(rq->a, name, false) : NULL;
	if (p->builtin) {
		if (name == NULL || strcmp(name, p->name) != 0)
			err_add_field(rq->a, e, "name", "error.read_only", NULL);
		return NULL;
	}
	if (name == NULL || utf8_length(name) > NAME_MAX) {
		err_add_field(rq->a, e, "name", name == NULL ? "error.required" : "error.too_long",
			arena_printf(rq->a, "%d", NAME_MAX));
		return NULL;
	}
	p->name = name;
	TRY(tx_query(rq->tx, &find_name, VALS(val_text(name), val_i64(p->id)), &r));
	if (rows_count(r) > 0 || is_preset(rq, name))
		err_add_field(rq->a, e, "name", "error.profile_taken", NULL);
	return NULL;
}

/* What cannot be seen cannot be changed or taken along; said of viewing it is said
 * of these. */
static void
clamp(struct profile *p)
{
	static const enum right needs_view[] = {RIGHT_EDIT, RIGHT_DELETE, RIGHT_EXPORT};

	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; i < sizeof(needs_view) / sizeof(needs_view[0]); i++)
			if (p->scopes[e][needs_view[i]] > p->scopes[e][RIGHT_VIEW])
				p->scopes[e][needs_view[i]] = p->scopes[e][RIGHT_VIEW];
}

struct err *
profile_read(struct request *rq, struct profile *p)
{
	struct err *e = NULL;

	p->levels = arena_strdup(rq->a, p->levels);
	TRY(read_name(rq, p, &e));
	read_all(rq, p, "rights", read_right, &e);
	read_all(rq, p, "special", read_special, &e);
	read_all(rq, p, "fields", read_level, &e);
	read_new(rq, "new_fields", &p->new_fields, &e);
	read_new(rq, "new_sealed", &p->new_sealed, &e);
	p->require_totp = request_bool(rq, "require_totp", p->require_totp);
	clamp(p);
	if (p->special[RIGHT_MANAGE_PROFILES] && !p->special[RIGHT_MANAGE_USERS])
		err_add_field(
			rq->a, &e, "special.manage_profiles", "error.needs_manage_users", NULL);
	return e;
}

/* Is what it becomes more than what the one who asks has? */
static bool
is_beyond(const struct profile_change *c, const struct profile *to, const struct profile *own)
{
	if (!c->more)
		return false;
	if (c->field != NULL)
		return profile_level(to, c->field->place) > profile_level(own, c->field->place);
	if (strcmp(c->key, "new_fields") == 0)
		return to->new_fields > own->new_fields;
	if (strcmp(c->key, "new_sealed") == 0)
		return to->new_sealed > own->new_sealed;
	if (RIGHT_IS_SPECIAL(c->right))
		return !own->special[c->right];
	return to->scopes[c->entity][c->right] > own->scopes[c->entity][c->right];
}

struct err *
profile_check_reach(struct request *rq, const struct profile *from, const struct profile *to,
	const struct profile *own)
{
	size_t n;
	struct profile_change *list = profile_compare(rq, from, to, &n);
	struct err *e = NULL;

	for (size_t i = 0; i < n; i++)
		if (is_beyond(&list[i], to, own))
			err_add_field(rq->a, &e, list[i].key, "error.more_than_own", NULL);
	if (e != NULL) {
		e->kind = ERR_DENIED;
		e->key = "error.more_rights";
	}
	return e;
}
