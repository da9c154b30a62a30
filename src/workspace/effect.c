/* SPDX-License-Identifier: ISC */
#include "effect.h"

#include <string.h>

/* A kind of record that takes longer to count is left uncounted, and said to be. */
#define COUNT_MS "3000"

STMT(users_of, "effect.users", 1,
	"select user_id, name, coalesce(team_id, 0) from app_user where profile_id = $1::bigint "
	"and active order by lower(name), user_id");
STMT(user_of, "effect.user", 1,
	"select user_id, name, coalesce(team_id, 0) from app_user where user_id = $1::bigint");
STMT(limit_time, "effect.limit", 0, "select set_config('statement_timeout', '" COUNT_MS "', true)");
STMT(count_records, "effect.count", 8,
	"select user_id, before, after, gained, lost from access_counts($1, $2::bigint[], "
	"$3::bigint[], $4::bigint[], $5::text[], $6::text[], $7::boolean, $8::boolean)");

static bool
sees_vip(const struct profile *p)
{
	return p->special[RIGHT_SEE_VIP];
}

static bool
team_moves(const struct effect *fx)
{
	for (size_t i = 0; i < fx->nusers; i++)
		if (fx->users[i].team_before != fx->users[i].team_after)
			return true;
	return false;
}

/* Does anything change that the policy of these records looks at? */
static bool
is_touched(const struct effect *fx, enum entity e)
{
	static const enum entity looks_at[] = {ENTITY_CONTACT, ENTITY_ACTIVITY};
	const struct profile *a = fx->from, *b = fx->to;

	if (sees_vip(a) != sees_vip(b) || team_moves(fx) ||
		a->scopes[e][RIGHT_VIEW] != b->scopes[e][RIGHT_VIEW])
		return true;
	for (size_t i = 0; e != ENTITY_COMPANY && i < 2; i++)
		if (a->scopes[looks_at[i]][RIGHT_VIEW] != b->scopes[looks_at[i]][RIGHT_VIEW])
			return true;
	return false;
}

static struct val
view_scopes(struct arena *a, const struct profile *p)
{
	const char **list = ARENA_ARRAY(a, ENTITY_MAX, const char *);

	for (int e = 0; e < ENTITY_MAX; e++)
		list[e] = scope_name(p->scopes[e][RIGHT_VIEW]);
	return val_texts(list, ENTITY_MAX);
}

static void
take_counts(struct effect *fx, enum entity e, const struct rows *r)
{
	fx->counted[e] = rows_count(r) == fx->nusers;
	fx->late |= !fx->counted[e];
	for (size_t k = 0; k < rows_count(r); k++)
		for (size_t i = 0; i < fx->nusers; i++)
			if (fx->users[i].id == rows_i64(r, k, 0))
				fx->users[i].counts[e] = (struct effect_count){rows_i64(r, k, 1),
					rows_i64(r, k, 2), rows_i64(r, k, 3), rows_i64(r, k, 4)};
}

static struct err *
count(struct request *rq, struct effect *fx, bool all)
{
	int64_t *ids = ARENA_ARRAY(rq->a, fx->nusers, int64_t),
		*before = ARENA_ARRAY(rq->a, fx->nusers, int64_t),
		*after = ARENA_ARRAY(rq->a, fx->nusers, int64_t);
	size_t n = fx->nusers;

	for (size_t i = 0; i < n; i++) {
		ids[i] = fx->users[i].id;
		before[i] = fx->users[i].team_before;
		after[i] = fx->users[i].team_after;
	}
	tx_queue(rq->tx, &limit_time, NO_VALS, NULL);
	for (int e = 0; n > 0 && e < ENTITY_MAX; e++) {
		struct rows *r;

		if (!all && !is_touched(fx, (enum entity)e))
			continue;
		TRY(tx_query(rq->tx, &count_records,
			VALS(val_text(entity_name((enum entity)e)), val_i64s(ids, n),
				val_i64s(before, n), val_i64s(after, n),
				view_scopes(rq->a, fx->from), view_scopes(rq->a, fx->to),
				val_bool(sees_vip(fx->from)), val_bool(sees_vip(fx->to))),
			&r));
		take_counts(fx, (enum entity)e, r);
	}
	return NULL;
}

static struct err *
load_users(struct request *rq, struct effect *fx, const struct stmt *s, int64_t id)
{
	struct rows *r;

	TRY(tx_query(rq->tx, s, VALS(val_i64(id)), &r));
	fx->nusers = rows_count(r);
	fx->users = ARENA_ARRAY(rq->a, fx->nusers + 1, struct effect_user);
	for (size_t i = 0; i < fx->nusers; i++) {
		fx->users[i].id = rows_i64(r, i, 0);
		fx->users[i].name = rows_text(r, i, 1);
		fx->users[i].team_before = fx->users[i].team_after = rows_i64(r, i, 2);
	}
	return NULL;
}

struct err *
effect_of_profile(
	struct request *rq, const struct profile *from, const struct profile *to, struct effect *fx)
{
	*fx = (struct effect){.from = from, .to = to};
	fx->changes = profile_compare(rq, from, to, &fx->n);
	TRY(load_users(rq, fx, &users_of, from->id));
	return count(rq, fx, false);
}

struct err *
effect_of_user(
	struct request *rq, int64_t user, const struct profile *to, int64_t team, struct effect *fx)
{
	struct profile *from = ARENA_NEW(rq->a, struct profile);

	TRY(profile_load_of(rq, user, from));
	*fx = (struct effect){.from = from, .to = to};
	fx->changes = profile_compare(rq, from, to, &fx->n);
	TRY(load_users(rq, fx, &user_of, user));
	if (fx->nusers > 0)
		fx->users[0].team_after = team;
	return count(rq, fx, false);
}

struct err *
effect_now(struct request *rq, int64_t user, const struct profile *p, struct effect *fx)
{
	*fx = (struct effect){.from = p, .to = p};
	TRY(load_users(rq, fx, &user_of, user));
	return count(rq, fx, true);
}
