/* SPDX-License-Identifier: ISC */
#include "read.h"

#include <string.h>

void
read_event(struct sqlb *b, const struct layout *l, const char *action, const char *source,
	bool with_subject)
{
	const char *entity = sqlb_val(b, val_text(entity_name(l->def->entity)), "text");
	const char *names = sqlb_val(b, val_texts(l->names, l->n), "text[]");

	sqlb_add(b,
		", a as (insert into audit_event (action, entity, record_ids, subject_ids, "
		"field_set_id, count) select %s, %s, %s, %s, ",
		sqlb_val(b, val_text(action), "text"), entity,
		/* Contacts are the people: their numbers stand in the event once. */
		l->def->entity == ENTITY_CONTACT && strcmp(action, "export") != 0 ? "null::bigint[]"
										  : "array_agg(id)",
		!with_subject                      ? "null::bigint[]"
		: l->def->entity == ENTITY_CONTACT ? "array_agg(person_id)"
						   : "array_agg(distinct person_id)");
	/* The function makes a set at its first use; later a look at its index does. */
	sqlb_add(b,
		"coalesce((select s.field_set_id from field_set s where s.entity = %s and s.fields "
		"= %s), "
		"field_set_of(%s, %s)), count(*) from %s)",
		entity, names, entity, names, source);
}

struct err *
record_read(const struct record_ctx *cx, enum entity e, int64_t id, bool labels,
	struct record **record_r)
{
	struct layout *l = layout_of(cx, e, false, labels);
	const struct entity_def *d = l->def;
	const char **revealed = NULL;
	size_t nrevealed = 0;
	struct rows *rows;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "with q as materialized (");
	layout_select(&b, cx, l, NULL);
	sqlb_add(&b, ", ");
	scope_reach(&b, cx, d);
	sqlb_add(&b, " as reach");
	if (e == ENTITY_CONTACT)
		sqlb_add(&b,
			", (select array_agg(f) from reveal v, unnest(v.fields) f where "
			"v.session_id = %s "
			"and v.contact_id = r.contact_id and v.until > now()) as revealed",
			sqlb_val(&b, val_id(cx->principal->session_id), "bigint"));
	sqlb_add(&b, " from %s r where r.%s = %s)", d->table, d->pk,
		sqlb_val(&b, val_i64(id), "bigint"));
	/* No row, no event: what is not there was not seen. */
	read_event(&b, l, "view", "q having count(*) > 0", e == ENTITY_CONTACT || d->child);
	sqlb_add(&b, " select * from q");
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.read", entity_name(e)), &rows);
	TRY(tx_run(cx->tx));
	if (rows_count(rows) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	if (e == ENTITY_CONTACT)
		revealed = rows_texts(cx->a, rows, 0, LAYOUT_FIRST + 2 * l->n + 1, &nrevealed);
	*record_r = ARENA_NEW(cx->a, struct record);
	layout_read(cx, l, rows, 0, revealed, nrevealed, *record_r);
	(*record_r)->reach = (enum scope)rows_i64(rows, 0, LAYOUT_FIRST + 2 * l->n);
	return NULL;
}

struct err *
record_equals(const struct record_ctx *cx, enum entity e, int64_t id, const struct field *f,
	const struct value *v, struct rows **rows_r)
{
	const struct entity_def *d = entity_def(e);
	struct sqlb b;

	sqlb_init(&b, cx->a);
	if (f->sealed)
		sqlb_add(&b, "select coalesce(r.%s_bi = %s, false)", f->column,
			sqlb_val(&b, val_bytes(field_blind(cx, f, v->text)), "bytea"));
	else
		sqlb_add(&b, "select coalesce(r.%s = %s, false)", f->column,
			sqlb_val(&b, v->val, value_cast(f)));
	sqlb_add(&b, " from %s r where r.%s = %s", d->table, d->pk,
		sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.equals", d->table), rows_r);
	return tx_run(cx->tx);
}
