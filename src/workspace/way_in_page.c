/* SPDX-License-Identifier: ISC */
/*
 * Another user's way in, as whoever manages users sees to it: links by mail, open
 * sessions, the second step. Only of users who have no more rights than oneself.
 */
#include "workspace.h"

#include "event.h"
#include "factor.h"
#include "link.h"
#include "member.h"
#include "session_list.h"

STMT(end_all, "user.end_all", 1,
	"update session set ended_at = now() where user_id = $1::bigint and ended_at is null");

/* The user of the path. */
static struct err *
load(struct request *rq, struct member *m)
{
	TRY(member_load(rq, request_id(rq, 0), m));
	return member_within(rq, m->profile_id);
}

static struct err *
back(struct request *rq, struct response *rp, const struct member *m, int status)
{
	if (rq->api)
		rp->status = status;
	else
		response_go(rp, rq, "/settings/users/%lld", (long long)m->id);
	return NULL;
}

/* A lost telephone: whoever is signed in with it, and every token, is out. */
static struct err *
end_sessions(struct request *rq, struct response *rp)
{
	struct member m;

	TRY(load(rq, &m));
	tx_queue(rq->tx, &end_all, VALS(val_i64(m.id)), NULL);
	audit_queue_one(rq->tx, rq->a, "permission", "user", m.id, 0, "sessions_ended");
	response_flash(rp, "flash.sessions_ended");
	return back(rq, rp, &m, 204);
}

static struct err *
sessions(struct request *rq, struct response *rp)
{
	struct member m;

	TRY(load(rq, &m));
	TRY(session_list(rq, m.id, "", model_list(response_data(rp), "items")));
	model_null(response_data(rp), "next");
	return NULL;
}

static struct err *
end_session(struct request *rq, struct response *rp)
{
	struct member m;

	int64_t session;

	TRY(load(rq, &m));
	session = request_id(rq, 1);
	TRY(session_end(rq, m.id, session));
	audit_queue_one(rq->tx, rq->a, "permission", "user", m.id, 0, "session_ended");
	response_flash(rp, "flash.session_ended");
	return back(rq, rp, &m, 204);
}

/* An invitation to whoever has no password yet, else a link to a new one. */
static struct err *
send_link(struct request *rq, struct response *rp)
{
	struct member m;

	TRY(load(rq, &m));
	TRY(link_send(rq->tx, rq->a, rq->tenant, gate_settings(),
		m.password ? LINK_RESET : LINK_INVITE, m.id, rq->principal->user_id));
	response_flash(rp, "flash.link_sent");
	return back(rq, rp, &m, 202);
}

/* A lost telephone: the password alone is enough again, until the user sets up another
 * (at once, where the profile demands one). */
static struct err *
remove_two_step(struct request *rq, struct response *rp)
{
	struct member m;
	bool had;

	TRY(load(rq, &m));
	if (m.id == rq->principal->user_id)
		return err_new(rq->a, ERR_DENIED, "error.own_two_step");
	TRY(factor_remove(rq->tx, rq->a, m.id, &had));
	if (!had)
		return err_new(rq->a, ERR_CONFLICT, "error.two_step_off");
	TRY(notice_send(rq->tx, rq->a, rq->tenant, gate_settings(), m.id, "two_step_off"));
	response_flash(rp, "flash.two_step_off");
	return back(rq, rp, &m, 204);
}

const struct route way_in_routes[] = {
	ROUTE(WRITE, POST, "/users/{id}/link", ON_API, "", RIGHT_MANAGE_USERS, "permission",
		send_link, NULL, NULL, "", "user.link"),
	ROUTE(WRITE, DELETE, "/users/{id}/two-step", ON_API, "", RIGHT_MANAGE_USERS, "permission",
		remove_two_step, NULL, NULL, "", "user.remove_two_step"),
	ROUTE(READ, GET, "/users/{id}/sessions", ON_API, "", RIGHT_MANAGE_USERS, "", sessions, NULL,
		NULL, "", "user.sessions"),
	ROUTE(WRITE, DELETE, "/users/{id}/sessions", ON_API, "", RIGHT_MANAGE_USERS, "permission",
		end_sessions, NULL, NULL, "", "user.end_sessions"),
	ROUTE(WRITE, DELETE, "/users/{id}/sessions/{id}", ON_API, "", RIGHT_MANAGE_USERS,
		"permission", end_session, NULL, NULL, "", "user.end_session"),
	ROUTE(WRITE, POST, "/settings/users/{id}/link", ON_PAGE, "", RIGHT_MANAGE_USERS,
		"permission", send_link, NULL, NULL, "", "settings.user_link"),
	ROUTE(WRITE, POST, "/settings/users/{id}/two-step", ON_PAGE, "", RIGHT_MANAGE_USERS,
		"permission", remove_two_step, NULL, NULL, "", "settings.user_remove_two_step"),
	ROUTE(WRITE, POST, "/settings/users/{id}/sessions", ON_PAGE, "", RIGHT_MANAGE_USERS,
		"permission", end_sessions, NULL, NULL, "", "settings.user_end_sessions"),
	ROUTE(WRITE, POST, "/settings/users/{id}/sessions/{id}/end", ON_PAGE, "",
		RIGHT_MANAGE_USERS, "permission", end_session, NULL, NULL, "",
		"settings.user_end_session"),
	ROUTE_END,
};
