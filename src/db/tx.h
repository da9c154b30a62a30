/* SPDX-License-Identifier: ISC */
/*
 * Statements and transactions.
 *
 * SQL text stands in the program as named constants (STMT) and is prepared
 * once a connection. record/ alone composes statements, out of the catalogue's
 * quoted names, and gets them through stmt_composed().
 *
 * The first word of a statement's name says where it runs: directory; cell,
 * ledger and wake: the region's database; cluster: any database as the superuser;
 * owner: a workspace's as praya_migrate; migrate: every one as praya_migrate. All
 * others: a workspace's database as its own login. A test prepares each there.
 *
 * A transaction is a queue: tx_queue() puts a statement on it, tx_run() sends
 * all of them in one round trip (pipeline mode) and fills the rows, tx_commit()
 * does the same with COMMIT behind them. BEGIN and the `enter` statement ride
 * at the front of the first trip. A page that queues its reads and then calls
 * tx_commit() costs one round trip.
 *
 * COMMIT waits for the disk. tx_commit_begin() is tx_commit() that does not: the
 * rows are there, the commit is under way, and tx_commit() waits for its end and
 * says how it went. In between a page can be made, but nothing of it may leave.
 *
 * After any error the transaction is rolled back at once, the connection is
 * free for another one, and every later call returns ERR_INTERNAL. Whoever
 * opened it calls tx_end() on every path (rolls back what was not committed).
 * SQLSTATE becomes: 23505 CONFLICT; 23503 NOT_FOUND; 40001 40P01 55P03 57014
 * 57P0x 08xxx 53xxx 25P03 BUSY; 42501 DENIED; PR004 ("erased") CONFLICT; PR001
 * ("epoch moved") via tx_error_state; anything else INTERNAL. Messages of PostgreSQL are never
 * kept: only the SQLSTATE, the statement's name and the constraint's name.
 *
 * BUSY from tx_commit() on a broken connection (08006, 57P01) leaves open
 * whether the commit happened: repeat only what is harmless when done twice.
 * A plan that a migration made stale is mended unseen in the first trip, and is
 * BUSY in a later one.
 *
 * A statement may take 30 s, and so may a pause inside a transaction; a lock is
 * waited for 5 s. Longer work goes in pieces, or through conn_script().
 */
#ifndef PRAYA_TX_H
#define PRAYA_TX_H

#include "conn.h"

struct stmt {
	const char *name; /* slice.verb: also in logs and metrics; at most 63 bytes */
	const char *sql;
	int params;
	const char *prepared; /* composed ones: the digest they are prepared as, else NULL */
};

/* Defines a named statement and registers it, so that the tests find all. */
#define STMT(var, stmt_name, nparams, text) \
	static const struct stmt var __attribute__((used)) = {stmt_name, text, nparams, NULL}; \
	static const struct stmt *const var##_ref __attribute__((used, section("praya_stmt"))) = \
		&var

/* All of them, for the tests and `praya doctor`. */
size_t stmt_all(const struct stmt *const **list_r);

/* A statement composed at run time: name and text are copied to the arena; the
 * prepared name is a digest of the text. */
const struct stmt *stmt_composed(struct arena *a, const char *name, const char *sql, int params);

struct tx;

/* `enter`, when not NULL, runs right after BEGIN with the given values. */
struct err *tx_begin(struct conn *c, struct arena *a, const struct stmt *enter, struct vals vals,
	struct tx **tx_r);
/* As many values as the statement takes, or the process ends and says so. They are copied and may
 * go at once. rows_r may be NULL; *rows_r is NULL until the next tx_run or tx_commit fills it, and
 * stays NULL when that fails. */
void tx_queue(struct tx *tx, const struct stmt *s, struct vals vals, struct rows **rows_r);
struct err *tx_run(struct tx *tx) ATTR_WARN_UNUSED;
struct err *tx_commit(struct tx *tx) ATTR_WARN_UNUSED;
struct err *tx_commit_begin(struct tx *tx) ATTR_WARN_UNUSED;
/* tx_queue and tx_run in one. */
struct err *tx_query(struct tx *tx, const struct stmt *s, struct vals vals,
	struct rows **rows_r) ATTR_WARN_UNUSED;
void tx_end(struct tx **tx);
bool tx_committed(const struct tx *tx);
/* tx_commit_begin() went well and the end is not known yet. */
bool tx_committing(const struct tx *tx);
/* A note to whoever commits: there is something for the worker in it. */
void tx_ring(struct tx *tx);
bool tx_rung(const struct tx *tx);
/* Whatever it commits is taken back: trial.h. */
bool tx_on_trial(const struct tx *tx);
/* SQLSTATE of the error that ended it, or "". */
const char *tx_error_state(const struct tx *tx);
/* The rows of `enter` (after the first trip). */
const struct rows *tx_enter_rows(const struct tx *tx);
/* For the log line: statements sent and microseconds waited on this connection's behalf. */
void tx_stats(int *statements_r, long *usec_r);

/* One statement in a transaction of its own (directory and cell databases). */
struct err *conn_query(struct conn *c, struct arena *a, const struct stmt *s, struct vals vals,
	struct rows **rows_r) ATTR_WARN_UNUSED;

#endif
