/* SPDX-License-Identifier: ISC */
/*
 * Texts of other records. PostgreSQL gives them in lower case; what they hold is looked up
 * here, where a text is gone through once however many people it is about. Asked of PostgreSQL as
 * patterns, each text was compared with each of them.
 */
#include <string.h>

#include "erase_scan.h"
#include "sqlb.h"

/* Rows of a piece, and bytes of their texts before the row that goes beyond them. */
#define PIECE 2000
#define PIECE_BYTES (4 << 20)

/* How far it will have to go: the highest numbers, gaps and all. */
STMT(last_numbers, "erase_scan.last", 0,
	"select coalesce((select max(contact_id) from contact), 0), "
	"coalesce((select max(company_id) from company), 0), "
	"coalesce((select max(activity_id) from activity), 0), "
	"coalesce((select max(message_id) from message), 0), "
	"coalesce((select max(attachment_id) from attachment), 0), "
	"coalesce((select max(invoice_id) from invoice), 0)");

/* As texts of records are: by the database's rules. */
STMT(in_lower_case, "erase_scan.lower", 1,
	"select coalesce(array_agg(lower(t) order by i), '{}') from unnest($1::text[]) with "
	"ordinality x (t, i)");

static bool
is_scanned(const struct field *f, enum entity e)
{
	return f->entity == e && !f->sealed && strcmp(f->state, "adding") != 0 &&
	       strcmp(f->state, "dropping") != 0 &&
	       (f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_EMAIL ||
		       f->type == FIELD_PHONE || f->type == FIELD_URL);
}

/* Bytes of a row's texts, as far as its own columns hold them. */
static void
add_weight(struct sqlb *b, const struct scan *s, enum entity e)
{
	sqlb_add(b, "(0");
	for (size_t i = 0; i < s->cat->n; i++)
		if (is_scanned(&s->cat->fields[i], e))
			sqlb_add(b, " + coalesce(octet_length(p.%s), 0)", s->cat->fields[i].column);
	sqlb_add(b, ")");
}

/* All texts of a row in lower case, of whatever fields the entity has. */
static void
add_texts(struct sqlb *b, const struct scan *s, enum entity e)
{
	sqlb_add(b, "lower(concat_ws(' '");
	for (size_t i = 0; i < s->cat->n; i++)
		if (is_scanned(&s->cat->fields[i], e))
			sqlb_add(b, ", r.%s", s->cat->fields[i].column);
	if (e == ENTITY_INVOICE)
		sqlb_add(b, ", (select string_agg(l.description, ' ') from invoice_line l "
			    "where l.invoice_id = r.invoice_id)");
	sqlb_add(b, "))");
}

/* Rows behind that number: theirs, whose they are, and their texts. */
static void
compose(struct sqlb *b, const struct scan *s, enum entity e, int64_t after)
{
	const struct entity_def *d = entity_def(e);

	sqlb_add(b, "select r.%s, %s, ", d->pk,
		e == ENTITY_CONTACT || d->child ? "r.contact_id" : "0");
	add_texts(b, s, e);
	sqlb_add(b,
		" from (select q.*, sum(q.scan_size) over (order by q.%s) - q.scan_size as "
		"scan_before from (select p.*, ",
		d->pk);
	add_weight(b, s, e);
	sqlb_add(b,
		" as scan_size from %s p where p.%s > %s order by p.%s limit %d) q) r where "
		"r.scan_before <= %d order by r.%s",
		d->table, d->pk, sqlb_val(b, val_i64(after), "bigint"), d->pk, PIECE, PIECE_BYTES,
		d->pk);
}

/* A row that is looked through. */
struct looked {
	const struct scan *scan;
	enum entity entity;
	int64_t id, own;
};

/* What is their own says nothing of them any more, but for what a law keeps. */
static void
add_remain(void *ctx, size_t person)
{
	const struct looked *l = ctx;
	struct scanned *p = &l->scan->people[person];

	if (p->contact_id != l->own)
		scan_found(p, entity_name(l->entity), l->id);
}

static void
look_through(const struct scan *s, enum entity e, const struct rows *r)
{
	struct arena *a = s->run->a;

	for (size_t i = 0; i < rows_count(r); i++) {
		struct arena_mark mark = arena_mark(a);
		struct looked l = {s, e, rows_i64(r, i, 0), rows_i64(r, i, 1)};

		needle_index_look(s->index, a, rows_text(r, i, 2), add_remain, &l);
		arena_release(a, mark);
	}
}

static struct err *
scan_piece(struct scan *s, enum entity e, int64_t *after)
{
	struct job_run *run = s->run;
	struct arena_mark mark = arena_mark(run->a);
	struct rows *r;
	struct sqlb *b = ARENA_NEW(run->a, struct sqlb);
	struct tx *tx;

	sqlb_init(b, run->a);
	compose(b, s, e, *after);
	TRY(job_begin(run, &tx));
	sqlb_queue(b, tx, arena_printf(run->a, "erase_scan.%s", entity_name(e)), &r);
	TRY(tx_run(tx));
	*after = rows_count(r) == 0 ? -1 : rows_i64(r, rows_count(r) - 1, 0);
	look_through(s, e, r);
	if (*after > 0 && s->passed + *after <= s->last)
		job_progress(run, tx, s->passed + *after, s->last);
	TRY(job_commit(run, tx));
	arena_release(run->a, mark);
	return NULL;
}

static void
add_people(struct scan *s, const struct rows *lower)
{
	size_t n, at = 0;
	const char **texts = rows_texts(s->run->a, lower, 0, 0, &n);

	s->index = needle_index_new(s->run->a);
	for (size_t p = 0; p < s->n; p++) {
		struct needles one = s->people[p].needles;

		one.texts = texts + at;
		at += one.n;
		needle_index_add(s->index, &one, p);
	}
}

/* Where each entity ends, in their order; and whom it is about. */
static struct err *
look_ahead(struct scan *s, int64_t last[ENTITY_MAX])
{
	struct rows *r, *lower;
	struct tx *tx;

	TRY(job_begin(s->run, &tx));
	tx_queue(tx, &in_lower_case, VALS(val_texts(s->all.texts, s->all.n)), &lower);
	TRY(tx_query(tx, &last_numbers, NO_VALS, &r));
	add_people(s, lower);
	for (int e = ENTITY_CONTACT; e < ENTITY_MAX; e++) {
		last[e] = rows_i64(r, 0, (size_t)(e - ENTITY_CONTACT));
		s->last += last[e];
	}
	return job_commit(s->run, tx);
}

struct err *
scan_records(struct scan *s)
{
	int64_t last[ENTITY_MAX];

	if (s->all.n + s->all.nnumbers == 0)
		return NULL;
	TRY(look_ahead(s, last));
	for (int e = ENTITY_CONTACT; e < ENTITY_MAX; e++) {
		for (int64_t after = 0; after >= 0;) {
			TRY(scan_piece(s, (enum entity)e, &after));
			if (*s->run->stop)
				return NULL;
		}
		s->passed += last[e];
	}
	return NULL;
}
