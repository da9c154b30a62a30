/* SPDX-License-Identifier: ISC */
#include "closing_part.h"

#include <string.h>

#include "date.h"
#include "event.h"
#include "gate.h"
#include "model.h"
#include "provision.h"
#include "text.h"

STMT(state_of, "closing.state", 1,
	"select x.closing_id, x.asked_by, a.name, (extract(epoch from x.begun_at) * "
	"1000000)::bigint, "
	"(extract(epoch from x.closes_at) * 1000000)::bigint, "
	"greatest(0, ceil(extract(epoch from x.closes_at - now()) / 86400))::bigint, "
	"requests_open(), "
	"(select count(*) from app_user u join profile_right r using (profile_id) where u.active "
	"and r.entity = '' and r.\"right\" = 'close_workspace' and u.user_id <> $1::bigint) "
	"from (select 1) one left join closing x on x.ended_at is null "
	"left join app_user a on a.user_id = x.asked_by");
/* Whoever else closes or reopens at this moment comes before or after, as a whole. */
STMT(hold, "closing.hold", 0, "select closing_id from closing where ended_at is null for update");
STMT(ask, "closing.ask", 1, "insert into closing (asked_by) values ($1::bigint)");
STMT(begin_it, "closing.begin", 2,
	"update closing set begun_at = now(), begun_by = $1::bigint, "
	"closes_at = now() + make_interval(days => $2::int), told = null "
	"where ended_at is null and begun_at is null");
STMT(end_it, "closing.end", 1,
	"update closing set ended_at = now(), ended_by = $1::bigint where ended_at is null");

static const char *
word_of(const struct rows *r)
{
	if (rows_null(r, 0, CLOSING_ID))
		return "active";
	return rows_null(r, 0, CLOSING_BEGUN_AT) ? "asked" : "closing";
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *o = response_data(rp);
	struct rows *r;

	TRY(tx_query(rq->tx, &state_of, VALS(val_i64(rq->principal->user_id)), &r));
	model_text(o, "slug", rq->tenant->slug);
	model_text(o, "name", rq->tenant->name);
	model_text(o, "region", rq->tenant->region);
	model_text(o, "state", word_of(r));
	model_text(o, "closes_at",
		rows_null(r, 0, CLOSING_CLOSES_AT)
			? NULL
			: time_rfc3339(rq->a, rows_i64(r, 0, CLOSING_CLOSES_AT)));
	if (rows_null(r, 0, CLOSING_CLOSES_AT))
		model_null(o, "days_left");
	else
		model_i64(o, "days_left", rows_i64(r, 0, CLOSING_DAYS_LEFT));
	model_i64(o, "open_requests", rows_i64(r, 0, CLOSING_REQUESTS));
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_CLOSE_WORKSPACE))
		TRY(closing_duties(rq, model_list(o, "duties")));
	if (!rq->api)
		closing_page(rq, rp, word_of(r), r);
	return NULL;
}

static void
log_it(struct tx *tx, struct arena *a, const char *reason)
{
	struct audit_event e = {.action = "setting", .entity = "workspace", .reason = reason};

	audit_queue(tx, a, &e);
}

static struct err *
done(struct request *rq, struct response *rp, const char *flash)
{
	response_flash(rp, flash);
	if (!rq->api) {
		response_go(rp, rq, "/workspace");
		return NULL;
	}
	return show(rq, rp);
}

/* What stands against it now; by whom it is asked. */
static struct err *
check(struct request *rq, const struct rows *r)
{
	bool mine = rows_i64(r, 0, CLOSING_ASKED_BY) == rq->principal->user_id;

	if (!rows_null(r, 0, CLOSING_BEGUN_AT))
		return err_new(rq->a, ERR_CONFLICT, "error.closing_already");
	if (rows_i64(r, 0, CLOSING_REQUESTS) > 0)
		return err_new(rq->a, ERR_CONFLICT, "error.closing_requests");
	if (!rows_null(r, 0, CLOSING_ID) && mine && rows_i64(r, 0, CLOSING_OTHERS) > 0)
		return err_new(rq->a, ERR_DENIED, "error.closing_second");
	return NULL;
}

/* Whoever else may agree is told by mail. */
static struct err *
ask_another(struct request *rq)
{
	const struct closing_news n = {
		.kind = "closing_asked", .but = rq->principal->user_id, .who = rq->principal->name};

	if (gate_settings()->mail_relay == NULL)
		return NULL;
	return closing_tell(rq->tx, rq->a, rq->tenant, &n);
}

static struct err *
start(struct request *rq, struct response *rp)
{
	const char *typed = request_text(rq, "confirm"),
		   *name = typed != NULL ? text_clean(rq->a, typed, false) : NULL;
	int64_t me = rq->principal->user_id;
	struct err *e = NULL;
	struct rows *r;

	if (name == NULL || strcmp(name, rq->tenant->slug) != 0)
		err_add_field(rq->a, &e, "confirm", "error.closing_confirm", rq->tenant->slug);
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show(rq, rp);
	}
	tx_queue(rq->tx, &hold, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &state_of, VALS(val_i64(me)), &r));
	TRY(check(rq, r));
	if (rows_null(r, 0, CLOSING_ID))
		tx_queue(rq->tx, &ask, VALS(val_i64(me)), NULL);
	if (rows_null(r, 0, CLOSING_ID) && rows_i64(r, 0, CLOSING_OTHERS) > 0) {
		log_it(rq->tx, rq->a, "closing_asked");
		TRY(tx_run(rq->tx));
		TRY(ask_another(rq));
		return done(rq, rp, "flash.closing_asked");
	}
	tx_queue(rq->tx, &begin_it, VALS(val_i64(me), val_i64(CLOSING_DAYS)), NULL);
	log_it(rq->tx, rq->a, "closing_begun");
	tx_ring(rq->tx);
	TRY(tx_run(rq->tx));
	/* Should the commit fail, the chore puts it right. */
	TRY(provision_close(gate_tenancy(), rq->a, rq->tenant->id, true));
	return done(rq, rp, "flash.closing_begun");
}

static struct err *
reopen(struct request *rq, struct response *rp)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &end_it, VALS(val_i64(rq->principal->user_id)), &r));
	if (rows_affected(r) == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.closing_not");
	log_it(rq->tx, rq->a, "closing_ended");
	tx_ring(rq->tx);
	TRY(tx_run(rq->tx));
	TRY(provision_close(gate_tenancy(), rq->a, rq->tenant->id, false));
	return done(rq, rp, "flash.closing_ended");
}

struct err *
closing_begin(struct tx *tx, struct arena *a, int64_t *closes_at_r)
{
	struct rows *r;

	tx_queue(tx, &hold, NO_VALS, NULL);
	TRY(tx_query(tx, &state_of, VALS(val_i64(0)), &r));
	if (!rows_null(r, 0, CLOSING_BEGUN_AT))
		return err_new(a, ERR_CONFLICT, "error.closing_already");
	if (rows_i64(r, 0, CLOSING_REQUESTS) > 0)
		return err_new(a, ERR_CONFLICT, "error.closing_requests");
	if (rows_null(r, 0, CLOSING_ID))
		tx_queue(tx, &ask, VALS(NO_VAL), NULL);
	tx_queue(tx, &begin_it, VALS(NO_VAL, val_i64(CLOSING_DAYS)), NULL);
	log_it(tx, a, "closing_begun");
	TRY(tx_query(tx, &state_of, VALS(val_i64(0)), &r));
	*closes_at_r = rows_i64(r, 0, CLOSING_CLOSES_AT);
	return NULL;
}

struct err *
closing_end(struct tx *tx, struct arena *a)
{
	struct rows *r;

	TRY(tx_query(tx, &end_it, VALS(NO_VAL), &r));
	if (rows_affected(r) == 0)
		return err_new(a, ERR_CONFLICT, "error.closing_not");
	log_it(tx, a, "closing_ended");
	return NULL;
}

static const struct param start_params[] = {
	{"confirm", P_TEXT, IN_BODY, 0, 60, false},
	PARAM_END,
};

const struct route closing_routes[] = {
	ROUTE(READ, GET, "/workspace", ON_BOTH, "", RIGHT_SELF, "", show, NULL, NULL,
		"settings/closing", "workspace.show"),
	ROUTE(WRITE, POST, "/workspace/close", ON_BOTH, "", RIGHT_CLOSE_WORKSPACE, "setting", start,
		start_params, NULL, "settings/closing", "workspace.close"),
	ROUTE(WRITE, POST, "/workspace/reopen", ON_BOTH, "", RIGHT_CLOSE_WORKSPACE, "setting",
		reopen, NULL, NULL, "settings/closing", "workspace.reopen"),
	ROUTE_END,
};
