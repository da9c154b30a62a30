/* SPDX-License-Identifier: ISC */
/*
 * Looking at the workspace as another user sees it: read only (gate/refuse.h), for half an
 * hour at most, told on every page, and logged under both names. Only of users who have no
 * more rights than oneself. The own session waits meanwhile, and no secret opens it.
 */
#include "workspace.h"

#include <string.h>

#include "date.h"
#include "event.h"
#include "member.h"
#include "session.h"
#include "token.h"

STMT(park, "view_as.park", 2, "update session set hash = $2 where session_id = $1::bigint");
STMT(look, "view_as.begin", 5,
	"insert into session (hash, user_id, kind, viewer_id, back_id, expires_at, idle, ip, "
	"agent) "
	"select $2, $3::bigint, 'view_as', b.user_id, b.session_id, "
	"least(b.expires_at, now() + interval '30 minutes'), b.idle, $4::inet, $5 "
	"from session b where b.session_id = $1::bigint and b.kind = 'cookie' "
	"returning session_id, (extract(epoch from expires_at) * 1000000)::bigint");
STMT(stop_looking, "view_as.stop", 1,
	"update session set ended_at = now() where session_id = $1::bigint returning back_id");
STMT(come_back, "view_as.back", 2,
	"update session set hash = $2, seen_at = now() where session_id = $1::bigint "
	"returning greatest(1, extract(epoch from expires_at - now()))::bigint");

STMT(beyond, "view_as.beyond", 2, "select view_as_beyond($1::bigint, $2::bigint)");

static struct bytes
secret(struct request *rq, const char **text_r)
{
	unsigned char *hash = arena_alloc(rq->a, DIGEST_BYTES);

	*text_r = token_new(rq->a, 32);
	session_hash(*text_r, hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

static struct err *
check(struct request *rq, const struct member *m)
{
	struct rows *r;

	if (strcmp(rq->principal->via, "cookie") != 0)
		return err_new(rq->a, ERR_DENIED, "error.view_as_browser");
	if (m->id == rq->principal->user_id)
		return err_new(rq->a, ERR_CONFLICT, "error.view_as_self");
	if (!m->active)
		return err_new(rq->a, ERR_CONFLICT, "error.view_as_inactive");
	TRY(tx_query(rq->tx, &beyond, VALS(val_i64(rq->principal->user_id), val_i64(m->id)), &r));
	return rows_bool(r, 0, 0) ? err_new(rq->a, ERR_DENIED, "error.more_rights") : NULL;
}

static struct err *
begin(struct request *rq, struct response *rp)
{
	struct json_object *o;
	const char *text, *nobodys;
	struct member m;
	struct rows *r;

	TRY(member_load(rq, request_id(rq, 0), &m));
	TRY(member_within(rq, m.profile_id));
	TRY(check(rq, &m));
	tx_queue(rq->tx, &park,
		VALS(val_i64(rq->principal->session_id), val_bytes(secret(rq, &nobodys))), NULL);
	TRY(tx_query(rq->tx, &look,
		VALS(val_i64(rq->principal->session_id), val_bytes(secret(rq, &text)),
			val_i64(m.id), val_text(rq->remote), val_text(rq->user_agent)),
		&r));
	if (rows_count(r) == 0)
		return err_busy(rq->a, "the session to come back to is gone");
	audit_queue_one(rq->tx, rq->a, "sign_in", "user", m.id, 0, "view_as");
	response_cookie(rp, SESSION_COOKIE, text, (int)gate_settings()->session_absolute);
	rp->secret = true;
	if (!rq->api) {
		response_go(rp, rq, "/");
		return NULL;
	}
	rp->status = 201;
	o = model_child(response_data(rp), "user");
	model_i64(o, "id", m.id);
	model_text(o, "name", m.name);
	model_text(response_data(rp), "until", time_rfc3339(rq->a, rows_i64(r, 0, 1)));
	model_text(response_data(rp), "csrf_token",
		csrf_of_session(rq->a, rq->tenant, rows_i64(r, 0, 0)));
	return NULL;
}

static struct err *
stop(struct request *rq, struct response *rp)
{
	const char *text;
	struct rows *r;
	int64_t back;

	if (rq->principal->viewer_id == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.view_as_not");
	TRY(tx_query(rq->tx, &stop_looking, VALS(val_i64(rq->principal->session_id)), &r));
	if (rows_count(r) == 0)
		return err_busy(rq->a, "the session that looks is gone");
	back = rows_i64(r, 0, 0);
	TRY(tx_query(rq->tx, &come_back, VALS(val_i64(back), val_bytes(secret(rq, &text))), &r));
	if (rows_count(r) == 0)
		return err_busy(rq->a, "the session to come back to is gone");
	audit_queue_one(rq->tx, rq->a, "sign_out", "user", rq->principal->user_id, 0, "view_as");
	response_cookie(rp, SESSION_COOKIE, text, (int)rows_i64(r, 0, 0));
	rp->secret = true;
	if (rq->api)
		model_text(
			response_data(rp), "csrf_token", csrf_of_session(rq->a, rq->tenant, back));
	else
		response_go(rp, rq, "/settings/users/%lld", (long long)rq->principal->user_id);
	return NULL;
}

const struct route view_as_routes[] = {
	ROUTE(WRITE, POST, "/users/{id}/view-as", ON_API, "", RIGHT_MANAGE_USERS, "sign_in", begin,
		NULL, NULL, "", "user.view_as"),
	ROUTE(WRITE, POST, "/settings/users/{id}/view-as", ON_PAGE, "", RIGHT_MANAGE_USERS,
		"sign_in", begin, NULL, NULL, "", "settings.user_view_as"),
	ROUTE(WRITE, POST, "/view-as/stop", ON_BOTH, "", RIGHT_ENTRY, "sign_out", stop, NULL, NULL,
		"", "view_as.stop"),
	ROUTE_END,
};
