/* SPDX-License-Identifier: ISC */
/* Links are added: for events, and where a restore lost some. */
#include <string.h>

#include "chain.h"
#include "event.h"
#include "log.h"

/* Digests are sorted in memory, and joined with few names of fields. */
STMT(enter, "owner.chain_enter", 2,
	"select gate_system($1, null, $2), set_config('work_mem', '16MB', true), "
	"set_config('enable_mergejoin', 'off', true)");
/* Up to which transaction: all that is over, or so many events of it. A transaction
 * is never cut in two. */
STMT(bounds, "owner.chain_bounds", 2,
	"with s as (select pg_snapshot_xmin(pg_current_snapshot()) as safe), "
	"cut as (select e.xid from audit_event e cross join s where e.generation = $1::bigint "
	"and e.xid >= $2::text::xid8 and e.xid < s.safe order by e.xid offset 2047 limit 1) "
	"select coalesce((select (xid::text::numeric + 1)::text from cut), s.safe::text), "
	"exists (select from cut), s.safe < $2::text::xid8, "
	"(select pg_get_expr(d.adbin, d.adrelid)::bigint from pg_attrdef d join pg_attribute a on "
	"a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = 'audit_event'::regclass "
	"and a.attname = 'generation') from s");
STMT(declared, "owner.chain_declared", 0,
	"select pg_get_expr(d.adbin, d.adrelid)::bigint > coalesce((select generation from "
	"audit_seal order by seal_id desc limit 1), 1) from pg_attrdef d join pg_attribute a on "
	"a.attrelid = d.adrelid and a.attnum = d.adnum where d.adrelid = 'audit_event'::regclass "
	"and a.attname = 'generation'");
STMT(new_generation, "owner.audit_generation", 1, "select audit_generation($1::bigint)");

/* "audit_event_2026_11" -> "2026-11-01" */
static const char *
month_of(struct arena *a, const char *part)
{
	size_t n = strlen(part);

	return n < 7 ? NULL : arena_printf(a, "%.4s-%.2s-01", part + n - 7, part + n - 2);
}

/* One stretch, as many links as it has months with events. */
static struct err *
cover(struct chain *ch, struct tx *tx, const char *to, bool *any_r)
{
	int64_t generation = ch->last.generation;
	const char *from = ch->last.to;
	struct rows *r;

	TRY(tx_query(tx, chain_digests,
		VALS(val_i64s(&generation, 1), val_texts(&from, 1), val_texts(&to, 1)), &r));
	*any_r = rows_count(r) > 0;
	for (size_t i = 0; i < rows_count(r); i++) {
		struct bytes digest = rows_bytes(ch->a, r, i, 3);
		struct seal s = {.kind = "events",
			.generation = generation,
			.from = from,
			.to = to,
			.month = month_of(ch->a, rows_text(r, i, 1)),
			.events = rows_i64(r, i, 2)};

		ASSERT(digest.n == HEAD_BYTES);
		memcpy(s.digest, digest.p, HEAD_BYTES);
		chain_add(ch, tx, &s);
	}
	return NULL;
}

/* What the farthest published head has and the chain has not. Links that follow have
 * numbers that nobody has published yet. */
static struct err *
add_loss(struct chain *ch, struct tx *tx, int64_t *lost_r)
{
	struct seal s = {.kind = "loss",
		.generation = ch->last.generation,
		.from = ch->last.to,
		.to = ch->last.to,
		.id = ch->last.id + 1};

	struct head all[3];
	size_t n = ch->npublished;

	memcpy(all, ch->published, sizeof(ch->published));
	TRY(head_kin_of(ch->tenancy, ch->a, &ch->key, &all[n++]));
	for (size_t i = 0; i < n; i++) {
		const struct head *h = &all[i];

		if (!h->good || h->seal < s.id)
			continue;
		s.id = h->seal + 1;
		s.events = h->total > ch->last.total ? h->total - ch->last.total : 0;
		memcpy(s.digest, h->head, HEAD_BYTES);
	}
	*lost_r = s.events;
	chain_add(ch, tx, &s);
	return NULL;
}

/* From a generation to the next: what is lacking is recorded, what is there is covered to
 * its end, the new one begins. */
static struct err *
turn(struct chain *ch, struct tx *tx, int64_t generation, int64_t *lost_r)
{
	struct audit_event ev = {.action = "setting", .entity = "audit", .reason = "log_resumed"};
	struct seal s = {.kind = "start", .generation = generation, .from = "0", .to = "0"};
	bool any;

	TRY(add_loss(ch, tx, lost_r));
	TRY(cover(ch, tx, XID_END, &any));
	chain_add(ch, tx, &s);
	ev.count = *lost_r;
	audit_queue(tx, ch->a, &ev);
	return NULL;
}

static struct err *
seal_open(struct chain_run *run, struct chain *ch, struct tx *tx, enum chain_state *state_r)
{
	int64_t lost, generation, before;
	const char *to;
	struct rows *r;
	bool any = true;

	TRY(chain_open(ch, run->tenancy, run->tenant, run->a, tx));
	TRY(tx_query(tx, &bounds, VALS(val_i64(ch->last.generation), val_text(ch->last.to)), &r));
	to = rows_text(r, 0, 0);
	generation = rows_i64(r, 0, 3);
	before = ch->last.total;
	*state_r = CHAIN_BEHIND;
	if (ch->behind)
		return NULL;
	/* The workspace was made out of a backup, which says so. */
	if (generation > ch->last.generation) {
		*state_r = CHAIN_MORE;
		TRY(turn(ch, tx, generation, &lost));
	} else if (rows_bool(r, 0, 2)) {
		*state_r = CHAIN_MOVED;
		return NULL;
	} else {
		*state_r = rows_bool(r, 0, 1) ? CHAIN_MORE : CHAIN_WHOLE;
		TRY(cover(ch, tx, to, &any));
	}
	TRY(tx_commit(tx));
	run->added += ch->last.total - before;
	/* Also what an earlier one could not publish any more. */
	if (any || ch->npublished < 2 || ch->published[0].seal < ch->last.id ||
		ch->published[1].seal < ch->last.id)
		return chain_publish(ch);
	return NULL;
}

struct err *
chain_seal(struct chain_run *run, enum chain_state *state_r)
{
	struct chain ch = {0};
	struct tx *tx = NULL;
	struct err *e;

	TRY(tx_begin(
		run->conn, run->a, &enter, VALS(val_text(run->kind), val_text(run->route)), &tx));
	e = seal_open(run, &ch, tx, state_r);
	tx_end(&tx);
	chain_close(&ch);
	return e;
}

struct err *
chain_take_over(struct chain_run *run)
{
	enum chain_state state = CHAIN_WHOLE;
	struct rows *r;
	struct tx *tx = NULL;
	struct err *e;

	TRY(tx_begin(
		run->conn, run->a, &enter, VALS(val_text(run->kind), val_text(run->route)), &tx));
	e = tx_query(tx, &declared, NO_VALS, &r);
	tx_end(&tx);
	if (e != NULL)
		return e;
	return rows_bool(r, 0, 0) ? chain_seal(run, &state) : NULL;
}

struct err *
chain_seal_all(struct chain_run *run, int pieces, enum chain_state *state_r)
{
	*state_r = CHAIN_MORE;
	for (int i = 0; i < pieces && *state_r == CHAIN_MORE; i++) {
		struct arena_mark mark = arena_mark(run->a);

		TRY(chain_seal(run, state_r));
		arena_release(run->a, mark);
	}
	return NULL;
}

static struct err *
resume_open(struct chain_run *run, struct chain *ch, struct tx *tx, int64_t *lost_r)
{
	struct rows *r;
	int64_t lost = 0;

	TRY(chain_open(ch, run->tenancy, run->tenant, run->a, tx));
	TRY(tx_query(tx, &bounds, VALS(val_i64(ch->last.generation), val_text(ch->last.to)), &r));
	if (!ch->behind && !rows_bool(r, 0, 2))
		return NULL;
	/* Waits for whoever writes: from here on nobody adds to the old one. */
	TRY(tx_query(tx, &new_generation, VALS(val_i64(ch->last.generation + 1)), NULL));
	TRY(turn(ch, tx, ch->last.generation + 1, &lost));
	TRY(tx_commit(tx));
	*lost_r = lost;
	return chain_publish(ch);
}

struct err *
chain_resume(struct chain_run *run, int64_t *lost_r)
{
	struct chain ch = {0};
	struct tx *tx = NULL;
	struct err *e;

	*lost_r = -1;
	TRY(tx_begin(
		run->conn, run->a, &enter, VALS(val_text(run->kind), val_text(run->route)), &tx));
	e = resume_open(run, &ch, tx, lost_r);
	tx_end(&tx);
	chain_close(&ch);
	return e;
}
