/* SPDX-License-Identifier: ISC */
/* Erasing from the page and the API, and the receipt. */
#include "erase.h"

#include <string.h>

#include "date.h"
#include "model.h"
#include "num.h"

STMT(receipt, "erase.read", 1,
	"select e.erasure_id, (extract(epoch from e.erased_at) * 1000000)::bigint, u.name, "
	"e.reason, "
	"e.receipt::text, (extract(epoch from e.files_at) * 1000000)::bigint, "
	"(extract(epoch from e.scanned_at) * 1000000)::bigint, "
	"(extract(epoch from e.scrubbed_at) * 1000000)::bigint, e.kept_until::text, "
	"(extract(epoch from e.completed_at) * 1000000)::bigint "
	"from erasure e left join app_user u on u.user_id = e.erased_by "
	"where e.contact_id = $1::bigint order by e.erasure_id desc limit 1");
STMT(state, "erase.state", 1,
	"select c.erased_at is not null, c.hold, c.version, coalesce(c.name_en, c.name_zh), "
	"(select count(*) from message m where m.contact_id = c.contact_id), "
	"(select count(*) from attachment f where f.contact_id = c.contact_id), "
	"(select count(*) from invoice i where i.contact_id = c.contact_id) "
	"from contact c where c.contact_id = $1::bigint");

static const char *const reasons[] = {
	"subject_request", "consent_withdrawn", "no_longer_needed", "inaccurate", "other", NULL};

static void
add_stage(const struct record_ctx *cx, struct json_object *stages, const char *stage, int64_t at)
{
	struct json_object *o = model_item(stages);

	model_text(o, "stage", stage);
	model_text(o, "label",
		view_text(cx->a, cx->lang, arena_printf(cx->a, "erase.stage.%s", stage), NULL));
	model_text(o, "at", at == 0 ? NULL : time_rfc3339(cx->a, at));
	model_text(o, "when", at == 0 ? NULL : time_show(cx->a, at, lang_tag(cx->lang)));
}

struct err *
erase_receipt(const struct record_ctx *cx, int64_t contact_id, struct json_object *o)
{
	struct json_object *kept, *stages;
	struct rows *r;

	TRY(tx_query(cx->tx, &receipt, VALS(val_i64(contact_id)), &r));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	model_i64(o, "id", rows_i64(r, 0, 0));
	model_i64(o, "contact", contact_id);
	model_text(o, "erased_at", time_rfc3339(cx->a, rows_i64(r, 0, 1)));
	model_text(o, "erased_by", rows_text(r, 0, 2));
	model_text(o, "reason", rows_text(r, 0, 3));
	kept = model_own(cx->a, json_tokener_parse(rows_text(r, 0, 4)));
	json_object_object_foreach(kept, name, v)
		json_object_object_add(o, name, json_object_get(v));
	stages = model_list(o, "stages");
	add_stage(cx, stages, "key_destroyed", rows_i64(r, 0, 1));
	add_stage(cx, stages, "files_destroyed", rows_i64(r, 0, 5));
	add_stage(cx, stages, "scanned", rows_i64(r, 0, 6));
	add_stage(cx, stages, "scrubbed", rows_i64(r, 0, 7));
	model_text(o, "kept_until", rows_text(r, 0, 8));
	model_text(o, "completed_at",
		rows_null(r, 0, 9) ? NULL : time_rfc3339(cx->a, rows_i64(r, 0, 9)));
	return NULL;
}

/* Words for the codes of the receipt. */
static void
receipt_words(const struct record_ctx *cx, struct json_object *data, struct json_object *page)
{
	struct json_object *list, *cleared, *names = model_list(page, "fields"),
					    *kept = model_list(page, "kept");

	model_text(page, "reason",
		view_text(cx->a, cx->lang,
			arena_printf(cx->a, "erase.reason.%s",
				json_object_get_string(json_object_object_get(data, "reason"))),
			NULL));
	cleared = json_object_object_get(data, "cleared");
	list = json_object_object_get(cleared, "fields");
	for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
		const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT,
			json_object_get_string(json_object_array_get_idx(list, i)));

		if (f != NULL)
			model_push_text(names, field_label(f, cx->lang));
	}
	list = json_object_object_get(data, "kept");
	for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++) {
		struct json_object *in = json_object_array_get_idx(list, i), *o = model_item(kept);
		const char *what = json_object_get_string(json_object_object_get(in, "what"));
		const char *until = json_object_get_string(json_object_object_get(in, "until"));
		const struct field *f = strncmp(what, "field:", 6) == 0
						? catalogue_find(cx->cat, ENTITY_CONTACT, what + 6)
						: NULL;

		model_text(o, "what",
			f != NULL ? field_label(f, cx->lang)
				  : view_text(cx->a, cx->lang,
					    arena_printf(cx->a, "erase.kept.%s", what), NULL));
		model_i64(o, "count", json_object_get_int64(json_object_object_get(in, "count")));
		model_text(o, "law", json_object_get_string(json_object_object_get(in, "law")));
		model_text(o, "until",
			until != NULL ? date_show(cx->a, until, lang_tag(cx->lang)) : NULL);
	}
}

static struct err *
confirm_page(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct rows *s, int64_t id)
{
	struct json_object *o = response_page(rp), *fields = model_list(o, "fields"), *f, *options;
	struct json_object *points = model_list(o, "points");
	static const char *const point_keys[] = {"erase.point_key", "erase.point_messages",
		"erase.point_invoices", "erase.point_final", NULL};

	model_text(o, "title", view_text(rq->a, cx->lang, "erase.title", rows_text(s, 0, 3)));
	model_text(o, "text", view_text(rq->a, cx->lang, "erase.text", NULL));
	for (const char *const *k = point_keys; *k != NULL; k++)
		model_push_text(points, view_text(rq->a, cx->lang, *k, NULL));
	model_bool(o, "danger", true);
	model_text(o, "action", arena_printf(rq->a, "/contacts/%lld/erase", (long long)id));
	model_text(o, "submit", view_text(rq->a, cx->lang, "erase.submit", NULL));
	model_text(o, "cancel_url", arena_printf(rq->a, "/contacts/%lld", (long long)id));
	model_i64(o, "version", rows_i64(s, 0, 2));
	f = model_item(fields);
	model_text(f, "name", "reason");
	model_text(f, "type", "choice");
	model_text(f, "label", view_text(rq->a, cx->lang, "erase.reason", NULL));
	model_bool(f, "required", true);
	model_text(f, "value", request_text(rq, "reason"));
	options = model_list(f, "options");
	for (const char *const *r = reasons; *r != NULL; r++) {
		struct json_object *option = model_item(options);

		model_text(option, "value", *r);
		model_text(option, "label",
			view_text(
				rq->a, cx->lang, arena_printf(rq->a, "erase.reason.%s", *r), NULL));
	}
	f = model_item(fields);
	model_text(f, "name", "confirm");
	model_text(f, "type", "text");
	model_text(f, "label",
		view_text(rq->a, cx->lang, "erase.confirm",
			arena_printf(rq->a, "%lld", (long long)id)));
	model_bool(f, "required", true);
	rp->template = "confirm";
	return NULL;
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct rows *s;

	TRY(tx_query(rq->tx, &state, VALS(val_i64(id)), &s));
	if (rows_count(s) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (!rows_bool(s, 0, 0) && rq->api)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (!rows_bool(s, 0, 0) && rows_bool(s, 0, 1))
		return err_new(rq->a, ERR_CONFLICT, "error.hold");
	if (!rows_bool(s, 0, 0))
		return confirm_page(rq, rp, &cx, s, id);
	TRY(erase_receipt(&cx, id, response_data(rp)));
	if (!rq->api)
		receipt_words(&cx, response_data(rp), response_page(rp));
	return NULL;
}

/* A code of the list: free text could name somebody. */
static const char *
checked_reason(struct request *rq, struct err **e)
{
	const char *reason = request_text(rq, "reason");

	for (const char *const *r = reasons; reason != NULL && *r != NULL; r++)
		if (strcmp(*r, reason) == 0)
			return *r;
	err_add_field(rq->a, e, "reason", reason == NULL ? "error.required" : "error.choice", NULL);
	return NULL;
}

static void
check_confirmed(struct request *rq, int64_t contact_id, struct err **e)
{
	const char *text = request_text(rq, "confirm");
	int64_t typed;

	if (text == NULL)
		err_add_field(rq->a, e, "confirm", "error.required", NULL);
	else if (!num_parse_i64(text, 1, INT64_MAX, &typed) || typed != contact_id)
		err_add_field(rq->a, e, "confirm", "error.confirm_number", NULL);
}

static struct err *
erase(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct erase_order order = {.contact_id = request_id(rq, 0)};
	struct err *e = NULL;
	struct rows *s;

	order.reason = checked_reason(rq, &e);
	check_confirmed(rq, order.contact_id, &e);
	if (e != NULL && !rq->api) {
		TRY(tx_query(rq->tx, &state, VALS(val_i64(order.contact_id)), &s));
		if (rows_count(s) == 0)
			return err_new(rq->a, ERR_NOT_FOUND, NULL);
		response_errors(rp, rq, e);
		return confirm_page(rq, rp, &cx, s, order.contact_id);
	}
	if (e != NULL)
		return e;
	if (request_header(rq, "If-Match") != NULL || !rq->api)
		TRY(request_version(rq, &order.version));
	TRY(erase_person(&cx, gate_tenancy(), &order, response_data(rp)));
	response_flash(rp, "flash.erased");
	response_go(rp, rq, "/contacts/%lld/erase", (long long)order.contact_id);
	return NULL;
}

/* Both are asked for by the handler, so that a form comes back with what was typed. */
static const struct param erase_params[] = {
	{"reason", P_TEXT, IN_BODY, 0, 40, false},
	{"confirm", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route erase_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/erase", ON_BOTH, "contact", RIGHT_ERASE, "view", show,
		NULL, NULL, "privacy/receipt", "erase.show"),
	ROUTE(WRITE, POST, "/contacts/{id}/erase", ON_BOTH, "contact", RIGHT_ERASE, "erase", erase,
		erase_params, NULL, "confirm", "erase.run"),
	ROUTE_END,
};
