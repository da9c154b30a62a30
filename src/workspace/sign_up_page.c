/* SPDX-License-Identifier: ISC */
/*
 * The host where a workspace is asked for: name, address, region and email; a link by mail, a
 * password, and a moment's wait until the worker has made it. Whether an email address is known
 * anywhere is told to nobody but its own letter-box.
 *
 * Each region has such a host of its own (SignUp.Hosts): what is typed for a workspace there goes
 * there and nowhere else.
 */
#include "sign_up.h"

#include <string.h>

#include "controls.h"
#include "password.h"
#include "password_rule.h"
#include "provision.h"
#include "session.h"
#include "text.h"
#include "workspace.h"

static struct err *
add_regions(struct request *rq, struct response *rp)
{
	struct json_object *list = model_list(response_data(rp), "regions");
	const char *here = gate_settings()->region, **names;
	size_t n;

	TRY(provision_regions(gate_tenancy(), rq->a, &names, &n));
	for (size_t i = 0; i < n; i++) {
		const char *host = settings_sign_up(gate_settings(), names[i]);
		struct json_object *o;

		if (host == NULL)
			continue;
		o = model_item(list);
		model_text(o, "region", names[i]);
		model_text(o, "origin", door_origin(gate_settings(), rq->a, host));
		if (!rq->api)
			model_text(o, "finder",
				arena_printf(rq->a, "%s/workspaces",
					door_origin(gate_settings(), rq->a, host)));
		model_text(o, "name", say_word(rq, "region", names[i]));
		model_text(o, "means", say_word(rq, "sign_up.region", names[i]));
		model_bool(o, "here", strcmp(names[i], here) == 0);
	}
	return NULL;
}

static void
add_fields(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;
	const char *slug = request_text(rq, "slug");

	f = form_field(rq, list, "text", "name", say(rq, "sign_up.name"), "");
	form_required(f);
	form_hint(rq, f, "sign_up.name_hint");
	model_i64(f, "max", 100);
	f = form_field(rq, list, "email", "email", say(rq, "sign_up.email"), "");
	form_required(f);
	form_hint(rq, f, "sign_up.email_hint");
	model_text(page, "slug", slug != NULL ? slug : "");
	model_text(page, "domain", gate_settings()->base_domain);
}

static struct err *
show_form(struct request *rq, struct response *rp)
{
	TRY(add_regions(rq, rp));
	model_text(response_data(rp), "domain", gate_settings()->base_domain);
	if (rq->api)
		return NULL;
	add_fields(rq, rp);
	model_bool(response_page(rp), "available", gate_settings()->mail_relay != NULL);
	rp->template = "door/start";
	return NULL;
}

static struct err *
sent_page(struct request *rq, struct response *rp)
{
	(void)rq;
	rp->template = "door/sent";
	return NULL;
}

/* Typed with capitals or blanks around it, it is the same address. */
static const char *
slug_typed(struct request *rq)
{
	const char *typed = request_text(rq, "slug");
	const char *clean = typed != NULL ? text_clean(rq->a, typed, false) : NULL;
	char *out = arena_strdup(rq->a, clean != NULL ? clean : "");

	for (char *p = out; *p != '\0'; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p = (char)(*p + 32);
	return out;
}

static struct err *
check_slug(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp);
	const char *slug = slug_typed(rq);
	struct err *e = provision_check(gate_tenancy(), rq->a, slug, "x", gate_settings()->region);

	if (e != NULL && e->kind != ERR_INVALID)
		return e;
	model_text(o, "slug", slug);
	model_bool(o, "available", e == NULL);
	model_text(o, "detail",
		e == NULL ? say(rq, "sign_up.free")
			  : view_text(rq->a, request_lang(rq), e->fields->key, e->fields->arg));
	return NULL;
}

/* What was typed stays, also where it is only too early for it. */
static struct err *
refused(struct request *rq, struct response *rp, struct err *e, handler_fn *again)
{
	if (rq->api || (e->kind != ERR_INVALID && e->kind != ERR_TOO_MANY))
		return e;
	response_errors(rp, rq, e);
	return again(rq, rp);
}

/* One word for every way in which mail cannot go out from here. */
static struct err *
need_mail(struct request *rq)
{
	return gate_settings()->mail_relay != NULL ? NULL
						   : err_new(rq->a, ERR_CONFLICT, "error.no_mail");
}

static struct err *
accepted(struct request *rq, struct response *rp, const struct sign_up *new, handler_fn *again,
	const char *to)
{
	bool locked;

	TRY(sign_up_ask(gate_tenancy(), rq->a, new, rq->remote, &locked));
	if (locked)
		return refused(rq, rp,
			err_arg(rq->a, ERR_TOO_MANY, "error.sign_up_often",
				arena_printf(rq->a, "%d", SIGN_UP_ASKS)),
			again);
	if (rq->api)
		rp->status = 202;
	else
		response_go(rp, rq, "%s", to);
	return NULL;
}

/* A program says the same once more at the region's own host; a person types it there. */
static struct err *
elsewhere(struct request *rq, struct response *rp, const char *host)
{
	rp->location = arena_printf(rq->a, "%s%s", door_origin(gate_settings(), rq->a, host),
		rq->api ? "/api/v1/sign-up" : "/");
	if (rq->api)
		rp->status = 307;
	return NULL;
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	const char *name = request_text(rq, "name"), *email = request_text(rq, "email");
	const char *region = request_text(rq, "region"), *there;
	struct sign_up new = {.slug = slug_typed(rq), .lang = lang_tag(request_lang(rq))};
	struct err *e;

	there = region != NULL ? settings_sign_up(gate_settings(), region) : NULL;
	if (there != NULL && strcmp(there, gate_settings()->sign_up_host) != 0)
		return elsewhere(rq, rp, there);
	TRY(need_mail(rq));
	new.email = email != NULL ? text_email(rq->a, email) : NULL;
	new.name = name != NULL ? text_clean(rq->a, name, false) : NULL;
	e = provision_check(gate_tenancy(), rq->a, new.slug, new.name != NULL ? new.name : "",
		region != NULL ? region : gate_settings()->region);
	if (e != NULL && e->kind != ERR_INVALID)
		return e;
	if (new.email == NULL)
		err_add_field(rq->a, &e, "email", "error.email", NULL);
	if (e != NULL)
		return refused(rq, rp, e, show_form);
	return accepted(rq, rp, &new, show_form, "/sign-up");
}

static struct err *
find_page(struct request *rq, struct response *rp)
{
	struct json_object *f;

	TRY(add_regions(rq, rp));
	model_bool(response_page(rp), "sent", request_bool(rq, "sent", false));
	f = form_field(rq, model_list(response_page(rp), "fields"), "email", "email",
		say(rq, "login.email"), "");
	form_required(f);
	rp->template = "door/find";
	return NULL;
}

static struct err *
ask_find(struct request *rq, struct response *rp)
{
	const char *email = request_text(rq, "email");
	struct sign_up new = {.find = true, .lang = lang_tag(request_lang(rq))};
	struct err *e = NULL;

	TRY(need_mail(rq));
	new.email = email != NULL ? text_email(rq->a, email) : NULL;
	if (new.email == NULL) {
		err_add_field(rq->a, &e, "email", "error.email", NULL);
		return refused(rq, rp, e, find_page);
	}
	return accepted(rq, rp, &new, find_page, "/workspaces?sent=1");
}

/* NOT_FOUND of a link is told like its end. */
static struct err *
load(struct request *rq, struct sign_up *s)
{
	bool found;

	TRY(sign_up_find(gate_tenancy(), rq->a, rq->path_args[0], request_cookie(rq, VISIT_COOKIE),
		s, &found));
	if (!found || s->state == SIGN_UP_ASKED)
		return err_new(rq->a, ERR_GONE, "error.sign_up_over");
	if (s->state == SIGN_UP_FAILED)
		return err_new(rq->a, ERR_GONE, "error.sign_up_taken");
	return NULL;
}

static struct err *
password_page(struct request *rq, struct response *rp, const struct sign_up *s)
{
	struct json_object *page = response_page(rp);

	model_text(page, "name", s->name);
	model_text(page, "email", s->email);
	model_text(page, "address",
		arena_printf(rq->a, "%s.%s", s->slug, gate_settings()->base_domain));
	model_text(page, "action", rq->path);
	model_i64(page, "max", PASSWORD_MAX);
	rp->template = "door/password";
	return NULL;
}

static const char *
state_word(const struct sign_up *s)
{
	return s->state == SIGN_UP_MAILED ? "waiting"
	       : s->state == SIGN_UP_MADE ? "made"
					  : "making";
}

/* Straight on, for the browser that gave the password; whoever else has the link signs in. */
static struct err *
made_page(struct request *rq, struct response *rp, const struct sign_up *s)
{
	struct tenant *tn;

	TRY(tenant_by_id(gate_tenancy(), rq->a, s->tenant_id, &tn));
	if (tn == NULL)
		return err_new(rq->a, ERR_GONE, "error.sign_up_over");
	model_text(response_data(rp), "origin", tn->origin);
	if (!rq->api)
		rp->location = s->same ? arena_printf(rq->a, "%s/welcome/%s", tn->origin,
						 sign_up_ticket(gate_tenancy(), rq->a, s->id))
				       : arena_printf(rq->a, "%s/login", tn->origin);
	return NULL;
}

/* It may have been taken since the mail. */
static struct err *
still_free(struct request *rq, const struct sign_up *s)
{
	struct err *e =
		provision_check(gate_tenancy(), rq->a, s->slug, s->name, gate_settings()->region);

	if (e != NULL && e->kind == ERR_INVALID)
		return err_new(rq->a, ERR_GONE, "error.sign_up_taken");
	return e;
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct sign_up s;

	TRY(load(rq, &s));
	if (s.state == SIGN_UP_MAILED)
		TRY(still_free(rq, &s));
	model_text(response_data(rp), "state", state_word(&s));
	if (s.state == SIGN_UP_MADE)
		return made_page(rq, rp, &s);
	if (rq->api)
		return NULL;
	if (s.state == SIGN_UP_MAILED)
		return password_page(rq, rp, &s);
	response_header(rp, "Refresh", "1");
	rp->template = "door/wait";
	return NULL;
}

static struct err *
check_password(struct request *rq, const struct sign_up *s)
{
	const char *password = request_text(rq, "password"), *again = request_text(rq, "again");
	const struct password_owner owner = {
		.email = s->email, .business = s->name, .slug = s->slug};
	struct err *e = NULL;

	if (password == NULL) {
		err_add_field(rq->a, &e, "password", "error.required", NULL);
		return e;
	}
	password_rules_check(rq->a, password, &owner, &e);
	if (!rq->api && (again == NULL || strcmp(again, password) != 0))
		err_add_field(rq->a, &e, "again", "error.password_again", NULL);
	return e;
}

static struct err *
confirm(struct request *rq, struct response *rp)
{
	struct sign_up s;
	struct err *e;
	bool done;

	TRY(load(rq, &s));
	if (s.state != SIGN_UP_MAILED)
		return err_new(rq->a, ERR_CONFLICT, "error.sign_up_again");
	e = check_password(rq, &s);
	if (e != NULL && !rq->api) {
		response_errors(rp, rq, e);
		return password_page(rq, rp, &s);
	}
	TRY(e);
	TRY(still_free(rq, &s));
	TRY(sign_up_confirm(gate_tenancy(), rq->a, &s,
		password_hash(rq->a, request_text(rq, "password")),
		request_cookie(rq, VISIT_COOKIE), &done));
	if (!done)
		return err_new(rq->a, ERR_CONFLICT, "error.sign_up_again");
	model_text(response_data(rp), "state", "making");
	rp->status = rq->api ? 202 : 303;
	if (!rq->api)
		rp->location = rq->path;
	return NULL;
}

static const struct param slug_params[] = {
	{"slug", P_TEXT, IN_QUERY, 0, 200, false},
	PARAM_END,
};
static const struct param ask_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"slug", P_TEXT, IN_BODY, 0, 200, false},
	{"region", P_TEXT, IN_BODY, 0, 20, false},
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	PARAM_END,
};
static const struct param password_params[] = {
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	{"again", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};
static const struct param find_params[] = {
	{"sent", P_BOOL, IN_QUERY, 0, 0, false},
	PARAM_END,
};
static const struct param email_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	PARAM_END,
};
static const struct param language_params[] = {
	{"lang", P_TEXT, IN_BODY, 0, 10, true},
	{"back", P_TEXT, IN_BODY, 0, 300, false},
	PARAM_END,
};

const struct route sign_up_routes[] = {
	ROUTE(READ, GET, "/", ON_DOOR_PAGE, "", RIGHT_PUBLIC, "", show_form, NULL, NULL,
		"door/start", "sign_up.form"),
	ROUTE(READ, GET, "/sign-up", ON_DOOR_PAGE, "", RIGHT_PUBLIC, "", sent_page, NULL, NULL,
		"door/sent", "sign_up.sent"),
	ROUTE(READ, GET, "/sign-up", ON_DOOR_API, "", RIGHT_PUBLIC, "", show_form, NULL, NULL, "",
		"sign_up.regions"),
	ROUTE(READ, GET, "/slug", ON_DOOR_API, "", RIGHT_PUBLIC, "", check_slug, slug_params, NULL,
		"", "sign_up.slug"),
	ROUTE(WRITE, POST, "/sign-up", ON_DOOR_BOTH, "", RIGHT_PUBLIC, "", ask, ask_params, NULL,
		"door/start", "sign_up.ask"),
	ROUTE(READ, GET, "/sign-up/{token}", ON_DOOR_BOTH, "", RIGHT_PUBLIC, "", show, NULL, NULL,
		"door/password", "sign_up.show"),
	ROUTE(WRITE, POST, "/sign-up/{token}", ON_DOOR_BOTH, "", RIGHT_PUBLIC, "", confirm,
		password_params, NULL, "door/password", "sign_up.confirm"),
	ROUTE(READ, GET, "/workspaces", ON_DOOR_PAGE, "", RIGHT_PUBLIC, "", find_page, find_params,
		NULL, "door/find", "sign_up.find_form"),
	ROUTE(WRITE, POST, "/workspaces", ON_DOOR_BOTH, "", RIGHT_PUBLIC, "", ask_find,
		email_params, NULL, "door/find", "sign_up.find"),
	ROUTE(WRITE, POST, "/language", ON_DOOR_PAGE, "", RIGHT_PUBLIC, "", session_language,
		language_params, NULL, "", "sign_up.language"),
	ROUTE_END,
};
