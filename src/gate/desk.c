/* SPDX-License-Identifier: ISC */
#define REQUEST_OWNER 1
#include "desk.h"

#include <string.h>

#include "form_again.h"
#include "log.h"
#include "operator.h"
#include "refuse.h"
#include "session.h"
#include "sign_up.h"

bool
desk_is_at(const struct request *rq)
{
	return strcmp(rq->host, gate_settings()->operator_host) == 0;
}

/* By the cookie only: there are no tokens here. */
static struct err *
find_operator(struct request *rq)
{
	const char *secret = request_cookie(rq, SESSION_COOKIE);
	unsigned char hash[32];
	struct operator* op;
	int64_t session;

	rq->principal = NULL;
	if (secret == NULL || *secret == '\0' || strlen(secret) > 200)
		return NULL;
	session_hash(secret, hash);
	TRY(operator_session(gate_tenancy(), rq->a, hash, &op, &session));
	if (op == NULL)
		return NULL;
	rq->principal = ARENA_NEW(rq->a, struct principal);
	rq->principal->via = "operator";
	rq->principal->session_id = session;
	rq->principal->operator_id = op->id;
	rq->principal->email = rq->principal->name = op->email;
	rq->principal->language = rq->principal->profile = rq->principal->viewer = "";
	rq->principal->support = rq->principal->grant_scope = "";
	return NULL;
}

static struct err *
read_desk_request(struct request *rq)
{
	const struct settings *st = gate_settings();
	struct request_limits limits = {
		(size_t)st->body_max, st->upload_max, (size_t)st->fields_max, ""};
	struct err *refused = NULL;

	TRY(request_read_query(rq));
	if (rq->method == METHOD_GET)
		return NULL;
	refused = request_read_body(rq, &limits, NULL, rq);
	if (refused == NULL || refused->kind == ERR_INVALID)
		TRY(refuse_forged(rq, true));
	return refused;
}

/* A form with values that no handler should see comes back for them to be mended. */
static struct err *
handle(struct request *rq, struct response *rp, struct sb *out)
{
	struct err *refused = read_desk_request(rq);
	const struct route *page = refused != NULL ? form_again_route(rq, refused) : NULL;

	if (refused != NULL)
		return page != NULL ? form_again(rq, rp, page, refused, out) : refused;
	TRY(rq->route->handler(rq, rp));
	return gate_render(rq, rp, out);
}

struct err *
desk_answer(struct request *rq, struct response *rp, struct sb *out, struct err *unreadable)
{
	const char *allow = NULL;
	struct err *e;

	rq->desk = true;
	log_context("id=%s desk", rq->id);
	TRY(tenancy_desk(gate_tenancy(), rq->a, &rq->tenant));
	TRY(unreadable);
	e = route_match(rq, &allow);
	if (allow != NULL)
		response_header(rp, "Allow", allow);
	TRY(find_operator(rq));
	if (e != NULL)
		return e;
	if (rq->principal == NULL && rq->route->right != RIGHT_PUBLIC) {
		if (rq->api || rq->method != METHOD_GET)
			return err_new(rq->a, ERR_UNAUTHENTICATED, NULL);
		rp->location = "/login";
		return NULL;
	}
	if (rq->principal != NULL && !principal_may(rq->principal, ENTITY_NONE, rq->route->right))
		return err_new(rq->a, ERR_DENIED, NULL);
	return handle(rq, rp, out);
}

bool
door_is_at(const struct request *rq)
{
	return gate_settings()->sign_up_open &&
	       strcmp(rq->host, gate_settings()->sign_up_host) == 0;
}

struct err *
door_answer(struct request *rq, struct response *rp, struct sb *out, struct err *unreadable)
{
	const char *allow = NULL;
	struct err *e;

	rq->door = true;
	log_context("id=%s door", rq->id);
	TRY(tenancy_door(gate_tenancy(), rq->a, &rq->tenant));
	TRY(unreadable);
	e = route_match(rq, &allow);
	if (allow != NULL)
		response_header(rp, "Allow", allow);
	TRY(e);
	return handle(rq, rp, out);
}
