/* SPDX-License-Identifier: ISC */
/* The cell database: ringing for the worker. */
#include "tenant_fixture.h"

static struct conn *cell;
static struct tenant *x;
static struct tenant *y;

STMT(wake_now, "test.wake_now", 1, "select wake($1::bigint, null)");
STMT(wake_in, "test.wake_in", 2, "select wake($1::bigint, now() + make_interval(secs => $2::int))");
STMT(done_in, "test.done_in", 2,
	"select wake_done($1::bigint, now() + make_interval(secs => $2::int))");
STMT(done_none, "test.done_none", 1, "select wake_done($1::bigint, null)");

static int
setup(void **state)
{
	fixture_setup(state);
	x = fixture_tenant("first");
	y = fixture_tenant("second");
	assert_ok(cell_conn(t, a, &cell));
	return 0;
}

static int
quiet(void **state)
{
	(void)state;
	fixture_sql("praya_cell", "delete from wakeup");
	return 0;
}

static void
ring(const struct stmt *s, const struct tenant *tn, int seconds)
{
	if (s->params == 1)
		assert_ok(conn_query(cell, a, s, VALS(val_i64(tn->id)), NULL));
	else
		assert_ok(conn_query(cell, a, s, VALS(val_i64(tn->id), val_i64(seconds)), NULL));
}

/* Ids that a worker gets, in order, by commas. */
static const char *
take(void)
{
	return db_text(cell, "select coalesce(string_agg(x::text, ',' order by x), '') "
			     "from wake_take(10) x");
}

static const char *
ids(const struct tenant *one, const struct tenant *two)
{
	return two == NULL ? arena_printf(a, "%lld", (long long)one->id)
			   : arena_printf(a, "%lld,%lld", (long long)one->id, (long long)two->id);
}

static void
test_rings_merge(void **state)
{
	(void)state;
	assert_string_equal(take(), "");
	ring(&wake_now, x, 0);
	ring(&wake_now, x, 0);
	ring(&wake_now, y, 0);
	assert_string_equal(take(), ids(x, y));
	assert_string_equal(take(), "");
	/* While the worker is busy with it. */
	ring(&wake_now, x, 0);
	assert_string_equal(take(), ids(x, NULL));
	ring(&done_none, x, 0);
	ring(&done_none, y, 0);
	assert_string_equal(take(), "");
}

static void
test_due_later(void **state)
{
	(void)state;
	ring(&wake_in, x, 3600);
	ring(&wake_in, x, 7200);
	assert_string_equal(take(), "");
	assert_string_equal(
		db_text(cell, "select (wake_wait() between 3500 and 3600)::text"), "true");
	ring(&wake_in, x, 60);
	assert_string_equal(db_text(cell, "select (wake_wait() between 50 and 60)::text"), "true");
	fixture_sql("praya_cell", "update wakeup set next_due_at = now() - interval '1 s'");
	assert_string_equal(db_text(cell, "select wake_wait()::text"), "0");
	assert_string_equal(take(), ids(x, NULL));
	/* Finishing never puts off a ring that came meanwhile. */
	ring(&wake_in, x, 30);
	ring(&done_in, x, 3600);
	assert_string_equal(db_text(cell, "select (wake_wait() between 20 and 30)::text"), "true");
}

/* A worker that was killed gives back what it took. */
static void
test_killed_worker(void **state)
{
	(void)state;
	ring(&wake_now, x, 0);
	assert_string_equal(take(), ids(x, NULL));
	assert_string_equal(take(), "");
	fixture_sql("praya_cell", "update wakeup set taken_at = now() - interval '6 minutes'");
	assert_string_equal(take(), ids(x, NULL));
	ring(&done_none, x, 0);
	fixture_sql("praya_cell", "update wakeup set taken_at = taken_at - interval '6 minutes'");
	assert_string_equal(take(), "");
}

static void
test_doorbell(void **state)
{
	(void)state;
	assert_ok(conn_listen(cell, a, "praya_wakeup"));
	assert_false(conn_wait(cell, 0));
	ring(&wake_now, x, 0);
	assert_true(conn_wait(cell, 5000));
}

/* For later it rings only where the worker would sleep too long: when the first pages of many
 * workspaces are asked for, it is not woken for each of them. */
static void
test_doorbell_for_later(void **state)
{
	(void)state;
	assert_ok(conn_listen(cell, a, "praya_wakeup"));
	assert_false(conn_wait(cell, 0));
	ring(&wake_in, x, 60);
	assert_true(conn_wait(cell, 5000));
	ring(&wake_in, x, 60);
	ring(&wake_in, x, 90);
	ring(&wake_in, y, 90);
	assert_false(conn_wait(cell, 0));
	assert_string_equal(
		db_text(cell, "select count(*)::text from wakeup where next_due_at is not null"),
		"2");
	ring(&wake_in, y, 30);
	assert_true(conn_wait(cell, 5000));
	/* What waits now rings, whatever is due besides, and however often. */
	ring(&wake_now, y, 0);
	assert_true(conn_wait(cell, 5000));
	ring(&wake_now, y, 0);
	assert_true(conn_wait(cell, 5000));
}

static void
test_not_for_workspaces(void **state)
{
	struct conn *own;

	(void)state;
	assert_kind(conn_query(cell, a, &wake_now, VALS(val_i64(999999)), NULL), ERR_NOT_FOUND);
	assert_err(conn_get(pool, a, conninfo_set(a, x->conninfo, "dbname", "praya_cell"), &own),
		ERR_BUSY, "permission denied");
	assert_kind(conn_script(cell, a, "delete from erasure_ledger"), ERR_DENIED);
	assert_kind(conn_script(cell, a, "update erasure_ledger set contact_id = 1"), ERR_DENIED);
	assert_kind(conn_script(cell, a, "update tenant_key set wrapped = ''"), ERR_DENIED);
	assert_kind(conn_script(cell, a, "delete from tenant_key"), ERR_DENIED);
	assert_kind(conn_script(cell, a, "update master_check set sealed = ''"), ERR_DENIED);
	assert_kind(conn_script(cell, a, "create table mine (x int)"), ERR_DENIED);
}

#define cell_test(fn) cmocka_unit_test_setup(fn, quiet)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cell_test(test_rings_merge),
		cell_test(test_due_later),
		cell_test(test_killed_worker),
		cell_test(test_doorbell),
		cell_test(test_doorbell_for_later),
		cell_test(test_not_for_workspaces),
	};

	return cmocka_run_group_tests(tests, setup, fixture_teardown);
}
