/* SPDX-License-Identifier: ISC */
/*
 * Questions by parameters. A word of an invisible record, or of a field that may
 * not be read, must find exactly what a word finds that stands nowhere; the name of a
 * field that may not be read is as unknown as no name at all.
 */
#include <string.h>

#include "part.h"

#define NO_FIELD "nosuchfield"
/* Words and records of each kind that a text parameter is tried with. */
#define WORDS_MAX 3
#define RECORDS_MAX 4

/* One parameter's value. */
struct asked {
	const struct param *param;
	const char *key; /* of filters: the field; else NULL */
	const char *value;
};

static enum entity
entity_of(const struct route *r)
{
	enum entity e = entity_parse(r->entity);

	return e != ENTITY_NONE ? e : ENTITY_CONTACT;
}

/* What a POST cannot do without; the values need only be readable. */
static void
put_required(struct json_object *body, const struct route *r)
{
	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++) {
		if (!p->required || p->in == IN_QUERY)
			continue;
		if (p->type == P_TEXTS)
			model_push_text(model_list(body, p->name), NO_FIELD);
		else if (p->type == P_I64)
			model_i64(body, p->name, p->min > 0 ? p->min : 1);
		else if (p->type == P_BOOL)
			model_bool(body, p->name, true);
		else
			model_text(body, p->name,
				strcmp(p->name, "reason") == 0  ? "legal"
				: strcmp(p->name, "field") == 0 ? "phone"
								: "+85221234567");
	}
}

static void
put_value(struct json_object *body, const struct asked *v)
{
	if (v->key != NULL)
		model_text(model_child(body, v->param->name), v->key, v->value);
	else if (v->param->type == P_TEXTS)
		model_push_text(model_list(body, v->param->name), v->value);
	else
		model_text(body, v->param->name, v->value);
}

/* What the answer may repeat of it, as it was typed or as it is shown. */
static size_t
repeat(struct leak *l, struct question *q, size_t n, const struct asked *v)
{
	const struct field *f =
		v->key != NULL ? catalogue_find(l->cx.cat, entity_of(q->route), v->key) : NULL;
	struct json_object *text = json_object_new_string(v->value);
	const char *forms[LEAK_SENT];
	struct err *ignored = NULL;
	struct value value;
	size_t m = 0;

	model_own(l->ask, text);
	if (f != NULL && value_parse(l->ask, f, l->cx.cat->currency, text, &value, &ignored) &&
		!value.null)
		m = canary_forms(l, f, &value, forms);
	for (size_t i = 0; i < m + 2 && n < LEAK_SENT; i++) {
		const char *s = i < m ? forms[i] : i == m ? v->value : v->key;

		if (s != NULL)
			q->sent[n++] = s;
	}
	return n;
}

/* The question at `at`, with these values. */
static struct question
with(struct leak *l, const struct question *at, const struct asked *v, size_t n)
{
	struct question q = *at;
	size_t sent = 0;

	while (q.sent[sent] != NULL)
		sent++;
	if (at->route->method != METHOD_GET) {
		q.body = model_object(l->ask);
		put_required(q.body, at->route);
	}
	for (size_t i = 0; i < n; i++) {
		if (at->route->method != METHOD_GET)
			put_value(q.body, &v[i]);
		else
			q.uri = arena_printf(l->ask, "%s%c%s%s%s%s=%s", q.uri, i > 0 ? '&' : '?',
				v[i].param->name, v[i].key != NULL ? "%5B" : "",
				v[i].key != NULL ? v[i].key : "", v[i].key != NULL ? "%5D" : "",
				leak_encode(l, v[i].value));
		sent = repeat(l, &q, sent, &v[i]);
	}
	return q;
}

static struct err *
same(struct leak *l, const struct question *at, struct asked a, struct asked b, const char *what)
{
	struct question qa = with(l, at, &a, 1), qb = with(l, at, &b, 1);

	qa.what = what;
	qa.about = a.value;
	TRY(leak_same(l, &qa, &qb));
	return NULL;
}

static bool
withheld(const struct leak *l, const struct field *f)
{
	return field_is_live(f) && f->enabled && expect_level(l, f) <= LEVEL_MASKED;
}

static const char *
field_name(struct leak *l, const char *how, const struct field *f)
{
	return arena_printf(l->ask, "%s %s.%s", how, entity_name(f->entity), f->name);
}

/* The canary of that field in some record of one side. */
static const struct canary *
canary_of(const struct leak *l, const struct field *f, bool visible)
{
	for (size_t i = 0; i < l->ncanaries; i++)
		if (l->canaries[i].field == f && l->things[l->canaries[i].thing].visible == visible)
			return &l->canaries[i];
	return NULL;
}

/* Is there no field of that name, on any kind of record, that one knows? That there is a
 * masked one is no secret: only an order by it would tell more. */
static bool
unheard(const struct leak *l, const struct field *f)
{
	for (size_t i = 0; i < l->cx.cat->n; i++) {
		const struct field *g = &l->cx.cat->fields[i];

		if (strcmp(g->name, f->name) == 0 && field_is_live(g) &&
			expect_level(l, g) > LEVEL_HIDDEN)
			return false;
	}
	return true;
}

/* "sort=FIELD": names. */
static struct err *
vary_names(struct leak *l, const struct question *at, const struct param *p)
{
	enum entity e = entity_of(at->route);

	for (size_t i = 0; i < l->cx.cat->n; i++) {
		const struct field *f = &l->cx.cat->fields[i];

		if (f->entity != e || !withheld(l, f))
			continue;
		for (int down = 0; down < 2; down++) {
			struct asked a = {
				p, NULL, arena_printf(l->ask, "%s%s", down ? "-" : "", f->name)};
			struct asked b = {p, NULL, down ? "-" NO_FIELD : NO_FIELD};

			if (strcmp(p->name, "sort") != 0 && (down || !unheard(l, f)))
				continue;
			TRY(same(l, at, a, b, field_name(l, p->name, f)));
		}
	}
	return NULL;
}

/* A few words of a few records that are not visible, and one for each field that may
 * not be read. */
struct words {
	size_t last, records, words;
};

static bool
takes_word(const struct leak *l, const struct canary *c, struct words *w)
{
	bool visible = l->things[c->thing].visible;

	if (c->thing != w->last) {
		w->last = c->thing;
		w->words = 0;
		w->records += !visible;
	}
	if (visible)
		return canary_of(l, c->field, true) == c;
	return w->records <= RECORDS_MAX && ++w->words <= WORDS_MAX;
}

/* "q=WORD" of rows that are no records. */
static struct err *
vary_asides(struct leak *l, const struct question *at, const struct param *p)
{
	for (size_t i = 0; i < l->ncanaries; i++) {
		const struct canary *c = &l->canaries[i];

		if (c->aside == NULL || !c->forbidden)
			continue;
		TRY(same(l, at, (struct asked){p, NULL, c->sent}, (struct asked){p, NULL, l->word},
			arena_printf(l->ask, "%s by %s", p->name, aside_name(l, c->aside))));
		if (l->status >= 400)
			break;
	}
	return NULL;
}

/* "q=WORD". */
static struct err *
vary_words(struct leak *l, const struct question *at, const struct param *p)
{
	enum entity e = entity_of(at->route);
	struct words w = {THINGS_MAX, 0, 0};

	if (entity_parse(at->route->entity) == ENTITY_NONE)
		TRY(vary_asides(l, at, p));
	for (size_t i = 0; i < l->ncanaries; i++) {
		const struct canary *c = &l->canaries[i];
		bool word = strstr(c->sent, l->mark) != NULL;
		struct asked a = {p, NULL, c->sent};
		struct asked none = {p, NULL, word ? l->word : l->fresh[c->field->place]};

		if (c->aside != NULL || l->things[c->thing].entity != e || !c->forbidden ||
			(!word && c->field->type != FIELD_PHONE) || !takes_word(l, c, &w))
			continue;
		TRY(same(l, at, a, none,
			arena_printf(l->ask, "%s by %s.%s of %s", p->name, entity_name(e),
				c->field->name, leak_thing_name(l, c->thing))));
		/* Not a parameter for words, but for a date or one of a list. */
		if (l->status >= 400)
			break;
	}
	return NULL;
}

/* "filter[FIELD]=VALUE". */
static struct err *
vary_filters(struct leak *l, const struct question *at, const struct param *p)
{
	enum entity e = entity_of(at->route);

	for (size_t i = 0; i < l->cx.cat->n; i++) {
		const struct field *f = &l->cx.cat->fields[i];
		bool hidden = withheld(l, f);
		const struct canary *c = f->entity == e ? canary_of(l, f, hidden) : NULL;

		if (c == NULL)
			continue;
		TRY(same(l, at, (struct asked){p, f->name, c->sent},
			(struct asked){p, hidden ? NO_FIELD : f->name,
				hidden ? c->sent : l->fresh[f->place]},
			field_name(l, p->name, f)));
	}
	return NULL;
}

/* "contact=NUMBER". */
static struct err *
vary_numbers(struct leak *l, const struct question *at, const struct param *p)
{
	for (size_t i = 0; i < l->nthings; i++) {
		const struct thing *t = &l->things[i];
		const char *name = entity_name(t->entity);
		struct asked a = {p, NULL, arena_printf(l->ask, "%lld", (long long)t->id)};
		struct asked b = {
			p, NULL, arena_printf(l->ask, "%lld", (long long)leak_missing(l))};

		if (t->visible || strncmp(p->name, name, strlen(name)) != 0)
			continue;
		TRY(same(l, at, a, b,
			arena_printf(l->ask, "%s=%s", p->name, leak_thing_name(l, i))));
	}
	return NULL;
}

static bool
names_fields(const struct param *p)
{
	return strcmp(p->name, "sort") == 0 || strcmp(p->name, "field") == 0 ||
	       strcmp(p->name, "fields") == 0;
}

struct err *
vary(struct leak *l, const struct question *at)
{
	bool get = at->route->method == METHOD_GET;

	for (const struct param *p = at->route->params; p != NULL && p->name != NULL; p++) {
		if (get ? p->in == IN_BODY : p->in == IN_QUERY)
			continue;
		if ((p->type == P_TEXT || p->type == P_TEXTS) && names_fields(p))
			TRY(vary_names(l, at, p));
		else if (p->type == P_TEXT || p->type == P_LONG)
			TRY(vary_words(l, at, p));
		else if (p->type == P_FILTERS)
			TRY(vary_filters(l, at, p));
		else if (p->type == P_I64)
			TRY(vary_numbers(l, at, p));
	}
	return NULL;
}

struct err *
vary_plain(struct leak *l, const struct question *at)
{
	for (const struct param *p = at->route->params; p != NULL && p->name != NULL; p++) {
		bool number = p->type == P_I64 && p->max > 0 && p->max <= 1000;
		struct asked v = {p, NULL, "1"};
		struct question q;

		if (p->in == IN_BODY || (!number && p->type != P_BOOL))
			continue;
		if (number)
			v.value = arena_printf(l->ask, "%lld", (long long)p->max);
		q = with(l, at, &v, 1);
		for (int i = 0; i < LEAK_SENT; i++)
			q.sent[i] = at->sent[i];
		TRY(leak_still(l, &q));
	}
	return NULL;
}

struct err *
vary_twins(struct leak *l, const struct question *a, const struct question *b)
{
	struct question qa = with(l, a, NULL, 0), qb = with(l, b, NULL, 0);

	return leak_same(l, &qa, &qb);
}
