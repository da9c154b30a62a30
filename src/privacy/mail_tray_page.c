/* SPDX-License-Identifier: ISC */
/* The tray of mail of erased people: looked at, let in, destroyed. */
#include "mail_tray_page.h"

#include "controls.h"
#include "date.h"
#include "event.h"
#include "job.h"
#include "mail_tray.h"
#include "suppression.h"

STMT(list_waiting, "mail_tray.list", 1,
	"select t.tray_id, t.key_id, k.wrapped, t.particulars, (extract(epoch from t.created_at) * "
	"1000000)::bigint, t.erased_on::text, t.size, (extract(epoch from t.created_at + interval "
	"'30 days') * 1000000)::bigint from mail_tray t join data_key k using (key_id) "
	"where t.state = 'waiting' and t.tray_id > $1::bigint order by t.tray_id limit 51");
STMT(decide, "mail_tray.decide", 4,
	"update mail_tray set state = $2, decided_at = now(), decided_by = $3::bigint, how = $4 "
	"where tray_id = $1::bigint");
STMT(expired, "mail_tray.expired", 0,
	"select tray_id from mail_tray where state = 'waiting' and created_at < now() - interval "
	"'30 days' order by created_at limit 100");

#define PAGE_ITEMS 50

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

static void
add_item(struct request *rq, const struct record_ctx *cx, const struct rows *r, size_t i,
	struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq)), *name;
	struct json_object *in;
	struct seal_key key;
	int64_t date;

	model_i64(o, "id", rows_i64(r, i, 0));
	model_text(o, "received_at", time_rfc3339(rq->a, rows_i64(r, i, 4)));
	model_text(o, "erased_on", rows_text(r, i, 5));
	model_i64(o, "size", rows_i64(r, i, 6));
	model_text(o, "destroyed_at", time_rfc3339(rq->a, rows_i64(r, i, 7)));
	in = mail_tray_open(cx, r, i, 1, &key);
	if (in != NULL) {
		date = json_object_get_int64(json_object_object_get(in, "date"));
		model_text(o, "address", text_at(in, "address"));
		model_text(o, "name", text_at(in, "name"));
		model_text(o, "subject", text_at(in, "subject"));
		model_text(o, "sent_at", date != 0 ? time_rfc3339(rq->a, date) : NULL);
		model_text(o, "direction",
			json_object_get_boolean(json_object_object_get(in, "outgoing")) ? "out"
											: "in");
	}
	if (rq->api)
		return;
	name = text_at(o, "name");
	model_text(o, "who",
		name != NULL ? arena_printf(rq->a, "%s <%s>", name, text_at(o, "address"))
			     : text_at(o, "address"));
	model_text(o, "blocked",
		view_text(rq->a, request_lang(rq), "error.blocked_erased",
			date_show(rq->a, rows_text(r, i, 5), tag)));
	model_text(o, "came",
		view_text(rq->a, request_lang(rq), "tray.came",
			time_show(rq->a, rows_i64(r, i, 4), tag)));
	model_text(o, "ends",
		view_text(rq->a, request_lang(rq), "tray.ends",
			time_show(rq->a, rows_i64(r, i, 7), tag)));
}

static void
page_of(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list, *o;

	rp->template = "privacy/tray";
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	model_text(page, "title", say(rq, "tray.title"));
	model_text(page, "subtitle", say(rq, "tray.lead"));
	list = model_list(page, "ways");
	for (const char *const *w = suppression_ways; *w != NULL; w++) {
		o = model_item(list);
		model_text(o, "value", *w);
		model_text(o, "label", say_word(rq, "suppression.way", *w));
	}
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *items = model_list(response_data(rp), "items");
	struct audit_event e = {.action = "view", .entity = "mail_tray"};
	struct rows *r;
	int64_t *ids;
	size_t n;

	TRY(tx_query(rq->tx, &list_waiting, VALS(val_i64(request_i64(rq, "after", 0))), &r));
	n = rows_count(r) > PAGE_ITEMS ? PAGE_ITEMS : rows_count(r);
	ids = ARENA_ARRAY(rq->a, n + 1, int64_t);
	for (size_t i = 0; i < n; i++) {
		ids[i] = rows_i64(r, i, 0);
		add_item(rq, &cx, r, i, model_item(items));
	}
	model_text(response_data(rp), "next",
		rows_count(r) > n ? arena_printf(rq->a, "%lld", (long long)rows_i64(r, n - 1, 0))
				  : NULL);
	e.records = ids;
	e.nrecords = n;
	audit_queue(rq->tx, rq->a, &e);
	if (!rq->api)
		page_of(rq, rp);
	/* What an answer was wrong about. */
	if (rq->path_args[0] != NULL)
		model_i64(response_page(rp), "sent", request_id(rq, 0));
	return tx_run(rq->tx);
}

static struct err *
refuse(struct request *rq, struct response *rp, struct err *e)
{
	if (rq->api || e->kind != ERR_INVALID)
		return e;
	TRY(response_again(rp, rq, e));
	return show(rq, rp);
}

/* The address makes records again, and the worker files the message. */
static struct err *
let_in(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *args = model_object(rq->a);
	int64_t id = request_id(rq, 0), job;
	struct err *e = NULL;
	const char *how = form_word(rq, "how", suppression_ways, &e);
	struct mail_tray m;
	bool lifted;

	if (e != NULL)
		return refuse(rq, rp, e);
	TRY(mail_tray_find(&cx, id, &m));
	TRY(suppression_return(rq, text_at(m.particulars, "address"), how, &lifted));
	tx_queue(rq->tx, &decide,
		VALS(val_i64(id), val_text("let_in"), val_i64(rq->principal->user_id),
			val_text(how)),
		NULL);
	audit_queue_one(rq->tx, rq->a, "update", "mail_tray", id, 0, "let_in");
	model_i64(args, "tray", id);
	TRY(job_enqueue(rq->tx, rq->a, "mail_tray", args,
		arena_printf(rq->a, "mail_tray|%lld", (long long)id), rq->principal->user_id,
		&job));
	rp->status = 202;
	if (rq->api)
		model_i64(response_data(rp), "job", job);
	response_flash(rp, "flash.tray_let_in");
	response_go(rp, rq, "/jobs/%lld", (long long)job);
	return NULL;
}

static struct err *
destroy(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct mail_tray m;

	TRY(mail_tray_find(&cx, id, &m));
	tx_queue(rq->tx, &decide,
		VALS(val_i64(id), val_text("destroyed"), val_i64(rq->principal->user_id),
			val_text(NULL)),
		NULL);
	mail_tray_end(rq->tx, id);
	audit_queue_one(rq->tx, rq->a, "delete", "mail_tray", id, 0, NULL);
	response_flash(rp, "flash.tray_destroyed");
	if (rq->api)
		model_text(response_data(rp), "state", "destroyed");
	else
		response_go(rp, rq, "/privacy/tray");
	return tx_run(rq->tx);
}

struct err *
mail_tray_expire(struct tx *tx, struct arena *a)
{
	struct rows *r;

	TRY(tx_query(tx, &expired, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		int64_t id = rows_i64(r, i, 0);

		tx_queue(tx, &decide,
			VALS(val_i64(id), val_text("destroyed"), val_id(0), val_text(NULL)), NULL);
		mail_tray_end(tx, id);
		audit_queue_one(tx, a, "delete", "mail_tray", id, 0, "time_over");
	}
	return NULL;
}

static const struct param show_params[] = {
	{"after", P_I64, IN_QUERY, 0, INT64_MAX, false},
	PARAM_END,
};
static const struct param let_in_params[] = {
	{"how", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route mail_tray_routes[] = {
	ROUTE(READ, GET, "/privacy/tray", ON_BOTH, "", RIGHT_RUN_REQUESTS, "view", show,
		show_params, NULL, "privacy/tray", "tray.list"),
	ROUTE(WRITE, POST, "/privacy/tray/{id}/let-in", ON_BOTH, "", RIGHT_RUN_REQUESTS, "update",
		let_in, let_in_params, NULL, "privacy/tray", "tray.let_in"),
	ROUTE(WRITE, POST, "/privacy/tray/{id}/destroy", ON_BOTH, "", RIGHT_RUN_REQUESTS, "delete",
		destroy, NULL, NULL, "", "tray.destroy"),
	ROUTE_END,
};
