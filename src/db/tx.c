/* SPDX-License-Identifier: ISC */
#include "tx.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "log.h"
#include "trip.h"

/* A statement that waits for the next trip. */
struct item {
	const struct stmt *stmt;
	const struct params *params;
	struct rows **rows_r;
	struct item *next;
};

enum tx_state {
	TX_NEW,  /* nothing sent yet */
	TX_OPEN, /* the server is in the transaction */
	TX_COMMITTING,
	TX_COMMITTED,
	TX_FAILED /* rolled back */
};

struct tx {
	struct conn *c; /* NULL once the connection is let go */
	struct arena *a;
	enum tx_state state;
	struct trip *trip; /* the last one */
	struct item *head;
	struct item **tail;
	struct rows *enter_rows;
	char error[6];
	bool rung;
	bool on_trial;
};

/* The bounds of the section that STMT() fills. Weak, for a program without any. */
extern const struct stmt *const __start_praya_stmt[] __attribute__((weak));
extern const struct stmt *const __stop_praya_stmt[] __attribute__((weak));

static int stat_statements;
static long stat_usec;

size_t
stmt_all(const struct stmt *const **list_r)
{
	*list_r = __start_praya_stmt;
	return (size_t)(__stop_praya_stmt - __start_praya_stmt);
}

const struct stmt *
stmt_composed(struct arena *a, const char *name, const char *sql, int params)
{
	struct stmt *s = ARENA_NEW(a, struct stmt);

	s->name = arena_strdup(a, name);
	s->sql = arena_strdup(a, sql);
	s->params = params;
	s->prepared = arena_printf(a, "c_%016llx", (unsigned long long)fnv1a(sql, strlen(sql)));
	return s;
}

long
db_now_usec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (long)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

void
db_stats_add(int statements, long usec)
{
	stat_statements += statements;
	stat_usec += usec;
}

void
tx_stats(int *statements_r, long *usec_r)
{
	*statements_r = stat_statements;
	*usec_r = stat_usec;
	stat_statements = 0;
	stat_usec = 0;
}

/* The connection can be used for something else from here on. */
static void
let_go(struct tx *tx, enum tx_state state)
{
	tx->state = state;
	tx->head = NULL;
	tx->tail = &tx->head;
	if (tx->c == NULL)
		return;
	tx->c->tx = NULL;
	if (state == TX_COMMITTED)
		tx->c->saved = false;
	conn_settle(tx->c);
	tx->c = NULL;
}

static void
roll_back(struct tx *tx, bool stale)
{
	if (tx->c != NULL)
		trip_clean(tx->c, tx->a, stale);
	let_go(tx, TX_FAILED);
}

/* The arena ends before tx_end(): a bug, but no reason to leave locks behind. */
static void
abandon(void *arg)
{
	struct tx *tx = arg;

	if (tx->c != NULL) {
		conn_close(tx->c);
		let_go(tx, TX_FAILED);
	}
}

struct err *
tx_begin(struct conn *c, struct arena *a, const struct stmt *enter, struct vals vals,
	struct tx **tx_r)
{
	struct tx *tx;

	*tx_r = NULL;
	ASSERT(c->tx == NULL);
	TRY(conn_ready(c, a));
	tx = ARENA_NEW(a, struct tx);
	tx->c = c;
	tx->a = a;
	tx->tail = &tx->head;
	tx->on_trial = c->trial;
	c->tx = tx;
	arena_on_reset(a, abandon, tx);
	if (enter != NULL)
		tx_queue(tx, enter, vals, &tx->enter_rows);
	*tx_r = tx;
	return NULL;
}

void
tx_queue(struct tx *tx, const struct stmt *s, struct vals vals, struct rows **rows_r)
{
	struct item *item;

	if (rows_r != NULL)
		*rows_r = NULL;
	ASSERT(tx->state != TX_COMMITTED && tx->state != TX_COMMITTING);
	if (tx->state == TX_FAILED)
		return;
	item = ARENA_NEW(tx->a, struct item);
	item->stmt = s;
	item->params = params_encode(tx->a, s->name, vals, s->params);
	item->rows_r = rows_r;
	*tx->tail = item;
	tx->tail = &item->next;
}

enum how { RUN, COMMIT, COMMIT_BEGIN };

static struct failure *
send_queue(struct tx *tx, enum how how)
{
	struct trip *t = tx->trip = ARENA_NEW(tx->a, struct trip);

	trip_init(t, tx->c, tx->a);
	if (tx->state == TX_NEW)
		trip_add_begin(t);
	for (const struct item *item = tx->head; item != NULL; item = item->next)
		trip_add(t, item->stmt, item->params, item->rows_r);
	if (how != RUN)
		trip_add_commit(t);
	return how == COMMIT_BEGIN ? trip_ask(t) : trip_go(t);
}

static struct err *
failed(struct tx *tx, const struct failure *f)
{
	memcpy(tx->error, f->state, sizeof(tx->error));
	roll_back(tx, f->stale);
	return failure_err(tx->a, f);
}

static struct err *
run(struct tx *tx, enum how how)
{
	struct failure *f;

	if (tx->c == NULL)
		return err_internal(tx->a, "transaction is over, SQLSTATE %s",
			tx->error[0] != '\0' ? tx->error : "none");
	ASSERT(tx->state != TX_COMMITTING);
	f = send_queue(tx, how);
	if (f != NULL && f->stale && !f->broken && tx->state == TX_NEW) {
		/* Nobody has seen a row yet: the same once more, newly prepared. */
		trip_clean(tx->c, tx->a, true);
		if (tx->c->pg != NULL)
			f = send_queue(tx, how);
	}
	if (f != NULL)
		return failed(tx, f);
	tx->state = how == COMMIT_BEGIN ? TX_COMMITTING : TX_OPEN;
	tx->head = NULL;
	tx->tail = &tx->head;
	if (how == COMMIT)
		let_go(tx, TX_COMMITTED);
	return NULL;
}

struct err *
tx_run(struct tx *tx)
{
	if (tx->c != NULL && tx->state == TX_OPEN && tx->head == NULL)
		return NULL;
	return run(tx, RUN);
}

struct err *
tx_commit(struct tx *tx)
{
	struct failure *f;

	if (tx->state != TX_COMMITTING)
		return run(tx, COMMIT);
	f = trip_wait(tx->trip);
	if (f != NULL)
		return failed(tx, f);
	let_go(tx, TX_COMMITTED);
	return NULL;
}

struct err *
tx_commit_begin(struct tx *tx)
{
	return run(tx, COMMIT_BEGIN);
}

struct err *
tx_query(struct tx *tx, const struct stmt *s, struct vals vals, struct rows **rows_r)
{
	tx_queue(tx, s, vals, rows_r);
	return tx_run(tx);
}

void
tx_end(struct tx **txp)
{
	struct tx *tx = *txp;

	if (tx == NULL)
		return;
	/* A commit under way cannot be taken back. */
	if (tx->state == TX_COMMITTING && tx_commit(tx) == NULL)
		ASSERT(tx->c == NULL);
	if (tx->c != NULL)
		roll_back(tx, false);
	*txp = NULL;
}

bool
tx_committed(const struct tx *tx)
{
	return tx->state == TX_COMMITTED;
}

bool
tx_committing(const struct tx *tx)
{
	return tx->state == TX_COMMITTING;
}

void
tx_ring(struct tx *tx)
{
	tx->rung = true;
}

bool
tx_rung(const struct tx *tx)
{
	return tx->rung;
}

const char *
tx_error_state(const struct tx *tx)
{
	return tx->error;
}

bool
tx_on_trial(const struct tx *tx)
{
	return tx->on_trial;
}

const struct rows *
tx_enter_rows(const struct tx *tx)
{
	return tx->enter_rows;
}

static struct failure *
query_once(struct conn *c, struct arena *a, const struct stmt *s, const struct params *p,
	struct rows **rows_r)
{
	struct trip t;
	struct failure *f;

	trip_init(&t, c, a);
	if (c->trial)
		trip_add_begin(&t);
	trip_add(&t, s, p, rows_r);
	if (c->trial)
		trip_add_commit(&t);
	f = trip_go(&t);
	if (f == NULL)
		c->saved = false;
	trip_clean(c, a, f != NULL && f->stale);
	return f;
}

struct err *
conn_query(struct conn *c, struct arena *a, const struct stmt *s, struct vals vals,
	struct rows **rows_r)
{
	const struct params *p;
	struct failure *f;

	if (rows_r != NULL)
		*rows_r = NULL;
	ASSERT(c->tx == NULL);
	TRY(conn_ready(c, a));
	p = params_encode(a, s->name, vals, s->params);
	f = query_once(c, a, s, p, rows_r);
	if (f != NULL && f->stale && c->pg != NULL)
		f = query_once(c, a, s, p, rows_r);
	return f == NULL ? NULL : failure_err(a, f);
}
