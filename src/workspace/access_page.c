/* SPDX-License-Identifier: ISC */
/* What a user may do and see at this moment: profile, team and what became of
 * both, in one place. */
#include <string.h>

#include "controls.h"
#include "effect.h"
#include "event.h"
#include "model.h"
#include "profile.h"
#include "workspace.h"

STMT(whom, "access.user", 1,
	"select u.name, u.email, u.active, t.name from app_user u left join team t using (team_id) "
	"where u.user_id = $1::bigint");

static struct err *
access_api(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp), *part;
	int64_t user = request_id(rq, 0);
	struct profile p;
	struct effect fx;

	TRY(profile_load_of(rq, user, &p));
	TRY(effect_now(rq, user, &p, &fx));
	model_i64(o, "user", user);
	model_i64(o, "profile_id", p.id);
	model_text(o, "profile", p.name);
	if (fx.users[0].team_before != 0)
		model_i64(o, "team_id", fx.users[0].team_before);
	else
		model_null(o, "team_id");
	part = model_child(o, "rights");
	for (int e = 0; e < ENTITY_MAX; e++)
		for (size_t i = 0; i < PROFILE_RIGHTS; i++)
			model_text(part,
				arena_printf(rq->a, "%s.%s", entity_name((enum entity)e),
					right_name(profile_rights[i])),
				profile_scope_word(
					profile_scope_held(&p, (enum entity)e, profile_rights[i])));
	part = model_child(o, "special");
	for (int r = RIGHT_UNSET + 1; r < RIGHT_MAX; r++)
		if (RIGHT_IS_SPECIAL(r))
			model_bool(part, right_name((enum right)r), p.special[r]);
	part = model_child(o, "fields");
	for (size_t i = 0; i < rq->catalogue->n; i++) {
		const struct field *f = &rq->catalogue->fields[i];

		if (field_is_live(f))
			model_text(part,
				arena_printf(rq->a, "%s.%s", entity_name(f->entity), f->name),
				field_level_name(profile_level_held(&p, f)));
	}
	part = model_child(o, "visible");
	for (int e = 0; e < ENTITY_MAX; e++)
		if (fx.counted[e])
			model_i64(part, entity_name((enum entity)e), fx.users[0].counts[e].after);
	return NULL;
}

static void
add_entities(struct request *rq, const struct profile *p, const struct effect *fx,
	struct json_object *page)
{
	struct json_object *columns = model_list(page, "rights"),
			   *rows = model_list(page, "entities");

	for (size_t i = 0; i < PROFILE_RIGHTS; i++)
		model_push_text(
			columns, say_word(rq, "profiles.right", right_name(profile_rights[i])));
	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *row = model_item(rows), *cells = model_list(row, "cells");

		model_text(row, "label",
			say(rq, arena_printf(
					rq->a, "entity.%s.many", entity_name((enum entity)e))));
		if (fx->counted[e])
			model_i64(row, "visible", fx->users[0].counts[e].after);
		for (size_t i = 0; i < PROFILE_RIGHTS; i++) {
			struct json_object *o = model_item(cells);
			enum scope s = profile_scope_held(p, (enum entity)e, profile_rights[i]);

			model_text(o, "label",
				say_word(rq, "profiles.right", right_name(profile_rights[i])));
			model_text(
				o, "text", say_word(rq, "profiles.scope", profile_scope_word(s)));
			model_text(o, "value", profile_scope_word(s));
		}
	}
}

static void
add_levels(struct request *rq, const struct profile *p, struct json_object *page)
{
	struct json_object *groups = model_list(page, "groups");

	for (int e = 0; e < ENTITY_MAX; e++) {
		struct json_object *group = model_item(groups), *list = model_list(group, "fields");

		model_text(group, "label",
			say(rq, arena_printf(
					rq->a, "entity.%s.many", entity_name((enum entity)e))));
		for (size_t i = 0; i < rq->catalogue->n; i++) {
			const struct field *f = &rq->catalogue->fields[i];
			enum field_level l = profile_level_held(p, f);
			struct json_object *o;

			if (f->entity != (enum entity)e || !field_is_live(f))
				continue;
			o = model_item(list);
			model_text(o, "label", field_label(f, request_lang(rq)));
			model_text(o, "text", say_word(rq, "profiles.level", field_level_name(l)));
			model_text(o, "value", field_level_name(l));
			model_bool(o, "personal", field_is_personal(f));
			model_bool(o, "encrypted", f->sealed);
		}
	}
}

static void
add_crumbs(const struct request *rq, const char *name, struct json_object *page)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	o = model_item(list);
	model_text(o, "label", say(rq, "users.title"));
	model_text(o, "url", "/settings/users");
	o = model_item(list);
	model_text(o, "label", name);
	model_text(o, "url",
		arena_printf(rq->a, "/settings/users/%lld", (long long)request_id(rq, 0)));
}

static struct err *
access_page(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list;
	int64_t user = request_id(rq, 0);
	struct profile p;
	struct effect fx;
	struct rows *r;

	TRY(tx_query(rq->tx, &whom, VALS(val_i64(user)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(profile_load_of(rq, user, &p));
	TRY(effect_now(rq, user, &p, &fx));
	add_crumbs(rq, rows_text(r, 0, 0), page);
	model_text(page, "title", say(rq, "access.title"));
	model_text(page, "subtitle", rows_text(r, 0, 0));
	model_text(page, "profile", profile_title(rq, &p));
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_PROFILES))
		model_text(page, "profile_url",
			arena_printf(rq->a, "/settings/profiles/%lld", (long long)p.id));
	model_text(page, "team", rows_text(r, 0, 3));
	model_bool(page, "inactive", !rows_bool(r, 0, 2));
	add_entities(rq, &p, &fx, page);
	list = model_list(page, "special");
	for (int k = RIGHT_UNSET + 1; k < RIGHT_MAX; k++)
		if (RIGHT_IS_SPECIAL(k) && p.special[k])
			model_push_text(
				list, say_word(rq, "profiles.special", right_name((enum right)k)));
	add_levels(rq, &p, page);
	return NULL;
}

const struct route access_routes[] = {
	ROUTE(READ, GET, "/users/{id}/access", ON_API, "", RIGHT_MANAGE_USERS, "", access_api, NULL,
		NULL, "", "user.access"),
	ROUTE(READ, GET, "/settings/users/{id}/access", ON_PAGE, "", RIGHT_MANAGE_USERS, "",
		access_page, NULL, NULL, "settings/access", "settings.user_access"),
	ROUTE_END,
};
