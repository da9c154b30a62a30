/* SPDX-License-Identifier: ISC */
/* A transaction that holds others, and is never committed. */
#include "tx_fixture.h"

#include "trial.h"

STMT(set_local, "test.trial_set", 2, "select set_config($1, $2, true)");
STMT(read_set, "test.trial_read", 1, "select coalesce(current_setting($1, true), '')");
STMT(pid, "test.trial_pid", 0, "select pg_backend_pid()::bigint");

static int64_t
counted(struct conn *by)
{
	struct rows *rows;

	assert_ok(conn_query(by, a, &count, NO_VALS, &rows));
	return rows_i64(rows, 0, 0);
}

static void
add_one(int64_t n)
{
	assert_ok(conn_query(c, a, &add, VALS(val_i64(n), val_text("x")), NULL));
}

static void
nothing_is_seen_and_nothing_is_left(void **state)
{
	struct tx *tx;

	(void)state;
	assert_ok(trial_begin(c, a));
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	assert_ok(tx_query(tx, &add, VALS(val_i64(1), val_text("x")), NULL));
	assert_ok(tx_commit(tx));
	assert_true(tx_committed(tx));
	tx_end(&tx);
	add_one(2);
	assert_int_equal(counted(c), 2);
	assert_int_equal(counted(other), 0);
	trial_end(c, a);
	assert_int_equal(counted(c), 0);
	trial_end(c, a);
	add_one(3);
	assert_int_equal(counted(other), 1);
}

static void
a_commit_that_is_under_way_is_one_too(void **state)
{
	struct tx *tx;

	(void)state;
	assert_ok(trial_begin(c, a));
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	tx_queue(tx, &add, VALS(val_i64(1), val_text("x")), NULL);
	assert_ok(tx_commit_begin(tx));
	assert_ok(tx_commit(tx));
	tx_end(&tx);
	assert_int_equal(counted(c), 1);
	trial_end(c, a);
	assert_int_equal(counted(c), 0);
}

static void
what_fails_takes_back_its_own_only(void **state)
{
	struct tx *tx;

	(void)state;
	assert_ok(trial_begin(c, a));
	add_one(1);
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	assert_ok(tx_query(tx, &add, VALS(val_i64(2), val_text("x")), NULL));
	assert_err(
		tx_query(tx, &add, VALS(val_i64(1), val_text("x")), NULL), ERR_CONFLICT, "23505");
	tx_end(&tx);
	assert_err(conn_query(c, a, &add, VALS(val_i64(1), val_text("x")), NULL), ERR_CONFLICT,
		"23505");
	/* Given up without an error, and before anything was sent. */
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	assert_ok(tx_query(tx, &add, VALS(val_i64(3), val_text("x")), NULL));
	tx_end(&tx);
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	tx_end(&tx);
	assert_int_equal(counted(c), 1);
	trial_end(c, a);
}

static void
settings_end_with_their_transaction(void **state)
{
	struct val name = val_text("praya.user_id");
	struct rows *rows;
	struct tx *tx;

	(void)state;
	assert_ok(trial_begin(c, a));
	assert_ok(tx_begin(c, a, &set_local, VALS(name, val_text("7")), &tx));
	assert_ok(tx_query(tx, &read_set, VALS(name), &rows));
	assert_string_equal(rows_text(rows, 0, 0), "7");
	assert_ok(tx_commit(tx));
	tx_end(&tx);
	assert_ok(conn_query(c, a, &read_set, VALS(name), &rows));
	assert_string_equal(rows_text(rows, 0, 0), "");
	trial_end(c, a);
}

static void
it_goes_back_to_its_mark_as_often_as_one_likes(void **state)
{
	(void)state;
	assert_ok(trial_begin(c, a));
	add_one(1);
	assert_ok(trial_mark(c, a));
	for (int i = 0; i < 3; i++) {
		add_one(2);
		assert_int_equal(counted(c), 2);
		assert_ok(trial_back(c, a));
		assert_int_equal(counted(c), 1);
	}
	trial_end(c, a);
	assert_int_equal(counted(c), 0);
}

static void
it_reads_one_snapshot(void **state)
{
	(void)state;
	assert_ok(trial_begin(c, a));
	assert_int_equal(counted(c), 0);
	assert_ok(conn_query(other, a, &add, VALS(val_i64(9), val_text("x")), NULL));
	assert_int_equal(counted(c), 0);
	trial_end(c, a);
	assert_int_equal(counted(c), 1);
}

static void
one_that_was_lost_does_not_go_on(void **state)
{
	struct rows *rows;

	(void)state;
	assert_ok(trial_begin(c, a));
	assert_ok(conn_query(c, a, &pid, NO_VALS, &rows));
	db_terminate(other, arena_printf(a, "%lld", (long long)rows_i64(rows, 0, 0)));
	/* Without the trial around it this would be kept. */
	assert_err(conn_query(c, a, &add, VALS(val_i64(1), val_text("x")), NULL), ERR_BUSY, "");
	assert_err(conn_query(c, a, &add, VALS(val_i64(1), val_text("x")), NULL), ERR_BUSY, "");
	assert_err(trial_mark(c, a), ERR_BUSY, "");
	trial_end(c, a);
	assert_int_equal(counted(c), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		tx_test(nothing_is_seen_and_nothing_is_left),
		tx_test(a_commit_that_is_under_way_is_one_too),
		tx_test(what_fails_takes_back_its_own_only),
		tx_test(settings_end_with_their_transaction),
		tx_test(it_goes_back_to_its_mark_as_often_as_one_likes),
		tx_test(it_reads_one_snapshot),
		tx_test(one_that_was_lost_does_not_go_on),
	};

	return cmocka_run_group_tests_name("trial", tests, NULL, NULL);
}
