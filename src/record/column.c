/* SPDX-License-Identifier: ISC */
#include "column.h"

#include <string.h>

#include "log.h"
#include "order.h"
#include "sqlb.h"

STMT(list_columns, "owner.columns", 2,
	"select attname::text from pg_attribute where attrelid = $1::regclass and attnum > 0 "
	"and not attisdropped and attname ~ ('^cf_' || $2 || '(_v[0-9]+)?(_bi)?$') order by "
	"attnum");
STMT(index_state, "owner.index_state", 1,
	"select i.indisvalid, exists (select from pg_stat_progress_create_index p "
	"where p.index_relid = i.indexrelid) from pg_index i where i.indexrelid = to_regclass($1)");

#define LOCK_BRIEFLY "set local lock_timeout = '200ms'; "

struct err *
column_list(struct conn *owner, struct arena *a, const struct field *f, struct rows **rows_r)
{
	return conn_query(owner, a, &list_columns,
		VALS(val_text(entity_def(f->entity)->table),
			val_text(arena_printf(a, "%lld", (long long)f->id))),
		rows_r);
}

const char *
column_next(struct arena *a, const struct field *f, int64_t version)
{
	return arena_printf(a, "cf_%lld_v%lld", (long long)f->id, (long long)version);
}

const char *
column_add_sql(struct arena *a, const struct field *f, const char *column, bool sealed)
{
	struct sqlb b;

	ASSERT(!f->builtin);
	sqlb_init(&b, a);
	sqlb_add(&b, LOCK_BRIEFLY "alter table %s add column if not exists %s %s",
		entity_def(f->entity)->table, column, sealed ? "bytea" : value_cast(f));
	if (sealed)
		sqlb_add(&b, ", add column if not exists %s_bi bytea", column);
	return b.sql.p;
}

static bool
stays(struct arena *a, const char *column, const char *kept)
{
	return kept != NULL &&
	       (strcmp(column, kept) == 0 || strcmp(column, arena_printf(a, "%s_bi", kept)) == 0);
}

const char *
column_drop_sql(struct arena *a, const struct field *f, const struct rows *list, const char *keep,
	bool forget)
{
	const char *table = entity_def(f->entity)->table;
	const char **gone = ARENA_ARRAY(a, rows_count(list), const char *);
	struct sqlb b;
	size_t n = 0;

	ASSERT(!f->builtin);
	for (size_t i = 0; i < rows_count(list); i++) {
		const char *column = rows_text(list, i, 0);

		if (forget || !(stays(a, column, f->column) || stays(a, column, keep)))
			gone[n++] = column;
	}
	sqlb_init(&b, a);
	sqlb_add(&b, LOCK_BRIEFLY);
	/* The trigger that fills one column looks at another: triggers go first. */
	for (size_t i = 0; i < n; i++)
		sqlb_add(&b, "drop trigger if exists %s_fill on %s; ", gone[i], table);
	for (size_t i = 0; i < n; i++)
		sqlb_add(&b, "alter table %s drop column if exists %s; ", table, gone[i]);
	if (forget) {
		sqlb_add(&b, "delete from profile_field where entity = '%s' and field = '%s'; ",
			entity_name(f->entity), f->name);
		if (f->entity == ENTITY_CONTACT)
			sqlb_add(&b, "delete from kept_field where field = '%s'; ", f->name);
		sqlb_add(&b, "delete from field where field_id = %lld", (long long)f->id);
	}
	return n > 0 || forget ? b.sql.p : NULL;
}

/* NULL when the index is there; its own text, or that of dropping a half-made one. */
static struct err *
index_or(
	struct conn *owner, struct arena *a, const char *name, const char *make, const char **sql_r)
{
	struct rows *state;

	TRY(conn_query(owner, a, &index_state, VALS(val_text(name)), &state));
	if (rows_count(state) == 0) {
		*sql_r = make;
		return NULL;
	}
	*sql_r = NULL;
	if (rows_bool(state, 0, 0))
		return NULL;
	if (rows_bool(state, 0, 1))
		return err_busy(a, "index %s is being made", name);
	*sql_r = arena_printf(a, "drop index concurrently if exists %s", name);
	return NULL;
}

struct err *
column_index(struct conn *owner, struct arena *a, const struct field *f, const char *column,
	bool sealed, const char **sql_r)
{
	const struct entity_def *d = entity_def(f->entity);
	const char *name = arena_printf(a, "%s_by_%s", d->table, column);
	struct sqlb b;

	sqlb_init(&b, a);
	sqlb_add(&b, "create index concurrently %s on %s ", name, d->table);
	if (sealed)
		sqlb_add(&b, "(%s_bi) where %s_bi is not null", column, column);
	else if (f->type == FIELD_LONG_TEXT)
		/* Longer than a page of the index takes; looked for by the whole only. */
		sqlb_add(&b, "using hash (%s)", column);
	else
		sqlb_add(&b, "(%s, updated_at desc, %s desc) where %s is not null", column, d->pk,
			column);
	return index_or(owner, a, name, b.sql.p, sql_r);
}

struct err *
column_sort_index(struct conn *owner, struct arena *a, const struct field *f, const char *column,
	const char **sql_r)
{
	const struct entity_def *d = entity_def(f->entity);
	const char *name = arena_printf(a, "%s_sort_%s", d->table, column);
	const char *by = order_sql(a, f, "", column);

	*sql_r = NULL;
	if (by == NULL)
		return NULL;
	return index_or(owner, a, name,
		arena_printf(a, "create index concurrently %s on %s ((%s), %s)", name, d->table, by,
			d->pk),
		sql_r);
}

/* Rows that `to` still lacks: the same words in index, batch and switch. */
static const char *
to_fill(struct arena *a, const struct field *f, const char *to)
{
	return arena_printf(
		a, "%s is not null and %s is null and erased_at is null", f->column, to);
}

const char *
column_shadow_sql(struct arena *a, const struct field *f, const char *to)
{
	ASSERT(f->entity == ENTITY_CONTACT);
	return arena_printf(a,
		LOCK_BRIEFLY
		"create or replace trigger %s_fill before update on contact for each row "
		"when (old.%s is distinct from new.%s) execute function column_empty('%s')",
		to, f->column, f->column, to);
}

struct err *
column_shadow_index(struct conn *owner, struct arena *a, const struct field *f, const char *to,
	const char **sql_r)
{
	const char *name = arena_printf(a, "contact_fill_%s", to);

	return index_or(owner, a, name,
		arena_printf(a, "create index concurrently %s on contact (contact_id) where %s",
			name, to_fill(a, f, to)),
		sql_r);
}

const char *
column_switch_sql(struct arena *a, const struct field *f, const char *to, bool sealed)
{
	struct sqlb b;

	ASSERT(f->entity == ENTITY_CONTACT && !f->builtin);
	sqlb_init(&b, a);
	sqlb_add(&b, LOCK_BRIEFLY "lock table contact in access exclusive mode; ");
	sqlb_add(&b,
		"do $$ begin if exists (select from contact where %s) then "
		"raise exception 'not filled' using errcode = '55P03'; end if; end $$; ",
		to_fill(a, f, to));
	sqlb_add(&b, "drop trigger if exists %s_fill on contact; ", to);
	sqlb_add(&b, "alter table contact drop column %s, drop column if exists %s_bi; ", f->column,
		f->column);
	sqlb_add(&b,
		"update field set column_name = '%s', sealed = %s, state = 'live', "
		"version = version + 1 where field_id = %lld",
		to, sealed ? "true" : "false", (long long)f->id);
	return b.sql.p;
}

struct err *
column_count(const struct record_ctx *cx, const struct field *f, int64_t *n_r)
{
	struct rows *rows;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select count(*) from %s where %s is not null", entity_def(f->entity)->table,
		f->column);
	sqlb_queue(&b, cx->tx, "column.count", &rows);
	TRY(tx_run(cx->tx));
	*n_r = rows_i64(rows, 0, 0);
	return NULL;
}

struct err *
column_empty(const struct record_ctx *cx, const struct field *f, int64_t after, int limit,
	struct rows **ids_r)
{
	const struct entity_def *d = entity_def(f->entity);
	struct sqlb b;

	ASSERT(!f->builtin);
	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"with x as (select r.%s as id from %s r where r.%s > %s and r.%s is not null "
		"order by r.%s limit %d for update) ",
		d->pk, d->table, d->pk, sqlb_val(&b, val_i64(after), "bigint"), f->column, d->pk,
		limit);
	sqlb_add(&b, "update %s r set %s = null", d->table, f->column);
	if (f->sealed)
		sqlb_add(&b, ", %s_bi = null", f->column);
	sqlb_add(&b, " from x where r.%s = x.id returning x.id", d->pk);
	sqlb_queue(&b, cx->tx, "column.empty", ids_r);
	return tx_run(cx->tx);
}

/* A batch on its way from the old column to the new one. */
struct filling {
	const struct record_ctx *cx;
	const struct field *from;
	struct field to; /* the field as it will be */
	const struct rows *rows;
	size_t n;
	int64_t *ids;
	struct bytes *sealed;
	struct bytes *blind;
	const char **texts;
};

static struct err *
fill_one(struct filling *fi, size_t i)
{
	const struct record_ctx *cx = fi->cx;
	struct bytes wrapped = rows_bytes(cx->a, fi->rows, i, 3), plain;
	int64_t id = rows_i64(fi->rows, i, 0);
	struct seal_key key;
	struct value v;

	fi->ids[i] = id;
	if (wrapped.p == NULL || !key_unwrap(cx->a, &cx->tenant->kek, "person", wrapped,
					 rows_i64(fi->rows, i, 2), &key))
		return err_new(cx->a, ERR_CONFLICT, "error.field_unreadable");
	if (fi->from->sealed) {
		if (!unseal_value(cx->a, &key, seal_place(cx->a, fi->from, id),
			    rows_bytes(cx->a, fi->rows, i, 1), &plain))
			return err_new(cx->a, ERR_CONFLICT, "error.field_unreadable");
		fi->texts[i] = (const char *)plain.p;
		return NULL;
	}
	value_from_row(cx->a, fi->from, fi->rows, i, 1, &v);
	fi->sealed[i] =
		seal_value(cx->a, &key, seal_place(cx->a, &fi->to, id), v.text, strlen(v.text));
	fi->blind[i] = field_blind(cx, &fi->to, v.text);
	return NULL;
}

static void
write_batch(struct filling *fi)
{
	struct sqlb b;

	sqlb_init(&b, fi->cx->a);
	if (fi->to.sealed) {
		sqlb_add(&b, "update contact r set %s = v.value, %s_bi = v.blind from unnest(",
			fi->to.column, fi->to.column);
		sqlb_add(&b, "%s, ", sqlb_val(&b, val_i64s(fi->ids, fi->n), "bigint[]"));
		sqlb_add(&b, "%s, ", sqlb_val(&b, val_byteses(fi->sealed, fi->n), "bytea[]"));
		sqlb_add(&b, "%s) v (id, value, blind)",
			sqlb_val(&b, val_byteses(fi->blind, fi->n), "bytea[]"));
	} else {
		sqlb_add(&b, "update contact r set %s = v.value::%s from unnest(", fi->to.column,
			value_cast(&fi->to));
		sqlb_add(&b, "%s, ", sqlb_val(&b, val_i64s(fi->ids, fi->n), "bigint[]"));
		sqlb_add(&b, "%s) v (id, value)",
			sqlb_val(&b, val_texts(fi->texts, fi->n), "text[]"));
	}
	sqlb_add(&b, " where r.contact_id = v.id");
	sqlb_queue(&b, fi->cx->tx, "column.fill", NULL);
}

struct err *
column_fill(const struct record_ctx *cx, const struct field *f, const char *to, int limit,
	int64_t *last, int64_t *n_r)
{
	struct filling fi = {.cx = cx, .from = f, .to = *f};
	struct rows *rows;
	struct sqlb b;

	fi.to.column = to;
	fi.to.sealed = !f->sealed;
	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"select r.contact_id, %s, r.key_id, "
		"(select k.wrapped from data_key k where k.key_id = r.key_id) from contact r "
		"where r.contact_id > %s and %s order by r.contact_id limit %d for update of r",
		value_column(cx->a, f, "r"), sqlb_val(&b, val_i64(*last), "bigint"),
		to_fill(cx->a, f, to), limit);
	sqlb_queue(&b, cx->tx, "column.batch", &rows);
	TRY(tx_run(cx->tx));
	fi.rows = rows;
	fi.n = rows_count(rows);
	fi.ids = ARENA_ARRAY(cx->a, fi.n, int64_t);
	fi.sealed = ARENA_ARRAY(cx->a, fi.n, struct bytes);
	fi.blind = ARENA_ARRAY(cx->a, fi.n, struct bytes);
	fi.texts = ARENA_ARRAY(cx->a, fi.n, const char *);
	for (size_t i = 0; i < fi.n; i++)
		TRY(fill_one(&fi, i));
	*n_r = (int64_t)fi.n;
	if (fi.n == 0)
		return NULL;
	*last = fi.ids[fi.n - 1];
	write_batch(&fi);
	return tx_run(cx->tx);
}
