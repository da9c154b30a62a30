/* SPDX-License-Identifier: ISC */
#include "sqlb.h"

#include <string.h>

#include "log.h"

#define SQL_MAX ((size_t)256 * 1024)
#define VALS_AT_FIRST 32

void
sqlb_init(struct sqlb *b, struct arena *a)
{
	b->a = a;
	b->vals = NULL;
	b->n = b->room = 0;
	sb_init(&b->sql, a, SQL_MAX);
}

void
sqlb_add(struct sqlb *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	sb_puts(&b->sql, arena_vprintf(b->a, fmt, ap));
	va_end(ap);
}

/* As many as there are fields, which the workspace decides on. */
static void
make_room(struct sqlb *b)
{
	struct val *more;

	b->room = b->room == 0 ? VALS_AT_FIRST : 2 * b->room;
	more = ARENA_ARRAY(b->a, (size_t)b->room, struct val);
	if (b->n > 0)
		memcpy(more, b->vals, (size_t)b->n * sizeof(*more));
	b->vals = more;
}

const char *
sqlb_val(struct sqlb *b, struct val v, const char *cast)
{
	if (b->n == b->room)
		make_room(b);
	b->vals[b->n++] = v;
	return arena_printf(b->a, "$%d::%s", b->n, cast);
}

const char *
sqlb_take(struct sqlb *b)
{
	const char *text = b->sql.p;

	ASSERT(sb_ok(&b->sql));
	sb_init(&b->sql, b->a, SQL_MAX);
	return text;
}

void
sqlb_queue(struct sqlb *b, struct tx *tx, const char *name, struct rows **rows_r)
{
	ASSERT(sb_ok(&b->sql));
	tx_queue(tx, stmt_composed(b->a, name, b->sql.p, b->n), (struct vals){b->vals, b->n},
		rows_r);
}
