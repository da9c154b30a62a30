/* SPDX-License-Identifier: ISC */
/*
 * The operators' own host: signing in, what one has asked for and was offered, and the way into
 * an open grant. Of workspaces nothing is told here but what their administrators have answered:
 * a request for one that is not there looks like one that nobody answers.
 */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "operator.h"
#include "operator_event.h"
#include "session.h"
#include "support.h"
#include "text.h"
#include "wake.h"

STMT(at_the_door, "gate.operator", 6,
	"select gate_operator($1::bigint, $2::bigint, $3, $4, $5, $6)");

static struct err *
login_page(struct request *rq, struct response *rp)
{
	if (rq->principal != NULL)
		rp->location = "/";
	return NULL;
}

static struct err *
sign_in(struct request *rq, struct response *rp)
{
	const char *email = request_text(rq, "email"), *secret;
	struct err *refused;
	int64_t session;

	TRY(operator_sign_in(gate_tenancy(), rq->a, email, request_text(rq, "password"),
		request_text(rq, "totp"), rq->remote, &secret, &session));
	if (secret == NULL) {
		refused = err_new(rq->a, ERR_UNAUTHENTICATED, "desk.failed");
		if (rq->api)
			return refused;
		response_errors(rp, rq, refused);
		model_text(response_page(rp), "email", email);
		return NULL;
	}
	response_cookie(rp, SESSION_COOKIE, secret, (int)gate_settings()->session_absolute);
	if (!rq->api) {
		rp->location = "/";
		return NULL;
	}
	rp->status = 201;
	model_text(response_data(rp), "csrf_token", csrf_of_session(rq->a, rq->tenant, session));
	return NULL;
}

static struct err *
sign_out(struct request *rq, struct response *rp)
{
	TRY(operator_sign_out(gate_tenancy(), rq->a, rq->principal->session_id, rq->remote));
	response_cookie(rp, SESSION_COOKIE, "", 0);
	rp->status = rq->api ? 204 : 303;
	if (!rq->api)
		rp->location = "/login";
	return NULL;
}

/* A transaction in a workspace, at its door: nothing of it is seen there. */
static struct err *
door(struct request *rq, const struct tenant *tn, int64_t grant, struct tx **tx_r)
{
	struct conn *c;

	TRY(tenant_conn(gate_tenancy(), rq->a, tn, &c));
	return tx_begin(c, rq->a, &at_the_door,
		VALS(val_i64(rq->principal->operator_id), val_id(grant), val_text(rq->remote),
			val_text(rq->user_agent), val_text(rq->id), val_text(rq->route->name)),
		tx_r);
}

/* *tn_r NULL: none that is open for business here. */
static struct err *
open_workspace(struct request *rq, const char *slug, int64_t id, struct tenant **tn_r)
{
	if (slug != NULL)
		TRY(tenant_by_slug(gate_tenancy(), rq->a, slug, tn_r));
	else
		TRY(tenant_by_id(gate_tenancy(), rq->a, id, tn_r));
	if (*tn_r != NULL && (*tn_r)->state != TENANT_ACTIVE && (*tn_r)->state != TENANT_CLOSING)
		*tn_r = NULL;
	return NULL;
}

/* What has become of a case. Without a grant it is a request that nobody answers. */
static struct err *
look_up(struct request *rq, const struct operator_case *k, struct grant *g)
{
	struct tenant *tn = NULL;
	bool found = false;
	struct err *e;
	struct tx *tx;

	*g = (struct grant){.state = k->young ? "waiting" : "lapsed"};
	if (k->tenant != 0)
		TRY(open_workspace(rq, NULL, k->tenant, &tn));
	if (tn == NULL)
		return NULL;
	TRY(door(rq, tn, k->grant, &tx));
	e = grant_load(tx, rq->a, k->grant, g, &found);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	if (e == NULL && !found)
		*g = (struct grant){.state = k->young ? "waiting" : "lapsed"};
	return e;
}

static void
case_model(struct request *rq, const struct operator_case *k, const struct grant *g,
	struct json_object *o)
{
	const char *lang = lang_tag(request_lang(rq));

	model_i64(o, "id", k->id);
	model_text(o, "workspace", k->slug);
	model_text(o, "scope", k->scope);
	model_i64(o, "hours", k->hours);
	model_text(o, "state", g->state);
	model_text(o, "created_at", time_rfc3339(rq->a, k->created_at));
	model_text(o, "ends_at", g->ends_at != 0 ? time_rfc3339(rq->a, g->ends_at) : NULL);
	if (rq->api)
		return;
	model_text(o, "created", time_show(rq->a, k->created_at, lang));
	model_text(o, "scope_label", say_word(rq, "support.scope", k->scope));
	model_text(o, "state_label", say_word(rq, "support.state", g->state));
	if (g->ends_at != 0)
		model_text(o, "ends", time_show(rq->a, g->ends_at, lang));
	if (strcmp(g->state, "active") == 0)
		model_text(
			o, "enter_url", arena_printf(rq->a, "/cases/%lld/enter", (long long)k->id));
}

static void
ask_fields(struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "fields"), *f;

	f = form_field(rq, list, "text", "workspace", say(rq, "desk.workspace"), "");
	form_required(f);
	model_i64(f, "max", 40);
	form_hint(rq, f, "desk.workspace_hint");
	grant_fields(rq, list, "desk.reason_hint");
}

static struct err *
home(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	struct operator_case *list;
	struct grant g;
	size_t n;

	TRY(operator_cases(gate_tenancy(), rq->a, rq->principal->operator_id, 0, &list, &n));
	for (size_t i = 0; i < n; i++) {
		TRY(look_up(rq, &list[i], &g));
		case_model(rq, &list[i], &g, model_item(items));
	}
	model_null(response_data(rp), "next");
	if (rq->api)
		return NULL;
	model_text(response_page(rp), "title", say(rq, "support.title"));
	model_text(response_page(rp), "subtitle", say(rq, "desk.help"));
	ask_fields(rq, response_page(rp));
	rp->template = "desk/home";
	return NULL;
}

/* One open request or grant for a workspace is enough; the same of one that is not there. */
static struct err *
check_open(struct request *rq, const char *slug)
{
	struct operator_case *list;
	struct grant g;
	size_t n;

	TRY(operator_cases(gate_tenancy(), rq->a, rq->principal->operator_id, 0, &list, &n));
	for (size_t i = 0; i < n; i++) {
		if (strcmp(list[i].slug, slug) != 0)
			continue;
		TRY(look_up(rq, &list[i], &g));
		if (strcmp(g.state, "waiting") == 0 || strcmp(g.state, "active") == 0)
			return err_new(rq->a, ERR_CONFLICT, "error.support_asked");
	}
	return NULL;
}

static struct err *
deliver(struct request *rq, const struct tenant *tn, const struct wanted *w, int64_t *id_r)
{
	bool ring = false;
	struct err *e;
	struct tx *tx;

	TRY(door(rq, tn, 0, &tx));
	e = grant_insert(tx, rq->a, rq->principal->operator_id, w, 0, id_r);
	if (e == NULL)
		e = grant_tell(tx, rq->a, tn, "asked", rq->principal->email, *id_r);
	if (e == NULL)
		e = tx_commit(tx);
	if (e == NULL)
		ring = tx_rung(tx);
	tx_end(&tx);
	if (ring)
		wake_ring(gate_tenancy(), rq->a, tn);
	return e;
}

static struct err *
ask_for(struct request *rq, const char *slug, const struct wanted *w)
{
	struct operator_case k = {
		.slug = slug, .scope = w->scope, .hours = w->hours, .ip = rq->remote};
	struct tenant *tn;
	int64_t id;

	TRY(check_open(rq, slug));
	TRY(open_workspace(rq, slug, 0, &tn));
	k.tenant = tn != NULL ? tn->id : 0;
	/* Counted before it is delivered. */
	TRY(operator_case_add(gate_tenancy(), rq->a, rq->principal->operator_id, &k, &id));
	if (tn == NULL)
		return NULL;
	TRY(deliver(rq, tn, w, &k.grant));
	return operator_case_grant(gate_tenancy(), rq->a, id, k.grant);
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	const char *typed = request_text(rq, "workspace");
	const char *slug = typed != NULL ? text_clean(rq->a, typed, false) : NULL;
	struct err *e = NULL;
	struct wanted w;

	if (slug == NULL)
		err_add_field(rq->a, &e, "workspace", "error.required", NULL);
	grant_wanted(rq, &w, &e);
	if (slug != NULL && e == NULL)
		e = ask_for(rq, slug, &w);
	if (e != NULL && (rq->api || (e->kind != ERR_INVALID && e->kind != ERR_CONFLICT)))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return home(rq, rp);
	}
	rp->status = 202;
	response_flash(rp, "flash.support_asked");
	if (!rq->api)
		rp->location = "/";
	return NULL;
}

/* Into an open grant: an address there that is good once, within a minute. */
static struct err *
enter(struct request *rq, struct response *rp)
{
	struct operator_case *k;
	const char *token = NULL, *url;
	struct tenant *tn = NULL;
	struct err *e;
	struct tx *tx;
	size_t n;

	TRY(operator_cases(
		gate_tenancy(), rq->a, rq->principal->operator_id, request_id(rq, 0), &k, &n));
	if (n == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (k->tenant != 0)
		TRY(open_workspace(rq, NULL, k->tenant, &tn));
	if (tn == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.support_not_open");
	TRY(door(rq, tn, k->grant, &tx));
	e = grant_ticket(tx, rq->a, k->grant, rq->principal->operator_id, &token);
	if (e == NULL)
		e = tx_commit(tx);
	tx_end(&tx);
	TRY(e);
	if (token == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.support_not_open");
	TRY(operator_event_now(
		gate_tenancy(), rq->a, rq->principal->operator_id, "entered", rq->remote, k->id));
	url = arena_printf(rq->a, "%s/support/enter/%s", tn->origin, token);
	model_text(response_data(rp), "url", url);
	if (rq->api)
		return NULL;
	model_text(response_page(rp), "title", say(rq, "support.title"));
	rp->template = "desk/enter";
	return NULL;
}

static const struct param sign_in_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, true},
	{"password", P_TEXT, IN_BODY, 0, 200, true},
	{"totp", P_TEXT, IN_BODY, 0, 40, true},
	PARAM_END,
};
static const struct param ask_params[] = {
	{"workspace", P_TEXT, IN_BODY, 0, 100, false},
	{"reason", P_TEXT, IN_BODY, 0, 400, false},
	{"scope", P_TEXT, IN_BODY, 0, 20, false},
	{"hours", P_I64, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param language_params[] = {
	{"lang", P_TEXT, IN_BODY, 0, 10, true},
	{"back", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};

const struct route desk_routes[] = {
	ROUTE(READ, GET, "/login", ON_DESK_PAGE, "", RIGHT_PUBLIC, "", login_page, NULL, NULL,
		"desk/login", "desk.login"),
	ROUTE(WRITE, POST, "/login", ON_DESK_PAGE, "", RIGHT_PUBLIC, "sign_in", sign_in,
		sign_in_params, NULL, "desk/login", "desk.sign_in"),
	ROUTE(WRITE, POST, "/session", ON_DESK_API, "", RIGHT_PUBLIC, "sign_in", sign_in,
		sign_in_params, NULL, "", "desk.session"),
	ROUTE(WRITE, DELETE, "/session", ON_DESK_API, "", RIGHT_OPERATOR, "sign_out", sign_out,
		NULL, NULL, "", "desk.end"),
	ROUTE(WRITE, POST, "/logout", ON_DESK_PAGE, "", RIGHT_OPERATOR, "sign_out", sign_out, NULL,
		NULL, "", "desk.sign_out"),
	ROUTE(WRITE, POST, "/language", ON_DESK_PAGE, "", RIGHT_PUBLIC, "", session_language,
		language_params, NULL, "", "desk.language"),
	ROUTE(READ, GET, "/", ON_DESK_PAGE, "", RIGHT_OPERATOR, "", home, NULL, NULL, "desk/home",
		"desk.home"),
	ROUTE(READ, GET, "/cases", ON_DESK_API, "", RIGHT_OPERATOR, "", home, NULL, NULL, "",
		"desk.list"),
	ROUTE(WRITE, POST, "/cases", ON_DESK_BOTH, "", RIGHT_OPERATOR, "support", ask, ask_params,
		NULL, "desk/home", "desk.ask"),
	ROUTE(WRITE, POST, "/cases/{id}/enter", ON_DESK_BOTH, "", RIGHT_OPERATOR, "support", enter,
		NULL, NULL, "desk/enter", "desk.enter"),
	ROUTE_END,
};
