/* SPDX-License-Identifier: ISC */
/*
 * For unit tests under with_postgres: an arena, a pool and two connections to
 * the same database, new for every test.
 */
#ifndef PRAYA_DB_FIXTURE_H
#define PRAYA_DB_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "err.h"
#include "migrate.h"
#include "tx.h"

/* Two strings for one database, so that the pool opens two sessions. */
#define FIRST "dbname=postgres"
#define SECOND "dbname=postgres fallback_application_name=second"

static struct arena *a;
static struct conn_pool *pool;
static struct conn *c;
static struct conn *other;

#define assert_ok(expr) \
	do { \
		struct err *ok_ = (expr); \
		if (ok_ != NULL) \
			fail_msg("%s: %s", err_name(ok_->kind), ok_->detail); \
	} while (0)

/* The error has this kind, and its detail holds the text. */
#define assert_err(expr, err_kind, text) \
	do { \
		struct err *err_ = (expr); \
		if (err_ == NULL) \
			fail_msg("no error, but expected %s", err_name(err_kind)); \
		if (err_->kind != (err_kind)) \
			fail_msg("%s instead of %s: %s", err_name(err_->kind), err_name(err_kind), \
				err_->detail); \
		if (strstr(err_->detail, (text)) == NULL) \
			fail_msg("\"%s\" is not in: %s", (text), err_->detail); \
	} while (0)

static inline int
db_setup(void **state)
{
	(void)state;
	a = arena_new((size_t)512 << 20);
	pool = conn_pool_new(4);
	assert_ok(conn_get(pool, a, FIRST, &c));
	assert_ok(conn_get(pool, a, SECOND, &other));
	return 0;
}

static inline int
db_teardown(void **state)
{
	(void)state;
	arena_free(&a); /* first: transactions that a failed test left open */
	conn_pool_free(&pool);
	return 0;
}

#define db_test(fn) cmocka_unit_test_setup_teardown(fn, db_setup, db_teardown)

/* One value of one row, as text. */
static inline const char *
db_text(struct conn *conn, const char *sql)
{
	struct rows *rows;

	assert_ok(conn_query(conn, a, stmt_composed(a, "test", sql, 0), NO_VALS, &rows));
	assert_int_equal(rows_count(rows), 1);
	return rows_text(rows, 0, 0);
}

static inline void
db_script(const char *sql)
{
	assert_ok(conn_script(c, a, sql));
}

/* Ends the server process of a session, and waits until it is gone. */
static inline void
db_terminate(struct conn *killer, const char *pid)
{
	const char *sql = arena_printf(a, "select pg_terminate_backend(%s, 10000)::text", pid);

	assert_string_equal(db_text(killer, sql), "true");
}

/* with_postgres: stop, kill or start the server. */
static inline void
db_server(const char *verb)
{
	const char *ctl = getenv("PRAYA_PG_CTL");

	assert_non_null(ctl);
	assert_int_equal(system(arena_printf(a, "%s %s", ctl, verb)), 0);
}

/* The function ends the process because of a bug in its caller. It runs in a
 * child, with a session of its own. */
static inline void
assert_panics(void (*fn)(void))
{
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		close(STDERR_FILENO);
		pool = conn_pool_new(1);
		assert_ok(conn_get(pool, a, FIRST, &c));
		fn();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 70);
}

#endif
