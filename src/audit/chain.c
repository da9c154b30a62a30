/* SPDX-License-Identifier: ISC */
#include "chain.h"

#include <string.h>

#include "date.h"
#include "token.h"

/* Of this transaction: the lock is waited for, then the last link looked at. */
STMT(lock, "chain.lock", 0,
	"select pg_advisory_xact_lock(7208002), (extract(epoch from now()) * 1000000)::bigint");
STMT(last_seal, "chain.last", 0,
	"select " SEAL_COLUMNS "from audit_seal order by seal_id desc limit 1");
STMT(add, "chain.add", 12,
	"select audit_seal_add($1::bigint, $2, $3::bigint, $4::text::xid8, $5::text::xid8, "
	"$6::date, $7::bigint, $8::bigint, $9::bytea, $10::bytea, $11::bytea, $12::timestamptz)");

/* Every column there is, in this order for good: what an event says is what was sealed.
 * Names of fields stand in a table of their own, so their digest goes in with it. Mostly
 * records and people are the same long list, which goes in once. Whose view it was came
 * to it later: where it was nobody's, the digest is what it was before. check_digest.c makes
 * the same out of what PostgreSQL sends: a column more goes in there, too. */
STMT(digests, "owner.chain_digests", 3,
	"select u.n, x.part::regclass::text, x.events, x.digest "
	"from unnest($1::bigint[], $2::text[], $3::text[]) with ordinality u (g, lo, hi, n) "
	"cross join lateral (select q.part, count(*) as events, "
	"sha256(string_agg(q.event, ''::bytea)) as digest from (select e.tableoid as part, "
	"record_send(row(e.event_id, e.at, e.generation, e.xid, e.actor_kind, "
	"e.actor_id, e.via, e.session_id, e.ip, e.agent, e.request_id, e.route, e.action, "
	"e.outcome, e.entity, e.record_ids, e.subject_ids::bigint[] = e.record_ids, case when "
	"e.subject_ids::bigint[] = e.record_ids then null else e.subject_ids::bigint[] end, "
	"s.digest, e.reason, "
	"e.count, e.key_id, e.changes, e.grant_id, e.operator_id)) || case when e.as_user_id is "
	"null then ''::bytea else record_send(row(e.as_user_id)) end as event "
	"from audit_event e left join (select f.field_set_id, "
	"sha256(record_send(row(f.entity, f.fields))) as digest from field_set f offset 0) s "
	"on s.field_set_id = e.field_set_id "
	"where e.generation = u.g and e.xid >= u.lo::xid8 and e.xid < u.hi::xid8 "
	"order by e.tableoid, e.xid, e.event_id) q group by q.part) x order by 1, 2");
const struct stmt *const chain_digests = &digests;

static void
take(struct arena *a, const struct rows *r, size_t i, size_t col, unsigned char *out, size_t n)
{
	struct bytes b = rows_bytes(a, r, i, col);

	memset(out, 0, n);
	if (b.n == n)
		memcpy(out, b.p, n);
}

void
chain_row(struct arena *a, const struct rows *r, size_t i, struct seal *s)
{
	*s = (struct seal){.id = rows_i64(r, i, 0),
		.kind = rows_text(r, i, 1),
		.generation = rows_i64(r, i, 2),
		.from = rows_text(r, i, 3),
		.to = rows_text(r, i, 4),
		.month = rows_text(r, i, 5),
		.events = rows_i64(r, i, 6),
		.total = rows_i64(r, i, 7),
		.at = rows_i64(r, i, 8)};
	take(a, r, i, 9, s->digest, HEAD_BYTES);
	take(a, r, i, 10, s->head, HEAD_BYTES);
	take(a, r, i, 11, s->signature, SIGN_BYTES);
}

void
chain_head(struct arena *a, const unsigned char before[HEAD_BYTES], const struct seal *s,
	unsigned char out[HEAD_BYTES])
{
	const char *text =
		arena_printf(a, "%s praya-seal 1 %lld %s %lld %s %s %s %lld %lld %lld %s",
			hex_encode(a, before, HEAD_BYTES), (long long)s->id, s->kind,
			(long long)s->generation, s->from, s->to, s->month != NULL ? s->month : "-",
			(long long)s->events, (long long)s->total, (long long)s->at,
			hex_encode(a, s->digest, HEAD_BYTES));

	sha256(text, strlen(text), out);
}

struct head
chain_head_of(const struct seal *s)
{
	struct head h = {
		.seal = s->id, .generation = s->generation, .total = s->total, .at = s->at};

	memcpy(h.head, s->head, HEAD_BYTES);
	memcpy(h.signature, s->signature, SIGN_BYTES);
	return h;
}

struct err *
chain_open(struct chain *ch, struct tenancy *t, const struct tenant *tn, struct arena *a,
	struct tx *tx)
{
	struct rows *rows, *now;

	*ch = (struct chain){.tenancy = t, .tenant = tn, .a = a};
	head_key(tn, &ch->key);
	TRY(tx_query(tx, &lock, NO_VALS, &now));
	ch->now = rows_i64(now, 0, 1);
	TRY(tx_query(tx, &last_seal, NO_VALS, &rows));
	ch->last = (struct seal){.generation = 1, .from = "0", .to = "0", .kind = ""};
	if (rows_count(rows) > 0)
		chain_row(a, rows, 0, &ch->last);
	/* Behind the lock: nobody publishes a later one meanwhile. */
	TRY(head_published(t, a, tn, &ch->key, ch->published, &ch->npublished));
	for (size_t i = 0; i < ch->npublished; i++)
		ch->behind |= ch->published[i].good && ch->published[i].seal > ch->last.id;
	return NULL;
}

void
chain_add(struct chain *ch, struct tx *tx, struct seal *s)
{
	struct bytes digest = {s->digest, HEAD_BYTES}, head = {s->head, HEAD_BYTES};
	struct bytes signature = {s->signature, SIGN_BYTES};
	struct head h;

	if (s->id == 0)
		s->id = ch->last.id + 1;
	s->total = ch->last.total + (strcmp(s->kind, "events") == 0 ? s->events : 0);
	s->at = ch->now;
	chain_head(ch->a, ch->last.head, s, s->head);
	h = chain_head_of(s);
	head_sign(ch->a, &ch->key, &h);
	memcpy(s->signature, h.signature, SIGN_BYTES);
	tx_queue(tx, &add,
		VALS(val_i64(s->id), val_text(s->kind), val_i64(s->generation), val_text(s->from),
			val_text(s->to), val_text(s->month), val_i64(s->events), val_i64(s->total),
			val_bytes(digest), val_bytes(head), val_bytes(signature),
			val_text(time_rfc3339(ch->a, s->at))),
		NULL);
	ch->last = *s;
}

struct err *
chain_publish(struct chain *ch)
{
	struct head h = chain_head_of(&ch->last);

	return ch->last.id == 0 ? NULL : head_publish(ch->tenancy, ch->a, ch->tenant, &ch->key, &h);
}

void
chain_close(struct chain *ch)
{
	secret_wipe(&ch->key, sizeof(ch->key));
}
