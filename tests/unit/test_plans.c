/* SPDX-License-Identifier: ISC */
/*
 * Every search, filter and order that screens and API offer finds its rows by an
 * index: run as the workspace's own login under row-level security, by somebody
 * who sees all records, a team's or only the own ones, on tables large enough for
 * the planner to want one. What there is to filter and to sort by is the
 * catalogue's, custom fields of every type among it.
 */
#define REQUEST_OWNER 1
#include "record_fixture.h"

#include "gate.h"
#include "plans.h"
#include "order.h"
#include "record.h"
#include "routes.h"
#include "session.h"

/* Whoever looks: user 8 of fill.sql, an administrator. */
#define USER 8
/* A record of which every field has a value, and a rare one. */
#define PROBE 7
/* Rows of one table that a page of 25 may look at, of 20,000. */
#define MOST 600
/* All rows of what one in twenty has. */
#define MOST_SOME 1300

static struct tenant *tn;
static struct conn *own;
static struct request rq;
static const char *scope = "all";

static void
enter(void)
{
	assert_ok(gate_tx(&rq, own, &rq.tx));
}

static unsigned char kept[32];

/* What the profile says now holds. */
static void
renew(void)
{
	assert_ok(principal_load(own, a, tn, kept, true, &rq.principal));
	assert_non_null(rq.principal);
	assert_ok(catalogue_load(own, a, tn, 0, &rq.catalogue));
}

/* From now on the user sees records in this scope. */
static void
see(const char *which, const unsigned char hash[32])
{
	scope = which;
	if (hash != NULL)
		memcpy(kept, hash, sizeof(kept));
	fixture_sql(tn->database,
		arena_printf(a,
			"update profile_right set scope = '%s' where profile_id = 1 and "
			"entity <> '' and \"right\" = 'view'",
			scope));
	renew();
}

/* Runs the list and judges what PostgreSQL did for it. */
ATTR_PRINTF(3, 4) static void list(const struct record_query *q, double most, const char *fmt, ...)
{
	struct record_ctx cx;
	struct record_page page;
	char what[300];
	va_list ap;
	size_t n = (size_t)snprintf(what, sizeof(what), "%s, %s: ", entity_name(q->entity), scope);
	struct err *e;

	va_start(ap, fmt);
	vsnprintf(what + n, sizeof(what) - n, fmt, ap);
	va_end(ap);
	enter();
	cx = record_ctx_of(&rq);
	plans_skip();
	e = record_list(&cx, q, &page);
	if (e != NULL)
		fail_msg("%s: %s %s", what, err_name(e->kind),
			e->fields != NULL ? e->fields->key : e->detail);
	tx_end(&rq.tx);
	/* What hangs on contacts begins with some hundreds of those near by. */
	if (entity_def(q->entity)->child && strcmp(scope, "all") != 0)
		most += 501;
	plans_judge(what, most);
}

static struct record_query
query_of(enum entity e)
{
	return (struct record_query){.entity = e, .limit = 25, .labels = true};
}

static void
in_each_scope(void (*fn)(void))
{
	static const char *const scopes[] = {"all", "team", "own"};

	for (size_t i = 0; i < 3; i++) {
		see(scopes[i], NULL);
		fn();
	}
	plans_end();
}

/* ---- orders: first page, and the next */

static void
sort_by(enum entity e, const char *sort, bool archived)
{
	double most = archived ? MOST_SOME : MOST;
	struct record_query q = query_of(e);
	struct record_page page;
	struct record_ctx cx;

	q.sort = sort;
	q.archived = archived;
	list(&q, most, "sort %s%s", sort, archived ? ", archive" : "");
	enter();
	cx = record_ctx_of(&rq);
	assert_ok(record_list(&cx, &q, &page));
	tx_end(&rq.tx);
	q.after = page.next;
	if (q.after != NULL)
		list(&q, most, "sort %s%s, next page", sort, archived ? ", archive" : "");
}

static void
sort_both_ways(enum entity e, const char *name)
{
	struct arena_mark mark = arena_mark(a);

	for (int i = 0; i < 4; i++)
		sort_by(e, arena_printf(a, "%s%s", (i & 1) != 0 ? "-" : "", name), (i & 2) != 0);
	arena_release(a, mark);
}

static void
sorts(void)
{
	const struct catalogue *cat;
	int custom = 0;

	for (enum entity e = 0; e < ENTITY_MAX; e++)
		for (const struct sort_key *k = entity_def(e)->sorts; k->name != NULL; k++)
			sort_both_ways(e, k->name);
	enter();
	cat = record_ctx_of(&rq).cat;
	tx_end(&rq.tx);
	for (size_t i = 0; i < cat->n; i++) {
		const struct field *f = &cat->fields[i];

		if (f->builtin || f->sealed || order_sql(a, f, "r.", f->column) == NULL)
			continue;
		sort_both_ways(f->entity, f->name);
		custom++;
	}
	assert_true(custom >= 8);
}

static void
lists_come_in_order(void **state)
{
	(void)state;
	in_each_scope(sorts);
}

/* ---- filters */

/* The text that finds the probe; sealed values are only compared. */
static const char *
rare_value(const struct record *rec, const struct field *f)
{
	for (size_t i = 0; i < rec->layout->n; i++)
		if (strcmp(rec->layout->fields[i]->name, f->name) == 0 && !rec->masked[i])
			return value_input(a, f, rec->currency, &rec->values[i]);
	return fixture_value(f);
}

static bool
has_range(const struct field *f)
{
	return !f->sealed && (f->type == FIELD_DATE || f->type == FIELD_TIME ||
				     f->type == FIELD_NUMBER || f->type == FIELD_MONEY);
}

static void
filter(struct record_query *q, const struct field *f, double most, const char *text)
{
	q->filter = model_object(a);
	model_text(q->filter, f->name, text);
	list(q, most, "filter %s = %s, sort %s", f->name, text,
		q->sort != NULL ? q->sort : "as usual");
}

static void
filter_by(const struct record *rec, const struct field *f)
{
	struct record_query q = query_of(f->entity);
	const char *text = rare_value(rec, f);

	filter(&q, f, MOST, text);
	if (f->type == FIELD_BOOLEAN)
		filter(&q, f, MOST, strcmp(text, "true") == 0 ? "false" : "true");
	if (has_range(f)) {
		filter(&q, f, MOST, arena_printf(a, "%s..%s", text, text));
		filter(&q, f, MOST_SOME, arena_printf(a, "%s..", text));
		filter(&q, f, MOST_SOME, arena_printf(a, "..%s", text));
	}
	/* The narrower scopes lead to fewer rows yet. */
	for (const struct sort_key *k = entity_def(f->entity)->sorts;
		k->name != NULL && strcmp(scope, "all") == 0; k++) {
		q.sort = k->name;
		filter(&q, f, MOST, text);
	}
	q.sort = NULL;
	q.archived = true;
	filter(&q, f, MOST, text);
}

static struct record *
probe(enum entity e)
{
	struct record_ctx cx;
	struct record *rec;

	see("all", NULL);
	enter();
	cx = record_ctx_of(&rq);
	assert_ok(record_read(&cx, e, PROBE, true, &rec));
	tx_end(&rq.tx);
	return rec;
}

static struct record *probes[ENTITY_MAX];

static void
filters(void)
{
	size_t n = 0;

	for (size_t i = 0; i < rq.catalogue->n; i++) {
		struct arena_mark mark = arena_mark(a);
		const struct field *f = &rq.catalogue->fields[i];

		if (field_is_live(f) && field_filters(f)) {
			filter_by(probes[f->entity], f);
			n++;
		}
		arena_release(a, mark);
	}
	assert_true(n > 70);
}

static void
filters_use_their_index(void **state)
{
	(void)state;
	for (enum entity e = 0; e < ENTITY_MAX; e++)
		probes[e] = probe(e);
	in_each_scope(filters);
}

/* ---- words */

static void
words(void)
{
	/* Rare and common, Latin and Chinese, parts of words, numbers, addresses. */
	static const char *const texts[] = {"%name_en", "tai", "ng", "%name_zh", "陳大", "陳",
		"%phone", "5123", "%email", "example7", "chan tai", "Nobody Has This", "龘龘"};

	for (enum entity e = 0; e < ENTITY_MAX; e++) {
		struct record_query q = query_of(e);

		if (entity_def(e)->words == NULL)
			continue;
		for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			struct arena_mark mark = arena_mark(a);
			const char *field = texts[i] + 1;

			q.q = *texts[i] != '%' ? texts[i]
					       : rare_value(probes[e],
							 catalogue_find(rq.catalogue, e, field));
			/* What many have comes by the order of the list, or is sorted. */
			list(&q, i == 1 || i == 10 ? 25000 : 2000, "search %s", q.q);
			arena_release(a, mark);
		}
	}
}

static void
searches_use_their_index(void **state)
{
	(void)state;
	in_each_scope(words);
}

/* ---- what a contact has */

static void
children(void)
{
	for (enum entity e = 0; e < ENTITY_MAX; e++) {
		struct record_query q = query_of(e);

		if (!entity_def(e)->child)
			continue;
		q.contact_id = PROBE;
		list(&q, MOST, "of a contact");
		for (const struct sort_key *k = entity_def(e)->sorts; k->name != NULL; k++) {
			q.sort = k->name;
			list(&q, MOST, "of a contact, sort %s", q.sort);
		}
	}
}

static void
children_come_by_their_contact(void **state)
{
	(void)state;
	in_each_scope(children);
}

/* ---- pages */

/* What is tried for a parameter that a page takes; by name, else by type. */
static struct json_object *
tried(const struct param *p)
{
	static const struct {
		const char *name, *value;
	} values[] = {
		{"action", "reveal"},
		{"entity", "invoice"},
		{"field", "salary"},
		{"from", "2020-01-01"},
		{"ip", "10.0.3.5"},
		{"outcome", "denied"},
		{"q", "陳大"},
		{"sort", "-created_at"},
		{"to", "2040-01-01"},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].name, p->name) == 0)
			return json_object_new_string(values[i].value);
	switch (p->type) {
	case P_I64:
		return json_object_new_int64(PROBE);
	case P_BOOL:
		return json_object_new_boolean(true);
	case P_DATE:
		return json_object_new_string("2026-01-31");
	case P_TEXT:
		return json_object_new_string("7");
	default:
		return NULL;
	}
}

static size_t shown, asked;

/* One page or answer, with one of its parameters or none. */
static void
show(const struct route *r, bool api, const struct param *p)
{
	struct arena_mark mark = arena_mark(a);
	struct response rp;
	struct err *e;
	size_t n = 0;

	rq.route = r;
	rq.api = api;
	rq.path = r->path;
	memset(rq.path_args, 0, sizeof(rq.path_args));
	for (const char *at = strchr(r->path, '{'); at != NULL; at = strchr(at + 1, '{'))
		rq.path_args[n++] = strncmp(at, "{id}", 4) == 0 ? "7" : "contact.email";
	rq.query = model_object(a);
	if (p != NULL)
		json_object_object_add(rq.query, p->name, tried(p));
	response_init(&rp, a, NULL);
	enter();
	plans_skip();
	e = r->handler(&rq, &rp);
	if (e == NULL && !tx_committed(rq.tx))
		e = tx_commit(rq.tx);
	tx_end(&rq.tx);
	asked++;
	shown += e == NULL;
	if (e != NULL && e->kind == ERR_INTERNAL)
		fail_msg("%s: %s", r->name, e->detail);
	plans_judge(arena_printf(a, "%s %s %s, %s", r->name, api ? "api" : "page",
			    p != NULL ? p->name : "", scope),
		MOST_SOME);
	arena_release(a, mark);
}

/* Pages whose purpose is to count what there is, their statements being looked at by
 * name: the first one, what a closing workspace has to keep, the trust page; and how many
 * records a user reaches. */
static bool
counts(const char *name)
{
	static const char *const names[] = {"dashboard.read", "workspace.show", "settings.trust",
		"user.access", "settings.user_access"};

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

static void
pages(void)
{
	const struct route *const *routes;
	size_t n = routes_all(&routes);

	for (size_t i = 0; i < n; i++)
		for (int api = 0; api < 2; api++) {
			const struct route *r = routes[i];

			if (r->kind != ROUTE_READ || counts(r->name) ||
				(r->surface & (api ? ON_API : ON_PAGE)) == 0)
				continue;
			show(r, api, NULL);
			for (const struct param *p = r->params; p != NULL && p->name != NULL; p++)
				if (p->type != P_FILTERS)
					show(r, api, p);
		}
	rq.api = false;
	print_message("%zu of %zu pages\n", shown, asked);
}

static void
pages_read_what_they_show(void **state)
{
	(void)state;
	see("all", NULL);
	/* As every minute: what the lists above have logged is found by person. */
	fixture_sql(tn->database, "select audit_index()");
	pages();
	plans_end();
}

static const struct route *route_named(const char *name);

/* ---- a person of whom there is much: every page of it, to the first entry */

#define MANY 4000

/* One page of the probe's; the cursor of the next one, or an empty text. */
static void
timeline_page(char cursor[500], const char *what)
{
	struct arena_mark mark = arena_mark(a);
	struct response rp;
	const char *more;

	rq.path_args[0] = "7";
	rq.query = model_object(a);
	if (*cursor != '\0')
		model_text(rq.query, "after", cursor);
	response_init(&rp, a, NULL);
	enter();
	plans_skip();
	assert_ok(rq.route->handler(&rq, &rp));
	tx_end(&rq.tx);
	plans_judge(what, MOST);
	more = plans_text(response_page(&rp), "timeline_more");
	more = strstr(more, "after=") != NULL ? strstr(more, "after=") + 6 : "";
	assert_true(strcspn(more, "#") < 500);
	snprintf(cursor, 500, "%.*s", (int)strcspn(more, "#"), more);
	arena_release(a, mark);
}

static void
timeline_to_its_end(const char *what, size_t least)
{
	char cursor[500] = "";
	size_t n = 0;

	renew();
	rq.route = route_named("contact.page");
	do {
		timeline_page(cursor, what);
		n++;
	} while (*cursor != '\0');
	print_message("%s: %zu pages\n", what, n);
	assert_true(n >= least);
}

static void
old_pages_cost_no_more(void **state)
{
	(void)state;
	see("all", NULL);
	/* Half of them one's own. */
	fixture_sql(tn->database,
		arena_printf(a,
			"set session_replication_role = replica; insert into message (contact_id, "
			"channel, direction, body, happened_at, created_at, created_by) select %d, "
			"'sms', 'in', 'x', now() - i * interval '1 hour', now() - i * interval '1 "
			"minute', case when i %% 2 = 0 then %d else 9 end from generate_series(1, "
			"%d) i; reset session_replication_role; analyze message",
			PROBE, USER, MANY));
	timeline_to_its_end("timeline", MANY / 60);
	fixture_sql(tn->database, "insert into profile_field (profile_id, entity, field, level) "
				  "values (1, 'message', 'happened_at', 'hidden') on conflict "
				  "(profile_id, entity, field) do update set level = 'hidden'");
	timeline_to_its_end("timeline without times", MANY / 60);
	fixture_sql(tn->database,
		"delete from profile_field where profile_id = 1 and field = 'happened_at'; "
		"update profile_right set scope = 'own' where profile_id = 1 and entity = "
		"'message' and \"right\" = 'view'");
	timeline_to_its_end("timeline of own messages", MANY / 120);
	plans_end();
}

/* ---- all of them */

static const struct route *
route_named(const char *name)
{
	const struct route *const *list_of;
	size_t n = routes_all(&list_of);

	for (size_t i = 0; i < n; i++)
		if (strcmp(list_of[i]->name, name) == 0)
			return list_of[i];
	fail_msg("no route %s", name);
	return NULL;
}

static int
setup(void **state)
{
	const struct token_new token = {.user = USER, .name = "test", .days = 1};
	unsigned char hash[32];
	const char *secret;
	struct tx *tx;

	fixture_setup(state);
	view_init(SOURCE "/templates", SOURCE "/i18n", SOURCE "/tests/golden/assets.hdf", false);
	routes_init(praya_routes);
	gate_init(st, t, &praya_hooks);
	tn = fixture_tenant("harbour");
	fixture_fields(tn);
	fixture_sql(tn->database, "select audit_ensure_month(now() - interval '1 month')");
	fixture_file(tn->database, SOURCE "/tests/lib/fill.sql");
	fixture_sql(
		tn->database, arena_printf(a,
				      "update app_user set profile_id = 1 where user_id = %d; "
				      /* The probe is a private note; of one's own. */
				      "update activity set created_by = %d where activity_id = %d",
				      USER, USER, PROBE));
	fixture_sql(tn->database, "vacuum analyze");
	plans_open(tn);
	assert_ok(tenant_conn(t, a, tn, &own));
	assert_ok(system_tx(own, a, "cli", 0, "test", &tx));
	assert_ok(token_create(tx, a, &token, &secret));
	assert_ok(tx_commit(tx));
	tx_end(&tx);
	session_hash(secret, hash);
	rq = (struct request){.a = a,
		.method = METHOD_GET,
		.host = "",
		.path = "/",
		.id = "0123456789abcdef",
		.remote = "192.0.2.1",
		.user_agent = "other",
		.content_type = "",
		.query = model_object(a),
		.body = model_object(a),
		.tenant = tn};
	rq.route = route_named("contact.list");
	see("all", hash);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lists_come_in_order),
		cmocka_unit_test(filters_use_their_index),
		cmocka_unit_test(searches_use_their_index),
		cmocka_unit_test(children_come_by_their_contact),
		cmocka_unit_test(pages_read_what_they_show),
		cmocka_unit_test(old_pages_cost_no_more),
	};

	return cmocka_run_group_tests_name("plans", tests, setup, fixture_teardown);
}
