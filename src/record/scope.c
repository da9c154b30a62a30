/* SPDX-License-Identifier: ISC */
/*
 * Whose records a right reaches. A record with an owner is one's own when one is
 * the owner, and the team's when it is of the team or one's own. What hangs on a
 * contact is one's own when one made it (or is to do it); what came in by itself
 * belongs to the contact's owner. It is the team's when its contact is.
 */
#include <string.h>

#include "log.h"
#include "read.h"

static void
of_contact(struct sqlb *b, const char *me, const char *team)
{
	sqlb_add(b,
		"exists (select from contact oc where oc.contact_id = r.contact_id and "
		"(oc.owner_id = %s",
		me);
	if (team != NULL)
		sqlb_add(b, " or oc.team_id = %s", team);
	sqlb_add(b, "))");
}

static void
own_child(struct sqlb *b, enum entity e, const char *me)
{
	sqlb_add(b, "r.created_by = %s or ", me);
	if (e == ENTITY_ACTIVITY)
		sqlb_add(b, "r.owner_id = %s or ", me);
	sqlb_add(b, "(r.created_by is null and ");
	of_contact(b, me, NULL);
	sqlb_add(b, ")");
}

void
scope_add(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d, enum scope s)
{
	const struct principal *p = cx->principal;
	const char *me, *team = NULL;

	if (s == SCOPE_ALL || s == SCOPE_NONE) {
		sqlb_add(b, s == SCOPE_ALL ? "true" : "false");
		return;
	}
	me = sqlb_val(b, val_i64(p->user_id), "bigint");
	if (s == SCOPE_TEAM)
		team = sqlb_val(b, val_id(p->team_id), "bigint");
	/* Nothing at all is no answer to whether one may. */
	sqlb_add(b, "coalesce(");
	if (d->owned) {
		sqlb_add(b, "r.owner_id = %s", me);
		if (team != NULL)
			sqlb_add(b, " or r.team_id = %s", team);
	} else {
		ASSERT(d->child);
		own_child(b, d->entity, me);
		if (team != NULL) {
			sqlb_add(b, " or ");
			of_contact(b, me, team);
		}
	}
	sqlb_add(b, ", false)");
}

void
read_scope(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d)
{
	const struct principal *p = cx->principal;
	enum scope s = p->scopes[d->entity][RIGHT_VIEW];

	if (!d->owned)
		return;
	if (s == SCOPE_OWN)
		sqlb_add(b, " and r.owner_id = %s", sqlb_val(b, val_i64(p->user_id), "bigint"));
	else if (s == SCOPE_TEAM)
		sqlb_add(b, " and (r.owner_id = %s or r.team_id = %s)",
			sqlb_val(b, val_i64(p->user_id), "bigint"),
			sqlb_val(b, val_id(p->team_id), "bigint"));
}

void
scope_reach(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d)
{
	if (!cx->principal->narrow) {
		sqlb_add(b, "%d", SCOPE_ALL);
		return;
	}
	sqlb_add(b, "case when ");
	scope_add(b, cx, d, SCOPE_OWN);
	sqlb_add(b, " then %d when ", SCOPE_OWN);
	scope_add(b, cx, d, SCOPE_TEAM);
	sqlb_add(b, " then %d else %d end", SCOPE_TEAM, SCOPE_ALL);
}

bool
record_may(const struct record_ctx *cx, const struct record *rec, enum right r)
{
	enum scope s = cx->principal->scopes[rec->layout->def->entity][r];

	return s != SCOPE_NONE && s >= rec->reach;
}

static struct err *
check(const struct record_ctx *cx, enum entity e, int64_t id, enum scope s)
{
	const struct entity_def *d = entity_def(e);
	struct rows *rows;
	struct sqlb b;

	if (s == SCOPE_ALL)
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
	enum scope s = cx->principal->scopes[e][r];

	return s == SCOPE_ALL ? NULL : check(cx, e, id, s);
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

	return s != SCOPE_NONE && s >= contact->reach;
}

struct err *
record_add_allowed(const struct record_ctx *cx, enum entity child, int64_t contact)
{
	enum scope s = create_scope(cx->principal, child);

	return s == SCOPE_ALL ? NULL : check(cx, ENTITY_CONTACT, contact, s);
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

struct err *
scope_create(const struct record_ctx *cx, enum entity e, struct changes *c)
{
	enum scope s = create_scope(cx->principal, e);

	if (s == SCOPE_ALL)
		return NULL;
	if (s == SCOPE_NONE)
		return err_new(cx->a, ERR_DENIED, NULL);
	if (entity_def(e)->owned)
		return create_owned(cx, e, s, c);
	return record_add_allowed(cx, e, id_of(c, "contact_id"));
}
