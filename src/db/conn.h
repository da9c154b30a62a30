/* SPDX-License-Identifier: ISC */
/*
 * Connections. Only db/ includes libpq.
 *
 * A pool is a process's open connections, keyed by connection string, with a
 * bound; a connection that broke is reopened at its next use. One request at a
 * time, so a connection is simply borrowed: until the next rest (conn_pool_trim())
 * it stays while fewer than `max` other strings were asked for since. Of those
 * that nobody has in hand the one gives way to another that was asked for least
 * lately (a new connection costs PostgreSQL ten times what a page costs it); but
 * none of the last quarter that was used, so that whoever clicks through a quiet
 * workspace waits once. One with an open transaction or a LISTEN is never closed
 * for another's sake.
 */
#ifndef PRAYA_CONN_H
#define PRAYA_CONN_H

#include "err.h"
#include "val.h"

struct conn;
struct conn_pool;

struct conn_pool *conn_pool_new(size_t max);
void conn_pool_free(struct conn_pool **pool);
/* A rest: nobody has a connection in hand any more. Closes what has not been used for `seconds`. In
 * how many seconds there is something to close again, if nothing is used meanwhile; -1: never. */
int conn_pool_trim(struct conn_pool *pool, int seconds);
/* What to try when the server does not take the password of a connection string:
 * the n-th other string, from 0 on; NULL past the last. The connection keeps
 * the first one as its name. */
typedef const char *conn_second_fn(void *ctx, struct arena *a, const char *conninfo, size_t n);
void conn_pool_second(struct conn_pool *pool, conn_second_fn *fn, void *ctx);
/* ERR_BUSY when the server cannot be reached; ERR_INTERNAL for a malformed string
 * (which is not repeated), or when all connections are in transactions. */
struct err *
conn_get(struct conn_pool *pool, struct arena *a, const char *conninfo, struct conn **conn_r);
/* Drops the connection (a workspace that is gone or moved). */
void conn_drop(struct conn_pool *pool, const char *conninfo);

/* A connection string as the environment of PostgreSQL's own programs, "PGHOST=..."
 * and so on, NULL-terminated; NULL for a malformed one. It holds the password. */
const char *const *conn_environ(struct arena *a, const char *conninfo);

/* LISTEN (at most 4 channels), and waiting for a notification: true when one
 * came. Also returns after timeout_ms or on a signal. The worker's doorbell.
 * A session that was lost is opened again and counts as a ring, because what
 * rang meanwhile is gone; without a server the time is waited out. */
struct err *conn_listen(struct conn *c, struct arena *a, const char *channel);
bool conn_wait(struct conn *c, int timeout_ms);

/* Runs a script of several statements, simple protocol: migrations and
 * provisioning only (a lint keeps it there). No parameters, no rows, no
 * statement_timeout. All or nothing; what cannot run in a transaction (CREATE
 * DATABASE, VACUUM) comes alone. */
struct err *conn_script(struct conn *c, struct arena *a, const char *sql);

#endif
