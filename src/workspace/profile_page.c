/* SPDX-License-Identifier: ISC */
/*
 * Profiles: the list and the editor. Whoever manages profiles
 * changes any but the own one and the administrator's, gives no more than they
 * have, and sees whom it touches before it is saved.
 */
#include <string.h>

#include "controls.h"
#include "effect.h"
#include "event.h"
#include "profile.h"
#include "workspace.h"

struct err *
profile_refuse_fixed(struct request *rq, const struct profile *p, const struct profile *own)
{
	if (profile_is_fixed(p))
		return err_new(rq->a, ERR_CONFLICT, "error.administrator_profile");
	return p->id == own->id ? err_new(rq->a, ERR_DENIED, "error.own_rights") : NULL;
}

/* A refusal is in the log whether it is an error's page or a form shown again. */
static struct err *
log_denied(struct request *rq, int64_t id)
{
	struct audit_event ev = {.action = "permission",
		.outcome = "denied",
		.entity = "profile",
		.reason = right_name(RIGHT_MANAGE_PROFILES)};

	ev.records = arena_memdup(rq->a, &id, sizeof(id));
	ev.nrecords = id != 0;
	audit_queue(rq->tx, rq->a, &ev);
	return tx_commit(rq->tx);
}

static struct err *
api_list(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	struct profile *list;
	size_t n;

	TRY(profile_load_all(rq, false, &list, &n));
	for (size_t i = 0; i < n; i++)
		profile_model(rq, &list[i], false, model_item(items));
	model_null(response_data(rp), "next");
	return NULL;
}

static struct err *
list_page(struct request *rq, struct response *rp)
{
	static const char *const columns[] = {"profiles.name", "profiles.users_title", NULL};
	struct json_object *page = response_page(rp), *o = model_list(page, "columns"), *rows;
	static const struct {
		const char *icon, *key, *url;
	} actions[] = {{"new", "new", "/settings/profiles/new"},
		{"field", "fields", "/settings/profiles/fields"},
		{"viewers", "compare", "/settings/profiles/compare"}};
	struct profile *list;
	size_t n;

	TRY(profile_load_all(rq, false, &list, &n));
	model_text(page, "title", say(rq, "profiles.title"));
	model_text(page, "subtitle", say(rq, "settings.profiles_help"));
	profile_crumbs(rq, page, false);
	for (const char *const *c = columns; *c != NULL; c++)
		table_column(o, say(rq, *c));
	rows = model_list(page, "rows");
	for (size_t i = 0; i < n; i++) {
		struct json_object *row = model_item(rows), *cells = model_list(row, "cells");

		model_text(row, "url",
			arena_printf(rq->a, "/settings/profiles/%lld", (long long)list[i].id));
		table_cell(cells, profile_title(rq, &list[i]), NULL);
		table_cell(cells, count_text(rq, "profiles.users", list[i].users), NULL);
	}
	o = model_list(page, "actions");
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
		struct json_object *a = model_item(o);

		model_text(a, "key", actions[i].icon);
		model_text(a, "label", say_word(rq, "profiles.action", actions[i].key));
		model_text(a, "url", actions[i].url);
	}
	return NULL;
}

static struct err *
read_one(struct request *rq, struct response *rp)
{
	struct profile p, own;

	TRY(profile_load(rq, request_id(rq, 0), &p));
	if (rq->api) {
		profile_model(rq, &p, true, response_data(rp));
		return NULL;
	}
	TRY(profile_load_own(rq, &own));
	return profile_form(rq, rp, &p, profile_is_fixed(&p) || p.id == own.id ? NULL : &own, NULL);
}

/* What a change starts from, locked, and what it is to become. The errors are in
 * the order in which a later one would say too much: is it there, may it be changed,
 * is it still so, is it right, may it be given. */
static struct err *
begin(struct request *rq, struct profile *from, struct profile *to, struct profile *own)
{
	int64_t id = request_id(rq, 0), version;
	struct err *e, *fixed;

	TRY(request_version(rq, &version));
	e = profile_lock(rq, id, version);
	if (e != NULL && e->kind != ERR_STALE)
		return e;
	TRY(profile_load(rq, id, from));
	TRY(profile_load_own(rq, own));
	*to = *from;
	fixed = profile_refuse_fixed(rq, from, own);
	if (fixed == NULL && e != NULL)
		return e;
	TRY(profile_read(rq, to));
	if (fixed != NULL && !profile_only_totp(rq, from, to))
		return fixed;
	return e != NULL ? e : profile_check_reach(rq, from, to, own);
}

static struct err *
api_update(struct request *rq, struct response *rp)
{
	struct profile from, to, own;

	TRY(begin(rq, &from, &to, &own));
	TRY(profile_save(rq, &from, &to));
	to.version++;
	profile_model(rq, &to, true, response_data(rp));
	return NULL;
}

static struct err *
api_preview(struct request *rq, struct response *rp)
{
	struct profile from, to, own;
	struct effect fx;
	struct err *fixed;

	TRY(profile_load(rq, request_id(rq, 0), &from));
	TRY(profile_load_own(rq, &own));
	fixed = profile_refuse_fixed(rq, &from, &own);
	to = from;
	TRY(profile_read(rq, &to));
	if (fixed != NULL && !profile_only_totp(rq, &from, &to))
		return fixed;
	TRY(profile_check_reach(rq, &from, &to, &own));
	TRY(effect_of_profile(rq, &from, &to, &fx));
	effect_model(rq, &fx, response_data(rp));
	return NULL;
}

/* Somebody saved first: what stands there now, beside what was typed. */
static void
add_conflict(struct request *rq, const struct profile *now, const struct profile *typed,
	struct json_object *page)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *list = model_list(page, "conflict");
	size_t n;
	struct profile_change *c = profile_compare(rq, now, typed, &n);

	for (size_t i = 0; i < n; i++) {
		struct json_object *o;

		if (profile_key_label(&cx, c[i].key) == NULL)
			continue;
		o = model_item(list);
		model_text(o, "label", profile_key_label(&cx, c[i].key));
		model_text(o, "theirs", profile_word(&cx, c[i].key, c[i].was));
		model_text(o, "yours", profile_word(&cx, c[i].key, c[i].becomes));
	}
}

/* The form again, as it was typed. */
static struct err *
form_again(struct request *rq, struct response *rp, const struct profile *from,
	const struct profile *to, const struct profile *own, const struct err *e)
{
	struct profile typed = *to;
	struct err *unread = e->kind == ERR_STALE ? profile_read(rq, &typed) : NULL;

	if (unread != NULL && unread->kind != ERR_INVALID)
		return unread;
	if (e->kind == ERR_STALE)
		add_conflict(rq, from, &typed, response_page(rp));
	rp->status = err_status(e->kind);
	model_text(response_page(rp), "error",
		view_text(rq->a, request_lang(rq),
			e->key != NULL ? e->key
				       : arena_printf(rq->a, "error.%s.text", err_name(e->kind)),
			e->arg));
	TRY(profile_form(rq, rp, &typed, own, e));
	return e->kind == ERR_DENIED ? log_denied(rq, from->id) : NULL;
}

static struct err *
preview_page(struct request *rq, struct response *rp, const struct profile *from,
	const struct profile *to)
{
	static const char *const parts[] = {"rights", "special", "fields", NULL},
				 *const texts[] = {
					 "name", "require_totp", "new_fields", "new_sealed", NULL};
	struct json_object *page = response_page(rp), *o;
	struct effect fx;

	TRY(effect_of_profile(rq, from, to, &fx));
	profile_crumbs(rq, page, true);
	o = model_item(json_object_object_get(page, "crumbs"));
	model_text(o, "label", profile_title(rq, from));
	model_text(o, "url", arena_printf(rq->a, "/settings/profiles/%lld", (long long)from->id));
	model_text(page, "title", say(rq, "profiles.preview"));
	model_text(page, "subtitle", profile_title(rq, from));
	model_text(page, "action",
		arena_printf(rq->a, "/settings/profiles/%lld", (long long)from->id));
	model_text(page, "form_url",
		arena_printf(rq->a, "/settings/profiles/%lld/form", (long long)from->id));
	model_text(page, "cancel_url", "/settings/profiles");
	model_i64(page, "version", from->version);
	effect_page(rq, &fx, page);
	effect_carry(rq, parts, page);
	effect_carry(rq, texts, page);
	rp->template = "settings/effect";
	return NULL;
}

/* begin(), where what is wrong is shown on the form: *again_r. */
static struct err *
begin_page(struct request *rq, struct response *rp, struct profile *from, struct profile *to,
	struct profile *own, bool *again_r)
{
	struct err *e;

	memset(from, 0, sizeof(*from));
	memset(own, 0, sizeof(*own));
	e = begin(rq, from, to, own);
	*again_r = e != NULL && own->id != 0 && own->id != from->id && !profile_is_fixed(from) &&
		   (e->kind == ERR_INVALID || e->kind == ERR_STALE || e->kind == ERR_DENIED);
	return *again_r ? form_again(rq, rp, from, to, own, e) : e;
}

/* Back from the preview to the form; nothing is written. */
static struct err *
page_form(struct request *rq, struct response *rp)
{
	struct profile from, to, own;
	bool again;

	TRY(begin_page(rq, rp, &from, &to, &own, &again));
	if (again)
		return NULL;
	return profile_form(
		rq, rp, &to, profile_refuse_fixed(rq, &from, &own) != NULL ? NULL : &own, NULL);
}

/* First what it means is shown; from there it is saved. */
static struct err *
page_update(struct request *rq, struct response *rp)
{
	const char *step = request_text(rq, "step");
	struct profile from, to, own;
	bool again;

	TRY(begin_page(rq, rp, &from, &to, &own, &again));
	if (again)
		return NULL;
	if (step == NULL || strcmp(step, "save") != 0)
		return preview_page(rq, rp, &from, &to);
	TRY(profile_save(rq, &from, &to));
	response_flash(rp, "flash.saved");
	response_go(rp, rq, "/settings/profiles/%lld", (long long)from.id);
	return NULL;
}

static const struct param change_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 60, false},
	PROFILE_PARAMS,
	PARAM_END,
};
static const struct param form_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	PROFILE_PARAMS,
	{"step", P_TEXT, IN_BODY, 0, 10, false},
	PARAM_END,
};

const struct route profile_routes[] = {
	ROUTE(READ, GET, "/profiles", ON_API, "", RIGHT_MANAGE_USERS, "", api_list, NULL, NULL, "",
		"profile.list"),
	ROUTE(READ, GET, "/profiles/{id}", ON_API, "", RIGHT_MANAGE_PROFILES, "", read_one, NULL,
		NULL, "", "profile.read"),
	ROUTE(CHANGE, PATCH, "/profiles/{id}", ON_API, "", RIGHT_MANAGE_PROFILES, "permission",
		api_update, change_params, NULL, "", "profile.update"),
	ROUTE(WRITE, POST, "/profiles/{id}/preview", ON_API, "", RIGHT_MANAGE_PROFILES,
		"permission", api_preview, change_params, NULL, "", "profile.preview"),
	ROUTE(READ, GET, "/settings/profiles", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "", list_page,
		NULL, NULL, "settings/users", "settings.profiles"),
	ROUTE(READ, GET, "/settings/profiles/{id}", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "",
		read_one, NULL, NULL, "settings/profile", "settings.profile"),
	ROUTE(CHANGE, POST, "/settings/profiles/{id}", ON_PAGE, "", RIGHT_MANAGE_PROFILES,
		"permission", page_update, form_params, NULL, "settings/profile",
		"settings.profile_save"),
	ROUTE(CHANGE, POST, "/settings/profiles/{id}/form", ON_PAGE, "", RIGHT_MANAGE_PROFILES, "",
		page_form, form_params, NULL, "settings/profile", "settings.profile_form"),
	ROUTE_END,
};
