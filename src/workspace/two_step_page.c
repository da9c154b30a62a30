/* SPDX-License-Identifier: ISC */
/* Setting up and taking away the second step of one's own sign-in. */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "factor.h"
#include "link.h"
#include "qr.h"

static void
page_head(const struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(page, "title", say(rq, "two_step.title"));
	/* Nothing else is open to whoever has to set it up first. */
	if (rq->principal->must_enrol)
		return;
	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	o = model_item(list);
	model_text(o, "label", say(rq, "account.title"));
	model_text(o, "url", "/settings/account");
}

/* What is scanned or typed into the app. */
static struct err *
show_secret(struct request *rq, struct response *rp)
{
	unsigned char secret[TOTP_SECRET];
	struct json_object *o;
	const char *uri;
	struct qr qr;
	bool found;

	TRY(factor_pending(rq->tx, rq->a, rq->tenant, rq->principal->user_id, secret, &found));
	if (!found)
		return NULL;
	rp->secret = true;
	uri = totp_uri(rq->a, secret, rq->tenant->name, rq->principal->email);
	o = rq->api ? response_data(rp) : model_child(response_page(rp), "setup");
	model_text(o, "secret", totp_secret_text(rq->a, secret));
	if (rq->api) {
		model_text(o, "uri", uri);
		return NULL;
	}
	if (!qr_make(rq->a, uri, &qr))
		return NULL;
	model_i64(o, "size", qr.size);
	model_text(o, "path", qr.path);
	return NULL;
}

static struct err *
show_state(struct request *rq, struct response *rp)
{
	const char *lang = lang_tag(request_lang(rq));
	struct json_object *o = rq->api ? response_data(rp) : response_page(rp);
	struct factor_state s;

	TRY(factor_state(rq->tx, rq->principal->user_id, &s));
	model_bool(o, "enabled", s.totp);
	model_bool(o, "pending", s.pending);
	model_i64(o, "passkeys", s.passkeys);
	model_bool(o, "required", rq->principal->must_enrol);
	model_i64(o, "recovery_codes_left", s.codes);
	if (rq->api) {
		model_text(o, "since", s.since != 0 ? time_rfc3339(rq->a, s.since) : NULL);
		model_text(o, "last_used_at", s.used != 0 ? time_rfc3339(rq->a, s.used) : NULL);
		return NULL;
	}
	page_head(rq, o);
	if (s.since != 0)
		model_text(o, "since", time_show(rq->a, s.since, lang));
	if (s.used != 0)
		model_text(o, "used", time_show(rq->a, s.used, lang));
	return s.pending ? show_secret(rq, rp) : NULL;
}

static struct err *
begin(struct request *rq, struct response *rp)
{
	unsigned char secret[TOTP_SECRET];

	TRY(factor_begin(rq->tx, rq->a, rq->tenant, rq->principal->user_id, secret));
	if (!rq->api) {
		response_go(rp, rq, "/settings/account/two-step");
		return NULL;
	}
	rp->status = 201;
	return show_secret(rq, rp);
}

/* Shown this once. */
static struct err *
show_codes(struct request *rq, struct response *rp)
{
	const char *codes[RECOVERY_CODES];
	struct json_object *list;

	TRY(factor_new_codes(rq->tx, rq->a, rq->principal->user_id, codes));
	rp->secret = true;
	list = model_list(rq->api ? response_data(rp) : response_page(rp), "recovery_codes");
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		model_push_text(list, codes[i]);
	return NULL;
}

static struct err *
tell(struct request *rq, const char *what)
{
	return notice_send(
		rq->tx, rq->a, rq->tenant, gate_settings(), rq->principal->user_id, what);
}

static struct err *
confirm(struct request *rq, struct response *rp)
{
	const char *code = request_text(rq, "totp");
	struct err *e = NULL;
	bool good = false;

	if (code != NULL)
		TRY(factor_confirm(rq->tx, rq->a, rq->tenant, rq->principal->user_id, code, &good));
	if (!good) {
		err_add_field(rq->a, &e, "totp",
			code != NULL ? "error.two_step_code" : "error.required", NULL);
		if (rq->api)
			return e;
		response_errors(rp, rq, e);
		return show_state(rq, rp);
	}
	TRY(tell(rq, "two_step_on"));
	TRY(show_codes(rq, rp));
	return rq->api ? NULL : show_state(rq, rp);
}

static struct err *
new_codes(struct request *rq, struct response *rp)
{
	if (!rq->principal->second_step)
		return err_new(rq->a, ERR_CONFLICT, "error.two_step_off");
	TRY(show_codes(rq, rp));
	return rq->api ? NULL : show_state(rq, rp);
}

/* Where the profile demands a second step it can be exchanged, not left: a passkey is
 * one, too. */
static struct err *
remove_it(struct request *rq, struct response *rp)
{
	bool had;

	if (rq->principal->needs_second_step && !rq->principal->passkey)
		return err_new(rq->a, ERR_CONFLICT, "error.two_step_required");
	TRY(factor_remove_app(rq->tx, rq->a, rq->principal->user_id, &had));
	if (!had)
		return err_new(rq->a, ERR_CONFLICT, "error.two_step_off");
	TRY(tell(rq, "two_step_off"));
	response_flash(rp, "flash.two_step_off");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/account/two-step");
	return NULL;
}

static const struct param code_params[] = {
	{"totp", P_TEXT, IN_BODY, 0, 40, true},
	PARAM_END,
};
static const struct param form_params[] = {
	{"totp", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};

const struct route two_step_routes[] = {
	ROUTE(READ, GET, "/settings/account/two-step", ON_PAGE, "", RIGHT_ENTRY, "", show_state,
		NULL, NULL, "settings/two_step", "two_step.page"),
	ROUTE(WRITE, POST, "/settings/account/two-step", ON_PAGE, "", RIGHT_ENTRY, "permission",
		begin, NULL, NULL, "settings/two_step", "two_step.begin_form"),
	ROUTE(WRITE, POST, "/settings/account/two-step/confirm", ON_PAGE, "", RIGHT_ENTRY,
		"permission", confirm, form_params, NULL, "settings/two_step",
		"two_step.confirm_form"),
	ROUTE(WRITE, POST, "/settings/account/two-step/codes", ON_PAGE, "", RIGHT_ENTRY,
		"permission", new_codes, NULL, NULL, "settings/two_step", "two_step.codes_form"),
	ROUTE(WRITE, POST, "/settings/account/two-step/remove", ON_PAGE, "", RIGHT_ENTRY,
		"permission", remove_it, NULL, NULL, "settings/two_step", "two_step.remove_form"),
	ROUTE(READ, GET, "/me/two-step", ON_API, "", RIGHT_ENTRY, "", show_state, NULL, NULL, "",
		"two_step.read"),
	ROUTE(WRITE, POST, "/me/two-step", ON_API, "", RIGHT_ENTRY, "permission", begin, NULL, NULL,
		"", "two_step.begin"),
	ROUTE(WRITE, DELETE, "/me/two-step", ON_API, "", RIGHT_ENTRY, "permission", remove_it, NULL,
		NULL, "", "two_step.remove"),
	ROUTE(WRITE, POST, "/me/two-step/confirm", ON_API, "", RIGHT_ENTRY, "permission", confirm,
		code_params, NULL, "", "two_step.confirm"),
	ROUTE(WRITE, POST, "/me/two-step/codes", ON_API, "", RIGHT_ENTRY, "permission", new_codes,
		NULL, NULL, "", "two_step.codes"),
	ROUTE_END,
};
