/* SPDX-License-Identifier: ISC */
/* What it means that a user gets another profile or team. */
#include <string.h>

#include "controls.h"
#include "effect.h"
#include "member.h"

static void
add_crumbs(const struct request *rq, const struct member *m, struct json_object *page)
{
	const char *const labels[] = {say(rq, "settings.title"), say(rq, "users.title"), m->name};
	const char *const urls[] = {"/settings", "/settings/users",
		arena_printf(rq->a, "/settings/users/%lld", (long long)m->id)};
	struct json_object *list = model_list(page, "crumbs");

	for (size_t i = 0; i < 3; i++) {
		struct json_object *o = model_item(list);

		model_text(o, "label", labels[i]);
		model_text(o, "url", urls[i]);
	}
}

struct err *
member_effect(struct request *rq, struct response *rp, const struct member *m, int64_t profile,
	int64_t team)
{
	static const char *const sent[] = {"name", "email", "language", "profile", "team_id", NULL};
	struct json_object *page;
	struct profile to;
	struct effect fx;

	TRY(profile_load(rq, profile, &to));
	TRY(effect_of_user(rq, m->id, &to, team, &fx));
	if (rq->api) {
		effect_model(rq, &fx, response_data(rp));
		return NULL;
	}
	page = response_page(rp);
	add_crumbs(rq, m, page);
	model_text(page, "title", say(rq, "profiles.preview"));
	model_text(page, "subtitle", m->name);
	model_text(page, "action", arena_printf(rq->a, "/settings/users/%lld", (long long)m->id));
	model_text(page, "form_url",
		arena_printf(rq->a, "/settings/users/%lld/form", (long long)m->id));
	model_text(page, "cancel_url", "/settings/users");
	model_i64(page, "version", m->version);
	effect_page(rq, &fx, page);
	effect_carry(rq, sent, page);
	rp->template = "settings/effect";
	return NULL;
}
