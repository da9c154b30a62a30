/* SPDX-License-Identifier: ISC */
/*
 * The rows of a list. Whose scope is all reads them off the index of their order.
 * Where it is own or team, one scan under a policy would walk past everybody
 * else's; so each reason to see a record is a short list of its own, off the index
 * that goes with it, and the lists are merged. The policies decide what is shown:
 * what stands here only says where to look.
 */
#include "narrow.h"

/* So many contacts are looked through one by one for what hangs on them. Of more,
 * a walk along the order of the list soon meets enough. */
#define FEW 500

struct narrow {
	struct sqlb *b;
	const struct record_ctx *cx;
	const struct layout *l;
	const struct list_order *o;
	const char *rest;
	long long limit;
	const char *me; /* bound at its first use */
	bool any;       /* a list was added already */
};

static enum scope
view_scope(const struct record_ctx *cx, enum entity e)
{
	return cx->principal->scopes[e][RIGHT_VIEW];
}

static const char *
way(const struct list_order *o)
{
	return o->desc ? "desc" : "asc";
}

bool
narrow_list(const struct record_ctx *cx, const struct record_query *q)
{
	const struct entity_def *d = entity_def(q->entity);

	if (d->owned)
		return view_scope(cx, q->entity) != SCOPE_ALL;
	return q->contact_id == 0 && (view_scope(cx, q->entity) != SCOPE_ALL ||
					     view_scope(cx, ENTITY_CONTACT) != SCOPE_ALL);
}

/* One list: the first rows of those that `where` finds. */
static void
add_list(struct narrow *n, const char *where)
{
	const struct entity_def *d = n->l->def;

	sqlb_add(n->b,
		"%s(select r.%s as id, %s as s from %s r where %s%s order by %s %s, r.%s %s limit "
		"%lld)",
		n->any ? " union " : "", d->pk, n->o->key->sql, d->table, where, n->rest,
		n->o->key->sql, way(n->o), d->pk, way(n->o), n->limit);
	n->any = true;
}

/* A value that no list uses would have no type. */
static const char *
me(struct narrow *n)
{
	if (n->me == NULL)
		n->me = sqlb_val(n->b, val_i64(n->cx->principal->user_id), "bigint");
	return n->me;
}

static void
add_owned(struct narrow *n)
{
	const struct entity_def *d = n->l->def;
	struct arena *a = n->cx->a;

	sqlb_add(n->b, "k as materialized (");
	add_list(n, arena_printf(a, "r.owner_id = %s", me(n)));
	if (view_scope(n->cx, d->entity) == SCOPE_TEAM)
		add_list(n, arena_printf(a, "r.team_id = %s",
				    sqlb_val(n->b, val_id(n->cx->principal->team_id), "bigint")));
	add_list(n, arena_printf(a,
			    "r.%s in (select m.record_id from shared_with_me m where m.entity = "
			    "'%s')",
			    d->pk, d->table));
	sqlb_add(n->b, ")");
}

/* What hangs on contacts near by. where: " and ...", of them. */
static void
add_near(struct narrow *n, const char *where)
{
	const struct entity_def *d = n->l->def;

	sqlb_add(n->b,
		"%s(select x.id, x.s from (select distinct m.contact_id from mine m where not "
		"(select many.yes from many)) c cross join lateral (select r.%s as id, %s as s "
		"from %s r where r.contact_id = c.contact_id%s%s order by %s %s, r.%s %s limit "
		"%lld) x order by x.s %s, x.id %s limit %lld)",
		n->any ? " union " : "", d->pk, n->o->key->sql, d->table, where, n->rest,
		n->o->key->sql, way(n->o), d->pk, way(n->o), n->limit, way(n->o), way(n->o),
		n->limit);
	n->any = true;
	add_list(n, arena_printf(n->cx->a, "(select many.yes from many)%s", where));
}

static void
add_children(struct narrow *n)
{
	enum scope s = view_scope(n->cx, n->l->def->entity),
		   contact = view_scope(n->cx, ENTITY_CONTACT);
	struct arena *a = n->cx->a;

	sqlb_add(n->b,
		"mine as materialized (select c.record_id as contact_id from record_near c where "
		"c.entity = 'contact' and c.how %s limit %d), many as materialized (select "
		"count(*) > %d as yes from mine), "
		"k as materialized (",
		s == SCOPE_OWN         ? "= 'own'"
		: contact == SCOPE_OWN ? "<> 'team'"
				       : "<> ''",
		FEW + 1, FEW);
	/* Elsewhere what one wrote hangs on contacts near by, or is not visible. */
	if (s == SCOPE_OWN || contact == SCOPE_ALL) {
		add_list(n, arena_printf(a, "r.created_by = %s", me(n)));
		if (n->l->def->entity == ENTITY_ACTIVITY)
			add_list(n, arena_printf(a, "r.owner_id = %s", me(n)));
	}
	add_near(n, s == SCOPE_OWN ? " and r.created_by is null" : "");
	sqlb_add(n->b, ")");
}

void
narrow_rows(struct sqlb *b, const struct record_ctx *cx, const struct record_query *q,
	const struct layout *l, const struct list_order *o, const char *rest)
{
	const struct entity_def *d = l->def;
	struct narrow n = {.b = b, .cx = cx, .l = l, .o = o, .rest = rest, .limit = q->limit + 1};

	if (d->owned)
		add_owned(&n);
	else
		add_children(&n);
	sqlb_add(b, ", q as materialized (");
	layout_select(b, cx, l, o->key->text);
	sqlb_add(b,
		" from (select k.id from k order by k.s %s, k.id %s limit %lld) k join %s r on "
		"r.%s "
		"= k.id order by %s %s, r.%s %s)",
		way(o), way(o), n.limit, d->table, d->pk, o->key->sql, way(o), d->pk, way(o));
}
