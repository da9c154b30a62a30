/* SPDX-License-Identifier: ISC */
/* Tables and statistics written anew on disk while somebody is in the way. */
#include "tenant_fixture.h"

#include "rewrite.h"

STMT(file_of, "test.file_of", 1, "select pg_relation_filenode($1::regclass)::bigint");
STMT(leftovers, "test.leftovers", 0,
	"select (select count(*) from pg_class where relnamespace = 'repack'::regnamespace "
	"and relkind = 'r') + (select count(*) from pg_trigger where tgname = 'repack_trigger')");
STMT(version, "test.repack_version", 0,
	"select extversion from pg_extension where extname = 'pg_repack'");
STMT(open_to_others, "test.repack_open", 0,
	"select count(*) from pg_proc p cross join unnest(array['public', 'praya_tenant', "
	"'praya_migrate']) r (role) where p.pronamespace = 'repack'::regnamespace "
	"and (has_schema_privilege(r.role, 'repack', 'usage') "
	"or has_function_privilege(r.role, p.oid, 'execute'))");
STMT(size_of, "test.size_of", 1, "select pg_relation_size($1::regclass)");
STMT(rows_of, "test.rows_of", 0, "select count(*) from stored_query");

static struct tenant *tn;
static int beats;
static int beats_max;

static struct err *
beat(void *ctx)
{
	(void)ctx;
	return ++beats > beats_max ? err_busy(a, "told to end") : NULL;
}

static struct rewrite
work(void)
{
	beats = 0;
	beats_max = 1000;
	return (struct rewrite){.tenancy = t, .a = a, .tenant = tn, .beat = beat};
}

static int64_t
number(const struct stmt *s, struct vals vals)
{
	struct rows *r;

	assert_ok(conn_query(fixture_conn(tn->database), a, s, vals, &r));
	return rows_i64(r, 0, 0);
}

static int64_t
file(const char *table)
{
	return number(&file_of, VALS(val_text(table)));
}

/* Another session, which holds what the statement takes. */
struct hands {
	struct conn_pool *pool;
	struct tx *tx;
};

static struct hands
hold(const char *sql)
{
	struct hands h = {.pool = conn_pool_new(1)};
	const char *info = arena_printf(a, "dbname=%s", tn->database);
	struct conn *conn;

	assert_ok(conn_get(h.pool, a, info, &conn));
	assert_ok(tx_begin(conn, a, NULL, NO_VALS, &h.tx));
	assert_ok(tx_query(h.tx, stmt_composed(a, "test.hold", sql, 0), NO_VALS, NULL));
	return h;
}

static void
let_go(struct hands *h)
{
	tx_end(&h->tx);
	conn_pool_free(&h->pool);
}

static int
setup(void **state)
{
	fixture_setup(state);
	tn = fixture_tenant("harbour");
	fixture_sql(tn->database, "insert into app_user (email, email_key, name, profile_id) "
				  "values ('a@b.example', '\\x01', 'A', 1); "
				  "insert into stored_query (token, user_id, entity, sealed) "
				  "select n::text::bytea, 1, 'contact', '\\x00' "
				  "from generate_series(1, 100) n");
	return 0;
}

static void
a_table_gets_a_new_file_and_keeps_its_rows(void **state)
{
	struct rewrite w = work();
	int64_t before = file("stored_query");

	(void)state;
	assert_ok(rewrite_begin(&w));
	assert_ok(rewrite_table(&w, "stored_query"));
	assert_int_not_equal(file("stored_query"), before);
	assert_int_equal(number(&rows_of, NO_VALS), 100);
	before = file("pg_statistic");
	assert_ok(rewrite_statistics(&w));
	assert_int_not_equal(file("pg_statistic"), before);
	assert_ok(rewrite_end(&w));
	assert_int_equal(number(&leftovers, NO_VALS), 0);
}

/* Once something was in it, it is not: a page of the index keeps what was deleted. */
static void
a_table_that_never_held_anything_is_let_be(void **state)
{
	struct rewrite w = work();
	int64_t before = file("replay");

	(void)state;
	assert_ok(rewrite_begin(&w));
	assert_ok(rewrite_table(&w, "replay"));
	assert_int_equal(file("replay"), before);
	fixture_sql(tn->database, "insert into replay (key, user_id, body, status) "
				  "values ('k', 1, '\\x00', 200); delete from replay");
	fixture_sql(tn->database, "vacuum replay");
	assert_int_equal(number(&size_of, VALS(val_text("replay"))), 0);
	assert_ok(rewrite_table(&w, "replay"));
	assert_int_not_equal(file("replay"), before);
	before = file("replay");
	assert_ok(rewrite_table(&w, "replay"));
	assert_int_equal(file("replay"), before);
}

static void
what_is_no_table_is_an_error(void **state)
{
	struct rewrite w = work();

	(void)state;
	assert_ok(rewrite_begin(&w));
	assert_kind(rewrite_table(&w, "nonsense"), ERR_INTERNAL);
}

static void
nobody_else_reaches_what_it_runs_as_superuser(void **state)
{
	(void)state;
	assert_int_equal(number(&open_to_others, NO_VALS), 0);
}

static void
leftovers_of_a_killed_run_go_first(void **state)
{
	struct rewrite w = work();

	(void)state;
	fixture_sql(tn->database,
		"create table repack.log_1 (id bigint); "
		"create trigger repack_trigger after insert on contact for each row "
		"execute function repack.repack_trigger('insert into repack.log_1 values (1)')");
	assert_int_equal(number(&leftovers, NO_VALS), 2);
	assert_ok(rewrite_begin(&w));
	assert_int_equal(number(&leftovers, NO_VALS), 0);
	assert_int_equal(number(&open_to_others, NO_VALS), 0);
	assert_ok(rewrite_table(&w, "contact"));
}

static void
an_extension_of_another_version_is_made_again(void **state)
{
	struct rewrite w = work();
	const char *ours = rewrite_program_version(a, st->repack);
	struct rows *r;

	(void)state;
	assert_non_null(ours);
	fixture_sql(tn->database,
		"update pg_extension set extversion = '1.0' where extname = 'pg_repack'");
	assert_ok(rewrite_begin(&w));
	assert_ok(conn_query(fixture_conn(tn->database), a, &version, NO_VALS, &r));
	assert_string_equal(rows_text(r, 0, 0), ours);
}

static void
one_that_still_runs_is_waited_for(void **state)
{
	struct hands h;
	struct rewrite w = work();

	(void)state;
	h = hold("select set_config('application_name', 'pg_repack', true)");
	beats_max = 1;
	assert_err(rewrite_begin(&w), ERR_BUSY, "told to end");
	let_go(&h);
	w = work();
	assert_ok(rewrite_begin(&w));
}

static void
a_table_in_use_is_left_for_later(void **state)
{
	struct hands h;
	int64_t before = file("stored_query");
	struct rewrite w = work();

	(void)state;
	assert_ok(rewrite_begin(&w));
	h = hold("lock table stored_query in access share mode");
	assert_kind(rewrite_table(&w, "stored_query"), ERR_BUSY);
	assert_int_equal(file("stored_query"), before);
	assert_true(beats > 0);
	let_go(&h);
	assert_int_equal(number(&leftovers, NO_VALS), 0);
	assert_ok(rewrite_table(&w, "stored_query"));
}

static void
told_to_end_it_leaves_nothing_half(void **state)
{
	struct hands h;
	int64_t before = file("stored_query");
	struct rewrite w = work();

	(void)state;
	assert_ok(rewrite_begin(&w));
	h = hold("lock table stored_query in access share mode");
	beats_max = 0;
	assert_err(rewrite_table(&w, "stored_query"), ERR_BUSY, "told to end");
	let_go(&h);
	assert_int_equal(file("stored_query"), before);
	assert_int_equal(number(&leftovers, NO_VALS), 0);
}

static void
statistics_wait_for_old_snapshots(void **state)
{
	struct hands h;
	int64_t before = file("pg_statistic");
	struct rewrite w = work();

	(void)state;
	h = hold("declare dump cursor for select contact_id from contact");
	beats_max = 1;
	assert_err(rewrite_statistics(&w), ERR_BUSY, "told to end");
	assert_int_equal(file("pg_statistic"), before);
	let_go(&h);
	w = work();
	assert_ok(rewrite_statistics(&w));
}

static void
without_the_program_there_is_a_plain_word(void **state)
{
	struct settings mine;
	struct rewrite w = work();

	(void)state;
	assert_null(rewrite_program_version(a, "/nonexistent/pg_repack"));
	assert_null(rewrite_program_version(a, "/bin/sh"));
	memcpy(&mine, tenancy_settings(t), sizeof(mine));
	mine.repack = "/nonexistent/pg_repack";
	w.tenancy = tenancy_new(&mine);
	assert_kind(rewrite_table(&w, "contact"), ERR_INTERNAL);
	tenancy_free(&w.tenancy);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_table_gets_a_new_file_and_keeps_its_rows),
		cmocka_unit_test(a_table_that_never_held_anything_is_let_be),
		cmocka_unit_test(what_is_no_table_is_an_error),
		cmocka_unit_test(nobody_else_reaches_what_it_runs_as_superuser),
		cmocka_unit_test(leftovers_of_a_killed_run_go_first),
		cmocka_unit_test(an_extension_of_another_version_is_made_again),
		cmocka_unit_test(one_that_still_runs_is_waited_for),
		cmocka_unit_test(a_table_in_use_is_left_for_later),
		cmocka_unit_test(told_to_end_it_leaves_nothing_half),
		cmocka_unit_test(statistics_wait_for_old_snapshots),
		cmocka_unit_test(without_the_program_there_is_a_plain_word),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
