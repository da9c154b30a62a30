/* SPDX-License-Identifier: ISC */
/*
 * What the ledger says is to be erased and is not: cut off in between, or erased before the
 * database was put back. Several people share a transaction and its round trips; where that
 * fails each is tried alone, so that nobody waits for another. A person's erasure is whole or
 * not at all either way.
 */
#include "erase.h"

#include "erase_part.h"
#include "job.h"
#include "ledger.h"
#include "log.h"

#define TOGETHER 25

/* Whoever has the row may be erasing it right now. An order is about nobody whose record was made
 * after it: a workspace that was restored gives out numbers once more. Two databases' clocks may
 * differ by a little. */
STMT(lock_if_free, "erase.lock_if_free", 2,
	"select c.erased_at is not null or c.created_at > to_timestamp($2::bigint / 1000000.0) + "
	"interval '10 seconds', c.hold or exists (select from request_subject s join "
	"privacy_request r using (request_id) where s.contact_id = c.contact_id and r.closed_at is "
	"null and r.state <> 'assessing'), c.key_id, k.wrapped "
	"from contact c left join data_key k using (key_id) "
	"where c.contact_id = $1::bigint for update of c nowait");
STMT(enter_worker, "erase.enter", 1, "select gate_system('worker', null, $1)");

/* What a run did: closed in the ledger at once, and one search for all. */
struct resumed {
	int64_t *ledgers;
	size_t n, left;
	int64_t first, last; /* erasures; 0: none */
};

/* A transaction's share. */
struct together {
	const struct ledger_entry *entries;
	size_t n;
	struct erasing list[TOGETHER];
	size_t nlist;
	int64_t done[TOGETHER]; /* entries that are closed with it */
	size_t ndone, nleft;
};

/* Of two orders about one person the first is enough. */
static bool
is_in(const struct together *g, int64_t contact_id)
{
	for (size_t i = 0; i < g->nlist; i++)
		if (g->list[i].contact_id == contact_id)
			return true;
	return false;
}

static void
sort_one(struct together *g, const struct record_ctx *cx, const struct ledger_entry *l,
	const struct rows *row)
{
	struct erasing *er = &g->list[g->nlist];

	if (rows_count(row) == 0 || rows_bool(row, 0, 0) || is_in(g, l->contact_id)) {
		g->done[g->ndone++] = l->id;
		return;
	}
	if (rows_bool(row, 0, 1)) {
		/* A hold set since: the next run tries again. */
		g->nleft++;
		log_warn("ledger entry %lld is still open: held", (long long)l->id);
		return;
	}
	*er = (struct erasing){
		.cx = cx, .contact_id = l->contact_id, .reason = "resumed", .ledger = l->id};
	erase_take(er, row, 3, 2);
	g->nlist++;
	g->done[g->ndone++] = l->id;
}

static struct err *
erase_in_tx(struct together *g, const struct record_ctx *cx)
{
	struct rows *rows[TOGETHER];

	for (size_t i = 0; i < g->n; i++)
		tx_queue(cx->tx, &lock_if_free,
			VALS(val_i64(g->entries[i].contact_id), val_i64(g->entries[i].intent_at)),
			&rows[i]);
	TRY(tx_run(cx->tx));
	for (size_t i = 0; i < g->n; i++)
		sort_one(g, cx, &g->entries[i], rows[i]);
	if (g->nlist > 0)
		TRY(erase_together(g->list, g->nlist));
	return tx_commit(cx->tx);
}

static void
add_up(struct resumed *done, struct together *g)
{
	for (size_t i = 0; i < g->nlist; i++) {
		done->last = erase_number(&g->list[i]);
		done->first = done->first == 0 ? done->last : done->first;
	}
	for (size_t i = 0; i < g->ndone; i++)
		done->ledgers[done->n++] = g->done[i];
	done->left += g->nleft;
}

static struct err *
try_together(const struct record_ctx *cx, struct conn *c, const struct ledger_entry *entries,
	size_t n, struct resumed *done)
{
	struct together *g = ARENA_NEW(cx->a, struct together);
	struct record_ctx mine = *cx;
	struct err *e;

	g->entries = entries;
	g->n = n;
	e = tx_begin(c, cx->a, &enter_worker, VALS(val_text("erase.resume")), &mine.tx);
	if (e == NULL)
		e = erase_in_tx(g, &mine);
	tx_end(&mine.tx);
	if (e == NULL)
		add_up(done, g);
	return e;
}

static void
resume_some(const struct record_ctx *cx, struct conn *c, const struct ledger_entry *entries,
	size_t n, struct resumed *done)
{
	if (n > 1 && try_together(cx, c, entries, n, done) == NULL)
		return;
	for (size_t i = 0; i < n; i++) {
		const struct err *e = try_together(cx, c, &entries[i], 1, done);

		if (e == NULL)
			continue;
		/* A record in use: the next run tries again. */
		done->left++;
		log_warn("ledger entry %lld is still open: %s", (long long)entries[i].id,
			err_name(e->kind));
	}
}

static struct err *
search_for_them(const struct record_ctx *cx, struct conn *c, const struct resumed *done)
{
	struct record_ctx mine = *cx;
	struct err *e;

	if (done->first == 0)
		return NULL;
	e = tx_begin(c, cx->a, &enter_worker, VALS(val_text("erase.resume")), &mine.tx);
	if (e == NULL)
		e = erase_queue_scan(mine.tx, cx->a, done->first, done->last, 0);
	if (e == NULL)
		e = tx_commit(mine.tx);
	tx_end(&mine.tx);
	return e;
}

struct err *
erase_resume(const struct record_ctx *cx, struct tenancy *t, struct conn *c, size_t *left_r)
{
	struct resumed done = {0};
	struct ledger_entry *open;
	size_t n;

	*left_r = 0;
	ledger_copy(t, cx->a, cx->tenant);
	TRY(ledger_open(t, cx->a, cx->tenant, &open, &n));
	done.ledgers = ARENA_ARRAY(cx->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i += TOGETHER)
		resume_some(cx, c, &open[i], n - i < TOGETHER ? n - i : TOGETHER, &done);
	*left_r = done.left;
	/* Cut off before this, the chore that looks after erasures begins the search. */
	TRY(search_for_them(cx, c, &done));
	return done.n > 0 ? ledger_close(t, cx->a, done.ledgers, done.n) : NULL;
}
