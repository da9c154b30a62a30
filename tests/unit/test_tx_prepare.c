/* SPDX-License-Identifier: ISC */
/* Prepared statements: made once, kept within bounds, made anew when they no longer fit. */
#include "tx_fixture.h"

STMT(fail, "test.fail", 1, "select fail($1)");
STMT(echo, "test.echo", 1, "select $1::text");
STMT(all_wide, "test.all_wide", 0, "select * from wide");
STMT(wrong, "test.wrong", 0, "select nothing from nowhere");

static void
statements_are_prepared_once(void **state)
{
	const char *sql =
		"select count(*)::text from pg_prepared_statements where name = 'test.add'"
		" and not from_sql";

	(void)state;
	for (int i = 1; i <= 3; i++)
		assert_usable(i);
	assert_int_equal(trips, 3);
	assert_string_equal(db_text(c, sql), "1");
}

/* libpq keeps the buffers that a large parameter needed until the session ends;
 * a process must not stay that big. */
static void
a_session_that_sent_much_is_replaced(void **state)
{
	char *text = arena_alloc(a, ((size_t)5 << 20) + 1);
	const char *before = db_text(c, "select pg_backend_pid()::text");

	(void)state;
	assert_ok(conn_query(c, a, &echo, VALS(val_text("little")), NULL));
	assert_string_equal(db_text(c, "select pg_backend_pid()::text"), before);
	memset(text, 'x', (size_t)5 << 20);
	assert_ok(conn_query(c, a, &echo, VALS(val_text(text)), NULL));
	assert_string_not_equal(db_text(c, "select pg_backend_pid()::text"), before);
}

static const struct stmt *
composed(int i)
{
	return stmt_composed(a, "test.composed", arena_printf(a, "select %d + $1::int", i), 1);
}

static const char *
count_composed(void)
{
	/* One of them is this very question. */
	return db_text(c, "select (count(*) - 1)::text from pg_prepared_statements"
			  " where name like 'c\\_%'");
}

static void
composed_statements_stay_bounded(void **state)
{
	struct rows *rows;
	int n;

	(void)state;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 500; i++) {
			struct tx *tx = begin();

			tx_queue(tx, composed(i), VALS(val_i64(1)), &rows);
			assert_ok(tx_commit(tx));
			assert_int_equal(rows_i64(rows, 0, 0), i + 1);
			tx_end(&tx);
		}
	}
	assert_int_equal(trips, 1000);
	n = atoi(count_composed());
	assert_in_range(n, 150, 200);
}

static void
five_hundred_composed_statements_in_one_trip(void **state)
{
	struct rows *rows[500];
	struct tx *tx = begin();

	(void)state;
	for (int i = 0; i < 500; i++)
		tx_queue(tx, composed(i), VALS(val_i64(1)), &rows[i]);
	/* The first ones have been pushed out by now, in this very trip. */
	tx_queue(tx, composed(0), VALS(val_i64(9)), &rows[0]);
	assert_ok(tx_commit(tx));
	assert_int_equal(trips, 1);
	assert_int_equal(rows_i64(rows[0], 0, 0), 9);
	assert_int_equal(rows_i64(rows[499], 0, 0), 500);
	tx_end(&tx);
	assert_in_range(atoi(count_composed()), 150, 200);
}

/* A trip that fails has prepared and deallocated only what stands before the
 * error; the books must say the same as the server. */
static void
failed_trips_leave_the_books_right(void **state)
{
	struct rows *rows;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct tx *tx = begin();

		for (int i = 0; i < 20; i++)
			tx_queue(tx, composed((round * 13 + i) % 400), VALS(val_i64(1)), NULL);
		tx_queue(tx, &fail, VALS(val_text("23505")), NULL);
		for (int i = 0; i < 20; i++)
			tx_queue(tx, composed((round * 17 + i + 7) % 400), VALS(val_i64(1)), NULL);
		assert_err(tx_commit(tx), ERR_CONFLICT, "test.fail");
		tx_end(&tx);
	}
	assert_in_range(atoi(count_composed()), 150, 200);
	for (int i = 0; i < 400; i++) {
		assert_ok(conn_query(c, a, composed(i), VALS(val_i64(1)), &rows));
		assert_int_equal(rows_i64(rows, 0, 0), i + 1);
	}
	assert_in_range(atoi(count_composed()), 150, 200);
}

static void
a_statement_that_cannot_be_prepared_is_not_remembered(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct tx *tx = begin();

		tx_queue(tx, &wrong, NO_VALS, NULL);
		tx_queue(tx, &echo, VALS(val_text("x")), NULL);
		assert_err(tx_run(tx), ERR_INTERNAL, "test.wrong: SQLSTATE 42P01");
		tx_end(&tx);
		assert_ok(conn_query(c, a, &echo, VALS(val_text("x")), NULL));
	}
	db_script("create view nowhere as select 1 as nothing");
	assert_ok(conn_query(c, a, &wrong, NO_VALS, NULL));
}

static void
plans_that_no_longer_fit_are_made_anew(void **state)
{
	struct rows *rows;
	struct tx *tx;

	(void)state;
	assert_ok(conn_query(c, a, &all_wide, NO_VALS, &rows));
	assert_ok(conn_script(other, a, "alter table test.wide add y int"));
	assert_ok(conn_query(c, a, &all_wide, NO_VALS, &rows));
	assert_int_equal(rows_columns(rows), 2);
	/* In the first trip nobody has seen anything: it is repeated. */
	assert_ok(conn_script(other, a, "alter table test.wide add z int"));
	tx = begin();
	tx_queue(tx, &add, VALS(val_i64(1), val_text("once")), NULL);
	tx_queue(tx, &all_wide, NO_VALS, &rows);
	assert_ok(tx_commit(tx));
	assert_int_equal(rows_columns(rows), 3);
	tx_end(&tx);
	assert_int_equal(items(), 1);
	/* Later, the caller has to. */
	assert_ok(conn_script(other, a, "alter table test.wide drop z"));
	tx = begin();
	assert_ok(tx_query(tx, &count, NO_VALS, &rows));
	assert_err(tx_query(tx, &all_wide, NO_VALS, &rows), ERR_BUSY, "0A000");
	tx_end(&tx);
	assert_ok(conn_query(c, a, &all_wide, NO_VALS, &rows));
	assert_int_equal(rows_columns(rows), 2);
}

static void
statements_lost_behind_our_back_are_prepared_again(void **state)
{
	(void)state;
	assert_ok(conn_query(c, a, &echo, VALS(val_text("x")), NULL));
	db_script("deallocate all");
	assert_ok(conn_query(c, a, &echo, VALS(val_text("x")), NULL));
	db_script("deallocate all");
	assert_usable(1);
	db_script("deallocate all");
	assert_usable(2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		tx_test(statements_are_prepared_once),
		tx_test(a_session_that_sent_much_is_replaced),
		tx_test(composed_statements_stay_bounded),
		tx_test(five_hundred_composed_statements_in_one_trip),
		tx_test(failed_trips_leave_the_books_right),
		tx_test(a_statement_that_cannot_be_prepared_is_not_remembered),
		tx_test(plans_that_no_longer_fit_are_made_anew),
		tx_test(statements_lost_behind_our_back_are_prepared_again),
	};

	return cmocka_run_group_tests_name("tx_prepare", tests, NULL, NULL);
}
