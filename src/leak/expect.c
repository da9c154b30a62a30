/* SPDX-License-Identifier: ISC */
/*
 * What a profile may see, by its rows and the rules of src/README.md ("Who sees a
 * record"), worked out once more: whoever checks the policies does not ask them.
 */
#include <string.h>

#include "part.h"

STMT(profiles, "leak.profiles", 2,
	"select profile_id from profile where (name = $1 or $1::text is null) "
	"and (profile_id = $2::bigint or $2::bigint is null) order by profile_id");
STMT(profile, "leak.profile", 1,
	"select name, require_totp from profile where profile_id = $1::bigint");
STMT(rights, "leak.rights", 1,
	"select entity, \"right\", scope from profile_right where profile_id = $1::bigint "
	"and \"right\" in ('view', 'see_vip', 'manage_fields', 'manage_workspace', "
	"'approve_exports', 'run_requests', 'approve_requests', 'view_audit')");
STMT(levels, "leak.levels", 1,
	"select f.entity, f.name, case when f.name = 'opinion_note' then 'read' else "
	"coalesce(l.level, case when f.sealed then p.new_sealed else p.new_fields end) end "
	"from profile p cross join field f left join profile_field l "
	"on l.profile_id = p.profile_id and l.entity = f.entity and l.field = f.name "
	"where p.profile_id = $1::bigint");

struct err *
expect_profiles(struct leak *l, int64_t **ids_r, size_t *n_r)
{
	struct rows *rows;

	TRY(conn_query(l->conn, l->in->a, &profiles,
		VALS(val_text(l->in->profile), val_id(l->in->profile_id)), &rows));
	*n_r = rows_count(rows);
	*ids_r = ARENA_ARRAY(l->in->a, *n_r + 1, int64_t);
	for (size_t i = 0; i < *n_r; i++)
		(*ids_r)[i] = rows_i64(rows, i, 0);
	return NULL;
}

static struct err *
load_levels(struct leak *l)
{
	enum field_level *list = ARENA_ARRAY(l->work, l->cx.cat->n, enum field_level);
	struct rows *rows;

	TRY(conn_query(l->conn, l->work, &levels, VALS(val_i64(l->expect.profile)), &rows));
	for (size_t i = 0; i < rows_count(rows); i++) {
		const struct field *f = catalogue_find(
			l->cx.cat, entity_parse(rows_text(rows, i, 0)), rows_text(rows, i, 1));

		if (f != NULL)
			list[f->place] = field_level_parse(rows_text(rows, i, 2));
	}
	l->expect.levels = list;
	return NULL;
}

static void
note_right(struct expect *x, const char *right)
{
	const struct {
		const char *name;
		bool *has;
	} known[] = {
		{"see_vip", &x->see_vip},
		{"manage_fields", &x->knows_fields},
		{"manage_workspace", &x->manages},
		{"approve_exports", &x->approves_exports},
		{"run_requests", &x->requests},
		{"run_requests", &x->runs_requests},
		{"view_audit", &x->reads_log},
		{"approve_requests", &x->requests},
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i].name, right) == 0)
			*known[i].has = true;
}

struct err *
expect_load(struct leak *l, int64_t profile_id, bool team)
{
	struct expect *x = &l->expect;
	struct rows *rows;

	*x = (struct expect){.profile = profile_id, .team = team};
	TRY(conn_query(l->conn, l->work, &profile, VALS(val_i64(profile_id)), &rows));
	if (rows_count(rows) == 0)
		return err_busy(l->work, "a profile went away");
	x->name = rows_text(rows, 0, 0);
	x->token = rows_bool(rows, 0, 1);
	TRY(conn_query(l->conn, l->work, &rights, VALS(val_i64(profile_id)), &rows));
	for (size_t i = 0; i < rows_count(rows); i++) {
		enum entity e = entity_parse(rows_text(rows, i, 0));

		if (e == ENTITY_NONE) {
			note_right(x, rows_text(rows, i, 1));
			continue;
		}
		x->view[e] = scope_parse(rows_text(rows, i, 2));
		x->narrow_team |= x->view[e] == SCOPE_TEAM;
	}
	return load_levels(l);
}

static bool
of_team(enum stand s)
{
	return s == STAND_OWN || s == STAND_TEAM || s == STAND_OWN_VIP || s == STAND_TEAM_VIP;
}

static bool
is_vip(enum stand s)
{
	return s == STAND_VIP || s == STAND_OWN_VIP || s == STAND_TEAM_VIP ||
	       s == STAND_TEAM_SHARED;
}

/* The owner's, whoever it is shared with, and else as far as the scope goes. */
static bool
owned_visible(const struct expect *x, enum scope scope, enum stand s)
{
	if (scope == SCOPE_NONE)
		return false;
	if (s == STAND_OWN || s == STAND_OWN_VIP || s == STAND_SHARED)
		return true;
	if (s == STAND_TEAM_SHARED && x->team)
		return true;
	if (is_vip(s) && !x->see_vip)
		return false;
	return scope == SCOPE_ALL || (scope == SCOPE_TEAM && x->team && of_team(s));
}

static bool
mine(const struct thing *t)
{
	return t->author == BY_ME ||
	       (t->author == BY_NOBODY && (t->stand == STAND_OWN || t->stand == STAND_OWN_VIP));
}

/* A private note is its author's and of those it names. */
static bool
private_visible(const struct expect *x, const struct thing *t)
{
	if (t->private_to == NULL || t->author == BY_ME)
		return true;
	if (strcmp(t->private_to, "team") == 0)
		return x->team && t->author == BY_MATE;
	return strcmp(t->private_to, "people") == 0 && t->named;
}

bool
expect_visible(const struct leak *l, const struct thing *t)
{
	const struct expect *x = &l->expect;
	enum scope scope = x->view[t->entity];

	if (t->withheld)
		return false;
	if (entity_def(t->entity)->owned)
		return owned_visible(x, scope, t->stand);
	if (!owned_visible(x, x->view[ENTITY_CONTACT], t->stand) || !private_visible(x, t))
		return false;
	switch (scope) {
	case SCOPE_ALL:
		return true;
	case SCOPE_TEAM:
		/* What hangs on contacts that a scope of team, or of one's own, shows. */
		return mine(t) || x->view[ENTITY_CONTACT] != SCOPE_ALL || t->stand == STAND_OWN ||
		       t->stand == STAND_OWN_VIP || (x->team && of_team(t->stand));
	case SCOPE_OWN:
		return mine(t);
	default:
		return false;
	}
}

enum field_level
expect_level(const struct leak *l, const struct field *f)
{
	if (l->expect.view[f->entity] == SCOPE_NONE)
		return LEVEL_HIDDEN;
	return l->expect.levels[f->place];
}
