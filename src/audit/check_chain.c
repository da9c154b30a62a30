/* SPDX-License-Identifier: ISC */
/* The end of the chain, and the heads that were published of it. */
#include <string.h>

#include "check_part.h"

/* A head that a restore lost stands in its record, or before one that does. */
STMT(link_of, "owner.check_link", 1,
	"select (select head from audit_seal where seal_id = $1::bigint), "
	"(select l.kind from audit_seal l where l.seal_id > $1::bigint order by l.seal_id limit "
	"1), "
	"(select max(seal_id) from audit_seal)");

static struct err *
compare(struct check *c, struct tx *tx, const struct head *h)
{
	struct arena *a = c->out->run.a;
	struct finding f = {.seal = h->seal, .sealed = -1, .found = -1, .where = h->where};
	struct bytes head;
	struct rows *r;

	if (!h->good) {
		f.kind = "forged";
		check_found(c, &f);
		return NULL;
	}
	TRY(tx_query(tx, &link_of, VALS(val_i64(h->seal)), &r));
	head = rows_bytes(a, r, 0, 0);
	f.at = h->at;
	if (h->seal > rows_i64(r, 0, 2)) {
		f.kind = "cut_off";
		f.sealed = h->total;
		f.found = c->last.total;
		check_found(c, &f);
	} else if (head.p == NULL
			   ? rows_null(r, 0, 1) || strcmp(rows_text(r, 0, 1), "loss") != 0
			   : head.n != HEAD_BYTES || memcmp(head.p, h->head, HEAD_BYTES) != 0) {
		f.kind = "other";
		check_found(c, &f);
	}
	return NULL;
}

static struct err *
compare_all(struct check *c, struct tx *tx)
{
	struct audit_check *o = c->out;
	struct head list[2], own = chain_head_of(&c->last), h;
	struct finding f = {.sealed = -1, .found = -1};
	size_t n;

	TRY(head_published(o->run.tenancy, o->run.a, o->run.tenant, &c->key, list, &n));
	for (size_t i = 0; i < n; i++)
		TRY(compare(c, tx, &list[i]));
	for (size_t i = 0; i < o->nlines; i++) {
		f.kind = "no_head";
		f.where = h.where = arena_printf(o->run.a, "line %zu", i + 1);
		if (!head_parse(o->run.a, &c->key, o->lines[i], &h)) {
			check_found(c, &f);
			continue;
		}
		h.where = f.where;
		TRY(compare(c, tx, &h));
	}
	if (c->last.id == 0)
		return NULL;
	f = (struct finding){.seal = own.seal, .at = own.at, .sealed = -1, .found = -1};
	o->head = head_line(o->run.a, &c->key, &own);
	if (!head_parse(o->run.a, &c->key, o->head, &h) || !h.good) {
		f.kind = "forged";
		f.where = "log";
		check_found(c, &f);
	}
	if (n == 0) {
		f.kind = "unpublished";
		f.where = NULL;
		check_found(c, &f);
	}
	return NULL;
}

struct err *
check_heads(struct check *c)
{
	struct tx *tx = NULL;
	struct err *e;

	TRY(check_tx(c, c->out->run.a, &tx));
	e = compare_all(c, tx);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}
