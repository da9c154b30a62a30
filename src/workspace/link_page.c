/* SPDX-License-Identifier: ISC */
/*
 * The way in by a link that came by mail: the first password after an invitation,
 * a new one after it was forgotten. A link is used by the POST only: programs
 * that look through mail open every address in it.
 */
#include "link.h"

#include <string.h>

#include "controls.h"
#include "link_job.h"
#include "password.h"
#include "text.h"
#include "workspace.h"

static struct err *
forgot_page(struct request *rq, struct response *rp)
{
	if (rq->principal != NULL) {
		rp->location = "/settings/account";
		return NULL;
	}
	model_bool(response_page(rp), "available", gate_settings()->mail_relay != NULL);
	model_bool(response_page(rp), "sent", request_bool(rq, "sent", false));
	return NULL;
}

/* The answer is the same whether anybody has the address or not. */
static struct err *
forgot(struct request *rq, struct response *rp)
{
	const char *typed = request_text(rq, "email");
	const char *email = typed != NULL ? text_email(rq->a, typed) : NULL;
	struct err *e = NULL;
	bool locked;

	if (gate_settings()->mail_relay == NULL)
		return err_new(rq->a, ERR_CONFLICT, "error.no_mail");
	if (email == NULL) {
		err_add_field(rq->a, &e, "email", "error.email", NULL);
		if (rq->api)
			return e;
		response_errors(rp, rq, e);
		return forgot_page(rq, rp);
	}
	TRY(link_ask(rq->tx, rq->a, rq->tenant, email, rq->remote, &locked));
	if (locked)
		return err_new(rq->a, ERR_TOO_MANY, NULL);
	if (rq->api)
		rp->status = 202;
	else
		response_go(rp, rq, "/password/forgot?sent=1");
	return NULL;
}

static enum link_kind
kind_of(const struct request *rq)
{
	return strncmp(rq->path, "/invite", 7) == 0 ? LINK_INVITE : LINK_RESET;
}

static struct err *
no_good(const struct request *rq)
{
	return err_new(rq->a, ERR_GONE,
		kind_of(rq) == LINK_INVITE ? "error.invite_over" : "error.reset_over");
}

static struct err *
show_form(struct request *rq, struct response *rp, const char *email)
{
	struct json_object *page = response_page(rp);
	bool invite = kind_of(rq) == LINK_INVITE;

	model_text(page, "title", say(rq, invite ? "link.invite_title" : "link.reset_title"));
	model_text(page, "lead", say(rq, invite ? "link.invite_lead" : "link.reset_lead"));
	model_text(page, "action", rq->path);
	model_text(page, "email", email);
	model_i64(page, "max", PASSWORD_MAX);
	rp->template = "link";
	return NULL;
}

static struct err *
link_page(struct request *rq, struct response *rp)
{
	const char *email;
	int64_t user;

	TRY(link_find(rq->tx, rq->a, kind_of(rq), rq->path_args[0], &user, &email));
	return email != NULL ? show_form(rq, rp, email) : no_good(rq);
}

/* Without a link: where one comes from. */
static struct err *
invite_page(struct request *rq, struct response *rp)
{
	(void)rp;
	return no_good(rq);
}

static struct err *
refuse(struct request *rq, struct response *rp, struct err *e, const char *email)
{
	if (rq->api || e->kind != ERR_INVALID)
		return e;
	response_errors(rp, rq, e);
	return show_form(rq, rp, email);
}

static struct err *
check_typed(struct request *rq)
{
	const char *password = request_text(rq, "password"), *again = request_text(rq, "again");
	struct err *e = NULL;

	if (password == NULL)
		err_add_field(rq->a, &e, "password", "error.required", NULL);
	else if (!rq->api && (again == NULL || strcmp(again, password) != 0))
		err_add_field(rq->a, &e, "again", "error.password_again", NULL);
	return e;
}

static struct err *
set_password(struct request *rq, struct response *rp)
{
	const char *email;
	struct err *e = NULL;
	int64_t user;
	bool done;

	TRY(link_find(rq->tx, rq->a, kind_of(rq), rq->path_args[0], &user, &email));
	/* No link is no password either: link_use() notes the attempt. */
	if (email != NULL)
		e = check_typed(rq);
	if (e != NULL)
		return refuse(rq, rp, e, email);
	e = link_use(rq->tx, rq->a, rq->tenant, gate_settings(), kind_of(rq), rq->path_args[0],
		request_text(rq, "password"), &done);
	if (e != NULL)
		return refuse(rq, rp, e, email);
	if (!done) {
		TRY(tx_commit(rq->tx));
		return no_good(rq);
	}
	response_flash(rp, "flash.password_set");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/login");
	return NULL;
}

static const struct param forgot_page_params[] = {
	{"sent", P_BOOL, IN_QUERY, 0, 0, false},
	PARAM_END,
};
static const struct param forgot_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	PARAM_END,
};
static const struct param password_params[] = {
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	{"again", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};

const struct route link_routes[] = {
	ROUTE(READ, GET, "/password/forgot", ON_PAGE, "", RIGHT_PUBLIC, "", forgot_page,
		forgot_page_params, NULL, "password_forgot", "link.forgot"),
	ROUTE(WRITE, POST, "/password/forgot", ON_BOTH, "", RIGHT_PUBLIC, "send", forgot,
		forgot_params, NULL, "password_forgot", "link.ask"),
	ROUTE(READ, GET, "/password/reset/{token}", ON_PAGE, "", RIGHT_PUBLIC, "", link_page, NULL,
		NULL, "link", "link.reset_form"),
	ROUTE(WRITE, POST, "/password/reset/{token}", ON_BOTH, "", RIGHT_PUBLIC, "permission",
		set_password, password_params, NULL, "link", "link.reset"),
	ROUTE(READ, GET, "/invite", ON_PAGE, "", RIGHT_PUBLIC, "", invite_page, NULL, NULL, "link",
		"link.invite_none"),
	ROUTE(READ, GET, "/invite/{token}", ON_PAGE, "", RIGHT_PUBLIC, "", link_page, NULL, NULL,
		"link", "link.invite_form"),
	ROUTE(WRITE, POST, "/invite/{token}", ON_BOTH, "", RIGHT_PUBLIC, "permission", set_password,
		password_params, NULL, "link", "link.invite"),
	ROUTE_END,
};
