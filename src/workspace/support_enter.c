/* SPDX-License-Identifier: ISC */
/*
 * Where an operator comes in from the operators' host: with a ticket that is good once, within a
 * minute, into the one grant it was made for. By the POST only: what opens addresses by itself
 * uses up nothing.
 */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "event.h"
#include "session.h"
#include "token.h"

STMT(look, "support.door", 1,
	"select exists (select from support_entry where hash = $1 and expires_at > now())");
STMT(enter, "support.enter", 7,
	"select session_id, grant_id, seconds from support_enter($1, $2, $3::bigint, $4, $5, $6, "
	"$7)");

static struct bytes
ticket_of(struct request *rq)
{
	unsigned char *hash = arena_alloc(rq->a, DIGEST_BYTES);

	sha256(rq->path_args[0], strlen(rq->path_args[0]), hash);
	return (struct bytes){hash, DIGEST_BYTES};
}

static struct err *
page(struct request *rq, struct response *rp)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &look, VALS(val_bytes(ticket_of(rq))), &r));
	if (!rows_bool(r, 0, 0))
		return err_new(rq->a, ERR_GONE, "error.support_ticket");
	model_text(response_page(rp), "title", say(rq, "support.enter_title"));
	model_text(response_page(rp), "action", rq->path);
	rp->template = "support_enter";
	return NULL;
}

static struct err *
come_in(struct request *rq, struct response *rp)
{
	struct audit_event failed = {.action = "sign_in_failed",
		.outcome = "failed",
		.entity = "support_grant",
		.reason = "link"};
	const char *secret = token_new(rq->a, 32);
	unsigned char hash[DIGEST_BYTES];
	struct rows *r;

	session_hash(secret, hash);
	TRY(tx_query(rq->tx, &enter,
		VALS(val_bytes(ticket_of(rq)), val_bytes((struct bytes){hash, sizeof(hash)}),
			val_i64(gate_settings()->session_idle), val_text(rq->remote),
			val_text(rq->user_agent), val_text(rq->id), val_text(rq->route->name)),
		&r));
	if (rows_count(r) == 0) {
		audit_queue(rq->tx, rq->a, &failed);
		TRY(tx_commit(rq->tx));
		return err_new(rq->a, ERR_GONE, "error.support_ticket");
	}
	audit_queue_one(
		rq->tx, rq->a, "sign_in", "support_grant", rows_i64(r, 0, 1), 0, "support_entered");
	response_cookie(rp, SESSION_COOKIE, secret, (int)rows_i64(r, 0, 2));
	rp->secret = true;
	if (!rq->api) {
		response_go(rp, rq, "/");
		return NULL;
	}
	rp->status = 201;
	model_text(response_data(rp), "csrf_token",
		csrf_of_session(rq->a, rq->tenant, rows_i64(r, 0, 0)));
	return NULL;
}

const struct route support_enter_routes[] = {
	ROUTE(READ, GET, "/support/enter/{token}", ON_PAGE, "", RIGHT_PUBLIC, "", page, NULL, NULL,
		"support_enter", "support.door"),
	ROUTE(WRITE, POST, "/support/enter/{token}", ON_BOTH, "", RIGHT_PUBLIC, "sign_in", come_in,
		NULL, NULL, "", "support.enter"),
	ROUTE_END,
};
