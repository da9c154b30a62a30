/* SPDX-License-Identifier: ISC */
/*
 * Where whoever asked for the workspace comes in for the first time, with a ticket from there that
 * is good once. By the POST only: what opens addresses by itself uses up nothing.
 */
#include "workspace.h"

#include "controls.h"
#include "session.h"

static struct err *
page(struct request *rq, struct response *rp)
{
	bool good;

	TRY(session_welcome_look(rq->tx, rq->path_args[0], &good));
	if (!good)
		return err_new(rq->a, ERR_GONE, "error.welcome_over");
	model_text(response_page(rp), "title",
		view_text(rq->a, request_lang(rq), "welcome.title", rq->tenant->name));
	model_text(response_page(rp), "action", rq->path);
	rp->template = "door/welcome";
	return NULL;
}

static struct err *
come_in(struct request *rq, struct response *rp)
{
	struct sign_in in = {.tx = rq->tx,
		.a = rq->a,
		.tn = rq->tenant,
		.st = gate_settings(),
		.ip = rq->remote,
		.agent = rq->user_agent,
		.visitor = request_cookie(rq, VISIT_COOKIE),
		.before = rq->principal};
	struct session_made made;

	TRY(session_welcome(&in, rq->path_args[0], &made));
	if (made.secret == NULL) {
		TRY(tx_commit(rq->tx));
		return err_new(rq->a, ERR_GONE, "error.welcome_over");
	}
	response_cookie(rp, SESSION_COOKIE, made.secret, (int)gate_settings()->session_absolute);
	rp->secret = true;
	if (!rq->api) {
		response_go(rp, rq, "/setup");
		return NULL;
	}
	rp->status = 201;
	model_text(response_data(rp), "csrf_token", csrf_of_session(rq->a, rq->tenant, made.id));
	return NULL;
}

const struct route welcome_routes[] = {
	ROUTE(READ, GET, "/welcome/{token}", ON_PAGE, "", RIGHT_PUBLIC, "", page, NULL, NULL,
		"door/welcome", "welcome.show"),
	ROUTE(WRITE, POST, "/welcome/{token}", ON_BOTH, "", RIGHT_PUBLIC, "sign_in", come_in, NULL,
		NULL, "", "welcome.enter"),
	ROUTE_END,
};
