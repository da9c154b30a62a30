/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "erase_scan.h"
#include "sqlb.h"

#define PIECE 2000

/* How far it will have to go: the highest numbers, gaps and all. */
STMT(last_numbers, "erase_scan.last", 0,
	"select coalesce((select max(contact_id) from contact), 0), "
	"coalesce((select max(company_id) from company), 0), "
	"coalesce((select max(activity_id) from activity), 0), "
	"coalesce((select max(message_id) from message), 0), "
	"coalesce((select max(attachment_id) from attachment), 0), "
	"coalesce((select max(invoice_id) from invoice), 0)");

static bool
is_scanned(const struct field *f, enum entity e)
{
	return f->entity == e && !f->sealed && strcmp(f->state, "adding") != 0 &&
	       strcmp(f->state, "dropping") != 0 &&
	       (f->type == FIELD_TEXT || f->type == FIELD_LONG_TEXT || f->type == FIELD_EMAIL ||
		       f->type == FIELD_PHONE || f->type == FIELD_URL);
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

/* The patterns of all of them, and whose each is: sub-select x (t, who). */
static void
add_patterns(struct sqlb *b, const struct scan *s, bool numbers)
{
	struct arena *a = s->run->a;
	size_t n = numbers ? s->all.nnumbers : s->all.n, k = 0;
	int64_t *who = ARENA_ARRAY(a, n + 1, int64_t);

	for (size_t p = 0; p < s->n; p++) {
		const struct needles *one = &s->people[p].needles;

		for (size_t i = 0; i < (numbers ? one->nnumbers : one->n); i++)
			who[k++] = s->people[p].contact_id;
	}
	sqlb_add(b, "(select lower(t) as t, who from unnest(%s, %s) as x (t, who))",
		sqlb_val(b,
			val_texts(numbers ? needles_like_numbers(&s->all, a)
					  : needles_like(&s->all, a),
				n),
			"text[]"),
		sqlb_val(b, val_i64s(who, n), "bigint[]"));
}

/* One row: last id of the piece (null: there is none), the ids that hold something, and of
 * whom. What is their own says nothing of them any more, but for what a law keeps. */
static void
compose(struct sqlb *b, const struct scan *s, enum entity e, int64_t after)
{
	const struct entity_def *d = entity_def(e);
	const char *grouping = sqlb_val(b, val_text(NEEDLES_GROUPING), "text");

	sqlb_add(b, "with w as materialized ");
	add_patterns(b, s, false);
	sqlb_add(b, ", d as materialized ");
	add_patterns(b, s, true);
	sqlb_add(b, ", b as materialized (select r.%s as id, %s as own, ", d->pk,
		e == ENTITY_CONTACT || d->child ? "r.contact_id" : "null::bigint");
	add_texts(b, s, e);
	sqlb_add(b, " as t from %s r where r.%s > %s order by r.%s limit %d), ", d->table, d->pk,
		sqlb_val(b, val_i64(after), "bigint"), d->pk, PIECE);
	sqlb_add(b,
		"f as materialized (select id, own, t, translate(t, %s, '') as n from b "
		"where t like any (array(select t from w)) "
		"or translate(t, %s, '') like any (array(select t from d))), "
		"h as (select f.id, w.who from f join w on f.t like w.t and w.who is distinct from "
		"f.own union select f.id, d.who from f join d on f.n like d.t and d.who is "
		"distinct from f.own) "
		"select (select max(id) from b), array_agg(id order by id, who), "
		"array_agg(who order by id, who) from h",
		grouping, grouping);
}

static struct scanned *
person(const struct scan *s, int64_t contact_id)
{
	for (size_t p = 0; p < s->n; p++)
		if (s->people[p].contact_id == contact_id)
			return &s->people[p];
	return NULL;
}

static void
add_remains(const struct scan *s, enum entity e, const struct rows *r)
{
	size_t n = 0, nwho = 0;
	const int64_t *ids = rows_i64s(s->run->a, r, 0, 1, &n),
		      *who = rows_i64s(s->run->a, r, 0, 2, &nwho);

	for (size_t i = 0; i < n && i < nwho; i++)
		scan_found(person(s, who[i]), entity_name(e), ids[i]);
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
	*after = rows_null(r, 0, 0) ? -1 : rows_i64(r, 0, 0);
	add_remains(s, e, r);
	if (*after > 0 && s->passed + *after <= s->last)
		job_progress(run, tx, s->passed + *after, s->last);
	TRY(job_commit(run, tx));
	arena_release(run->a, mark);
	return NULL;
}

/* In the order of the entities. */
static struct err *
look_ahead(struct scan *s, int64_t last[ENTITY_MAX])
{
	struct rows *r;
	struct tx *tx;

	TRY(job_begin(s->run, &tx));
	TRY(tx_query(tx, &last_numbers, NO_VALS, &r));
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
