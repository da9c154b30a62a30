/* SPDX-License-Identifier: ISC */
/*
 * Exports: one's own, and for whoever approves them everybody's; what is asked for,
 * let go, refused, fetched. And the threshold above which a second person decides.
 */
#include "controls.h"
#include "event.h"
#include "export_mail.h"
#include "export_view.h"
#include "model.h"
#include "text.h"
#include "workspace.h"

#define PAGE_ROWS 25
#define THRESHOLD_MAX 10000000

STMT(list_mine, "exports.mine", 3,
	"select " EXPORT_COLUMNS EXPORT_FROM "where e.created_by = $1::bigint "
	"and e.export_id < $2::bigint order by e.export_id desc limit $3::bigint");
STMT(list_all, "exports.all", 2,
	"select " EXPORT_COLUMNS EXPORT_FROM "where e.export_id < $1::bigint "
	"order by e.export_id desc limit $2::bigint");
STMT(one, "exports.one", 1, "select " EXPORT_COLUMNS EXPORT_FROM "where e.export_id = $1::bigint");
STMT(read_threshold, "exports.threshold", 0, "select export_threshold from workspace");
STMT(old_threshold, "exports.old_threshold", 0,
	"select export_threshold from workspace for update");
STMT(set_threshold, "exports.set_threshold", 1,
	"update workspace set export_threshold = $1::bigint::integer");

static bool
approves(const struct request *rq)
{
	return principal_may(rq->principal, ENTITY_NONE, RIGHT_APPROVE_EXPORTS);
}

/* What the reader is to the i-th of the rows. */
static struct export_row
row_of(const struct request *rq, const struct rows *r, size_t i, bool others)
{
	struct export_row x = {.r = r, .i = i, .approver = approves(rq), .others = others};

	x.mine = rows_i64(r, i, 15) == rq->principal->user_id;
	return x;
}

static struct err *
look_for_others(const struct request *rq, const struct record_ctx *cx, bool *others_r)
{
	*others_r = true;
	return approves(rq) ? export_others(cx, rq->principal->user_id, others_r) : NULL;
}

static void
threshold_form(struct request *rq, struct json_object *page, int64_t threshold)
{
	struct json_object *f = form_field(rq, model_list(page, "fields"), "number", "threshold",
		say(rq, "exports.threshold_label"),
		arena_printf(rq->a, "%lld", (long long)threshold));

	form_hint(rq, f, "exports.threshold_hint");
	form_required(f);
}

static void
add_whole(const struct request *rq, struct json_object *page)
{
	struct json_object *o = model_item(model_list(page, "actions"));

	model_text(o, "key", "export");
	model_text(o, "label", say(rq, "takeout.title"));
	model_text(o, "url", "/workspace/exports");
}

static void
list_page(struct request *rq, struct response *rp, const struct rows *r, size_t n, bool others,
	const char *next, int64_t threshold)
{
	struct json_object *page = response_page(rp), *rows;

	model_text(page, "title", say(rq, "exports.title"));
	model_text(page, "intro",
		view_text(rq->a, request_lang(rq), "exports.intro", number_text(rq->a, threshold)));
	model_crumb(page, say(rq, "settings.title"), "/settings");
	export_columns(rq, approves(rq), page);
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_CLOSE_WORKSPACE))
		add_whole(rq, page);
	rows = model_list(page, "rows");
	for (size_t i = 0; i < n; i++) {
		struct export_row x = row_of(rq, r, i, others);

		export_table_row(rq, &x, model_item(rows));
	}
	if (next != NULL)
		model_text(model_child(page, "pager"), "next_url",
			arena_printf(rq->a, "/exports?after=%s", next));
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))
		threshold_form(rq, page, threshold);
	rp->template = "exports/list";
}

static struct err *
list(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t limit = rq->method == METHOD_GET ? request_i64(rq, "limit", PAGE_ROWS) : PAGE_ROWS;
	int64_t after = rq->method == METHOD_GET ? request_i64(rq, "after", INT64_MAX) : INT64_MAX;
	struct json_object *items = model_list(response_data(rp), "items");
	struct rows *r, *t;
	const char *next = NULL;
	bool others;
	size_t n;

	TRY(look_for_others(rq, &cx, &others));
	tx_queue(rq->tx, &read_threshold, NO_VALS, &t);
	if (approves(rq))
		TRY(tx_query(rq->tx, &list_all, VALS(val_i64(after), val_i64(limit + 1)), &r));
	else
		TRY(tx_query(rq->tx, &list_mine,
			VALS(val_i64(rq->principal->user_id), val_i64(after), val_i64(limit + 1)),
			&r));
	n = rows_count(r) > (size_t)limit ? (size_t)limit : rows_count(r);
	for (size_t i = 0; i < n; i++) {
		struct export_row x = row_of(rq, r, i, others);

		export_model(&cx, &x, model_item(items));
	}
	if (rows_count(r) > n)
		next = arena_printf(rq->a, "%lld", (long long)rows_i64(r, n - 1, 0));
	model_text(response_data(rp), "next", next);
	model_i64(response_data(rp), "threshold", rows_i64(t, 0, 0));
	if (!rq->api)
		list_page(rq, rp, r, n, others, next, rows_i64(t, 0, 0));
	return NULL;
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct export_row x;
	struct rows *r;
	bool others;

	TRY(look_for_others(rq, &cx, &others));
	TRY(tx_query(rq->tx, &one, VALS(val_i64(request_id(rq, 0))), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	x = row_of(rq, r, 0, others);
	if (!x.mine && !x.approver)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	export_model(&cx, &x, response_data(rp));
	if (!rq->api)
		export_detail(rq, &cx, &x, response_page(rp));
	if (export_row_is_whole(&x))
		TRY(export_whole_show(rq, request_id(rq, 0), response_data(rp),
			rq->api ? NULL : response_page(rp)));
	rp->template = "exports/one";
	return NULL;
}

/* The page again, with what is wrong at its field; or where a decision leads to. */
static struct err *
after(struct request *rq, struct response *rp, struct err *e, const char *flash)
{
	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show(rq, rp);
	}
	response_flash(rp, flash);
	response_go(rp, rq, "/exports/%lld", (long long)request_id(rq, 0));
	return rq->api ? show(rq, rp) : NULL;
}

static const char *
note_of(const struct request *rq)
{
	const char *typed = request_text(rq, "note");

	return typed != NULL ? text_clean(rq->a, typed, true) : NULL;
}

static struct err *
approve(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);

	return after(rq, rp, export_approve(&cx, gate_settings(), request_id(rq, 0), note_of(rq)),
		"flash.export_approved");
}

static struct err *
reject(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);

	return after(rq, rp, export_reject(&cx, gate_settings(), request_id(rq, 0), note_of(rq)),
		"flash.export_rejected");
}

static struct err *
cancel(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	/* What is not one's own is not there, for this. */
	TRY(tx_query(rq->tx, &one, VALS(val_i64(request_id(rq, 0))), &r));
	if (rows_count(r) == 0 || !row_of(rq, r, 0, true).mine)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	return after(rq, rp, export_cancel(&cx, request_id(rq, 0)), "flash.export_cancelled");
}

/* One person can raise it, so the others learn that it was raised. */
static struct err *
change_threshold(struct request *rq, struct response *rp)
{
	struct audit_event ev = {
		.action = "permission", .entity = "workspace", .reason = "export_threshold"};
	struct record_ctx cx = record_ctx_of(rq);
	struct rows *before;

	ev.count = request_i64(rq, "threshold", 0);
	TRY(tx_query(rq->tx, &old_threshold, NO_VALS, &before));
	tx_queue(rq->tx, &set_threshold, VALS(val_i64(ev.count)), NULL);
	audit_queue(rq->tx, rq->a, &ev);
	if (ev.count > rows_i64(before, 0, 0))
		TRY(export_raised(&cx, gate_settings(), rows_i64(before, 0, 0), ev.count));
	TRY(tx_run(rq->tx));
	model_i64(response_data(rp), "threshold", ev.count);
	response_flash(rp, "flash.saved");
	if (!rq->api)
		response_go(rp, rq, "/exports");
	return NULL;
}

static const struct param list_params_of[] = {
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	{"after", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};
static const struct param note_params[] = {
	{"note", P_LONG, IN_BODY, 0, EXPORT_NOTE_MAX, false},
	PARAM_END,
};
static const struct param threshold_params[] = {
	{"threshold", P_I64, IN_BODY, 0, THRESHOLD_MAX, true},
	PARAM_END,
};

const struct route export_routes[] = {
	ROUTE(READ, GET, "/exports", ON_BOTH, "", RIGHT_SELF, "", list, list_params_of, NULL,
		"exports/list", "exports.list"),
	ROUTE(WRITE, POST, "/exports/threshold", ON_BOTH, "", RIGHT_MANAGE_WORKSPACE, "permission",
		change_threshold, threshold_params, NULL, "", "exports.threshold"),
	ROUTE(READ, GET, "/exports/{id}", ON_BOTH, "", RIGHT_SELF, "", show, NULL, NULL,
		"exports/one", "exports.show"),
	ROUTE(WRITE, POST, "/exports/{id}/approve", ON_BOTH, "", RIGHT_APPROVE_EXPORTS, "export",
		approve, note_params, NULL, "exports/one", "exports.approve"),
	ROUTE(WRITE, POST, "/exports/{id}/reject", ON_BOTH, "", RIGHT_APPROVE_EXPORTS, "export",
		reject, note_params, NULL, "exports/one", "exports.reject"),
	ROUTE(WRITE, POST, "/exports/{id}/cancel", ON_BOTH, "", RIGHT_SELF, "update", cancel, NULL,
		NULL, "exports/one", "exports.cancel"),
	ROUTE_END,
};
