/* SPDX-License-Identifier: ISC */
#include "conn_private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "asked.h"
#include "log.h"
#include "trip.h"

/* Room for the names of prepared statements (about 150 bytes each). */
#define CONN_MEMORY ((size_t)8 * 1024 * 1024)

/*
 * What every session starts with; sent in the start-up packet, so it costs no
 * round trip and survives RESET.
 *
 * statement_timeout	a page that takes this long is lost anyway
 * lock_timeout		rather "try later" than a queue of waiting processes
 * idle_in_transaction	a handler that hangs must not hold back VACUUM nor the
 *			sealing of the audit trail
 * jit			short statements gain nothing from compilation
 * The formats are fixed because rows.c reads them, whatever the server's
 * configuration says.
 */
static const char session_options[] = "-c timezone=UTC -c datestyle=ISO -c bytea_output=hex"
				      " -c standard_conforming_strings=on"
				      " -c statement_timeout=30s"
				      " -c lock_timeout=5s"
				      " -c idle_in_transaction_session_timeout=30s"
				      " -c jit=off";

/* Seconds to wait for a server; a connection string may say otherwise. */
#define CONNECT_TIMEOUT "3"
/* Milliseconds after which sent data that nobody acknowledges ends a session:
 * a server that vanished from the network. Keepalives find it while we wait. */
#define USER_TIMEOUT "20000"

#define LOOK_AGAIN_USEC 1000

/* So many uses for each connection of a pool tell which are asked for most. */
#define ASKED_EACH 64
#define RECENT_PART 4

struct conn_pool {
	struct arena *mem;
	struct conn *conns;
	size_t max;
	unsigned long turn;
	unsigned long rested; /* the turn of the last rest */
	struct asked asked;
	conn_second_fn *second; /* NULL: none */
	void *second_ctx;
};

static long
now_seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)ts.tv_sec;
}

struct conn_pool *
conn_pool_new(size_t max)
{
	struct arena *mem = arena_new(sizeof(struct conn_pool) + max * sizeof(struct conn) + 1024);
	struct conn_pool *pool = ARENA_NEW(mem, struct conn_pool);

	ASSERT(max > 0);
	pool->mem = mem;
	pool->max = max;
	pool->asked.every = max * ASKED_EACH;
	pool->conns = ARENA_ARRAY(mem, max, struct conn);
	return pool;
}

void
conn_pool_second(struct conn_pool *pool, conn_second_fn *fn, void *ctx)
{
	pool->second = fn;
	pool->second_ctx = ctx;
}

void
conn_close(struct conn *c)
{
	if (c->pg != NULL)
		PQfinish(c->pg);
	c->pg = NULL;
	c->grown = false;
	c->looked = 0;
	prepared_clear(c->prepared);
}

/* Gives the slot back to the pool. */
static void
slot_free(struct conn *c)
{
	ASSERT(c->tx == NULL);
	conn_close(c);
	arena_free(&c->mem);
	memset(c, 0, sizeof(*c));
}

void
conn_pool_free(struct conn_pool **poolp)
{
	struct conn_pool *pool = *poolp;
	struct arena *mem;

	if (pool == NULL)
		return;
	for (size_t i = 0; i < pool->max; i++)
		if (pool->conns[i].conninfo != NULL)
			slot_free(&pool->conns[i]);
	mem = pool->mem;
	arena_free(&mem);
	*poolp = NULL;
}

int
conn_pool_trim(struct conn_pool *pool, int seconds)
{
	long now = now_seconds(), next = -1;

	pool->rested = pool->turn;
	for (size_t i = 0; i < pool->max; i++) {
		struct conn *c = &pool->conns[i];
		long left;

		if (c->conninfo == NULL || c->tx != NULL || c->trial || c->channels[0] != NULL)
			continue;
		left = c->last_use + seconds - now;
		if (left <= 0)
			slot_free(c);
		else if (next < 0 || left < next)
			next = left;
	}
	return (int)next;
}

void
conn_drop(struct conn_pool *pool, const char *conninfo)
{
	for (size_t i = 0; i < pool->max; i++) {
		struct conn *c = &pool->conns[i];

		if (c->conninfo != NULL && strcmp(c->conninfo, conninfo) == 0)
			slot_free(c);
	}
}

/* Up to this turn a connection may go for another one that is wanted more. */
static unsigned long
settled(const struct conn_pool *pool)
{
	unsigned long part = pool->max / RECENT_PART,
		      old = pool->turn > part ? pool->turn - part : 0;

	return old < pool->rested ? old : pool->rested;
}

/* Whether a connection goes rather than another one. */
static bool
goes_before(const struct conn_pool *pool, const struct conn *c, const struct conn *other)
{
	unsigned long old = settled(pool);
	uint8_t count = pool->asked.counts[c->asked],
		count_other = pool->asked.counts[other->asked];

	/* A free slot has turn 0. Whoever asked for a connection after that has it in hand still.
	 */
	if (c->turn == 0 || other->turn == 0 || c->turn > old || other->turn > old ||
		count == count_other)
		return c->turn < other->turn;
	return count < count_other;
}

/* The slot of this connection string, else a free one, else that of the one that
 * can be missed best; NULL when every one is needed. */
static struct conn *
slot_find(struct conn_pool *pool, const char *conninfo, size_t asked)
{
	struct conn *best = NULL;

	for (size_t i = 0; i < pool->max; i++) {
		struct conn *c = &pool->conns[i];

		if (c->conninfo != NULL && c->asked == asked && strcmp(c->conninfo, conninfo) == 0)
			return c;
		if (c->tx != NULL || c->trial || c->channels[0] != NULL)
			continue;
		if (best == NULL || goes_before(pool, c, best))
			best = c;
	}
	if (best == NULL)
		return NULL;
	if (best->conninfo != NULL)
		slot_free(best);
	best->pool = pool;
	best->mem = arena_new(CONN_MEMORY);
	best->conninfo = arena_strdup(best->mem, conninfo);
	best->asked = asked;
	best->prepared = prepared_cache_new(best->mem);
	return best;
}

struct err *
conn_get(struct conn_pool *pool, struct arena *a, const char *conninfo, struct conn **conn_r)
{
	size_t asked = asked_place(conninfo);
	struct conn *c = slot_find(pool, conninfo, asked);

	*conn_r = NULL;
	if (c == NULL)
		return err_internal(a, "all %zu connections of the pool are in use", pool->max);
	asked_add(&pool->asked, asked);
	c->turn = ++pool->turn;
	c->last_use = now_seconds();
	if (c->tx == NULL)
		TRY(conn_ready(c, a));
	*conn_r = c;
	return NULL;
}

/* Notices can quote values ("truncating identifier ..."): none is kept. */
static void
swallow_notice(void *arg, const PGresult *res)
{
	(void)arg;
	(void)res;
}

/* A malformed connection string is found here, because libpq's own message
 * about it can repeat a piece of the password. */
static bool
conninfo_valid(const char *conninfo)
{
	char *message = NULL;
	PQconninfoOption *options = PQconninfoParse(conninfo, &message);
	bool valid = options != NULL;

	PQconninfoFree(options);
	PQfreemem(message);
	return valid;
}

/* libpq's words name host, database and role at most. Lines become one. */
static struct err *
cannot_connect(const PGconn *pg, struct arena *a)
{
	char *text = arena_strdup(a, PQerrorMessage(pg));
	size_t n = strlen(text);

	while (n > 0 && text[n - 1] == '\n')
		text[--n] = '\0';
	for (size_t i = 0; i < n; i++)
		if (text[i] == '\n' || text[i] == '\t')
			text[i] = ' ';
	return err_busy(a, "no connection: %s", text);
}

/* refused_r: the server asked for a password, and did not take this one. */
static struct err *
connect_to(struct conn *c, struct arena *a, const char *conninfo, bool *refused_r)
{
	/* What stands behind dbname overrides the connection string. */
	static const char *const keys[] = {"connect_timeout", "tcp_user_timeout", "dbname",
		"client_encoding", "application_name", "options", NULL};
	const char *const values[] = {
		CONNECT_TIMEOUT, USER_TIMEOUT, conninfo, "UTF8", "praya", session_options, NULL};
	struct err *e;

	*refused_r = false;
	if (!conninfo_valid(conninfo))
		return err_internal(a, "malformed connection string");
	c->pg = PQconnectdbParams(keys, values, 1);
	if (c->pg == NULL)
		log_fatal("out of memory");
	if (PQstatus(c->pg) != CONNECTION_OK) {
		e = cannot_connect(c->pg, a);
		*refused_r = PQconnectionUsedPassword(c->pg) != 0;
		conn_close(c);
		return e;
	}
	return NULL;
}

static struct err *
open_session(struct conn *c, struct arena *a)
{
	const struct conn_pool *pool = c->pool;
	bool refused;
	struct err *e = connect_to(c, a, c->conninfo, &refused);

	for (size_t n = 0; e != NULL && refused && pool->second != NULL; n++) {
		const char *other = pool->second(pool->second_ctx, a, c->conninfo, n);
		struct err *again;

		if (other == NULL)
			break;
		again = connect_to(c, a, other, &refused);
		if (again == NULL)
			e = NULL;
		refused = true;
	}
	if (e != NULL)
		return e;
	PQsetNoticeReceiver(c->pg, swallow_notice, NULL);
	if (PQsetnonblocking(c->pg, 1) != 0) {
		conn_close(c);
		return err_busy(a, "no connection: cannot set it to non-blocking");
	}
	return NULL;
}

static struct err *
listen_on(struct conn *c, struct arena *a, const char *channel)
{
	char *quoted = PQescapeIdentifier(c->pg, channel, strlen(channel));
	const char *sql;

	if (quoted == NULL)
		return err_internal(a, "bad name of a channel");
	sql = arena_printf(a, "listen %s", quoted);
	PQfreemem(quoted);
	return trip_single(c, a, "listen", sql);
}

static struct err *
open_and_listen(struct conn *c, struct arena *a)
{
	TRY(open_session(c, a));
	for (size_t i = 0; i < CONN_CHANNELS_MAX && c->channels[i] != NULL; i++)
		TRY(listen_on(c, a, c->channels[i]));
	return NULL;
}

/* What the server says of a session that is free for the next transaction. */
static PGTransactionStatusType
idle_status(const struct conn *c)
{
	return c->trial ? PQTRANS_INTRANS : PQTRANS_IDLE;
}

/* An idle session has nothing to say, except that it was ended (or a notice,
 * a setting, a notification: read and kept by libpq). */
static bool
session_alive(struct conn *c)
{
	long now = db_now_usec();

	if (c->pg == NULL || PQstatus(c->pg) != CONNECTION_OK ||
		PQtransactionStatus(c->pg) != idle_status(c))
		return false;
	/* conn_get() and the transaction right behind it need one look only. */
	if (now - c->looked < LOOK_AGAIN_USEC)
		return true;
	c->looked = now;
	for (int i = 0; i < 16; i++) {
		struct pollfd pfd = {.fd = PQsocket(c->pg), .events = POLLIN};

		if (poll(&pfd, 1, 0) <= 0)
			return true;
		if (PQconsumeInput(c->pg) == 0 || PQisBusy(c->pg))
			return false;
	}
	return true;
}

struct err *
conn_ready(struct conn *c, struct arena *a)
{
	long start;
	struct err *e;

	if (session_alive(c))
		return NULL;
	conn_close(c);
	if (c->trial)
		return err_busy(a, "the connection of a trial was lost");
	start = db_now_usec();
	e = open_and_listen(c, a);
	db_stats_add(0, db_now_usec() - start);
	return e;
}

void
conn_settle(struct conn *c)
{
	if (c->pg != NULL && ((c->grown && !c->trial) || PQstatus(c->pg) != CONNECTION_OK ||
				     PQtransactionStatus(c->pg) != idle_status(c) ||
				     PQpipelineStatus(c->pg) != PQ_PIPELINE_OFF))
		conn_close(c);
}

struct err *
conn_listen(struct conn *c, struct arena *a, const char *channel)
{
	size_t i = 0;

	ASSERT(c->tx == NULL && !c->trial);
	TRY(conn_ready(c, a));
	while (i < CONN_CHANNELS_MAX && c->channels[i] != NULL) {
		if (strcmp(c->channels[i], channel) == 0)
			return NULL;
		i++;
	}
	ASSERT(i < CONN_CHANNELS_MAX);
	TRY(listen_on(c, a, channel));
	c->channels[i] = arena_strdup(c->mem, channel);
	return NULL;
}

/* Takes all notifications that have been read: one ring answers them all. */
static bool
take_notifications(struct conn *c)
{
	bool any = false;
	PGnotify *n;

	while ((n = PQnotifies(c->pg)) != NULL) {
		any = true;
		PQfreemem(n);
	}
	return any;
}

/* The session is gone: what rang meanwhile is lost, so a new session counts as
 * a ring. Without a server, waits out the time instead of spinning. */
static bool
wait_reopened(struct conn *c, int timeout_ms)
{
	struct arena *a = arena_new((size_t)64 * 1024);
	struct err *e = conn_ready(c, a);

	if (e != NULL) {
		log_warn("waiting without a connection: %s", e->detail);
		poll(NULL, 0, timeout_ms);
	}
	arena_free(&a);
	return e == NULL;
}

bool
conn_wait(struct conn *c, int timeout_ms)
{
	struct pollfd pfd = {.events = POLLIN};

	ASSERT(c->tx == NULL);
	c->last_use = now_seconds();
	if (!session_alive(c))
		return wait_reopened(c, timeout_ms);
	if (take_notifications(c))
		return true;
	pfd.fd = PQsocket(c->pg);
	if (poll(&pfd, 1, timeout_ms) <= 0)
		return false;
	if (PQconsumeInput(c->pg) == 0)
		return wait_reopened(c, 0);
	return take_notifications(c);
}

static bool
script_result_ok(const PGresult *res)
{
	ExecStatusType st = PQresultStatus(res);

	return st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK || st == PGRES_EMPTY_QUERY;
}

struct err *
conn_simple(
	struct conn *c, struct arena *a, const char *what, const char *sql, const char **message_r)
{
	long start = db_now_usec();
	PGresult *res = PQexec(c->pg, sql);
	struct failure f = {.statement = what};
	const char *message;
	struct err *e = NULL;

	db_stats_add(1, db_now_usec() - start);
	if (!script_result_ok(res)) {
		failure_note(&f, a, res);
		message = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
		if (message_r != NULL)
			*message_r = arena_strdup(a, message != NULL ? message : "connection lost");
		e = failure_err(a, &f);
	}
	PQclear(res);
	/* A COPY that nobody feeds would block the session. */
	if (PQtransactionStatus(c->pg) == PQTRANS_ACTIVE || PQstatus(c->pg) != CONNECTION_OK)
		conn_close(c);
	return e;
}

struct err *
conn_script(struct conn *c, struct arena *a, const char *sql)
{
	struct err *e;

	ASSERT(c->tx == NULL && !c->trial);
	TRY(conn_ready(c, a));
	/* Building an index or creating a database may take its time. */
	TRY(conn_simple(c, a, "script", "set statement_timeout = 0", NULL));
	e = conn_simple(c, a, "script", sql, NULL);
	if (c->pg != NULL && PQtransactionStatus(c->pg) == PQTRANS_IDLE) {
		struct err *reset = conn_simple(c, a, "script", "reset statement_timeout", NULL);

		return e != NULL ? e : reset;
	}
	/* A transaction left open by the script ends with its session. */
	conn_settle(c);
	return e != NULL ? e : err_internal(a, "script left a transaction open");
}
