/* SPDX-License-Identifier: ISC */
#include "order.h"

#include "value.h"

/* Long texts are longer than an index takes, and nobody sorts by a list. */
const char *
order_sql(struct arena *a, const struct field *f, const char *alias, const char *column)
{
	switch (f->type) {
	case FIELD_TEXT:
	case FIELD_CHOICE:
	case FIELD_EMAIL:
	case FIELD_PHONE:
	case FIELD_URL:
		return arena_printf(
			a, "(coalesce(%s%s, U&'\\FFFF') collate \"en-x-icu\")", alias, column);
	case FIELD_NUMBER:
		return arena_printf(a, "coalesce(%s%s, 9223372036854775807)", alias, column);
	case FIELD_DATE:
		return arena_printf(a, "coalesce(%s%s, 'infinity'::date)", alias, column);
	case FIELD_BOOLEAN:
		return arena_printf(a, "coalesce(%s%s, false)", alias, column);
	default:
		return NULL;
	}
}

static const struct sort_key *
key_of(struct arena *a, const struct field *f)
{
	const char *sql = order_sql(a, f, "r.", f->column);
	struct sort_key *k;

	if (sql == NULL)
		return NULL;
	k = ARENA_NEW(a, struct sort_key);
	k->name = f->name;
	k->sql = sql;
	k->cast = value_cast(f);
	k->text = arena_printf(a, "(%s)::text", sql);
	return k;
}

const struct sort_key *
order_find(const struct record_ctx *cx, const struct entity_def *d, const char *name)
{
	const struct sort_key *k = entity_sort(d, name);
	const struct field *f;

	if (k != NULL)
		return k;
	f = catalogue_find(cx->cat, d->entity, name);
	return f != NULL && !f->builtin && !f->sealed && field_is_live(f) ? key_of(cx->a, f) : NULL;
}
