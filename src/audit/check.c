/* SPDX-License-Identifier: ISC */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "check_digest.h"
#include "check_part.h"
#include "date.h"
#include "event.h"
#include "response.h"
#include "token.h"

/* Links read at a time, and what is compared at a time: so much work and memory, and
 * no statement near its limit of time. */
#define LINKS 1000
#define STRETCHES 400
#define EVENTS 100000

STMT(enter, "owner.check_enter", 2, "select gate_system($1, null, $2)");
STMT(last_seal, "owner.check_last", 0,
	"select " SEAL_COLUMNS "from audit_seal order by seal_id desc limit 1");
/* With each link: is its month there, did it go later, and was it time. */
STMT(links, "owner.check_links", 3,
	"select " SEAL_COLUMNS ", exists (select from audit_partition p where p.month = s.month), "
	"exists (select from audit_seal g where g.month = s.month and g.seal_id > s.seal_id "
	"and g.kind = 'month'), "
	"s.at >= (s.month + interval '13 months') at time zone 'Asia/Hong_Kong' "
	"from audit_seal s where seal_id > $1::bigint and seal_id <= $2::bigint "
	"order by seal_id limit $3::bigint");
STMT(went, "owner.check_went", 2,
	"select exists (select from audit_seal where month = $1::date and kind = 'month' "
	"and seal_id > $2::bigint)");
/* Before the end of the chain: all of it by the index; where there was more than one
 * generation, transactions have their numbers twice. Behind it: what is not covered
 * yet, and what cannot be. */
STMT(count_all, "owner.check_count", 1,
	"select count(*) from audit_event where xid < $1::text::xid8");
STMT(count_older, "owner.check_count_generations", 2,
	"select count(*) from audit_event where generation <> $1::bigint or xid < $2::text::xid8");
STMT(tail, "owner.check_tail", 2,
	"select count(*) filter (where generation = $1::bigint and xid < "
	"pg_snapshot_xmax(pg_current_snapshot())), count(*) from audit_event "
	"where xid >= $2::text::xid8 and ($1::bigint = 1 or generation = $1::bigint)");
STMT(keep, "check.keep", 3, "select audit_check_add($1::bigint, $2::boolean, $3::jsonb)");

struct link {
	struct seal seal;
	bool there, went, due;
};

/* What is to be compared next: links of whole stretches. */
struct batch {
	struct link *links;
	size_t n, stretches;
	int64_t events;
};

void
check_found(struct check *c, const struct finding *f)
{
	struct json_object *o;

	if (c->out->nfindings++ >= CHECK_FINDINGS_MAX)
		return;
	o = model_item(c->findings);
	model_text(o, "kind", f->kind);
	if (f->month != NULL)
		model_text(o, "month", arena_strndup(c->out->run.a, f->month, 7));
	if (f->at != 0)
		model_text(o, "sealed_at", time_rfc3339(c->out->run.a, f->at));
	if (f->seal != 0)
		model_i64(o, "seal", f->seal);
	if (f->sealed >= 0)
		model_i64(o, "sealed", f->sealed);
	if (f->found >= 0)
		model_i64(o, "found", f->found);
	if (f->where != NULL)
		model_text(o, "where", f->where);
}

struct err *
check_tx(struct check *c, struct arena *a, struct tx **tx_r)
{
	const struct chain_run *run = &c->out->run;

	return tx_begin(
		run->conn, a, &enter, VALS(val_text(run->kind), val_text(run->route)), tx_r);
}

/* One statement in a transaction of its own. */
static struct err *
ask(struct check *c, const struct stmt *s, struct vals vals, struct rows **rows_r)
{
	struct tx *tx = NULL;
	struct err *e;

	TRY(check_tx(c, c->out->run.a, &tx));
	e = tx_query(tx, s, vals, rows_r);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	return e;
}

static void
link_found(struct check *c, const char *kind, const struct seal *s, int64_t found)
{
	struct finding f = {.kind = kind,
		.month = s->month,
		.at = s->at,
		.seal = s->id,
		.sealed = found >= 0 ? s->events : -1,
		.found = found};

	check_found(c, &f);
}

static bool
same_stretch(const struct seal *x, const struct seal *y)
{
	return x->generation == y->generation && strcmp(x->from, y->from) == 0 &&
	       strcmp(x->to, y->to) == 0;
}

/* "audit_event_2026_11" of "2026-11-01" */
static bool
is_part(const char *part, const char *month)
{
	return month != NULL && strlen(part) == 19 && strncmp(part, "audit_event_", 12) == 0 &&
	       strncmp(part + 12, month, 4) == 0 && strncmp(part + 17, month + 5, 2) == 0;
}

/* What a link's stretch has in its month; NULL: no such events. */
static struct tally *
tally_of(struct tally *list, size_t n, size_t stretch, const struct seal *s)
{
	for (size_t i = 0; i < n; i++)
		if (!list[i].used && list[i].stretch == stretch && is_part(list[i].part, s->month))
			return &list[i];
	return NULL;
}

static void
compare(struct check *c, struct tally *t, const struct seal *s)
{
	int64_t found = t == NULL ? 0 : t->events;

	c->out->events += found;
	if (t != NULL)
		t->used = true;
	/* A link for nothing: there is none of that kind. */
	if (found != s->events)
		link_found(c, found < s->events ? "taken_out" : "put_in", s, found);
	else if (t == NULL)
		link_found(c, "link", s, -1);
	else if (memcmp(t->digest, s->digest, HEAD_BYTES) != 0)
		link_found(c, "changed", s, found);
}

/* Events of a stretch in a month that no link of it names. */
static void
strays(struct check *c, const struct tally *list, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct finding f = {.kind = "put_in", .sealed = 0, .found = list[i].events};

		if (list[i].used)
			continue;
		f.where = list[i].part;
		c->out->events += f.found;
		check_found(c, &f);
	}
}

static struct err *
flush(struct check *c, struct batch *b)
{
	struct stretch *list = ARENA_ARRAY(c->out->run.a, b->n + 1, struct stretch);
	struct tally *tallies;
	size_t n = 0, ntallies, at = 0;

	if (b->n == 0)
		return NULL;
	for (size_t i = 0; i < b->n; i++) {
		const struct seal *s = &b->links[i].seal;

		if (i == 0 || !same_stretch(s, &b->links[i - 1].seal))
			list[n++] = (struct stretch){s->generation, s->from, s->to};
	}
	TRY(check_digests(&c->out->run, list, n, &tallies, &ntallies));
	for (size_t i = 0; i < b->n; i++) {
		const struct seal *s = &b->links[i].seal;

		at += i > 0 && !same_stretch(s, &b->links[i - 1].seal);
		compare(c, tally_of(tallies, ntallies, at, s), s);
	}
	strays(c, tallies, ntallies);
	b->n = b->stretches = 0;
	b->events = 0;
	return NULL;
}

/* Its head follows from the one before it. What does not is said once: the next link
 * is looked at from where this one stands. */
static void
check_link(struct check *c, const struct seal *before, const struct link *l)
{
	unsigned char head[HEAD_BYTES];
	const struct seal *s = &l->seal;
	bool loss = strcmp(s->kind, "loss") == 0;

	chain_head(c->out->run.a, before->head, s, head);
	if ((loss ? s->id <= before->id : s->id != before->id + 1) ||
		memcmp(head, s->head, HEAD_BYTES) != 0)
		link_found(c, "link", s, -1);
	if (loss)
		c->out->lost += s->events;
	if (strcmp(s->kind, "month") == 0) {
		c->out->gone++;
		if (!l->due)
			link_found(c, "too_early", s, -1);
	}
}

/* A month is missing, and did not go in its time while we looked: once for all its links. */
static struct err *
check_missing(struct check *c, const struct seal *s)
{
	struct rows *r;

	if (strcmp(c->missing, s->month) == 0)
		return NULL;
	TRY(ask(c, &went, VALS(val_text(s->month), val_i64(s->id)), &r));
	snprintf(c->missing, sizeof(c->missing), "%s", s->month);
	if (!rows_bool(r, 0, 0))
		link_found(c, "no_month", s, -1);
	return NULL;
}

/* Links behind that one: so many that every stretch of theirs is whole. */
static struct err *
read_links(struct check *c, int64_t behind, struct link **list_r, size_t *n_r)
{
	struct arena *a = c->out->run.a;
	struct link *list;
	struct rows *r;
	size_t n;

	TRY(ask(c, &links, VALS(val_i64(behind), val_i64(c->last.id), val_i64(LINKS)), &r));
	n = rows_count(r);
	list = ARENA_ARRAY(a, n + 1, struct link);
	for (size_t i = 0; i < n; i++) {
		chain_row(a, r, i, &list[i].seal);
		list[i].there = rows_bool(r, i, 12);
		list[i].went = rows_bool(r, i, 13);
		list[i].due = rows_bool(r, i, 14);
	}
	if (n == LINKS)
		while (n > 1 && same_stretch(&list[n - 1].seal, &list[LINKS - 1].seal))
			n--;
	*list_r = list;
	*n_r = n;
	return NULL;
}

/* Some links behind *before_r, compared; *before_r: the last of them. */
static struct err *
check_piece(struct check *c, struct seal *before_r)
{
	struct batch b = {.links = ARENA_ARRAY(c->out->run.a, LINKS, struct link)};
	struct seal before = *before_r;
	struct link *list;
	size_t n;

	TRY(read_links(c, before.id, &list, &n));
	for (size_t i = 0; i < n; i++) {
		const struct link *l = &list[i];
		bool first = b.n == 0 || !same_stretch(&l->seal, &b.links[b.n - 1].seal);

		if (first && (b.events > EVENTS || b.stretches >= STRETCHES))
			break;
		check_link(c, &before, l);
		before = l->seal;
		c->out->seals++;
		if (strcmp(l->seal.kind, "events") != 0 || l->went)
			continue;
		if (!l->there) {
			TRY(check_missing(c, &l->seal));
			continue;
		}
		b.links[b.n++] = *l;
		b.stretches += first;
		b.events += l->seal.events;
	}
	TRY(flush(c, &b));
	/* None at all: they were taken out while we looked. */
	*before_r = n > 0 ? before : c->last;
	return NULL;
}

static struct err *
check_links(struct check *c)
{
	struct seal before = {0};

	while (before.id < c->last.id) {
		struct arena_mark mark = arena_mark(c->out->run.a);

		TRY(check_piece(c, &before));
		arena_release(c->out->run.a, mark);
		if (c->out->beat != NULL)
			TRY(c->out->beat(c->out->ctx, c->out->events, c->last.total));
	}
	return NULL;
}

/* Events that stand in no stretch of any link. */
static struct err *
check_outside(struct check *c)
{
	const struct seal *s = &c->last;
	struct finding f = {.kind = "put_in", .where = "outside"};
	struct rows *r;

	if (s->generation == 1)
		TRY(ask(c, &count_all, VALS(val_text(s->to)), &r));
	else
		TRY(ask(c, &count_older, VALS(val_i64(s->generation), val_text(s->to)), &r));
	f.sealed = c->out->events;
	f.found = rows_i64(r, 0, 0);
	if (f.found > f.sealed)
		check_found(c, &f);
	TRY(ask(c, &tail, VALS(val_i64(s->generation), val_text(s->to)), &r));
	c->out->unsealed = rows_i64(r, 0, 0);
	f.sealed = 0;
	f.found = rows_i64(r, 0, 1) - rows_i64(r, 0, 0);
	if (f.found > 0)
		check_found(c, &f);
	return NULL;
}

static struct err *
check_all(struct check *c)
{
	struct audit_check *o = c->out;
	struct rows *r;

	head_key(o->run.tenant, &c->key);
	TRY(ask(c, &last_seal, NO_VALS, &r));
	c->last = (struct seal){.generation = 1, .from = "0", .to = "0", .kind = ""};
	if (rows_count(r) > 0)
		chain_row(o->run.a, r, 0, &c->last);
	o->at = c->last.at;
	TRY(check_links(c));
	TRY(check_outside(c));
	return check_heads(c);
}

static void
result_model(const struct check *c, struct json_object *o)
{
	const struct audit_check *out = c->out;

	model_bool(o, "good", out->nfindings == 0);
	model_i64(o, "seals", out->seals);
	model_i64(o, "events", out->events);
	model_i64(o, "unsealed", out->unsealed);
	model_i64(o, "months_gone", out->gone);
	model_i64(o, "lost", out->lost);
	model_text(o, "sealed_at", out->at != 0 ? time_rfc3339(out->run.a, out->at) : NULL);
	model_text(o, "head", out->head);
	model_i64(o, "findings_total", (int64_t)out->nfindings);
	json_object_object_add(o, "findings", json_object_get(c->findings));
}

struct err *
audit_check_run(struct audit_check *o, struct json_object **result_r)
{
	struct check c = {.out = o};
	struct json_object *result = model_object(o->run.a);
	struct err *e;

	c.findings = model_own(o->run.a, json_object_new_array());
	e = check_all(&c);
	secret_wipe(&c.key, sizeof(c.key));
	if (e != NULL)
		return e;
	result_model(&c, result);
	*result_r = result;
	return NULL;
}

struct err *
audit_check_keep(struct tx *tx, struct arena *a, int64_t job, struct json_object *result)
{
	struct audit_event ev = {.action = "view", .entity = "audit", .reason = "verified"};
	bool good = json_object_get_boolean(json_object_object_get(result, "good"));
	struct rows *r;

	TRY(tx_query(tx, &keep,
		VALS(val_id(job), val_bool(good),
			val_text(json_object_to_json_string_ext(result, JSON_C_TO_STRING_PLAIN))),
		&r));
	ev.count = json_object_get_int64(json_object_object_get(result, "events"));
	ev.outcome = good ? "ok" : "failed";
	audit_queue(tx, a, &ev);
	return NULL;
}
