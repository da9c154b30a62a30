/* SPDX-License-Identifier: ISC */
#include "export.h"

#include <string.h>

#include "log.h"
#include "read.h"

STMT(counts, "record.export_counts", 1,
	"select (select count(*) from contact where contact_id = $1::bigint), "
	"(select count(*) from activity where contact_id = $1::bigint and withheld_at is null), "
	"(select count(*) from message where contact_id = $1::bigint and withheld_at is null), "
	"(select count(*) from attachment where contact_id = $1::bigint and withheld_at is null), "
	"(select count(*) from invoice where contact_id = $1::bigint)");

/* What has a column, in use or not. */
static struct err *
layout_full(const struct record_ctx *cx, enum entity e, struct layout **layout_r)
{
	struct layout *l = ARENA_NEW(cx->a, struct layout);

	l->def = entity_def(e);
	l->labels = true;
	l->fields = ARENA_ARRAY(cx->a, cx->cat->n, const struct field *);
	l->levels = ARENA_ARRAY(cx->a, cx->cat->n, enum field_level);
	l->names = ARENA_ARRAY(cx->a, cx->cat->n, const char *);
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (f->entity != e || strcmp(f->state, "adding") == 0 ||
			strcmp(f->state, "dropping") == 0)
			continue;
		if (strcmp(f->state, "live") != 0)
			return err_busy(cx->a, "field %lld changes its form", (long long)f->id);
		ASSERT(field_level(cx->principal, f) == LEVEL_EDIT);
		l->fields[l->n] = f;
		l->levels[l->n] = LEVEL_EDIT;
		l->names[l->n++] = f->name;
	}
	*layout_r = l;
	return NULL;
}

const char *
layout_weight(struct arena *a, const struct layout *l)
{
	struct sb sb;

	sb_init(&sb, a, 16384);
	sb_puts(&sb, "0");
	for (size_t i = 0; i < l->n; i++)
		if (l->fields[i]->type == FIELD_LONG_TEXT && !l->fields[i]->sealed)
			sb_printf(&sb, " + coalesce(octet_length(r.%s), 0)", l->fields[i]->column);
	return sb_ok(&sb) ? sb.p : "65536";
}

/* The ids of the piece, from the index on (contact_id, sort); then the rows. */
static void
compose(struct sqlb *b, const struct record_ctx *cx, const struct layout *l, int64_t contact_id,
	int64_t limit, const struct record_cursor *cursor)
{
	const struct entity_def *d = l->def;
	bool desc = *d->sort == '-';
	const struct sort_key *key = entity_sort(d, d->sort + desc);
	const char *way = desc ? "desc" : "asc", *sum = layout_weight(b->a, l);

	sqlb_add(b,
		"with k as materialized (select r.%s as id, sum(%s) over (order by %s %s, r.%s %s "
		"rows unbounded preceding) - (%s) as before from %s r where r.contact_id = %s",
		d->pk, sum, key->sql, way, d->pk, way, sum, d->table,
		sqlb_val(b, val_i64(contact_id), "bigint"));
	/* What was taken down is in no copy, whoever makes it. */
	if (l->def->entity == ENTITY_MESSAGE || l->def->entity == ENTITY_ACTIVITY ||
		l->def->entity == ENTITY_ATTACHMENT)
		sqlb_add(b, " and r.withheld_at is null");
	if (cursor->id != 0)
		sqlb_add(b, " and (%s, r.%s) %s (%s, %s)", key->sql, d->pk, desc ? "<" : ">",
			sqlb_val(b, val_text(cursor->value), key->cast),
			sqlb_val(b, val_i64(cursor->id), "bigint"));
	sqlb_add(b, " order by %s %s, r.%s %s limit %lld), q as materialized (", key->sql, way,
		d->pk, way, (long long)limit);
	layout_select(b, cx, l, key->text);
	sqlb_add(b, " from %s r join k on k.id = r.%s where k.before < %d order by %s %s, r.%s %s)",
		d->table, d->pk, READ_PIECE_BYTES, key->sql, way, d->pk, way);
	read_event(b, l, "export", "q having count(*) > 0", true);
	sqlb_add(b, " select * from q");
}

/* A copy with a hole in it would not be everything. */
static struct err *
read_open(const struct record_ctx *cx, const struct layout *l, const struct rows *rows, size_t row,
	struct record *rec)
{
	layout_read(cx, l, rows, row, l->names, l->n, rec);
	for (size_t i = 0; i < l->n; i++)
		if (rec->masked[i])
			return err_internal(
				cx->a, "%s.%s does not open", l->def->table, l->fields[i]->column);
	return NULL;
}

struct err *
record_export(const struct record_ctx *cx, enum entity e, int64_t contact_id, int64_t limit,
	struct record_cursor *cursor, struct record_page *page_r)
{
	struct layout *l = NULL;
	struct rows *rows;
	struct sqlb b;
	size_t n;

	ASSERT(e == ENTITY_CONTACT || entity_def(e)->child);
	memset(page_r, 0, sizeof(*page_r));
	if (cursor->ended)
		return NULL;
	TRY(layout_full(cx, e, &l));
	sqlb_init(&b, cx->a);
	compose(&b, cx, l, contact_id, limit, cursor);
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.export", entity_name(e)), &rows);
	TRY(tx_run(cx->tx));
	n = rows_count(rows);
	page_r->layout = l;
	page_r->n = n;
	page_r->records = ARENA_ARRAY(cx->a, n + 1, struct record);
	for (size_t i = 0; i < n; i++)
		TRY(read_open(cx, l, rows, i, &page_r->records[i]));
	cursor->ended = n == 0;
	if (n > 0) {
		const char *value = rows_text(rows, n - 1, LAYOUT_CURSOR);

		ASSERT(strlen(value) < sizeof(cursor->value));
		strncpy(cursor->value, value, sizeof(cursor->value) - 1);
		cursor->id = page_r->records[n - 1].id;
	}
	return NULL;
}

struct err *
record_export_counts(const struct record_ctx *cx, int64_t contact_id, int64_t counts_r[ENTITY_MAX])
{
	static const enum entity order[] = {
		ENTITY_CONTACT, ENTITY_ACTIVITY, ENTITY_MESSAGE, ENTITY_ATTACHMENT, ENTITY_INVOICE};
	struct rows *rows;

	memset(counts_r, 0, ENTITY_MAX * sizeof(*counts_r));
	TRY(tx_query(cx->tx, &counts, VALS(val_i64(contact_id)), &rows));
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		counts_r[order[i]] = rows_i64(rows, 0, i);
	return NULL;
}
