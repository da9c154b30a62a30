/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "record.h"
#include "read.h"

struct record_ctx
record_ctx_of(struct request *rq)
{
	return (struct record_ctx){
		rq->a, rq->tx, rq->tenant, rq->principal, rq->catalogue, request_lang(rq), NULL};
}

struct err *
record_ctx_system(struct conn *c, struct arena *a, const struct tenant *tn, const char *via,
	int64_t user, struct record_ctx *cx)
{
	const struct catalogue *cat;

	TRY(catalogue_load(c, a, tn, 0, &cat));
	*cx = (struct record_ctx){a, NULL, tn, principal_system(a, via, user), cat, LANG_EN, NULL};
	return NULL;
}

bool
field_is_note(const struct field *f)
{
	return f->builtin && strcmp(f->name, "opinion_note") == 0;
}

bool
layout_has_opinion(const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (strcmp(l->fields[i]->category, "opinion") == 0 ||
			strcmp(l->fields[i]->category, "correspondence") == 0)
			return true;
	return false;
}

struct layout *
layout_of(const struct record_ctx *cx, enum entity e, bool listed, bool labels)
{
	struct layout *l = ARENA_NEW(cx->a, struct layout);

	l->def = entity_def(e);
	l->labels = labels;
	l->fields = ARENA_ARRAY(cx->a, cx->cat->n, const struct field *);
	l->levels = ARENA_ARRAY(cx->a, cx->cat->n, enum field_level);
	l->names = ARENA_ARRAY(cx->a, cx->cat->n, const char *);
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];
		enum field_level level;

		if (f->entity != e || !field_is_live(f))
			continue;
		/* The note goes with any opinion; it is the last of its entity's fields. */
		if (listed && !f->listed && !(field_is_note(f) && layout_has_opinion(l)))
			continue;
		level = field_level(cx->principal, f);
		if (level == LEVEL_HIDDEN)
			continue;
		l->fields[l->n] = f;
		l->levels[l->n] = level;
		l->names[l->n++] = f->sealed || level == LEVEL_MASKED
					   ? arena_printf(cx->a, "%s~", f->name)
					   : f->name;
	}
	return l;
}

static bool
has_sealed(const struct layout *l)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->fields[i]->sealed)
			return true;
	return false;
}

/* What a reference names, of what may be read of it. */
static const char *
label_sql(const struct record_ctx *cx, const struct field *f)
{
	switch (f->type) {
	case FIELD_USER:
		return arena_printf(
			cx->a, "(select x.name from app_user x where x.user_id = r.%s)", f->column);
	case FIELD_TEAM:
		return arena_printf(
			cx->a, "(select x.name from team x where x.team_id = r.%s)", f->column);
	case FIELD_COMPANY:
		return arena_printf(cx->a, "(select %s from company x where x.company_id = r.%s)",
			record_title_sql(cx, ENTITY_COMPANY, "x"), f->column);
	case FIELD_CONTACT:
		return arena_printf(cx->a, "(select %s from contact x where x.contact_id = r.%s)",
			record_title_sql(cx, ENTITY_CONTACT, "x"), f->column);
	default:
		return NULL;
	}
}

/* A reference to a record that is not visible is not there either. A child is
 * only seen where its contact is. */
static const char *
field_sql(const struct record_ctx *cx, const struct entity_def *d, const struct field *f)
{
	if (f->type == FIELD_COMPANY && !record_sees_all(cx, ENTITY_COMPANY))
		return arena_printf(cx->a,
			"(select x.company_id from company x where x.company_id = r.%s)",
			f->column);
	if (f->type == FIELD_CONTACT && !d->child && !record_sees_all(cx, ENTITY_CONTACT))
		return arena_printf(cx->a,
			"(select x.contact_id from contact x where x.contact_id = r.%s)",
			f->column);
	return value_column(cx->a, f, "r");
}

void
layout_select(
	struct sqlb *b, const struct record_ctx *cx, const struct layout *l, const char *sort_text)
{
	const struct entity_def *d = l->def;
	bool contact = d->entity == ENTITY_CONTACT;
	bool sealed = has_sealed(l);

	sqlb_add(b, "select r.%s as id, r.version, %s as person_id, ", d->pk,
		contact || d->child ? "r.contact_id" : "null::bigint");
	sqlb_add(b, "r.created_at, r.updated_at, r.archived_at, %s, ",
		contact ? "r.erased_at" : "null::timestamptz");
	sqlb_add(b, "%s, ", record_title_sql(cx, d->entity, "r"));
	sqlb_add(b, "%s, ", contact && sealed ? "r.key_id" : "null::bigint");
	sqlb_add(b, "%s, ",
		contact && sealed ? "(select k.wrapped from data_key k where k.key_id = r.key_id)"
				  : "null::bytea");
	sqlb_add(b, "%s, ", d->entity == ENTITY_INVOICE ? "r.currency" : "null::text");
	sqlb_add(b, "%s as cursor", sort_text != NULL ? sort_text : "null::text");
	for (size_t i = 0; i < l->n; i++) {
		const struct field *f = l->fields[i];
		const char *label = l->labels ? label_sql(cx, f) : NULL;

		/* A mask needs the value only where the mask shows part of it. */
		if (l->levels[i] == LEVEL_MASKED && !f->sealed)
			sqlb_add(b, ", (r.%s is not null)::text", f->column);
		else
			sqlb_add(b, ", %s",
				f->sealed ? value_column(b->a, f, "r") : field_sql(cx, d, f));
		sqlb_add(b, ", %s", label != NULL ? label : "null::text");
	}
}

/* The person's key from the row, or false when there is none (nothing sealed, or erased). */
static bool
row_key(const struct record_ctx *cx, const struct rows *r, size_t row, struct seal_key *key_r)
{
	struct bytes wrapped = rows_bytes(cx->a, r, row, 9);

	return wrapped.p != NULL &&
	       key_unwrap(cx->a, &cx->tenant->kek, "person", wrapped, rows_i64(r, row, 8), key_r);
}

const char *
seal_place(struct arena *a, const struct field *f, int64_t id)
{
	return arena_printf(a, "%s.%s|%lld", entity_name(f->entity), f->column, (long long)id);
}

static void
read_sealed(const struct record_ctx *cx, const struct rows *r, size_t row, size_t col,
	const struct seal_key *key, struct record *rec, size_t i, const char *const *revealed,
	size_t nrevealed)
{
	const struct field *f = rec->layout->fields[i];
	struct bytes sealed = rows_bytes(cx->a, r, row, col), plain = {NULL, 0};
	bool open = false;

	rec->values[i].null = sealed.p == NULL;
	if (rec->values[i].null)
		return;
	for (size_t k = 0; k < nrevealed; k++)
		open |= strcmp(revealed[k], f->name) == 0;
	open = open && rec->layout->levels[i] >= LEVEL_READ;
	if (key != NULL && (open || f->type == FIELD_HKID) &&
		!unseal_value(cx->a, key, seal_place(cx->a, f, rec->id), sealed, &plain))
		plain.p = NULL;
	if (open && plain.p != NULL) {
		value_from_text(cx->a, f, (const char *)plain.p, &rec->values[i]);
		return;
	}
	rec->masked[i] = true;
	rec->shown[i] = value_mask(cx->a, f, (const char *)plain.p);
}

void
layout_read(const struct record_ctx *cx, const struct layout *l, const struct rows *r, size_t row,
	const char *const *revealed, size_t nrevealed, struct record *rec)
{
	struct seal_key key;
	bool have_key = row_key(cx, r, row, &key);

	rec->layout = l;
	rec->id = rows_i64(r, row, 0);
	rec->version = rows_i64(r, row, 1);
	rec->contact_id = rows_i64(r, row, 2);
	rec->created_at = rows_i64(r, row, 3);
	rec->updated_at = rows_i64(r, row, 4);
	rec->archived_at = rows_i64(r, row, 5);
	rec->erased_at = rows_i64(r, row, 6);
	rec->title = rows_text(r, row, 7);
	rec->currency = rows_text(r, row, 10) != NULL ? rows_text(r, row, 10) : cx->cat->currency;
	rec->values = ARENA_ARRAY(cx->a, l->n, struct value);
	rec->shown = ARENA_ARRAY(cx->a, l->n, const char *);
	rec->masked = ARENA_ARRAY(cx->a, l->n, bool);
	for (size_t i = 0; i < l->n; i++) {
		size_t col = LAYOUT_FIRST + 2 * i;

		if (l->fields[i]->sealed) {
			read_sealed(cx, r, row, col, have_key ? &key : NULL, rec, i, revealed,
				nrevealed);
		} else if (l->levels[i] == LEVEL_MASKED) {
			rec->values[i].null = strcmp(rows_text(r, row, col), "true") != 0;
			rec->masked[i] = !rec->values[i].null;
			rec->shown[i] = value_mask(cx->a, l->fields[i], NULL);
		} else {
			value_from_row(cx->a, l->fields[i], r, row, col, &rec->values[i]);
			rec->shown[i] = rows_text(r, row, col + 1);
		}
	}
}
