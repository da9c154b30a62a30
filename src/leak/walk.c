/* SPDX-License-Identifier: ISC */
/*
 * Every row of the route table that reads, on each of its surfaces, at every address
 * that its path can have with what is in the scratch set. Nothing is listed here: a
 * new row is called because it is there.
 */
#include <string.h>

#include "form.h"
#include "log.h"
#include "part.h"

#define NOTHING "2099999999"
#define NO_FIELD "nosuchfield"
#define ADDRESSES_FIRST 64

struct address {
	const char *path;
	size_t thing; /* THINGS_MAX: about none */
	const char *sent[2];
	const char *twin; /* that never was: answered the same; NULL: nothing to compare */
	const char *twin_sent[2];
	const char *what;
	const char *word; /* what the path takes for a further {token}; NULL: names of fields */
	const struct aside *aside; /* whose number comes first; NULL: none's */
};

struct addresses {
	struct leak *l;
	const struct route *route;
	struct address *list;
	size_t n, max;
	bool blank; /* some pattern could not be filled with anything of ours */
};

/* Entity of a path's segment ("contacts"); ENTITY_NONE. */
static enum entity
entity_of(const char *segment, size_t n)
{
	for (int e = 0; e < ENTITY_MAX; e++) {
		const char *path = entity_def((enum entity)e)->path + 1;

		if (strlen(path) == n && memcmp(path, segment, n) == 0)
			return (enum entity)e;
	}
	return ENTITY_NONE;
}

int64_t
leak_missing(const struct leak *l)
{
	(void)l;
	return 2099999999;
}

const char *
leak_encode(struct leak *l, const char *s)
{
	return percent_encode(l->ask, s);
}

/* Reads, or only asks: what else a POST does, nobody makes up a body for. */
static bool
reads(const struct route *r)
{
	return r->method == METHOD_GET ||
	       (r->method == METHOD_POST &&
		       (strcmp(r->action, "search") == 0 || strcmp(r->action, "reveal") == 0));
}

/* The path up to its first pattern, a value in its place, the rest as it is. */
static const char *
put(struct leak *l, const char *path, const char *value)
{
	const char *open = strchr(path, '{'), *close = strchr(path, '}');

	return arena_printf(l->work, "%.*s%s%s", (int)(open - path), path, value, close + 1);
}

/* The segment in front of the first pattern. */
static const char *
segment_before(const char *path, size_t *n_r)
{
	const char *end = strchr(path, '{') - 1, *p = end;

	while (p > path && p[-1] != '/')
		p--;
	*n_r = (size_t)(end - p);
	return p;
}

static void add(struct addresses *as, struct address a);

static void
put_all(struct addresses *as, struct address a, int level, const char *const *values, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct address b = a;

		b.path = put(as->l, a.path, values[i]);
		b.sent[level] = values[i];
		add(as, b);
	}
}

static const char *
number(struct leak *l, int64_t id)
{
	return arena_printf(l->work, "%lld", (long long)id);
}

/* Each record of the kind, and beside what is not visible what never was. */
static void
put_things(struct addresses *as, struct address a, enum entity e)
{
	struct leak *l = as->l;

	for (size_t i = 0; i < l->nthings; i++) {
		const struct thing *t = &l->things[i];
		struct address b = a;

		if (t->entity != e || t->id == 0)
			continue;
		b.thing = i;
		b.what = leak_thing_name(l, i);
		b.sent[0] = number(l, t->id);
		b.path = put(l, a.path, b.sent[0]);
		if (!t->visible) {
			b.twin = put(l, a.path, NOTHING);
			b.twin_sent[0] = NOTHING;
		}
		add(as, b);
	}
}

static bool
withheld(const struct leak *l, const struct field *f)
{
	return field_is_live(f) && f->enabled && expect_level(l, f) == LEVEL_HIDDEN;
}

/* Names of fields, where a path has a token: of hidden ones, beside none at all. */
static void
put_names(struct addresses *as, struct address a, int level)
{
	struct leak *l = as->l;

	for (size_t i = 0; i < l->cx.cat->n; i++) {
		const struct field *f = &l->cx.cat->fields[i];
		const char *entity = entity_name(f->entity);
		struct address b = a;

		if (!withheld(l, f) || l->expect.knows_fields || a.twin != NULL)
			continue;
		b.what = arena_printf(l->work, "the hidden field %s.%s", entity, f->name);
		b.sent[level] =
			level > 0 ? f->name : arena_printf(l->work, "%s.%s", entity, f->name);
		b.twin_sent[0] = b.sent[0];
		b.twin_sent[level] =
			level > 0 ? NO_FIELD : arena_printf(l->work, "%s." NO_FIELD, entity);
		b.path = put(l, a.path, b.sent[level]);
		b.twin = put(l, a.path, b.twin_sent[level]);
		add(as, b);
	}
	put_all(as, a, level, (const char *const[]){NO_FIELD}, 1);
}

/* Each row that is no record likewise, by number or by link. false: there is none of the kind. */
static bool
put_asides(
	struct addresses *as, struct address a, enum aside_way way, const char *segment, size_t n)
{
	struct leak *l = as->l;
	bool any = false;

	for (size_t i = 0; i < l->nasides; i++) {
		const struct aside *s = &l->asides[i];
		struct address b = a;

		if (!aside_at(s, way, segment, n))
			continue;
		any = true;
		if (s->id == 0)
			continue;
		b.what = aside_name(l, s);
		b.word = aside_word(s);
		b.aside = s;
		b.sent[0] = way == WAY_LINK ? s->link : number(l, s->id);
		b.path = put(l, a.path, b.sent[0]);
		/* Whoever has the link of a hand-over is who may see it; once it is over nobody
		 * may. */
		if (s->kind == ASIDE_OVER || (!s->visible && s->kind != ASIDE_HANDOVER)) {
			b.twin_sent[0] = way == WAY_LINK ? NO_FIELD : NOTHING;
			b.twin = put(l, a.path, b.twin_sent[0]);
		}
		add(as, b);
	}
	return any;
}

/* What hangs on the row whose number comes first; and, behind that number, what hangs on another.
 */
static bool
put_behind(struct addresses *as, struct address a, const char *segment, size_t n)
{
	struct leak *l = as->l;
	bool any = false;

	for (size_t i = 0; i < l->nasides; i++) {
		const struct aside *s = &l->asides[i];
		struct address b = a;

		if (a.aside == NULL || !aside_at(s, WAY_BEHIND, segment, n) ||
			s->of->kind != a.aside->kind || (s->of != a.aside && a.twin != NULL))
			continue;
		any = true;
		if (s->id == 0)
			continue;
		b.what = aside_name(l, s);
		b.sent[1] = number(l, s->id);
		b.path = put(l, a.path, b.sent[1]);
		if (s->of != a.aside || a.twin != NULL) {
			b.twin_sent[1] = NOTHING;
			b.twin = put(l, a.twin != NULL ? a.twin : a.path, NOTHING);
		}
		add(as, b);
	}
	return any;
}

static void
put_numbers(struct addresses *as, struct address a, int level, const char *segment, size_t n)
{
	struct leak *l = as->l;
	const struct {
		const char *segment;
		int64_t ids[3];
	} known[] = {
		{"users", {l->user, l->mate, l->other}},
		{"teams", {l->team, l->other_team}},
		{"profiles", {l->expect.profile}},
		{"shares", {l->share}},
	};
	const char *values[3];
	size_t count = 0;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strlen(known[i].segment) == n && memcmp(known[i].segment, segment, n) == 0)
			for (size_t k = 0; k < 3 && known[i].ids[k] != 0; k++)
				values[count++] = number(l, known[i].ids[k]);
	if (count == 0) {
		as->blank = true;
		values[count++] = "1";
	}
	put_all(as, a, level, values, count);
}

static void
keep(struct addresses *as, struct address a)
{
	if (as->n == as->max) {
		struct address *wider;

		as->max = as->max == 0 ? ADDRESSES_FIRST : as->max * 2;
		wider = ARENA_ARRAY(as->l->work, as->max, struct address);
		if (as->n > 0)
			memcpy(wider, as->list, as->n * sizeof(*wider));
		as->list = wider;
	}
	as->list[as->n++] = a;
}

/* Further patterns of what is not visible: once is enough. */
static void
add_twins(struct addresses *as, struct address a, bool token)
{
	const char *word = !token ? "1" : a.word != NULL ? a.word : NO_FIELD;

	a.path = put(as->l, a.path, word);
	a.twin = put(as->l, a.twin, word);
	add(as, a);
}

static void
add_token(struct addresses *as, struct address a, int level, const char *segment, size_t n)
{
	if (level == 0 && put_asides(as, a, WAY_LINK, segment, n))
		return;
	if (a.word != NULL)
		put_all(as, a, level, (const char *const[]){a.word, NO_FIELD}, 2);
	else
		put_names(as, a, level);
}

/* Fills the first pattern that is left; without one it is an address. */
static void
add(struct addresses *as, struct address a)
{
	const char *open = strchr(a.path, '{'), *segment;
	int level = a.sent[0] != NULL;
	enum entity e;
	bool token;
	size_t n;

	if (open == NULL) {
		keep(as, a);
		return;
	}
	token = strncmp(open, "{token}", 7) == 0;
	segment = segment_before(a.path, &n);
	if (!token && level == 1 && put_behind(as, a, segment, n))
		return;
	if (a.twin != NULL && strchr(a.twin, '{') != NULL) {
		add_twins(as, a, token);
		return;
	}
	if (token) {
		add_token(as, a, level, segment, n);
		return;
	}
	e = level == 0 ? entity_of(segment, n) : ENTITY_NONE;
	if (e != ENTITY_NONE)
		put_things(as, a, e);
	else if (level != 0 || !put_asides(as, a, WAY_FIRST, segment, n))
		put_numbers(as, a, level, segment, n);
}

/* Not what says by its row that it reads nothing of a person, as the size of the log
 * is; and what users see is counted for whoever manages them, whatever these see. */
static bool
about_records(const struct route *r)
{
	return r->action[0] != '\0' && r->right != RIGHT_MANAGE_USERS &&
	       r->right != RIGHT_MANAGE_PROFILES;
}

/* Whoever answers a privacy request looks, by law and logged, in everything there is. */
static bool
looks_everywhere(const struct leak *l, const struct route *r)
{
	return l->expect.runs_requests && r->right == RIGHT_RUN_REQUESTS &&
	       strcmp(r->action, "search") == 0;
}

static struct question
question_of(struct leak *l, const struct address *a, const struct route *r, bool api, bool twin)
{
	const char *path = twin ? a->twin : a->path;
	struct question q = {.route = r, .api = api, .what = a->what};

	q.uri = arena_printf(l->ask, "%s%s", api ? "/api/v1" : "", path);
	for (int i = 0; i < 2; i++)
		q.sent[i] = twin && a->twin_sent[i] != NULL ? a->twin_sent[i] : a->sent[i];
	return q;
}

static struct err *
walk_address(struct leak *l, const struct address *a, const struct route *r, bool api, bool first)
{
	struct question q = question_of(l, a, r, api, false);
	struct answer answer;

	q.everywhere = looks_everywhere(l, r);
	if (q.everywhere)
		return r->method == METHOD_GET ? leak_ask(l, &q, &answer) : NULL;
	if (a->twin != NULL) {
		struct question twin = question_of(l, a, r, api, true);

		if (!l->after)
			return NULL;
		if (r->method == METHOD_GET)
			return leak_same(l, &q, &twin);
		return vary_twins(l, &q, &twin);
	}
	if (r->method == METHOD_GET && about_records(r)) {
		TRY(leak_still(l, &q));
		if (first)
			TRY(vary_plain(l, &q));
	} else if (r->method == METHOD_GET) {
		TRY(leak_ask(l, &q, &answer));
	}
	return l->after && first ? vary(l, &q) : NULL;
}

static struct err *
walk_route(struct leak *l, struct addresses *as, bool api)
{
	bool first = true;

	for (size_t i = 0; i < as->n; i++) {
		const struct address *a = &as->list[i];

		TRY(walk_address(l, a, as->route, api, first && a->twin == NULL));
		first = first && a->twin != NULL;
		arena_reset(l->ask);
	}
	return NULL;
}

/* Names go into the report once, with the first profile. */
static void
note_name(struct leak *l, const char ***list, size_t *n, const char *name)
{
	const char **wider;

	for (size_t i = 0; i < *n; i++)
		if (strcmp((*list)[i], name) == 0)
			return;
	wider = ARENA_ARRAY(l->in->a, *n + 1, const char *);
	if (*n > 0)
		memcpy(wider, *list, *n * sizeof(*wider));
	wider[(*n)++] = name;
	*list = wider;
}

static bool
asked_for(const struct leak *l, const struct route *r)
{
	const char *list = l->in->routes;

	if (list == NULL)
		return true;
	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (n > 0 && strncmp(r->name, list, n) == 0)
			return true;
		list += n + (list[n] == ',');
	}
	return false;
}

struct err *
walk_routes(struct leak *l)
{
	const struct route *const *all;
	size_t n = routes_all(&all);
	int64_t called = 0;

	for (size_t i = 0; i < n; i++) {
		struct addresses *as;

		if (!reads(all[i])) {
			note_name(l, &l->report->not_called, &l->report->nnot_called, all[i]->name);
			continue;
		}
		if (!asked_for(l, all[i]))
			continue;
		as = ARENA_NEW(l->work, struct addresses);
		as->l = l;
		as->route = all[i];
		add(as, (struct address){.path = all[i]->path, .thing = THINGS_MAX});
		if (as->blank)
			note_name(l, &l->report->blank, &l->report->nblank, all[i]->name);
		if (all[i]->surface & ON_PAGE)
			TRY(walk_route(l, as, false));
		if (all[i]->surface & ON_API)
			TRY(walk_route(l, as, true));
		called++;
	}
	l->report->routes = called;
	return NULL;
}
