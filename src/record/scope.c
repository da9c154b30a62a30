/* SPDX-License-Identifier: ISC */
/*
 * Whose records a right reaches. A record with an owner is one's own when one is
 * the owner, or it was shared with one to edit; the team's when it is of the team or
 * one's own. What hangs on a contact is one's own when one made it (or is to do it);
 * what came in by itself belongs to the contact's owner. It is the team's when its
 * contact is. A VIP record is nobody's but its owner's and of those it was shared
 * with to edit, unless one sees VIP records like any other; one that was only shared
 * to be read is beyond every right to change.
 */
#include <string.h>

#include "log.h"
#include "read.h"

const char *const holder_fields[HOLDER_FIELDS] = {"vip", "owner_id", "team_id"};

/* Further than any scope goes. */
#define REACH_NONE (SCOPE_ALL + 1)

/* May notes of this kind be private to somebody else? The worker stands in for all. */
static bool
has_private(const struct record_ctx *cx, const struct entity_def *d)
{
	return d->entity == ENTITY_ACTIVITY && cx->principal->session_id != 0;
}

static bool
everything(const struct record_ctx *cx, const struct entity_def *d, enum scope s)
{
	return s == SCOPE_ALL && cx->principal->special[RIGHT_SEE_VIP] && !has_private(cx, d);
}

/* On alias x, of a contact or company; me, team: bound values, NULL where not needed. */
static void
add_reached(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d, const char *x,
	enum scope s)
{
	const struct principal *p = cx->principal;
	const char *plain = p->special[RIGHT_SEE_VIP] ? "" : arena_printf(cx->a, "not %s.vip", x);
	const char *also = *plain != '\0' ? " and " : "";

	sqlb_add(b,
		"(%s.owner_id = %s or exists (select from shared_with_me m where m.entity = '%s' "
		"and m.record_id = %s.%s and m.level = 'edit')",
		x, sqlb_val(b, val_i64(p->user_id), "bigint"), d->table, x, d->pk);
	if (s == SCOPE_TEAM)
		sqlb_add(b, " or (%s.team_id = %s%s%s)", x,
			sqlb_val(b, val_id(p->team_id), "bigint"), also, plain);
	else if (s == SCOPE_ALL)
		sqlb_add(b, " or %s", *plain != '\0' ? plain : "true");
	sqlb_add(b, ")");
}

static void
of_contact(struct sqlb *b, const struct record_ctx *cx, enum scope s)
{
	sqlb_add(b, "exists (select from contact oc where oc.contact_id = r.contact_id and ");
	add_reached(b, cx, entity_def(ENTITY_CONTACT), "oc", s);
	sqlb_add(b, ")");
}

static void
own_child(struct sqlb *b, const struct record_ctx *cx, enum entity e)
{
	const char *me = sqlb_val(b, val_i64(cx->principal->user_id), "bigint");

	sqlb_add(b, "r.created_by = %s or ", me);
	if (e == ENTITY_ACTIVITY)
		sqlb_add(b, "r.owner_id = %s or ", me);
	sqlb_add(b, "(r.created_by is null and ");
	of_contact(b, cx, SCOPE_OWN);
	sqlb_add(b, ")");
}

void
scope_add(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d, enum scope s)
{
	if (everything(cx, d, s) || s == SCOPE_NONE) {
		sqlb_add(b, s == SCOPE_ALL ? "true" : "false");
		return;
	}
	/* Nothing at all is no answer to whether one may. */
	sqlb_add(b, "coalesce(");
	if (d->owned) {
		add_reached(b, cx, d, "r", s);
	} else {
		ASSERT(d->child);
		/* A private note is for its author to change. */
		if (has_private(cx, d))
			sqlb_add(b, "(r.private_to is null or r.created_by = %s) and ",
				sqlb_val(b, val_i64(cx->principal->user_id), "bigint"));
		sqlb_add(b, "(");
		own_child(b, cx, d->entity);
		if (s != SCOPE_OWN) {
			sqlb_add(b, " or ");
			of_contact(b, cx, s);
		}
		sqlb_add(b, ")");
	}
	sqlb_add(b, ", false)");
}

/* Of records with an owner each scope adds to the one before: what was asked in a
 * "when" above is not asked again. */
static void
reach_owned(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d, bool all)
{
	sqlb_add(b, "case when ");
	scope_add(b, cx, d, SCOPE_OWN);
	sqlb_add(b, " then %d", SCOPE_OWN);
	if (!all)
		sqlb_add(b, " when r.vip then %d", REACH_NONE);
	sqlb_add(b, " when r.team_id = %s then %d else %d end",
		sqlb_val(b, val_id(cx->principal->team_id), "bigint"), SCOPE_TEAM, SCOPE_ALL);
}

void
scope_reach(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d)
{
	bool all = cx->principal->special[RIGHT_SEE_VIP] && !has_private(cx, d);

	if (!cx->principal->narrow && all) {
		sqlb_add(b, "%d", SCOPE_ALL);
		return;
	}
	if (d->owned) {
		reach_owned(b, cx, d, all);
		return;
	}
	sqlb_add(b, "case");
	for (enum scope s = SCOPE_OWN; s <= SCOPE_TEAM; s++) {
		sqlb_add(b, " when ");
		scope_add(b, cx, d, s);
		sqlb_add(b, " then %d", s);
	}
	if (!all) {
		sqlb_add(b, " when not ");
		scope_add(b, cx, d, SCOPE_ALL);
		sqlb_add(b, " then %d", REACH_NONE);
	}
	sqlb_add(b, " else %d end", SCOPE_ALL);
}

bool
record_may(const struct record_ctx *cx, const struct record *rec, enum right r)
{
	enum scope s = cx->principal->scopes[rec->layout->def->entity][r];

	/* A workspace that closes is read, and taken out. */
	if (cx->principal->closes_at != 0 && r != RIGHT_VIEW && r != RIGHT_EXPORT)
		return false;
	return s != SCOPE_NONE && (int)s >= (int)rec->reach;
}

static struct err *
check(const struct record_ctx *cx, enum entity e, int64_t id, enum scope s)
{
	const struct entity_def *d = entity_def(e);
	struct rows *rows;
	struct sqlb b;

	if (everything(cx, d, s))
		return NULL;
	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select ");
	scope_add(&b, cx, d, s);
	sqlb_add(&b, " from %s r where r.%s = %s", d->table, d->pk,
		sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.allowed", d->table), &rows);
	TRY(tx_run(cx->tx));
	if (rows_count(rows) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	return rows_bool(rows, 0, 0) ? NULL : err_new(cx->a, ERR_DENIED, "error.not_yours");
}

struct err *
record_allowed(const struct record_ctx *cx, enum entity e, int64_t id, enum right r)
{
	return check(cx, e, id, cx->principal->scopes[e][r]);
}

struct err *
record_held(const struct record_ctx *cx, enum entity e, int64_t id, enum right r)
{
	const struct entity_def *d = entity_def(e);
	enum scope s = cx->principal->scopes[e][r];
	struct rows *rows;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "select coalesce(r.owner_id = %s",
		sqlb_val(&b, val_i64(cx->principal->user_id), "bigint"));
	if (s == SCOPE_TEAM)
		sqlb_add(&b, " or (r.team_id = %s%s)",
			sqlb_val(&b, val_id(cx->principal->team_id), "bigint"),
			cx->principal->special[RIGHT_SEE_VIP] ? "" : " and not r.vip");
	else if (s == SCOPE_ALL)
		sqlb_add(&b, cx->principal->special[RIGHT_SEE_VIP] ? " or true" : " or not r.vip");
	sqlb_add(&b, ", false) from %s r where r.%s = %s", d->table, d->pk,
		sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.held", d->table), &rows);
	TRY(tx_run(cx->tx));
	if (rows_count(rows) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	return rows_bool(rows, 0, 0) ? NULL : err_new(cx->a, ERR_DENIED, "error.not_yours");
}

/* The narrower of both: what one makes one also has to see. */
static enum scope
create_scope(const struct principal *p, enum entity e)
{
	enum scope create = p->scopes[e][RIGHT_CREATE], view = p->scopes[e][RIGHT_VIEW];

	return view != SCOPE_NONE && view < create ? view : create;
}

bool
record_may_add(const struct record_ctx *cx, const struct record *contact, enum entity child)
{
	enum scope s = create_scope(cx->principal, child);

	return cx->principal->closes_at == 0 && s != SCOPE_NONE && s >= contact->reach;
}

struct err *
record_add_allowed(const struct record_ctx *cx, enum entity child, int64_t contact)
{
	enum scope s = create_scope(cx->principal, child);

	return check(cx, ENTITY_CONTACT, contact, s);
}

static int64_t
id_of(const struct changes *c, const char *field)
{
	const struct change *ch = changes_find(c, field);

	return ch == NULL || ch->value.null ? 0 : ch->value.val.u.i64;
}

/* Made by somebody whose rights end with their own or the team's records: then
 * it is one of these. */
static struct err *
create_owned(const struct record_ctx *cx, enum entity e, enum scope s, struct changes *c)
{
	const struct principal *p = cx->principal;
	int64_t owner = id_of(c, "owner_id"), team = id_of(c, "team_id");
	struct err *err = NULL;

	if (owner == 0 && (s == SCOPE_OWN || team == 0)) {
		changes_put(cx, c, e, "owner_id", value_id(cx->a, p->user_id));
		owner = p->user_id;
	}
	if (s == SCOPE_TEAM && team == 0 && owner == p->user_id && p->team_id != 0)
		changes_put(cx, c, e, "team_id", value_id(cx->a, p->team_id));
	if (owner == p->user_id || (s == SCOPE_TEAM && team != 0 && team == p->team_id))
		return NULL;
	err_add_field(cx->a, &err, "owner_id", "error.not_for_others", NULL);
	return err;
}

static bool
holds(const struct principal *p, enum scope s, const struct record_holder *h)
{
	if (h->owner != 0 && h->owner == p->user_id)
		return s != SCOPE_NONE;
	if (h->vip && !p->special[RIGHT_SEE_VIP])
		return false;
	return s == SCOPE_ALL || (s == SCOPE_TEAM && h->team != 0 && h->team == p->team_id);
}

bool
holder_sees(const struct principal *p, enum entity e, const struct record_holder *h)
{
	enum scope s = p->scopes[e][RIGHT_VIEW];

	return s != SCOPE_NONE && (h->shared || holds(p, s, h));
}

bool
holder_gives(const struct principal *p, enum entity e, const struct record_holder *h)
{
	return holds(p, p->scopes[e][RIGHT_EDIT], h);
}

static void
take_over(struct record_holder *h, const struct changes *c)
{
	const struct change *vip = changes_find(c, "vip");

	if (changes_find(c, "owner_id") != NULL)
		h->owner = id_of(c, "owner_id");
	if (changes_find(c, "team_id") != NULL)
		h->team = id_of(c, "team_id");
	if (vip != NULL)
		h->vip = !vip->value.null && vip->value.val.u.yes;
}

/* At the first of the fields that decide who sees the record. */
static struct err *
refuse_place(const struct record_ctx *cx, const struct changes *c, const char *key)
{
	struct err *err = NULL;

	for (size_t i = 0; i < HOLDER_FIELDS && err == NULL; i++)
		if (changes_find(c, holder_fields[i]) != NULL)
			err_add_field(cx->a, &err, holder_fields[i], key, NULL);
	return err;
}

struct err *
scope_create(const struct record_ctx *cx, enum entity e, struct changes *c)
{
	enum scope s = create_scope(cx->principal, e);
	struct record_holder h = {0};

	if (everything(cx, entity_def(e), s))
		return NULL;
	if (s == SCOPE_NONE)
		return err_new(cx->a, ERR_DENIED, NULL);
	if (!entity_def(e)->owned)
		return record_add_allowed(cx, e, id_of(c, "contact_id"));
	if (s != SCOPE_ALL)
		TRY(create_owned(cx, e, s, c));
	take_over(&h, c);
	/* A VIP record has somebody who sees it. */
	if (h.vip && h.owner == 0) {
		changes_put(cx, c, e, "owner_id", value_id(cx->a, cx->principal->user_id));
		h.owner = cx->principal->user_id;
	}
	return holder_sees(cx->principal, e, &h) ? NULL : refuse_place(cx, c, "error.out_of_sight");
}

struct err *
scope_update(const struct record_ctx *cx, enum entity e, int64_t id, const struct changes *c)
{
	const struct entity_def *d = entity_def(e);
	struct record_holder h;
	struct rows *r;
	struct sqlb b;
	bool moves = false;

	for (size_t i = 0; i < HOLDER_FIELDS; i++)
		moves |= changes_find(c, holder_fields[i]) != NULL;
	if (!d->owned || !moves || everything(cx, d, cx->principal->scopes[e][RIGHT_EDIT]))
		return NULL;
	sqlb_init(&b, cx->a);
	sqlb_add(&b,
		"select r.owner_id, r.team_id, r.vip, exists (select from shared_with_me m where "
		"m.entity = '%s' and m.record_id = r.%s) from %s r where r.%s = %s",
		d->table, d->pk, d->table, d->pk, sqlb_val(&b, val_i64(id), "bigint"));
	sqlb_queue(&b, cx->tx, arena_printf(cx->a, "%s.holder", d->table), &r);
	TRY(tx_run(cx->tx));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	h = (struct record_holder){
		rows_i64(r, 0, 0), rows_i64(r, 0, 1), rows_bool(r, 0, 2), rows_bool(r, 0, 3)};
	/* What was only shared with one is not one's own to give to others. */
	if (!holder_gives(cx->principal, e, &h))
		return refuse_place(cx, c, "error.only_shared");
	take_over(&h, c);
	return holder_sees(cx->principal, e, &h) ? NULL : refuse_place(cx, c, "error.out_of_sight");
}
