/* SPDX-License-Identifier: ISC */
/* Transactions in pipeline mode, and what becomes of their errors. */
#include "tx_fixture.h"

STMT(add_child, "test.add_child", 1, "insert into child (item_id) values ($1)");
STMT(add_deferred, "test.add_deferred", 1, "insert into deferred (n) values ($1)");
STMT(rename_all, "test.rename_all", 1, "update item set name = name || $1");
STMT(fail, "test.fail", 1, "select fail($1)");
STMT(set_local, "test.set_local", 2, "select set_config($1, $2, true)");
STMT(lock_items, "test.lock_items", 0, "lock table item in access exclusive mode");
STMT(sleep_long, "test.sleep_long", 0, "select 1 from pg_sleep(60)");
STMT(pid, "test.pid", 0, "select pg_backend_pid()::text");
STMT(echo, "test.echo", 1, "select $1::text");
STMT(become, "test.become", 0, "set local role nobody_much");
STMT(chatter, "test.chatter", 0, "select chatter()");
STMT(unsupported, "test.unsupported", 0, "select fail('0A000')");

static void
a_page_costs_one_trip(void **state)
{
	struct rows *before;
	struct rows *after;
	struct tx *tx;

	(void)state;
	assert_ok(tx_begin(c, a, &set_local, VALS(val_text("praya.user"), val_text("7")), &tx));
	tx_queue(tx, &count, NO_VALS, &before);
	for (int i = 1; i <= 300; i++)
		tx_queue(tx, &add, VALS(val_i64(i), val_text("陳大文")), NULL);
	tx_queue(tx, &count, NO_VALS, &after);
	assert_null(after);
	assert_false(tx_committed(tx));
	assert_ok(tx_commit(tx));
	assert_int_equal(trips, 1);
	assert_true(tx_committed(tx));
	assert_int_equal(rows_i64(before, 0, 0), 0);
	assert_int_equal(rows_i64(after, 0, 0), 300);
	assert_string_equal(rows_text(tx_enter_rows(tx), 0, 0), "7");
	assert_string_equal(tx_error_state(tx), "");
	tx_end(&tx);
	assert_null(tx);
	assert_int_equal(items(), 300);
}

static void
rows_affected_are_counted(void **state)
{
	struct rows *rows;
	struct rows *none;
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &rename_all, VALS(val_text("!")), &none);
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
	tx_queue(tx, &add, VALS(val_i64(2), val_text("b")), NULL);
	tx_queue(tx, &rename_all, VALS(val_text("!")), &rows);
	assert_ok(tx_run(tx));
	assert_int_equal(rows_affected(none), 0);
	assert_int_equal(rows_affected(rows), 2);
	/* Nothing queued: nothing sent. */
	assert_int_equal(trips, 1);
	assert_ok(tx_run(tx));
	assert_int_equal(trips, 1);
	assert_ok(tx_commit(tx));
	tx_end(&tx);
	assert_int_equal(items(), 2);
}

static void
an_error_in_the_middle_undoes_everything(void **state)
{
	struct rows *first;
	struct rows *last;
	struct err *e;
	struct tx *tx = begin();

	(void)state;
	assert_ok(tx_query(tx, &add, VALS(val_i64(1), val_text("a")), NULL));
	tx_queue(tx, &count, NO_VALS, &first);
	tx_queue(tx, &add, VALS(val_i64(1), val_text("secret")), NULL);
	tx_queue(tx, &echo, VALS(val_text("x")), &last);
	e = tx_commit(tx);
	assert_err(e, ERR_CONFLICT, "test.add: SQLSTATE 23505 item_pkey");
	assert_null(strstr(e->detail, "secret"));
	assert_string_equal(tx_error_state(tx), "23505");
	assert_false(tx_committed(tx));
	assert_null(first);
	assert_null(last);
	assert_int_equal(items(), 0);
	/* Before tx_end(), the connection already serves another transaction. */
	assert_usable(5);
	tx_queue(tx, &add, VALS(val_i64(6), val_text("late")), &last);
	assert_null(last);
	assert_err(tx_run(tx), ERR_INTERNAL, "23505");
	assert_err(tx_commit(tx), ERR_INTERNAL, "23505");
	tx_end(&tx);
	assert_int_equal(items(), 1);
}

static void
a_transaction_that_is_over_stays_over(void **state)
{
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
	assert_ok(tx_commit(tx));
	assert_err(tx_run(tx), ERR_INTERNAL, "over");
	assert_err(tx_commit(tx), ERR_INTERNAL, "over");
	assert_true(tx_committed(tx));
	tx_end(&tx);
	tx_end(&tx);
	assert_int_equal(items(), 1);
}

/* Another transaction makes the commit wait, for the number of a deferred check. */
static struct tx *
hold_number(int n)
{
	struct tx *tx;

	assert_ok(tx_begin(other, a, NULL, NO_VALS, &tx));
	assert_ok(tx_query(tx, &add_deferred, VALS(val_i64(n)), NULL));
	return tx;
}

static void
rows_are_there_before_the_commit_is(void **state)
{
	struct tx *holder = hold_number(1), *tx = begin();
	struct rows *rows;

	(void)state;
	trips = 0;
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
	tx_queue(tx, &count, NO_VALS, &rows);
	tx_queue(tx, &add_deferred, VALS(val_i64(1)), NULL);
	assert_ok(tx_commit_begin(tx));
	assert_int_equal(rows_i64(rows, 0, 0), 1);
	assert_true(tx_committing(tx));
	assert_false(tx_committed(tx));
	assert_int_equal(trips, 1);
	tx_end(&holder);
	assert_ok(tx_commit(tx));
	assert_true(tx_committed(tx));
	assert_false(tx_committing(tx));
	assert_int_equal(rows_i64(rows, 0, 0), 1);
	tx_end(&tx);
	assert_int_equal(items(), 1);
	assert_usable(2);
}

static void
a_commit_that_fails_late_is_an_error(void **state)
{
	struct tx *holder = hold_number(1), *tx = begin();
	struct rows *rows;

	(void)state;
	tx_queue(tx, &count, NO_VALS, &rows);
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
	tx_queue(tx, &add_deferred, VALS(val_i64(1)), NULL);
	assert_ok(tx_commit_begin(tx));
	assert_ok(tx_commit(holder));
	tx_end(&holder);
	assert_err(tx_commit(tx), ERR_CONFLICT, "commit: SQLSTATE 23505");
	assert_false(tx_committed(tx));
	assert_string_equal(tx_error_state(tx), "23505");
	/* What was handed out stays readable. */
	assert_int_equal(rows_i64(rows, 0, 0), 0);
	assert_int_equal(items(), 0);
	assert_usable(2);
	tx_end(&tx);
}

static void
an_error_before_the_commit_needs_no_second_call(void **state)
{
	struct tx *tx = begin();
	struct rows *rows;

	(void)state;
	tx_queue(tx, &count, NO_VALS, &rows);
	tx_queue(tx, &fail, VALS(val_text("P0001")), NULL);
	assert_err(tx_commit_begin(tx), ERR_INTERNAL, "test.fail: SQLSTATE P0001");
	assert_null(rows);
	assert_false(tx_committing(tx));
	assert_err(tx_commit(tx), ERR_INTERNAL, "over");
	assert_usable(1);
	tx_end(&tx);
}

static void
a_commit_under_way_is_ended_by_who_forgets_it(void **state)
{
	struct arena_mark mark = arena_mark(a);
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
	assert_ok(tx_commit_begin(tx));
	tx_end(&tx);
	assert_int_equal(items(), 1);
	assert_usable(2);
	tx = begin();
	tx_queue(tx, &add, VALS(val_i64(3), val_text("b")), NULL);
	assert_ok(tx_commit_begin(tx));
	arena_release(a, mark);
	assert_usable(4);
}

static void
what_is_not_committed_is_undone(void **state)
{
	struct arena_mark mark = arena_mark(a);
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &add, VALS(val_i64(1), val_text("never sent")), NULL);
	tx_end(&tx);
	assert_int_equal(trips, 0);
	tx = begin();
	assert_ok(tx_query(tx, &add, VALS(val_i64(2), val_text("sent")), NULL));
	tx_end(&tx);
	assert_string_equal(db_text(c, "select count(*)::text from item"), "0");
	/* Even when tx_end() is forgotten, the lock goes with the arena. */
	tx = begin();
	tx_queue(tx, &lock_items, NO_VALS, NULL);
	assert_ok(tx_query(tx, &add, VALS(val_i64(3), val_text("forgotten")), NULL));
	arena_release(a, mark);
	assert_int_equal(items(), 0);
	assert_usable(4);
}

static void
sqlstates_become_kinds(void **state)
{
	static const struct {
		const char *state;
		enum err_kind kind;
	} want[] = {{"23505", ERR_CONFLICT}, {"23503", ERR_NOT_FOUND}, {"23514", ERR_INTERNAL},
		{"40001", ERR_BUSY}, {"40P01", ERR_BUSY}, {"55P03", ERR_BUSY}, {"57014", ERR_BUSY},
		{"57P01", ERR_BUSY}, {"57P04", ERR_BUSY}, {"08006", ERR_BUSY}, {"53100", ERR_BUSY},
		{"53300", ERR_BUSY}, {"25P03", ERR_BUSY}, {"42501", ERR_DENIED},
		{"42P01", ERR_INTERNAL}, {"PR001", ERR_INTERNAL}, {"P0001", ERR_INTERNAL}};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		struct tx *tx = begin();
		struct err *e = tx_query(tx, &fail, VALS(val_text(want[i].state)), NULL);

		assert_err(e, want[i].kind, want[i].state);
		assert_null(strstr(e->detail, "secret"));
		assert_string_equal(tx_error_state(tx), want[i].state);
		tx_end(&tx);
	}
	assert_usable(1);
}

static void
a_missing_parent_is_not_found(void **state)
{
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &add_child, VALS(val_i64(99)), NULL);
	assert_err(tx_commit(tx), ERR_NOT_FOUND, "child_item_id_fkey");
	tx_end(&tx);
	assert_usable(1);
}

static void
a_right_that_is_missing_is_denied(void **state)
{
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &become, NO_VALS, NULL);
	tx_queue(tx, &count, NO_VALS, NULL);
	assert_err(tx_commit(tx), ERR_DENIED, "test.count: SQLSTATE 42501");
	tx_end(&tx);
	assert_usable(1);
}

static void
a_constraint_can_fail_at_commit(void **state)
{
	struct tx *tx = begin();

	(void)state;
	tx_queue(tx, &add_deferred, VALS(val_i64(1)), NULL);
	tx_queue(tx, &add_deferred, VALS(val_i64(1)), NULL);
	assert_ok(tx_run(tx));
	assert_err(tx_commit(tx), ERR_CONFLICT, "commit: SQLSTATE 23505 deferred_n");
	assert_false(tx_committed(tx));
	tx_end(&tx);
	assert_string_equal(db_text(c, "select count(*)::text from deferred"), "0");
}

static void
locks_and_long_statements_are_busy(void **state)
{
	struct tx *holder;
	struct tx *tx = begin();

	(void)state;
	assert_ok(tx_begin(other, a, &lock_items, NO_VALS, &holder));
	assert_ok(tx_run(holder));
	tx_queue(tx, &set_local, VALS(val_text("lock_timeout"), val_text("50ms")), NULL);
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
	assert_err(tx_run(tx), ERR_BUSY, "55P03");
	tx_end(&tx);
	tx_end(&holder);
	tx = begin();
	tx_queue(tx, &set_local, VALS(val_text("statement_timeout"), val_text("50ms")), NULL);
	tx_queue(tx, &sleep_long, NO_VALS, NULL);
	assert_err(tx_run(tx), ERR_BUSY, "57014");
	tx_end(&tx);
	assert_usable(1);
}

static void
nothing_runs_when_enter_fails(void **state)
{
	struct rows *rows;
	struct tx *tx;

	(void)state;
	assert_ok(tx_begin(c, a, &fail, VALS(val_text("PR001")), &tx));
	tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), &rows);
	assert_err(tx_commit(tx), ERR_INTERNAL, "test.fail: SQLSTATE PR001");
	assert_string_equal(tx_error_state(tx), "PR001");
	assert_null(tx_enter_rows(tx));
	assert_null(rows);
	tx_end(&tx);
	assert_int_equal(items(), 0);
	assert_usable(1);
}

static void
a_session_killed_in_a_transaction_is_busy_and_undone(void **state)
{
	struct rows *rows;
	struct tx *tx;

	(void)state;
	for (int commit = 0; commit < 2; commit++) {
		tx = begin();
		tx_queue(tx, &add, VALS(val_i64(1), val_text("a")), NULL);
		assert_ok(tx_query(tx, &pid, NO_VALS, &rows));
		db_terminate(other, rows_text(rows, 0, 0));
		assert_err(commit ? tx_commit(tx) : tx_query(tx, &count, NO_VALS, &rows), ERR_BUSY,
			"SQLSTATE");
		assert_false(tx_committed(tx));
		assert_err(tx_run(tx), ERR_INTERNAL, "over");
		tx_end(&tx);
		assert_int_equal(items(), 0);
	}
	tx = begin();
	assert_ok(tx_query(tx, &pid, NO_VALS, &rows));
	db_terminate(other, rows_text(rows, 0, 0));
	tx_end(&tx); /* the rollback finds nobody there */
	assert_usable(2);
}

/* Neither side may wait for the other to read first. */
static void
large_parameters_and_results_pass_each_other(void **state)
{
	enum { N = 12 };
	const size_t size = (size_t)2 << 20;
	char *text = arena_alloc(a, size + 1);
	struct rows *rows[N];
	struct tx *tx = begin();

	(void)state;
	memset(text, 'x', size);
	for (int i = 0; i < N; i++) {
		text[0] = (char)('a' + i);
		tx_queue(tx, &echo, VALS(val_text(text)), &rows[i]);
	}
	assert_ok(tx_commit(tx));
	assert_int_equal(trips, 1);
	for (int i = 0; i < N; i++) {
		assert_int_equal(strlen(rows_text(rows[i], 0, 0)), size);
		assert_int_equal(rows_text(rows[i], 0, 0)[0], 'a' + i);
	}
	tx_end(&tx);
	assert_usable(1);
}

/* Not everything with that SQLSTATE is an old plan. */
static void
what_is_not_supported_does_not_become_busy(void **state)
{
	(void)state;
	for (int i = 0; i < 3; i++)
		assert_err(conn_query(c, a, &unsupported, NO_VALS, NULL), ERR_INTERNAL, "0A000");
	assert_usable(1);
}

static void
a_single_statement_commits_itself(void **state)
{
	struct rows *rows;

	(void)state;
	assert_ok(conn_query(c, a, &add, VALS(val_i64(1), val_text("a")), &rows));
	assert_int_equal(rows_affected(rows), 1);
	assert_int_equal(items(), 1);
	assert_err(conn_query(c, a, &add, VALS(val_i64(1), val_text("a")), &rows), ERR_CONFLICT,
		"item_pkey");
	assert_null(rows);
	assert_usable(2);
}

static void
time_and_statements_are_counted(void **state)
{
	int statements;
	long usec;
	struct tx *tx = begin();

	(void)state;
	tx_stats(&statements, &usec);
	tx_queue(tx, &count, NO_VALS, NULL);
	tx_queue(tx, &set_local, VALS(val_text("praya.x"), val_text("y")), NULL);
	assert_ok(tx_commit(tx));
	tx_end(&tx);
	assert_ok(
		conn_query(c, a, stmt_composed(a, "s", "select pg_sleep(0.02)", 0), NO_VALS, NULL));
	tx_stats(&statements, &usec);
	assert_int_equal(statements, 3);
	assert_true(usec >= 20000);
	tx_stats(&statements, &usec);
	assert_int_equal(statements, 0);
	assert_int_equal(usec, 0);
}

static void
notices_reach_nobody(void **state)
{
	FILE *caught = tmpfile();
	int kept = dup(STDERR_FILENO);
	struct rows *rows;
	struct err *e;

	(void)state;
	dup2(fileno(caught), STDERR_FILENO);
	e = conn_query(c, a, &chatter, NO_VALS, &rows);
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_ok(e);
	assert_int_equal(fseek(caught, 0, SEEK_END), 0);
	assert_int_equal(ftell(caught), 0);
	fclose(caught);
}

static void
begin_twice(void)
{
	begin();
	begin();
}

static void
query_inside(void)
{
	begin();
	assert_ok(conn_query(c, a, &count, NO_VALS, NULL));
}

static void
queue_after_commit(void)
{
	struct tx *tx = begin();

	assert_ok(tx_commit(tx));
	tx_queue(tx, &count, NO_VALS, NULL);
}

static void
queue_while_committing(void)
{
	struct tx *tx = begin();

	assert_ok(tx_commit_begin(tx));
	tx_queue(tx, &count, NO_VALS, NULL);
}

static void
one_name_for_two_texts(void)
{
	static const struct stmt first = {"test.same", "select 1", 0, NULL};
	static const struct stmt second = {"test.same", "select 2", 0, NULL};

	assert_ok(conn_query(c, a, &first, NO_VALS, NULL));
	assert_ok(conn_query(c, a, &second, NO_VALS, NULL));
}

static void
a_name_that_would_be_cut(void)
{
	static const struct stmt s = {
		"test.0123456789012345678901234567890123456789012345678901234567890", "select 1", 0,
		NULL};

	assert_ok(conn_query(c, a, &s, NO_VALS, NULL));
}

static void
too_few_values(void)
{
	tx_queue(begin(), &set_local, VALS(val_text("x")), NULL);
}

static void
too_many_values(void)
{
	assert_ok(conn_query(c, a, &echo, VALS(val_text("x"), val_text("y")), NULL));
}

static void
enter_without_values(void)
{
	struct tx *tx;

	assert_ok(tx_begin(c, a, &set_local, NO_VALS, &tx));
}

static void
misuse_panics(void **state)
{
	(void)state;
	assert_panics(begin_twice);
	assert_panics(query_inside);
	assert_panics(queue_after_commit);
	assert_panics(queue_while_committing);
	assert_panics(one_name_for_two_texts);
	assert_panics(a_name_that_would_be_cut);
	assert_panics(too_few_values);
	assert_panics(too_many_values);
	assert_panics(enter_without_values);
}

static void
all_statements_are_listed(void **state)
{
	const struct stmt *const *list;
	size_t n = stmt_all(&list);
	bool found = false;

	(void)state;
	assert_true(n >= 14);
	for (size_t i = 0; i < n; i++) {
		assert_non_null(list[i]);
		found |= strcmp(list[i]->name, "test.add_child") == 0;
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(list[i]->name, list[j]->name);
	}
	assert_true(found);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		tx_test(a_page_costs_one_trip),
		tx_test(rows_affected_are_counted),
		tx_test(an_error_in_the_middle_undoes_everything),
		tx_test(a_transaction_that_is_over_stays_over),
		tx_test(rows_are_there_before_the_commit_is),
		tx_test(a_commit_that_fails_late_is_an_error),
		tx_test(an_error_before_the_commit_needs_no_second_call),
		tx_test(a_commit_under_way_is_ended_by_who_forgets_it),
		tx_test(what_is_not_committed_is_undone),
		tx_test(sqlstates_become_kinds),
		tx_test(a_missing_parent_is_not_found),
		tx_test(a_right_that_is_missing_is_denied),
		tx_test(a_constraint_can_fail_at_commit),
		tx_test(locks_and_long_statements_are_busy),
		tx_test(nothing_runs_when_enter_fails),
		tx_test(a_session_killed_in_a_transaction_is_busy_and_undone),
		tx_test(large_parameters_and_results_pass_each_other),
		tx_test(what_is_not_supported_does_not_become_busy),
		tx_test(a_single_statement_commits_itself),
		tx_test(time_and_statements_are_counted),
		tx_test(notices_reach_nobody),
		tx_test(misuse_panics),
		tx_test(all_statements_are_listed),
	};

	return cmocka_run_group_tests_name("tx", tests, NULL, NULL);
}
