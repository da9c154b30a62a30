/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "log.h"
#include "part.h"
#include "token.h"
#include "trial.h"

#define WORK_MEMORY ((size_t)128 << 20)
#define ASK_MEMORY ((size_t)64 << 20)

static void
new_mark(struct leak *l)
{
	unsigned char raw[8];

	random_bytes(raw, sizeof(raw));
	for (size_t i = 0; i < sizeof(raw); i++)
		l->mark[i] = (char)('a' + raw[i] % 26);
	l->mark[8] = '\0';
	l->serial = 0;
}

static void
make_fresh(struct leak *l)
{
	const char **list = ARENA_ARRAY(l->work, l->cx.cat->n, const char *);

	for (size_t i = 0; i < l->cx.cat->n; i++)
		list[l->cx.cat->fields[i].place] = canary_value(l, &l->cx.cat->fields[i]);
	l->fresh = list;
	l->word = arena_printf(l->work, "q%04u%s", ++l->serial, l->mark);
}

static void
count(struct leak *l)
{
	for (size_t i = 0; i < l->ncanaries; i++)
		l->report->canaries += l->canaries[i].forbidden;
}

/* First with what is visible only, then with the rest beside it. */
static struct err *
both_rounds(struct leak *l)
{
	TRY(scratch_files(l));
	TRY(scratch_people(l));
	scratch_plan(l);
	TRY(scratch_make(l, true));
	TRY(trial_mark(l->conn, l->ask));
	TRY(walk_routes(l));
	TRY(scratch_make(l, false));
	TRY(trial_mark(l->conn, l->ask));
	l->after = true;
	TRY(walk_routes(l));
	count(l);
	return NULL;
}

static struct err *
try_profile(struct leak *l, int64_t profile, bool team)
{
	struct err *e;

	arena_reset(l->work);
	arena_reset(l->ask);
	leak_still_forget(l);
	needles_clear(l);
	new_mark(l);
	l->nthings = l->ncanaries = 0;
	l->after = l->content_named = false;
	l->canaries = ARENA_ARRAY(l->work, CANARIES_MAX, struct canary);
	TRY(trial_begin(l->conn, l->ask));
	e = record_ctx_system(l->conn, l->work, l->in->tenant, "worker", 0, &l->cx);
	if (e == NULL)
		e = expect_load(l, profile, team);
	if (e == NULL) {
		make_fresh(l);
		e = both_rounds(l);
	}
	trial_end(l->conn, l->ask);
	scratch_tidy(l);
	return e;
}

static struct err *
try_all(struct leak *l)
{
	int64_t *ids;
	size_t n;

	TRY(expect_profiles(l, &ids, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(try_profile(l, ids[i], true));
		/* Whoever is in no team sees nothing of a team's. */
		if (l->expect.narrow_team)
			TRY(try_profile(l, ids[i], false));
		l->report->profiles++;
	}
	return NULL;
}

/* An error outlives the arenas it was made in. */
static struct err *
keep(struct arena *a, const struct err *e)
{
	struct err *kept;

	if (e == NULL)
		return NULL;
	kept = err_new(a, e->kind, e->key != NULL ? arena_strdup(a, e->key) : NULL);
	kept->detail = e->detail != NULL ? arena_strdup(a, e->detail) : NULL;
	return kept;
}

struct err *
leak_test(const struct leak_order *in, struct leak_report **report_r)
{
	struct leak *l = ARENA_NEW(in->a, struct leak);
	struct err *e;

	*report_r = l->report = ARENA_NEW(in->a, struct leak_report);
	l->in = in;
	l->last_hit = &l->report->hits;
	l->work = arena_new(WORK_MEMORY);
	l->ask = arena_new(ASK_MEMORY);
	log_quiet(true);
	e = tenant_conn(in->tenancy, in->a, in->tenant, &l->conn);
	if (e == NULL)
		e = try_all(l);
	log_quiet(false);
	e = keep(in->a, e);
	arena_free(&l->ask);
	arena_free(&l->work);
	return e;
}

static void
add_names(struct json_object *o, const char *name, const char *const *list, size_t n)
{
	struct json_object *to = model_list(o, name);

	for (size_t i = 0; i < n; i++)
		model_push_text(to, list[i]);
}

struct json_object *
leak_report_json(struct arena *a, const struct leak_report *r)
{
	struct json_object *o = model_object(a), *hits;

	model_i64(o, "profiles", r->profiles);
	model_i64(o, "routes", r->routes);
	model_i64(o, "answers", r->answers);
	model_i64(o, "canaries", r->canaries);
	model_i64(o, "seen", r->seen);
	model_i64(o, "leaks", r->leaks);
	hits = model_list(o, "hits");
	for (const struct leak_hit *h = r->hits; h != NULL; h = h->next) {
		struct json_object *to = model_item(hits);

		model_text(to, "profile", h->profile);
		model_text(to, "route", h->route);
		model_text(to, "surface", h->surface);
		model_text(to, "how", h->how);
		model_text(to, "what", h->what);
		model_text(to, "where", h->where);
	}
	add_names(o, "not_called", r->not_called, r->nnot_called);
	add_names(o, "blank", r->blank, r->nblank);
	return o;
}
