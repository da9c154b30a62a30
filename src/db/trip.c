/* SPDX-License-Identifier: ISC */
#include "trip.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>

#include "log.h"

/* Longer than statement_timeout: silence for this long means that the server
 * hangs. (One that vanished from the network is found earlier, by TCP.) */
#define SILENCE_MS 60000
/* libpq never gives back what its send buffer grew to. */
#define GROWN_BYTES ((size_t)4 * 1024 * 1024)

enum op_kind { OP_PREPARE, OP_EXECUTE, OP_FORGET, OP_PLAIN };

struct op {
	enum op_kind kind;
	const char *name; /* for the error */
	const char *sql;
	const struct params *params;
	struct prepared *prepared;
	bool known; /* was prepared by an earlier trip */
	struct rows **rows_r;
	struct op *next;
};

void
trip_init(struct trip *t, struct conn *c, struct arena *a)
{
	memset(t, 0, sizeof(*t));
	t->c = c;
	t->a = a;
	t->tail = &t->head;
}

static struct op *
op_add(struct trip *t, enum op_kind kind, const char *name, const char *sql)
{
	struct op *op = ARENA_NEW(t->a, struct op);

	op->kind = kind;
	op->name = name;
	op->sql = sql;
	*t->tail = op;
	t->tail = &op->next;
	return op;
}

void
trip_add_plain(struct trip *t, const char *name, const char *sql)
{
	op_add(t, OP_PLAIN, name, sql);
}

/* Queues DEALLOCATE and PREPARE as far as they are needed. */
static struct prepared *
add_prepare(struct trip *t, const struct stmt *s)
{
	struct prepared_cache *pc = t->c->prepared;
	struct prepared *p = prepared_find(pc, s);
	struct prepared *old;

	if (p != NULL)
		return p;
	if (s->prepared != NULL && (old = prepared_make_room(pc)) != NULL) {
		/* The name is "c_" and hexadecimal digits. */
		op_add(t, OP_FORGET, s->name, arena_printf(t->a, "deallocate %s", old->name))
			->prepared = old;
	}
	p = prepared_add(pc, s);
	op_add(t, OP_PREPARE, s->name, s->sql)->prepared = p;
	return p;
}

void
trip_add(struct trip *t, const struct stmt *s, const struct params *params, struct rows **rows_r)
{
	struct prepared *p = add_prepare(t, s);
	struct op *op = op_add(t, OP_EXECUTE, s->name, s->sql);

	op->prepared = p;
	op->known = !p->fresh;
	op->params = params;
	op->rows_r = rows_r;
	t->statements++;
	t->bytes += params->bytes;
}

static int
op_send(PGconn *pg, const struct op *op)
{
	switch (op->kind) {
	case OP_PREPARE:
		/* The server infers the types of the parameters. */
		return PQsendPrepare(pg, op->prepared->name, op->sql, 0, NULL);
	case OP_EXECUTE:
		return PQsendQueryPrepared(pg, op->prepared->name, op->params->n,
			op->params->values, op->params->lengths, op->params->formats, 0);
	case OP_FORGET:
	case OP_PLAIN:
		break;
	}
	return PQsendQueryParams(pg, op->sql, 0, NULL, NULL, NULL, NULL, 0);
}

/* Sends what is left to send and reads what has come, once. False when the
 * session is lost. */
static bool
exchange(PGconn *pg)
{
	struct pollfd pfd = {.fd = PQsocket(pg), .events = POLLIN};
	int left = PQflush(pg);
	int n;

	if (left < 0) {
		PQconsumeInput(pg); /* what the server said before it went */
		return false;
	}
	if (left > 0)
		pfd.events |= POLLOUT;
	n = poll(&pfd, 1, SILENCE_MS);
	if (n < 0)
		return errno == EINTR;
	if (n == 0)
		return false;
	if (pfd.revents & ~POLLOUT)
		return PQconsumeInput(pg) == 1;
	return true;
}

/* The next result, or NULL for the end of an operation's results; *lost when
 * there is none to come. */
static PGresult *
next_result(PGconn *pg, bool *lost)
{
	while (PQisBusy(pg)) {
		/* What was read before the loss is still worth reading. */
		if (*lost)
			return NULL;
		if (!exchange(pg))
			*lost = true;
	}
	return PQgetResult(pg);
}

/* A plan made before the schema changed, or a statement that the session no
 * longer has (a pooler in between, DISCARD): preparing anew mends it. */
static bool
is_stale(const struct op *op, const char *state)
{
	return op->kind == OP_EXECUTE && op->known &&
	       (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0);
}

static void
op_done(struct trip *t, const struct op *op, PGresult *res)
{
	struct prepared_cache *pc = t->c->prepared;

	if (op->kind == OP_PREPARE)
		op->prepared->fresh = false;
	else if (op->kind == OP_FORGET)
		prepared_remove(pc, op->prepared);
	if (op->kind == OP_EXECUTE && op->rows_r != NULL)
		*op->rows_r = rows_wrap(t->a, res);
	else
		PQclear(res);
}

static void
op_failed(struct trip *t, const struct op *op, struct failure *f, PGresult *res)
{
	struct prepared_cache *pc = t->c->prepared;

	if (f->statement == NULL) {
		f->statement = op->name;
		failure_note(f, t->a, res);
		f->stale = is_stale(op, f->state);
	}
	if (op->kind == OP_PREPARE)
		prepared_remove(pc, op->prepared);
	else if (op->kind == OP_FORGET)
		prepared_keep(pc, op->prepared);
	PQclear(res);
}

static bool
succeeded(const PGresult *res)
{
	ExecStatusType st = PQresultStatus(res);

	return st == PGRES_COMMAND_OK || st == PGRES_TUPLES_OK || st == PGRES_EMPTY_QUERY;
}

/* Reads one operation's result and the NULL behind it. */
static bool
op_read(struct trip *t, const struct op *op, struct failure *f, bool *lost)
{
	PGresult *res = next_result(t->c->pg, lost);
	PGresult *end;

	if (res == NULL) {
		op_failed(t, op, f, NULL);
		return false;
	}
	if (succeeded(res))
		op_done(t, op, res);
	else
		op_failed(t, op, f, res);
	end = next_result(t->c->pg, lost);
	if (end == NULL)
		return !*lost;
	/* COPY or the like: cannot be continued. */
	PQclear(end);
	return false;
}

/* Answers up to, and without, `end`. */
static bool
read_ops(struct trip *t, const struct op *end)
{
	for (; t->next != end; t->next = t->next->next)
		if (!op_read(t, t->next, t->f, &t->lost))
			return false;
	return true;
}

static bool
read_rest(struct trip *t)
{
	PGresult *res;
	bool synced;

	if (!read_ops(t, NULL))
		return false;
	res = next_result(t->c->pg, &t->lost);
	synced = res != NULL && PQresultStatus(res) == PGRES_PIPELINE_SYNC;
	PQclear(res);
	return synced && PQexitPipelineMode(t->c->pg) == 1;
}

/* `last`: the server sends what comes before it without waiting for its end. */
static bool
send_all(struct trip *t, const struct op *last)
{
	PGconn *pg = t->c->pg;

	t->f = ARENA_NEW(t->a, struct failure);
	t->next = t->head;
	if (pg == NULL || PQstatus(pg) != CONNECTION_OK || PQenterPipelineMode(pg) != 1)
		return false;
	for (const struct op *op = t->head; op != NULL; op = op->next) {
		if (op == last && PQsendFlushRequest(pg) != 1)
			return false;
		if (op_send(pg, op) != 1)
			return false;
	}
	return PQpipelineSync(pg) == 1;
}

static void
forget_rows(struct trip *t)
{
	for (struct op *op = t->head; op != NULL; op = op->next) {
		if (op->rows_r != NULL)
			*op->rows_r = NULL;
		op->rows_r = NULL;
	}
}

/* What a trip that is over came to; `whole`: it was read to its end. */
static struct failure *
outcome(struct trip *t, bool whole)
{
	if (t->bytes > GROWN_BYTES)
		t->c->grown = true;
	if (whole && t->f->statement == NULL)
		return NULL;
	forget_rows(t);
	if (!whole) {
		t->f->broken = true;
		if (t->f->statement == NULL)
			t->f->statement = "sync";
		if (t->f->state[0] == '\0')
			memcpy(t->f->state, "08006", 6);
		conn_close(t->c);
	}
	return t->f;
}

struct failure *
trip_go(struct trip *t)
{
	long start = db_now_usec();
	bool whole = send_all(t, NULL) && read_rest(t);

	db_stats_add(t->statements, db_now_usec() - start);
	return outcome(t, whole);
}

struct failure *
trip_ask(struct trip *t)
{
	long start = db_now_usec();
	const struct op *last = t->head;
	bool whole;

	while (last->next != NULL)
		last = last->next;
	whole = send_all(t, last) && read_ops(t, last);
	if (whole && t->f->statement != NULL)
		whole = read_rest(t);
	db_stats_add(t->statements, db_now_usec() - start);
	if (!whole || t->f->statement != NULL)
		return outcome(t, whole);
	/* Who gets the rows may be gone when the rest is read. */
	for (struct op *op = t->head; op != NULL; op = op->next)
		op->rows_r = NULL;
	return NULL;
}

struct failure *
trip_wait(struct trip *t)
{
	long start = db_now_usec();
	bool whole = read_rest(t);

	db_stats_add(0, db_now_usec() - start);
	return outcome(t, whole);
}

void
trip_add_begin(struct trip *t)
{
	t->c->saved = t->c->trial;
	trip_add_plain(t, "begin", t->c->trial ? "savepoint praya_tx" : "begin");
	/* A trial asks everything a few times only: planning it anew for each would
	 * be most of its work. */
	if (t->c->trial)
		trip_add_plain(t, "begin", "set local plan_cache_mode = force_generic_plan");
}

void
trip_add_commit(struct trip *t)
{
	/* What was set for a transaction ends with it. */
	if (t->c->trial)
		trip_add_plain(t, "commit", "reset all");
	trip_add_plain(t, "commit", t->c->trial ? "release savepoint praya_tx" : "commit");
}

struct err *
trip_single(struct conn *c, struct arena *a, const char *name, const char *sql)
{
	struct trip t;
	struct failure *f;

	trip_init(&t, c, a);
	trip_add_plain(&t, name, sql);
	f = trip_go(&t);
	return f == NULL ? NULL : failure_err(a, f);
}

void
trip_clean(struct conn *c, struct arena *a, bool stale)
{
	struct trip t;

	if (c->pg == NULL)
		return;
	trip_init(&t, c, a);
	if (c->trial && c->saved) {
		trip_add_plain(&t, "rollback", "rollback to savepoint praya_tx");
		trip_add_plain(&t, "rollback", "release savepoint praya_tx");
	} else if (!c->trial && PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
		trip_add_plain(&t, "rollback", "rollback");
	}
	c->saved = false;
	if (stale) {
		trip_add_plain(&t, "deallocate", "deallocate all");
		prepared_clear(c->prepared);
	}
	if (t.head != NULL && trip_go(&t) != NULL)
		conn_close(c);
	conn_settle(c);
}
