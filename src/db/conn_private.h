/* SPDX-License-Identifier: ISC */
/* What the files of db/ know of a connection. Not for other rooms. */
#ifndef PRAYA_CONN_PRIVATE_H
#define PRAYA_CONN_PRIVATE_H

#include <libpq-fe.h>

#include "conn.h"
#include "prepared.h"

/* Channels one connection can listen on. */
#define CONN_CHANNELS_MAX 4

struct tx;

struct conn {
	PGconn *pg; /* NULL: closed, opened at the next use */
	const struct conn_pool *pool;
	struct arena *mem;    /* lives as long as the slot of the pool is taken */
	const char *conninfo; /* NULL: the slot is free */
	struct prepared_cache *prepared;
	struct tx *tx; /* the open transaction, if any */
	bool trial;    /* it is never committed: trial.h */
	bool saved;    /* and a savepoint stands for what is open in it */
	const char *channels[CONN_CHANNELS_MAX];
	long last_use;      /* seconds, monotonic clock */
	unsigned long turn; /* order of use */
	size_t asked;       /* place of its count */
	long looked;        /* microseconds: when it was last seen to be alive */
	bool grown;         /* libpq's buffers became large: closed when idle */
};

/* Opens a closed connection, reopens a broken one. */
struct err *conn_ready(struct conn *c, struct arena *a) ATTR_WARN_UNUSED;
/* Closes the session; the slot stays and the next use opens another. */
void conn_close(struct conn *c);
/* To be called whenever a transaction or a single statement has ended. */
void conn_settle(struct conn *c);

/* Simple protocol, inside or outside of a transaction. With message_r, the
 * server's own words are handed out: for scripts that hold no personal data. */
struct err *conn_simple(struct conn *c, struct arena *a, const char *what, const char *sql,
	const char **message_r) ATTR_WARN_UNUSED;

/* Time spent waiting, for tx_stats(). */
long db_now_usec(void);
void db_stats_add(int statements, long usec);

#endif
