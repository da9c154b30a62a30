/* SPDX-License-Identifier: ISC */
/*
 * For tests of transactions: tables to write to, trips to the server counted.
 */
#ifndef PRAYA_TX_FIXTURE_H
#define PRAYA_TX_FIXTURE_H

#include <dlfcn.h>

#include "db_fixture.h"

STMT(add, "test.add", 2, "insert into item (item_id, name) values ($1, $2)");
STMT(count, "test.count", 0, "select count(*) from item");

/* Each trip to the server ends with one sync: counted here. */
static int trips;

int PQpipelineSync(void *pg);

int
PQpipelineSync(void *pg)
{
	static int (*real)(void *);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "PQpipelineSync");
	trips++;
	return real(pg);
}

static inline int
setup(void **state)
{
	db_setup(state);
	db_script("drop schema if exists test cascade; create schema test;"
		  "alter database postgres set search_path = test, public;"
		  "set search_path = test;"
		  "create table item (item_id bigint primary key, name text);"
		  "create table child (item_id bigint references item);"
		  "create table deferred (n int, constraint deferred_n unique (n) deferrable"
		  " initially deferred);"
		  "create table wide (x int);"
		  "create function fail(state text) returns int language plpgsql as"
		  " $$begin raise exception 'secret' using errcode = state; end$$;"
		  "create function chatter() returns int language plpgsql as"
		  " $$begin raise warning 'secret'; return 1; end$$;"
		  "do $$begin create role nobody_much; exception when duplicate_object then"
		  " null; end$$;"
		  "grant usage on schema test to nobody_much");
	/* New sessions, for the new search path. */
	conn_drop(pool, FIRST);
	conn_drop(pool, SECOND);
	assert_ok(conn_get(pool, a, FIRST, &c));
	assert_ok(conn_get(pool, a, SECOND, &other));
	trips = 0;
	return 0;
}

#define tx_test(fn) cmocka_unit_test_setup_teardown(fn, setup, db_teardown)

static inline struct tx *
begin(void)
{
	struct tx *tx;

	assert_ok(tx_begin(c, a, NULL, NO_VALS, &tx));
	return tx;
}

static inline int64_t
items(void)
{
	struct rows *rows;

	assert_ok(conn_query(other, a, &count, NO_VALS, &rows));
	return rows_i64(rows, 0, 0);
}

/* The connection is clean: it begins, works and commits. */
static inline void
assert_usable(int64_t id)
{
	struct tx *tx = begin();

	tx_queue(tx, &add, VALS(val_i64(id), val_text("usable")), NULL);
	assert_ok(tx_commit(tx));
	tx_end(&tx);
}

#endif
