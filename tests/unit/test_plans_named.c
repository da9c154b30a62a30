/* SPDX-License-Identifier: ISC */
/*
 * No named statement of a workspace reads a large table: each is run once, with
 * plausible values and a plan made for any, by the workspace's own login, and
 * undone. Those that do have their reason here.
 */
#include "record_fixture.h"

#include "places.h"
#include "plans.h"

/* Rows of one table that a statement may look at, of 20,000. */
#define MOST 1300

static const struct {
	const char *name, *why;
} excused[] = {
	{"closing.duties", "counts what has to be kept, for whoever is about to close"},
	{"trust.state", "counts what there is, for the trust page"},
	{"dashboard.requests", "asked for whoever runs requests alone, who sees them all"},
	{"erase.queries", "deletes all"},
	{"export.everybody", "counts all that an export of everything takes out"},
	{"export.all_books", "counts all that the books take out"},
	{"whole.moment", "adds up all files of an export of everything"},
	{"leak_test.update", "deletes all but the last thirty, which is all there ever is"},
};

static struct tenant *tn;
static struct conn *own;

static size_t nexcused;

static bool
is_excused(const char *name)
{
	for (size_t i = 0; i < sizeof(excused) / sizeof(excused[0]); i++)
		if (strcmp(excused[i].name, name) == 0) {
			nexcused++;
			return true;
		}
	return false;
}

/* A value that a parameter of the type takes, as text. Number 7 is there. */
static const char *
value_of(const char *type)
{
	static const struct {
		const char *type, *value;
	} values[] = {
		{"bigint", "7"},
		{"bigint[]", "{7,8}"},
		{"boolean", "true"},
		{"bytea", "\\x00"},
		{"bytea[]", "{\"\\\\x00\",\"\\\\x01\"}"},
		{"date", "2026-01-31"},
		{"inet", "192.0.2.1"},
		{"integer", "5"},
		{"interval", "1 day"},
		{"jsonb", "{}"},
		{"regclass", "contact"},
		{"text", "7"},
		{"text[]", "{seven,eight}"},
		{"timestamp with time zone", "2026-01-31T00:00:00Z"},
	};

	for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		if (strcmp(values[i].type, type) == 0)
			return values[i].value;
	fail_msg("a value of type %s is wanted", type);
	return NULL;
}

static const struct stmt *
composed(const char *sql)
{
	return stmt_composed(a, "probe", sql, 0);
}

/* Values for all parameters of a statement. */
static struct val *
values_for(const struct stmt *s)
{
	struct val *vals = ARENA_ARRAY(a, (size_t)s->params + 1, struct val);
	const char **types;
	struct rows *rows;
	size_t n;

	assert_ok(conn_query(
		own, a, composed(arena_printf(a, "prepare probe as %s", s->sql)), NO_VALS, NULL));
	assert_ok(conn_query(own, a,
		composed("select array(select format_type(t, null) from unnest(parameter_types) "
			 "with ordinality x (t, n) order by n) from pg_prepared_statements "
			 "where name = 'probe'"),
		NO_VALS, &rows));
	types = rows_texts(a, rows, 0, 0, &n);
	assert_int_equal(n, s->params);
	for (size_t i = 0; i < n; i++)
		vals[i] = val_text(value_of(types[i]));
	assert_ok(conn_query(own, a, composed("deallocate probe"), NO_VALS, NULL));
	return vals;
}

/* False when it could not be run with these values. */
static bool
run(const struct stmt *s)
{
	struct val *vals = values_for(s);
	struct err *e;
	struct tx *tx;

	assert_ok(system_tx(own, a, "worker", 8, "test", &tx));
	assert_ok(tx_query(tx,
		composed("select set_config('plan_cache_mode', 'force_generic_plan', true)"),
		NO_VALS, NULL));
	plans_skip();
	e = tx_query(tx, s, (struct vals){vals, s->params}, NULL);
	/* The plan is written when the next statement takes its place. */
	if (e == NULL)
		assert_ok(tx_query(tx, composed("select 1"), NO_VALS, NULL));
	else
		print_message("not run: %s, %s\n", s->name, e->detail);
	tx_end(&tx);
	if (is_excused(s->name))
		plans_excuse(s->name, MOST);
	else
		plans_judge(s->name, MOST);
	return e == NULL;
}

static void
none_reads_a_large_table(void **state)
{
	const struct stmt *const *list;
	size_t n = stmt_all(&list), all = 0, done = 0;

	(void)state;
	for (size_t i = 0; i < n; i++) {
		struct arena_mark mark = arena_mark(a);

		if (place_of(list[i]) == WORKSPACE) {
			all++;
			done += run(list[i]);
		}
		arena_release(a, mark);
	}
	print_message("%zu of %zu statements run\n", done, all);
	assert_true(done > all * 9 / 10);
	/* No excuse for what is gone. */
	assert_int_equal(nexcused, sizeof(excused) / sizeof(excused[0]));
	plans_end();
}

static int
setup(void **state)
{
	fixture_setup(state);
	tn = fixture_tenant("harbour");
	fixture_sql(tn->database, "select audit_ensure_month(now() - interval '1 month')");
	fixture_file(tn->database, SOURCE "/tests/lib/fill.sql");
	fixture_sql(tn->database, "vacuum analyze");
	plans_open(tn);
	assert_ok(tenant_conn(t, a, tn, &own));
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(none_reads_a_large_table),
	};

	return cmocka_run_group_tests_name("plans_named", tests, setup, fixture_teardown);
}
