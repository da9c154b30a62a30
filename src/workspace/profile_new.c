/* SPDX-License-Identifier: ISC */
/* New profiles, and the end of those that nobody has. */
#include <string.h>

#include "controls.h"
#include "profile.h"
#include "workspace.h"

/* A copy of another one, or one without any right. */
static struct err *
new_profile(struct request *rq, struct profile *p)
{
	int64_t from = request_i64(rq, "from", 0);
	struct err *e = NULL;

	if (from == 0) {
		*p = (struct profile){.name = ""};
		p->levels = arena_alloc(rq->a, rq->catalogue->n + 1);
		memset(p->levels, 'h', rq->catalogue->n);
		p->levels[rq->catalogue->n] = '\0';
		return NULL;
	}
	e = profile_load(rq, from, p);
	if (e != NULL && e->kind == ERR_NOT_FOUND) {
		e = NULL;
		err_add_field(rq->a, &e, "from", "error.choice", NULL);
	}
	p->id = p->version = p->users = 0;
	p->builtin = false;
	p->name = "";
	return e;
}

static struct err *
make(struct request *rq, struct profile *p)
{
	struct profile own, none = {.name = ""};

	TRY(new_profile(rq, p));
	TRY(profile_read(rq, p));
	TRY(profile_load_own(rq, &own));
	none.levels = arena_strdup(rq->a, p->levels);
	memset(none.levels, 'h', strlen(none.levels));
	TRY(profile_check_reach(rq, &none, p, &own));
	return profile_create(rq, p, &p->id);
}

static struct err *
new_page(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *group, *list, *f;
	int64_t from = request_i64(rq, "from", 0);
	struct profile *all;
	size_t n;

	TRY(profile_load_all(rq, false, &all, &n));
	profile_crumbs(rq, page, true);
	model_text(page, "title", say(rq, "profiles.new"));
	model_text(page, "action", "/settings/profiles");
	model_text(page, "submit", say(rq, "profiles.create"));
	model_text(page, "cancel_url", "/settings/profiles");
	group = model_item(model_list(page, "groups"));
	model_text(group, "label", say(rq, "profiles.new"));
	list = model_list(group, "fields");
	f = form_field(rq, list, "text", "name", say(rq, "profiles.name"), "");
	form_required(f);
	model_i64(f, "max", 60);
	f = form_field(rq, list, "choice", "from", say(rq, "profiles.from"),
		from != 0 ? arena_printf(rq->a, "%lld", (long long)from) : "");
	form_hint(rq, f, "profiles.from_hint");
	form_option(f, "", say(rq, "profiles.from_nothing"));
	for (size_t i = 0; i < n; i++)
		form_option(f, arena_printf(rq->a, "%lld", (long long)all[i].id),
			profile_title(rq, &all[i]));
	rp->template = "record/form";
	return NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	struct profile p;
	struct err *e = make(rq, &p);

	if (e != NULL && e->kind == ERR_INVALID && !rq->api) {
		response_errors(rp, rq, e);
		return new_page(rq, rp);
	}
	if (e != NULL)
		return e;
	rp->status = 201;
	response_flash(rp, "flash.profile_added");
	if (rq->api) {
		p.version = 1;
		profile_model(rq, &p, true, response_data(rp));
		response_go(rp, rq, "/profiles/%lld", (long long)p.id);
	} else {
		response_go(rp, rq, "/settings/profiles/%lld", (long long)p.id);
	}
	return NULL;
}

/* Only one that nobody has, so that nobody is left without. */
static struct err *
check_removal(struct request *rq, struct profile *p)
{
	struct profile own;

	TRY(profile_load(rq, request_id(rq, 0), p));
	TRY(profile_load_own(rq, &own));
	TRY(profile_refuse_fixed(rq, p, &own));
	return p->users > 0 ? err_new(rq->a, ERR_CONFLICT, "error.profile_in_use") : NULL;
}

static struct err *
remove_page(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp);
	struct profile p;

	TRY(check_removal(rq, &p));
	profile_crumbs(rq, page, true);
	model_text(page, "title",
		view_text(rq->a, request_lang(rq), "profiles.remove", profile_title(rq, &p)));
	model_text(page, "text", say(rq, "profiles.remove_help"));
	model_text(page, "submit", say_word(rq, "profiles.action", "remove"));
	model_text(page, "action",
		arena_printf(rq->a, "/settings/profiles/%lld/remove", (long long)p.id));
	model_text(page, "cancel_url",
		arena_printf(rq->a, "/settings/profiles/%lld", (long long)p.id));
	model_i64(page, "version", p.version);
	model_bool(page, "danger", true);
	return NULL;
}

static struct err *
remove_one(struct request *rq, struct response *rp)
{
	struct profile p;
	int64_t version;

	TRY(request_version(rq, &version));
	TRY(profile_lock(rq, request_id(rq, 0), version));
	TRY(check_removal(rq, &p));
	TRY(profile_remove(rq, &p));
	rp->status = 204;
	response_flash(rp, "flash.profile_removed");
	if (!rq->api)
		response_go(rp, rq, "/settings/profiles");
	return NULL;
}

static const struct param new_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 60, true},
	{"from", P_I64, IN_BODY, 1, 0, false},
	PROFILE_PARAMS,
	PARAM_END,
};
/* A form that lacks something is shown again, so the handler looks itself. */
static const struct param new_form_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 60, false},
	{"from", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};
static const struct param from_params[] = {
	{"from", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};

const struct route profile_new_routes[] = {
	ROUTE(WRITE, POST, "/profiles", ON_API, "", RIGHT_MANAGE_PROFILES, "permission", create,
		new_params, NULL, "", "profile.create"),
	ROUTE(CHANGE, DELETE, "/profiles/{id}", ON_API, "", RIGHT_MANAGE_PROFILES, "permission",
		remove_one, NULL, NULL, "", "profile.remove"),
	ROUTE(READ, GET, "/settings/profiles/new", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "", new_page,
		from_params, NULL, "record/form", "settings.profile_new"),
	ROUTE(WRITE, POST, "/settings/profiles", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "permission",
		create, new_form_params, NULL, "record/form", "settings.profile_create"),
	ROUTE(READ, GET, "/settings/profiles/{id}/remove", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "",
		remove_page, NULL, NULL, "confirm", "settings.profile_ask_remove"),
	ROUTE(CHANGE, POST, "/settings/profiles/{id}/remove", ON_PAGE, "", RIGHT_MANAGE_PROFILES,
		"permission", remove_one, NULL, NULL, "confirm", "settings.profile_remove"),
	ROUTE_END,
};
