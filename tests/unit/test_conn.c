/* SPDX-License-Identifier: ISC */
/* The pool, broken sessions, scripts, LISTEN and NOTIFY. */
#include <signal.h>
#include <sys/time.h>
#include <time.h>

#include "db_fixture.h"

#define PID "select pg_backend_pid()::text"

STMT(end_myself, "test.end_myself", 0,
	"select pg_terminate_backend(pg_backend_pid()), pg_sleep(60)");
STMT(kill_myself, "test.kill_myself", 0, "copy (select 1) to program 'kill -9 $PPID'");
STMT(one, "test.one", 0, "select 1");

static void
sessions_start_with_our_settings(void **state)
{
	static const char *const want[][2] = {{"timezone", "UTC"}, {"client_encoding", "UTF8"},
		{"statement_timeout", "30s"}, {"lock_timeout", "5s"},
		{"idle_in_transaction_session_timeout", "30s"}, {"application_name", "praya"},
		{"bytea_output", "hex"}, {"jit", "off"}};

	(void)state;
	for (size_t i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		const char *sql = arena_printf(a, "select current_setting('%s')", want[i][0]);

		assert_string_equal(db_text(c, sql), want[i][1]);
	}
}

static void
one_string_is_one_session(void **state)
{
	struct conn *again;
	const char *pid = db_text(c, PID);

	(void)state;
	assert_string_not_equal(db_text(other, PID), pid);
	assert_ok(conn_get(pool, a, FIRST, &again));
	assert_string_equal(db_text(again, PID), pid);
}

static const char *
numbered(int i)
{
	return arena_printf(a, "dbname=postgres fallback_application_name=n%d", i);
}

/* Sessions of ours besides the one that counts. */
static const char *const count_others =
	"select count(*)::text from pg_stat_activity where application_name = 'praya'"
	" and pid <> pg_backend_pid()";

/* A session that was closed takes a moment to disappear; lock_timeout-like
 * waiting is done by the server: it tells when the process is gone. */
static void
await_gone(const char *pid)
{
	const char *sql =
		arena_printf(a, "select count(*)::text from pg_stat_activity where pid = %s", pid);

	for (int i = 0; i < 1000 && strcmp(db_text(c, sql), "0") != 0; i++)
		usleep(5000);
	assert_string_equal(db_text(c, sql), "0");
}

static void
the_least_recently_used_goes(void **state)
{
	const char *pids[4];
	struct conn *conns[4];

	(void)state;
	/* c and other hold two of the four slots; c is used again and again. */
	for (int i = 0; i < 4; i++) {
		assert_ok(conn_get(pool, a, numbered(i), &conns[i]));
		pids[i] = db_text(conns[i], PID);
		assert_ok(conn_get(pool, a, FIRST, &c));
	}
	await_gone(pids[0]);
	assert_string_equal(db_text(c, count_others), "3");
	assert_ok(conn_get(pool, a, numbered(3), &conns[3]));
	assert_string_equal(db_text(conns[3], PID), pids[3]);
	assert_ok(conn_get(pool, a, numbered(0), &conns[0]));
	assert_string_not_equal(db_text(conns[0], PID), pids[0]);
}

/* Nothing is borrowed. */
static void
rest(void)
{
	assert_in_range(conn_pool_trim(pool, 3600), 3590, 3600);
}

static const char *
ask_often(const char *conninfo, int times)
{
	struct conn *conn = NULL;

	for (int i = 0; i < times; i++)
		assert_ok(conn_get(pool, a, conninfo, &conn));
	return db_text(conn, PID);
}

/* However long ago it was asked for last. */
static void
the_most_wanted_stays(void **state)
{
	const char *pid = ask_often(SECOND, 20);

	(void)state;
	for (int i = 0; i < 12; i++) {
		rest();
		(void)ask_often(numbered(i), 1);
	}
	assert_string_equal(ask_often(SECOND, 1), pid);
}

/* The one that was used just now stays for its next page, even if others are asked for more. */
static void
the_latest_stays(void **state)
{
	const char *wanted = ask_often(numbered(0), 5), *latest;

	(void)state;
	(void)ask_often(SECOND, 9);
	(void)ask_often(numbered(1), 9);
	rest();
	latest = ask_often(numbered(2), 1);
	rest();
	(void)ask_often(numbered(3), 1);
	assert_string_equal(ask_often(numbered(2), 1), latest);
	assert_ok(conn_get(pool, a, FIRST, &c));
	await_gone(wanted);
}

/* What was asked for since the last rest is in somebody's hands, however rarely it is wanted:
 * it stays until as many others as there is room for were asked for. */
static void
what_is_borrowed_stays(void **state)
{
	const char *pid;

	(void)state;
	for (int i = 0; i < 2; i++)
		(void)ask_often(numbered(i), 20);
	(void)ask_often(FIRST, 20);
	pid = ask_often(SECOND, 1);
	(void)ask_often(numbered(0), 1);
	(void)ask_often(numbered(1), 1);
	(void)ask_often(numbered(2), 5);
	assert_string_equal(ask_often(SECOND, 1), pid);
	/* After a rest it is the first to go. */
	rest();
	for (int i = 0; i < 2; i++) {
		(void)ask_often(numbered(i), 1);
		rest();
	}
	(void)ask_often(numbered(3), 1);
	assert_ok(conn_get(pool, a, FIRST, &c));
	await_gone(pid);
}

/* What was wanted once and is no more gives way in the end. */
static void
what_was_wanted_once_goes(void **state)
{
	struct conn *conn;
	const char *pid;

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_ok(conn_get(pool, a, SECOND, &other));
	pid = db_text(other, PID);
	for (int i = 0; i < 2000; i++)
		assert_ok(conn_get(pool, a, i % 2 == 0 ? FIRST : numbered(i % 4), &conn));
	for (int i = 0; i < 3; i++) {
		rest();
		assert_ok(conn_get(pool, a, numbered(i), &conn));
	}
	assert_ok(conn_get(pool, a, FIRST, &c));
	await_gone(pid);
}

static void
a_session_in_a_transaction_is_not_closed(void **state)
{
	struct tx *tx[4];
	struct conn *conn;

	(void)state;
	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx[0]));
	assert_ok(tx_begin(other, a, NULL, NO_VALS, &tx[1]));
	for (int i = 2; i < 4; i++) {
		assert_ok(conn_get(pool, a, numbered(i), &conn));
		assert_ok(tx_begin(conn, a, NULL, NO_VALS, &tx[i]));
	}
	assert_err(conn_get(pool, a, numbered(9), &conn), ERR_INTERNAL, "in use");
	assert_null(conn);
	(void)conn_pool_trim(pool, 0);
	assert_ok(tx_query(tx[0], &one, NO_VALS, NULL));
	tx_end(&tx[1]);
	assert_ok(conn_get(pool, a, numbered(9), &conn));
	assert_ok(tx_query(tx[0], &one, NO_VALS, NULL));
	for (int i = 0; i < 4; i++)
		tx_end(&tx[i]);
}

static void
trimming_and_dropping_close(void **state)
{
	const char *pid = db_text(other, PID);
	struct conn *again;

	(void)state;
	conn_drop(pool, SECOND);
	conn_drop(pool, "dbname=never_opened");
	await_gone(pid);
	assert_ok(conn_get(pool, a, SECOND, &other));
	pid = db_text(other, PID);
	assert_in_range(conn_pool_trim(pool, 3600), 3590, 3600);
	assert_string_equal(db_text(other, PID), pid);
	assert_int_equal(conn_pool_trim(pool, 0), -1);
	assert_ok(conn_get(pool, a, FIRST, &c));
	await_gone(pid);
	assert_ok(conn_get(pool, a, SECOND, &again));
}

static void
a_server_that_is_away_is_busy_and_comes_back(void **state)
{
	struct conn *conn;
	struct rows *rows;

	(void)state;
	db_server("kill");
	assert_err(conn_get(pool, a, FIRST, &conn), ERR_BUSY, "no connection");
	assert_null(conn);
	/* A connection that was got before says the same. */
	assert_err(conn_query(other, a, &one, NO_VALS, &rows), ERR_BUSY, "no connection");
	db_server("start");
	assert_ok(conn_get(pool, a, FIRST, &conn));
	assert_string_equal(db_text(conn, "select 'back'"), "back");
	assert_ok(conn_query(other, a, &one, NO_VALS, &rows));
	assert_int_equal(rows_i64(rows, 0, 0), 1);
}

static void
a_session_ended_while_idle_is_reopened_unnoticed(void **state)
{
	const char *pid = db_text(c, PID);
	struct rows *rows;

	(void)state;
	assert_ok(conn_query(c, a, &one, NO_VALS, &rows));
	db_terminate(other, pid);
	assert_ok(conn_query(c, a, &one, NO_VALS, &rows));
	assert_string_not_equal(db_text(c, PID), pid);
}

static void
what_cannot_be_opened_says_so(void **state)
{
	struct conn *conn;
	struct err *e;

	(void)state;
	assert_err(conn_get(pool, a, "dbname=praya_absent", &conn), ERR_BUSY, "praya_absent");
	assert_null(conn);
	assert_err(conn_get(pool, a, "host=/nonexistent", &conn), ERR_BUSY, "no connection");
	assert_err(conn_get(pool, a, "user=praya_absent", &conn), ERR_BUSY, "no connection");
	e = conn_get(pool, a, "password=open sesame dbname=postgres", &conn);
	assert_err(e, ERR_INTERNAL, "malformed");
	assert_null(strstr(e->detail, "sesame"));
	/* The pool is none the worse. */
	assert_ok(conn_get(pool, a, FIRST, &conn));
}

static void
scripts_run_whole_or_not_at_all(void **state)
{
	struct err *e;

	(void)state;
	db_script("create table script_t (x int); insert into script_t values (1)");
	e = conn_script(
		c, a, "insert into script_t values (2); insert into script_t values ('secret')");
	assert_err(e, ERR_INTERNAL, "SQLSTATE 22P02");
	assert_null(strstr(e->detail, "secret"));
	assert_string_equal(db_text(c, "select count(*)::text from script_t"), "1");
	assert_err(conn_script(c, a, "begin; insert into script_t values (3)"), ERR_INTERNAL,
		"left a transaction open");
	assert_string_equal(db_text(c, "select count(*)::text from script_t"), "1");
	assert_err(conn_script(c, a, "copy script_t from stdin"), ERR_BUSY, "SQLSTATE");
	assert_string_equal(db_text(c, "select count(*)::text from script_t"), "1");
	db_script("drop table script_t");
	assert_ok(conn_script(c, a, ""));
}

static void
scripts_have_no_time_limit_and_statements_do(void **state)
{
	(void)state;
	db_script("select set_config('praya.seen', current_setting('statement_timeout'), false)");
	assert_string_equal(db_text(c, "select current_setting('praya.seen')"), "0");
	assert_string_equal(db_text(c, "select current_setting('statement_timeout')"), "30s");
	assert_err(conn_script(c, a, "select 1/0"), ERR_INTERNAL, "22012");
	assert_string_equal(db_text(c, "select current_setting('statement_timeout')"), "30s");
}

static void
notifications_ring(void **state)
{
	(void)state;
	assert_ok(conn_listen(c, a, "Door \"bell\""));
	assert_ok(conn_listen(c, a, "Door \"bell\""));
	assert_ok(conn_listen(c, a, "second"));
	assert_false(conn_wait(c, 0));
	db_text(other, "select pg_notify('elsewhere', '')::text");
	assert_false(conn_wait(c, 20));
	db_text(other, "select pg_notify('Door \"bell\"', 'x')::text");
	db_text(other, "select pg_notify('second', 'y')::text");
	assert_true(conn_wait(c, 10000));
	/* One that came in while the connection was used otherwise is not lost. */
	while (conn_wait(c, 20))
		;
	db_text(other, "select pg_notify('second', '')::text");
	assert_string_equal(db_text(c, "select 'meanwhile'"), "meanwhile");
	assert_true(conn_wait(c, 10000));
	assert_false(conn_wait(c, 20));
}

static void
a_listening_session_rings_once_when_it_was_lost(void **state)
{
	const char *pid = db_text(c, PID);

	(void)state;
	assert_ok(conn_listen(c, a, "bell"));
	db_terminate(other, pid);
	/* What rang in between would be lost: the new session says "look". */
	assert_true(conn_wait(c, 10000));
	assert_false(conn_wait(c, 20));
	db_text(other, "select pg_notify('bell', '')::text");
	assert_true(conn_wait(c, 10000));
	/* The pool never takes a listening session away. */
	pid = db_text(c, PID);
	(void)conn_pool_trim(pool, 0);
	assert_string_equal(db_text(c, PID), pid);
}

static void
waiting_without_a_server_does_not_spin(void **state)
{
	struct timespec before;
	struct timespec after;

	(void)state;
	assert_ok(conn_listen(c, a, "bell"));
	db_server("kill");
	clock_gettime(CLOCK_MONOTONIC, &before);
	assert_false(conn_wait(c, 300));
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true((after.tv_sec - before.tv_sec) * 1000 +
			    (after.tv_nsec - before.tv_nsec) / 1000000 >=
		    290);
	db_server("start");
	assert_true(conn_wait(c, 0));
}

static void
on_alarm(int sig)
{
	(void)sig;
}

static void
a_signal_ends_the_wait(void **state)
{
	struct sigaction act = {.sa_handler = on_alarm};
	/* Again and again: the first may come before the wait has begun. */
	struct itimerval every = {{0, 50000}, {0, 50000}};
	struct itimerval never = {{0, 0}, {0, 0}};
	struct timespec before;
	struct timespec after;

	(void)state;
	assert_ok(conn_listen(c, a, "bell"));
	sigaction(SIGALRM, &act, NULL);
	clock_gettime(CLOCK_MONOTONIC, &before);
	setitimer(ITIMER_REAL, &every, NULL);
	assert_false(conn_wait(c, 60000));
	setitimer(ITIMER_REAL, &never, NULL);
	clock_gettime(CLOCK_MONOTONIC, &after);
	assert_true(after.tv_sec - before.tv_sec < 30);
}

static void
signals_do_not_disturb_statements(void **state)
{
	struct sigaction act = {.sa_handler = on_alarm};
	struct itimerval every = {{0, 2000}, {0, 2000}};
	struct itimerval never = {{0, 0}, {0, 0}};

	(void)state;
	sigaction(SIGALRM, &act, NULL);
	setitimer(ITIMER_REAL, &every, NULL);
	assert_string_equal(db_text(c, "select 'done' from pg_sleep(0.1)"), "done");
	setitimer(ITIMER_REAL, &never, NULL);
}

static void
a_session_ended_in_the_middle_of_its_statement_is_busy(void **state)
{
	struct rows *rows;

	(void)state;
	assert_err(conn_query(c, a, &end_myself, NO_VALS, &rows), ERR_BUSY,
		"test.end_myself: SQLSTATE 57P01");
	assert_null(rows);
	assert_ok(conn_query(c, a, &one, NO_VALS, &rows));
}

/* Its process is killed, so it cannot even say that it goes. */
static void
a_session_gone_without_a_word_is_busy(void **state)
{
	struct rows *rows;

	(void)state;
	assert_err(conn_query(c, a, &kill_myself, NO_VALS, &rows), ERR_BUSY,
		"test.kill_myself: SQLSTATE 08006");
	assert_null(rows);
	/* The server restarts all of itself after that. Asked to stop in the middle of
	 * it, it waits a minute for a checkpointer that it no longer starts. */
	db_server("kill");
	db_server("start");
	assert_ok(conn_query(c, a, &one, NO_VALS, &rows));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		db_test(sessions_start_with_our_settings),
		db_test(one_string_is_one_session),
		db_test(the_least_recently_used_goes),
		db_test(the_most_wanted_stays),
		db_test(the_latest_stays),
		db_test(what_was_wanted_once_goes),
		db_test(what_is_borrowed_stays),
		db_test(a_session_in_a_transaction_is_not_closed),
		db_test(trimming_and_dropping_close),
		db_test(a_server_that_is_away_is_busy_and_comes_back),
		db_test(a_session_ended_while_idle_is_reopened_unnoticed),
		db_test(what_cannot_be_opened_says_so),
		db_test(scripts_run_whole_or_not_at_all),
		db_test(scripts_have_no_time_limit_and_statements_do),
		db_test(notifications_ring),
		db_test(a_listening_session_rings_once_when_it_was_lost),
		db_test(waiting_without_a_server_does_not_spin),
		db_test(a_signal_ends_the_wait),
		db_test(signals_do_not_disturb_statements),
		db_test(a_session_ended_in_the_middle_of_its_statement_is_busy),
		db_test(a_session_gone_without_a_word_is_busy),
	};

	return cmocka_run_group_tests_name("conn", tests, NULL, NULL);
}
