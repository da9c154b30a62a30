/* SPDX-License-Identifier: ISC */
#include "copy.h"

#include <string.h>

#include "conn_private.h"
#include "log.h"
#include "trip.h"

/* Before the first row: a signature, flags, and the length of what nobody uses yet. */
#define SIGNATURE "PGCOPY\n\377\r\n"
#define HEADER ((size_t)19)

static uint64_t
number(const unsigned char *p, size_t n)
{
	uint64_t v = 0;

	for (size_t i = 0; i < n; i++)
		v = v << 8 | p[i];
	return v;
}

uint64_t
copy_number(const struct copy_field *f)
{
	ASSERT(f->n <= 8);
	return f->p == NULL ? 0 : number(f->p, f->n);
}

bool
copy_next(struct copy_row *r, struct copy_field *out)
{
	uint32_t n;

	if (r->left <= 0 || r->end - r->p < 4)
		return false;
	n = (uint32_t)number(r->p, 4);
	r->p += 4;
	r->left--;
	*out = (struct copy_field){NULL, 0};
	if (n == UINT32_MAX)
		return true;
	if ((size_t)(r->end - r->p) < n)
		return false;
	*out = (struct copy_field){r->p, n};
	r->p += n;
	return true;
}

/* A value as it stands in a statement that takes none: COPY. */
static const char *
literal(struct conn *c, struct arena *a, const struct val *v)
{
	const char *kept;
	char *text;

	ASSERT(v->kind == VAL_TEXT || v->kind == VAL_I64);
	if (v->kind == VAL_I64)
		return arena_printf(a, "(%lld)", (long long)v->u.i64);
	text = PQescapeLiteral(c->pg, v->u.text, strlen(v->u.text));
	if (text == NULL)
		log_fatal("out of memory");
	kept = arena_strdup(a, text);
	PQfreemem(text);
	return kept;
}

static const char *
composed(struct conn *c, struct arena *a, const struct stmt *s, struct vals vals)
{
	const char *sql = "copy (", *from = s->sql, *p;

	ASSERT(vals.n == s->params && vals.n < 10);
	while ((p = strchr(from, '$')) != NULL) {
		size_t n = (size_t)(p[1] - '1');

		ASSERT(n < (size_t)vals.n);
		sql = arena_printf(
			a, "%s%.*s%s", sql, (int)(p - from), from, literal(c, a, &vals.v[n]));
		from = p + 2;
	}
	return arena_printf(a, "%s%s) to stdout (format binary)", sql, from);
}

/* One message: the header comes with the first row, a number below zero behind the last. */
static struct err *
take(struct arena *a, const unsigned char *p, size_t n, bool first, copy_fn *fn, void *ctx)
{
	struct copy_row row = {.p = p, .end = p + n};

	if (first) {
		if (n < HEADER || memcmp(p, SIGNATURE, sizeof(SIGNATURE)) != 0)
			return err_internal(a, "rows in no format that is known");
		row.p += HEADER;
	}
	if (row.end - row.p < 2)
		return row.end == row.p ? NULL : err_internal(a, "a row was cut off");
	row.left = (int16_t)number(row.p, 2);
	row.p += 2;
	return row.left < 0 ? NULL : fn(ctx, &row);
}

static struct err *
failed(struct conn *c, struct arena *a, const struct stmt *s, PGresult *res)
{
	struct failure f = {.statement = s->name};

	failure_note(&f, a, res);
	PQclear(res);
	if (PQtransactionStatus(c->pg) != PQTRANS_IDLE)
		conn_close(c);
	else
		conn_settle(c);
	return failure_err(a, &f);
}

static struct err *
receive(struct conn *c, struct arena *a, copy_fn *fn, void *ctx)
{
	struct err *e = NULL;
	bool first = true;
	char *p;
	int n;

	while (e == NULL && (n = PQgetCopyData(c->pg, &p, 0)) > 0) {
		e = take(a, (const unsigned char *)p, (size_t)n, first, fn, ctx);
		first = false;
		PQfreemem(p);
	}
	return e;
}

struct err *
conn_copy(struct conn *c, struct arena *a, const struct stmt *s, struct vals vals, copy_fn *fn,
	void *ctx)
{
	long start = db_now_usec();
	PGresult *res, *more;
	struct err *e;

	ASSERT(c->tx == NULL && !c->trial);
	TRY(conn_ready(c, a));
	res = PQexec(c->pg, composed(c, a, s, vals));
	if (PQresultStatus(res) != PGRES_COPY_OUT)
		return failed(c, a, s, res);
	PQclear(res);
	e = receive(c, a, fn, ctx);
	db_stats_add(1, db_now_usec() - start);
	/* The rest of it is not waited for. */
	if (e != NULL) {
		conn_close(c);
		return e;
	}
	res = PQgetResult(c->pg);
	if (PQresultStatus(res) != PGRES_COMMAND_OK)
		return failed(c, a, s, res);
	PQclear(res);
	while ((more = PQgetResult(c->pg)) != NULL)
		PQclear(more);
	conn_settle(c);
	return NULL;
}
