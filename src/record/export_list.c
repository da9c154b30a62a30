/* SPDX-License-Identifier: ISC */
/* Exports of lists: which records, and reading them piece by piece. */
#include <string.h>

#include "export.h"
#include "narrow.h"
#include "num.h"

/* Records of a piece, where they are small. */
#define PIECE_ROWS 500

/* Of a stretch the numbers that were read are in the file; the others are left out. */
STMT(leave_out, "export.left_out", 4,
	"update export_record set left_out = not left_out where export_id = $1::bigint and n > "
	"$2::bigint and n <= $3::bigint and left_out = (n = any ($4::bigint[]))");

/* "insert ... select": those of the question, in its order, one more than may be. */
static struct err *
compose_fix(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	int64_t export_id)
{
	const struct entity_def *d = entity_def(q->entity);
	const char *sort, *where, *way, *person;
	struct list_order o;

	TRY(list_where(b, cx, q, &o, &sort));
	where = sqlb_take(b);
	way = o.desc ? "desc" : "asc";
	person = d->entity == ENTITY_CONTACT || d->child ? "r.contact_id" : "null::bigint";
	sqlb_add(b,
		"with x as (select r.%s as id, %s as person, row_number() over (order by %s %s, "
		"r.%s "
		"%s) as n from %s r where ",
		d->pk, person, o.key->sql, way, d->pk, way, d->table);
	scope_add(b, cx, d, cx->principal->scopes[d->entity][RIGHT_EXPORT]);
	if (d->entity == ENTITY_CONTACT)
		sqlb_add(b, " and r.erased_at is null and r.disputed is not true");
	if (q->marketing && d->entity == ENTITY_CONTACT)
		sqlb_add(b, " and r.marketing_stopped_at is null");
	else if (q->marketing && d->child)
		sqlb_add(b, " and not exists (select from contact mc where mc.contact_id = "
			    "r.contact_id and mc.marketing_stopped_at is not null)");
	sqlb_add(b,
		"%s order by %s %s, r.%s %s limit %d), w as (insert into export_record (export_id, "
		"n, record_id, contact_id) select %s, n, id, person from x returning 1) "
		"select count(*) from w",
		where, o.key->sql, way, d->pk, way, RECORD_EXPORT_MAX + 1,
		sqlb_val(b, val_i64(export_id), "bigint"));
	return NULL;
}

struct err *
record_export_fix(const struct record_ctx *cx, const struct record_query *q, int64_t export_id,
	int64_t *count_r)
{
	struct rows *rows;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	TRY(compose_fix(&b, cx, q, export_id));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.export_fix", entity_name(q->entity)), &rows);
	TRY(tx_run(cx->tx));
	*count_r = rows_i64(rows, 0, 0);
	return NULL;
}

static bool
among(const char *name, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

/* Among the fields that were chosen, the first k: what the note goes with. */
static bool
export_has_opinion(const struct layout *l, size_t k)
{
	struct layout chosen = *l;

	chosen.n = k;
	return layout_has_opinion(&chosen);
}

struct layout *
record_export_layout(const struct record_ctx *cx, enum entity e, const char *const *names, size_t n,
	const char *const *opened, size_t nopened)
{
	struct layout *l = layout_of(cx, e, false, true);
	size_t k = 0;

	for (size_t i = 0; i < l->n; i++) {
		const struct field *f = l->fields[i];

		if (n > 0 && !among(f->name, names, n) &&
			!(field_is_note(f) && export_has_opinion(l, k)))
			continue;
		l->fields[k] = f;
		l->levels[k] = l->levels[i];
		l->names[k++] =
			f->sealed && l->levels[i] >= LEVEL_READ && among(f->name, opened, nopened)
				? f->name
				: l->names[i];
	}
	l->n = k;
	return l;
}

/* Whoever opts out while an export for marketing waits is not in it. */
static const char *
still_wanted(struct sqlb *b, const struct entity_def *d, int64_t export_id)
{
	if (d->entity != ENTITY_CONTACT && !d->child)
		return "";
	return arena_printf(b->a,
		" and not (exists (select from export me where me.export_id = %s and me.reason = "
		"'campaign') and exists (select from contact mc where mc.contact_id = r.contact_id "
		"and mc.marketing_stopped_at is not null))",
		sqlb_val(b, val_i64(export_id), "bigint"));
}

/* The numbers of the piece, off the key of export_record; then the rows. */
static void
compose(struct sqlb *b, const struct record_ctx *cx, const struct layout *l, int64_t export_id,
	int64_t after)
{
	const struct entity_def *d = l->def;
	const char *sum = layout_weight(b->a, l);

	sqlb_add(b,
		"with k as materialized (select x.n, r.%s as id, sum(%s) over (order by x.n rows "
		"unbounded preceding) - (%s) as before from (select n, record_id from "
		"export_record where export_id = %s and n > %s order by n limit %d) x "
		"join %s r on r.%s = x.record_id%s), q as materialized (",
		d->pk, sum, sum, sqlb_val(b, val_i64(export_id), "bigint"),
		sqlb_val(b, val_i64(after), "bigint"), PIECE_ROWS, d->table, d->pk,
		still_wanted(b, d, export_id));
	layout_select(b, cx, l, "k.n::text");
	if (d->child)
		sqlb_add(b, ", exists (select from contact dc where dc.contact_id = r.contact_id "
			    "and (dc.disputed or disputed_fields(dc.contact_id, false) && "
			    "array['name_en', 'name_zh'])) as disputed");
	else if (d->entity == ENTITY_CONTACT)
		sqlb_add(b,
			", disputed_fields(r.contact_id, exists (select from export me where "
			"me.export_id = %s and me.reason = 'campaign')) as disputed",
			sqlb_val(b, val_i64(export_id), "bigint"));
	sqlb_add(b, " from k join %s r on r.%s = k.id where k.before < %d order by k.n)", d->table,
		d->pk, READ_PIECE_BYTES);
	read_event(
		b, l, "export", "q having count(*) > 0", d->entity == ENTITY_CONTACT || d->child);
	sqlb_add(b, " select * from q");
}

/* Where the records of this piece end that are not visible any more. */
static void
compose_end(struct sqlb *b, int64_t export_id, int64_t after)
{
	sqlb_add(b,
		"select max(n) from (select n from export_record where export_id = %s and n > %s "
		"order by n limit %d) x",
		sqlb_val(b, val_i64(export_id), "bigint"), sqlb_val(b, val_i64(after), "bigint"),
		PIECE_ROWS);
}

static void
hide_disputed(const struct layout *l, struct record *rec)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->fields[i]->type == FIELD_CONTACT)
			rec->shown[i] = NULL;
}

/* Of a person the fields that are disputed: the rest is as good as before. */
static void
hide_fields(const struct layout *l, const char *const *names, size_t n, struct record *rec)
{
	for (size_t i = 0; i < l->n; i++) {
		if (!among(l->fields[i]->name, names, n))
			continue;
		rec->values[i] = (struct value){.null = true};
		rec->masked[i] = false;
		rec->shown[i] = NULL;
	}
}

static struct err *
next_piece(const struct record_ctx *cx, const struct layout *l, int64_t export_id, int64_t *after,
	struct rows **rows_r)
{
	struct sqlb piece, end;
	struct rows *last;

	sqlb_init(&piece, cx->a);
	sqlb_init(&end, cx->a);
	compose(&piece, cx, l, export_id, *after);
	compose_end(&end, export_id, *after);
	sqlb_queue(&piece, cx->tx, arena_printf(cx->a, "%s.export_piece", l->def->table), rows_r);
	sqlb_queue(&end, cx->tx, "export.piece_end", &last);
	TRY(tx_run(cx->tx));
	*after = rows_null(last, 0, 0) ? 0 : rows_i64(last, 0, 0);
	return NULL;
}

struct err *
record_export_piece(const struct record_ctx *cx, struct layout *l, int64_t export_id,
	const char *const *opened, size_t nopened, int64_t *after, struct record_page *page_r)
{
	int64_t at = *after, begin = *after, *read;
	struct rows *rows;
	size_t n;

	memset(page_r, 0, sizeof(*page_r));
	/* Past stretches of which nothing is left. */
	do {
		*after = at;
		TRY(next_piece(cx, l, export_id, &at, &rows));
		n = rows_count(rows);
	} while (n == 0 && at != 0);
	page_r->layout = l;
	page_r->n = n;
	page_r->records = ARENA_ARRAY(cx->a, n + 1, struct record);
	for (size_t i = 0; i < n; i++) {
		layout_read(cx, l, rows, i, opened, nopened, &page_r->records[i]);
		if (l->def->child && rows_bool(rows, i, LAYOUT_FIRST + 2 * l->n))
			hide_disputed(l, &page_r->records[i]);
		if (l->def->entity == ENTITY_CONTACT) {
			size_t k;
			const char **names =
				rows_texts(cx->a, rows, i, LAYOUT_FIRST + 2 * l->n, &k);

			hide_fields(l, names, k, &page_r->records[i]);
		}
	}
	read = ARENA_ARRAY(cx->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++)
		if (!num_parse_i64(rows_text(rows, i, LAYOUT_CURSOR), 1, INT64_MAX, &read[i]))
			return err_internal(cx->a, "a place of export_record is no number");
	if (n > 0)
		*after = read[n - 1];
	tx_queue(cx->tx, &leave_out,
		VALS(val_i64(export_id), val_i64(begin), val_i64(n > 0 ? *after : INT64_MAX),
			val_i64s(read, n)),
		NULL);
	return NULL;
}

struct err *
record_export_reached(const struct record_ctx *cx, enum entity e, int64_t export_id, bool *yes_r)
{
	const struct entity_def *d = entity_def(e);
	struct rows *rows;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"select not exists (select from export_record x where x.export_id = %s and not "
		"x.left_out and not exists (select from %s r where r.%s = x.record_id and ",
		sqlb_val(&b, val_i64(export_id), "bigint"), d->table, d->pk);
	scope_add(&b, cx, d, cx->principal->scopes[e][RIGHT_EXPORT]);
	sqlb_add(&b, "))");
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.export_reached", d->table), &rows);
	TRY(tx_run(cx->tx));
	*yes_r = rows_bool(rows, 0, 0);
	return NULL;
}
