/* SPDX-License-Identifier: ISC */
#include "check_digest.h"

#include <string.h>

#include "copy.h"
#include "err.h"
#include "token.h"

/* Names of fields stand in a table of their own: their digest goes in with the event. */
STMT(sets, "owner.check_sets", 0,
	"select field_set_id, sha256(record_send(row(entity, fields))) from field_set "
	"order by field_set_id");
STMT(parts, "owner.check_parts", 0,
	"select inhrelid::bigint, inhrelid::regclass::text from pg_inherits "
	"where inhparent = 'audit_event'::regclass order by 1");
STMT(events, "owner.check_events", 3,
	"select e.tableoid, e.event_id, e.at, e.generation, e.xid, e.actor_kind, e.actor_id, "
	"e.via, e.session_id, e.ip, e.agent, e.request_id, e.route, e.action, e.outcome, "
	"e.entity, e.record_ids, e.subject_ids, e.field_set_id, e.reason, e.count, e.key_id, "
	"e.changes, e.grant_id, e.operator_id, e.as_user_id from audit_event e "
	"where e.generation = $1::bigint and e.xid >= $2::text::xid8 and e.xid < $3::text::xid8 "
	"order by e.xid, e.event_id");

/* Columns of it. */
enum { PART, EVENT, XID = 4, ENTITY = 15, RECORDS, PEOPLE, SET, REASON, OPERATOR = 24, AS_USER, N };

/* Numbers of PostgreSQL's types. */
enum {
	BOOL = 16,
	BYTEA = 17,
	INT8 = 20,
	INT4 = 23,
	TEXT = 25,
	INET = 869,
	INT8S = 1016,
	TIME = 1184,
	XID8 = 5069
};

/* Of the columns, in their order, as they stand in a link's digest. */
static const uint32_t types[N] = {0, INT8, TIME, INT4, XID8, TEXT, INT8, TEXT, INT8, INET, TEXT,
	TEXT, TEXT, TEXT, TEXT, TEXT, INT8S, INT8S, BYTEA, TEXT, INT8, INT8, BYTEA, INT8, INT8,
	INT8};
/* One more than are read, up to the operator: are the people the records? */
#define COLUMNS 25

struct named {
	int64_t id;
	const char *name;
	struct bytes digest;
};

struct open {
	uint64_t part;
	struct digest *digest;
	size_t tally;
};

struct work {
	struct arena *a;
	const struct stretch *list; /* of this run: each begins where the one before it ends */
	size_t first, n, at;        /* number of its first one; how many; which is under way */
	struct named *sets, *parts;
	size_t nsets, nparts;
	struct open *open; /* months of the stretch under way */
	size_t nopen;
	struct tally *tallies;
	size_t ntallies, room;
	unsigned char *row; /* the event as it is digested */
	size_t len, size;
	unsigned char *people;
	size_t npeople;
};

static uint64_t
xid_of(const char *text)
{
	uint64_t v = 0;

	for (; *text >= '0' && *text <= '9'; text++)
		v = v * 10 + (uint64_t)(*text - '0');
	return v;
}

static unsigned char *
grown(struct arena *a, unsigned char *p, size_t used, size_t *size, size_t want)
{
	unsigned char *q;

	if (want <= *size)
		return p;
	*size = 2 * want + 1024;
	q = arena_alloc(a, *size);
	if (p != NULL)
		memcpy(q, p, used);
	return q;
}

static void
put_u32(unsigned char *p, uint32_t v)
{
	p[0] = (unsigned char)(v >> 24);
	p[1] = (unsigned char)(v >> 16);
	p[2] = (unsigned char)(v >> 8);
	p[3] = (unsigned char)v;
}

/* A column as record_send() has it: type, length, bytes. */
static void
put(struct work *w, uint32_t type, const struct copy_field *f)
{
	w->row = grown(w->a, w->row, w->len, &w->size, w->len + f->n + 8);
	put_u32(w->row + w->len, type);
	put_u32(w->row + w->len + 4, f->p == NULL ? UINT32_MAX : (uint32_t)f->n);
	if (f->p != NULL)
		memcpy(w->row + w->len + 8, f->p, f->n);
	w->len += f->n + 8;
}

static void
put_count(struct work *w, uint32_t n)
{
	w->row = grown(w->a, w->row, w->len, &w->size, w->len + 4);
	put_u32(w->row + w->len, n);
	w->len += 4;
}

/* integer[] as bigint[]. An array: dimensions, has it nulls, type, of each dimension size and
 * lowest index, then length and bytes of each element. */
static bool
widen(struct work *w, const struct copy_field *f, struct copy_field *out)
{
	const unsigned char *p = f->p, *end = f->p + f->n;
	size_t head, dims;
	unsigned char *q;
	bool nulls = false;

	*out = *f;
	if (f->p == NULL)
		return true;
	dims = f->n < 12 ? 99 : p[3];
	head = 12 + 8 * dims;
	if (dims > 6 || f->n < head)
		return false;
	w->people = grown(w->a, w->people, 0, &w->npeople, 2 * f->n);
	memcpy(w->people, p, head);
	put_u32(w->people + 8, INT8);
	q = w->people + head;
	for (p += head; end - p >= 4;) {
		bool null = (p[0] & 0x80) != 0;

		if (!null && end - p < 8)
			return false;
		nulls |= null;
		put_u32(q, null ? UINT32_MAX : 8);
		if (!null) {
			memset(q + 4, (p[4] & 0x80) != 0 ? 0xff : 0, 4);
			memcpy(q + 8, p + 4, 4);
		}
		q += null ? 4 : 12;
		p += null ? 4 : 8;
	}
	put_u32(w->people + 4, nulls);
	*out = (struct copy_field){w->people, (size_t)(q - w->people)};
	return p == end;
}

/* Whatever either says of nulls. */
static bool
same_array(const struct copy_field *x, const struct copy_field *y)
{
	return x->n == y->n && x->n >= 12 && memcmp(x->p, y->p, 4) == 0 &&
	       memcmp(x->p + 8, y->p + 8, x->n - 8) == 0;
}

static const struct named *
named_of(const struct named *list, size_t n, uint64_t id)
{
	size_t lo = 0;

	while (n > 0) {
		size_t half = n / 2;

		if ((uint64_t)list[lo + half].id == id)
			return &list[lo + half];
		if ((uint64_t)list[lo + half].id < id) {
			lo += half + 1;
			n -= half + 1;
		} else {
			n = half;
		}
	}
	return NULL;
}

/* The columns up to the records; records and people, mostly the same long list, once; the
 * digest of the names of fields; the rest; and whose view it was, where it was somebody's. */
static bool
canonical(struct work *w, struct copy_field f[N])
{
	static const unsigned char yes = 1, no = 0;
	struct copy_field people, same = {NULL, 0}, set = {NULL, 0};
	const struct named *s;

	if (!widen(w, &f[PEOPLE], &people))
		return false;
	w->len = 0;
	put_count(w, COLUMNS);
	for (size_t i = EVENT; i <= RECORDS; i++)
		put(w, types[i], &f[i]);
	if (people.p != NULL && f[RECORDS].p != NULL) {
		bool both = same_array(&people, &f[RECORDS]);

		same = (struct copy_field){both ? &yes : &no, 1};
		if (both)
			people = (struct copy_field){NULL, 0};
	}
	put(w, BOOL, &same);
	put(w, INT8S, &people);
	s = f[SET].p == NULL ? NULL : named_of(w->sets, w->nsets, copy_number(&f[SET]));
	if (s != NULL)
		set = (struct copy_field){s->digest.p, s->digest.n};
	put(w, BYTEA, &set);
	for (size_t i = REASON; i <= OPERATOR; i++)
		put(w, types[i], &f[i]);
	if (f[AS_USER].p != NULL) {
		put_count(w, 1);
		put(w, types[AS_USER], &f[AS_USER]);
	}
	return true;
}

static void
close_stretch(struct work *w)
{
	for (size_t i = 0; i < w->nopen; i++)
		digest_end(w->open[i].digest, w->tallies[w->open[i].tally].digest);
	w->nopen = 0;
}

static struct open *
open_part(struct work *w, uint64_t part)
{
	const struct named *p;
	struct open *o;

	for (size_t i = 0; i < w->nopen; i++)
		if (w->open[i].part == part)
			return &w->open[i];
	p = named_of(w->parts, w->nparts, part);
	/* Attached this moment: the next look finds it. */
	if (p == NULL || w->nopen >= w->nparts)
		return NULL;
	if (w->ntallies == w->room) {
		struct tally *more = ARENA_ARRAY(w->a, 2 * w->room, struct tally);

		memcpy(more, w->tallies, w->room * sizeof(*more));
		w->tallies = more;
		w->room *= 2;
	}
	o = &w->open[w->nopen++];
	*o = (struct open){part, digest_new(w->a), w->ntallies};
	w->tallies[w->ntallies++] = (struct tally){.stretch = w->first + w->at, .part = p->name};
	return o;
}

static struct err *
take(void *ctx, struct copy_row *row)
{
	struct work *w = ctx;
	struct copy_field f[N];
	struct open *o;

	for (size_t i = 0; i < N; i++)
		if (!copy_next(row, &f[i]))
			return err_internal(w->a, "an event was cut off");
	while (w->at + 1 < w->n && copy_number(&f[XID]) >= xid_of(w->list[w->at].to)) {
		close_stretch(w);
		w->at++;
	}
	o = open_part(w, copy_number(&f[PART]));
	if (o == NULL)
		return err_new(w->a, ERR_BUSY, NULL);
	if (!canonical(w, f))
		return err_internal(w->a, "an event cannot be read");
	digest_add(o->digest, w->row, w->len);
	w->tallies[o->tally].events++;
	return NULL;
}

static struct err *
read_named(const struct chain_run *run, const struct stmt *s, struct named **list_r, size_t *n_r)
{
	struct rows *r;
	struct named *list;

	TRY(conn_query(run->conn, run->a, s, NO_VALS, &r));
	*n_r = rows_count(r);
	*list_r = list = ARENA_ARRAY(run->a, *n_r + 1, struct named);
	for (size_t i = 0; i < *n_r; i++) {
		list[i].id = rows_i64(r, i, 0);
		if (s == &sets)
			list[i].digest = rows_bytes(run->a, r, i, 1);
		else
			list[i].name = rows_text(r, i, 1);
	}
	return NULL;
}

/* Stretches from that one on that follow one another. */
static size_t
run_of(const struct stretch *list, size_t n)
{
	size_t k = 1;

	while (k < n && list[k].generation == list[0].generation &&
		strcmp(list[k].from, list[k - 1].to) == 0 &&
		xid_of(list[k].from) < xid_of(list[k].to))
		k++;
	return k;
}

struct err *
check_digests(const struct chain_run *run, const struct stretch *list, size_t n,
	struct tally **tallies_r, size_t *n_r)
{
	struct work w = {.a = run->a, .room = n + 16};

	TRY(read_named(run, &sets, &w.sets, &w.nsets));
	TRY(read_named(run, &parts, &w.parts, &w.nparts));
	w.open = ARENA_ARRAY(w.a, w.nparts + 1, struct open);
	w.tallies = ARENA_ARRAY(w.a, w.room, struct tally);
	for (; w.first < n; w.first += w.n) {
		w.list = list + w.first;
		w.n = run_of(w.list, n - w.first);
		w.at = 0;
		if (xid_of(w.list[0].from) < xid_of(w.list[0].to))
			TRY(conn_copy(run->conn, run->a, &events,
				VALS(val_i64(w.list[0].generation), val_text(w.list[0].from),
					val_text(w.list[w.n - 1].to)),
				take, &w));
		close_stretch(&w);
	}
	*tallies_r = w.tallies;
	*n_r = w.ntallies;
	return NULL;
}
