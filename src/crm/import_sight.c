/* SPDX-License-Identifier: ISC */
/*
 * Whether the sender of a file sees what a row makes of a record. Rows are written with the
 * worker's rights, which no policy stops: what the page of one record refuses
 * (record/scope.c) is refused here.
 */
#include <stdint.h>
#include <string.h>

#include "import.h"
#include "sqlb.h"

STMT(as_sender, "import.as_viewer", 1, "select gate_narrow($1::bigint, 'view')");
STMT(as_before, "import.as_before_view", 0, "select gate_widen()");

/* The file's columns, in the order of holder_fields; SIZE_MAX: there is none. */
struct places {
	size_t col[HOLDER_FIELDS];
	bool any;
};

static struct places
find_places(const struct import_map *map)
{
	struct places at = {0};

	for (size_t i = 0; i < HOLDER_FIELDS; i++) {
		at.col[i] = import_column(map, holder_fields[i]);
		at.any |= at.col[i] != SIZE_MAX;
	}
	return at;
}

static const struct value *
said(const struct places *at, const struct import_row *row, size_t i)
{
	const struct value *v = at->col[i] == SIZE_MAX ? NULL : &row->values[at->col[i]];

	return v == NULL || v->null ? NULL : v;
}

static struct record_holder
taken_over(const struct record_holder *h, const struct places *at, const struct import_row *row)
{
	const struct value *vip = said(at, row, 0), *owner = said(at, row, 1),
			   *team = said(at, row, 2);

	return (struct record_holder){.owner = owner != NULL ? owner->val.u.i64 : h->owner,
		.team = team != NULL ? team->val.u.i64 : h->team,
		.vip = vip != NULL ? vip->val.u.yes : h->vip,
		.shared = h->shared};
}

/* Records that are there already, as they stand. */
static struct err *
holders_of(const struct record_ctx *cx, enum entity e, int64_t user, const struct import_row *rows,
	size_t n, struct rows **found_r)
{
	const struct entity_def *d = entity_def(e);
	int64_t *ids = ARENA_ARRAY(cx->a, n + 1, int64_t);
	struct sqlb b;
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		if (rows[i].error == NULL && rows[i].existing != 0)
			ids[k++] = rows[i].existing;
	*found_r = NULL;
	if (k == 0)
		return NULL;
	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"select r.%s, r.owner_id, r.team_id, r.vip, exists (select from shared_with_me m "
		"where m.entity = '%s' and m.record_id = r.%s) from %s r where r.%s = any (%s)",
		d->pk, d->table, d->pk, d->table, d->pk,
		sqlb_val(&b, val_i64s(ids, k), "bigint[]"));
	tx_queue(cx->tx, &as_sender, VALS(val_i64(user)), NULL);
	sqlb_queue(&b, cx->tx, "import.holders", found_r);
	return tx_query(cx->tx, &as_before, NO_VALS, NULL);
}

/* What has no owner yet becomes the sender's where it has to be somebody's
 * (import_batch.c). */
static struct record_holder
nobodys(const struct principal *p, enum entity e, const struct places *at,
	const struct import_row *row)
{
	bool narrow =
		p->scopes[e][RIGHT_VIEW] != SCOPE_ALL || p->scopes[e][RIGHT_IMPORT] != SCOPE_ALL;
	struct record_holder none = {.team = narrow ? p->team_id : 0},
			     h = taken_over(&none, at, row);

	if (h.owner == 0 && (narrow || h.vip))
		h.owner = p->user_id;
	return h;
}

static struct record_holder
holder_at(const struct rows *found, int64_t id)
{
	for (size_t i = 0; i < rows_count(found); i++)
		if (rows_i64(found, i, 0) == id)
			return (struct record_holder){rows_i64(found, i, 1), rows_i64(found, i, 2),
				rows_bool(found, i, 3), rows_bool(found, i, 4)};
	return (struct record_holder){0};
}

static void
fail(struct import_row *row, const struct places *at, const char *key)
{
	for (size_t i = 0; i < HOLDER_FIELDS && row->error == NULL; i++)
		if (said(at, row, i) != NULL) {
			row->field = holder_fields[i];
			row->error = key;
		}
}

static void
look(const struct principal *p, enum entity e, const struct places *at, const struct rows *found,
	struct import_row *row)
{
	struct record_holder before, after;

	if (row->existing == 0) {
		after = nobodys(p, e, at, row);
		if (!holder_sees(p, e, &after))
			fail(row, at, "error.out_of_sight");
		return;
	}
	before = holder_at(found, row->existing);
	after = taken_over(&before, at, row);
	if (before.owner == after.owner && before.team == after.team && before.vip == after.vip)
		return;
	if (!holder_gives(p, e, &before))
		fail(row, at, "error.only_shared");
	else if (!holder_sees(p, e, &after))
		fail(row, at, "error.out_of_sight");
}

struct err *
import_sight(const struct record_ctx *cx, enum entity e, int64_t user, const struct import_map *map,
	struct import_row *rows, size_t n)
{
	const struct places at = find_places(map);
	struct rows *found = NULL;
	struct principal *p;

	if (!at.any)
		return NULL;
	TRY(principal_of_user(cx->tx, cx->a, user, &p));
	if (p == NULL)
		return err_new(cx->a, ERR_DENIED, "error.job_right");
	if (map->mode == IMPORT_UPDATE)
		TRY(holders_of(cx, e, user, rows, n, &found));
	for (size_t i = 0; i < n; i++)
		if (rows[i].error == NULL && (rows[i].existing == 0 || map->mode == IMPORT_UPDATE))
			look(p, e, &at, found, &rows[i]);
	return NULL;
}
