/* SPDX-License-Identifier: ISC */
/* Erasing from the page and the API, and the receipt. */
#include "erase.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "erase_part.h"
#include "erase_remain.h"
#include "event.h"
#include "hold.h"
#include "ledger.h"
#include "model.h"
#include "num.h"
#include "retention.h"

/* The search for remains, then the disk, which is written anew for all at once. */
STMT(under_way, "erase.under_way", 3,
	"select job_id, done, total from job where state in ('queued', 'running') "
	"and (unique_key in ('erase_scan|' || $1::bigint, 'scrub') or kind = 'erase_scan' and "
	"$1::bigint between (args->>'erasure')::bigint and (args->>'last')::bigint) "
	"and (created_by = $2::bigint or $3::boolean) "
	"and exists (select from erasure where erasure_id = $1::bigint and scrubbed_at is null) "
	"order by kind limit 1");
STMT(receipt, "erase.read", 1,
	"select e.erasure_id, (extract(epoch from e.erased_at) * 1000000)::bigint, u.name, "
	"e.reason, "
	"visible_receipt(e.receipt)::text, (extract(epoch from e.files_at) * 1000000)::bigint, "
	"(extract(epoch from e.scanned_at) * 1000000)::bigint, "
	"(extract(epoch from e.scrubbed_at) * 1000000)::bigint, e.kept_until::text, "
	"(extract(epoch from e.completed_at) * 1000000)::bigint, e.papers::text "
	"from erasure e left join app_user u on u.user_id = e.erased_by "
	"where e.contact_id = $1::bigint order by e.erasure_id desc limit 1");
STMT(state, "erase.state", 3,
	"select c.erased_at is not null, c.hold, c.version, coalesce(case when $2::boolean then "
	"c.name_en end, case when $3::boolean then c.name_zh end, c.contact_id::text), "
	"(select count(*) from message m where m.contact_id = c.contact_id), "
	"(select count(*) from attachment f where f.contact_id = c.contact_id), "
	"(select count(*) from invoice i where i.contact_id = c.contact_id) "
	"from contact c where c.contact_id = $1::bigint");

static const char *const reasons[] = {
	"subject_request", "consent_withdrawn", "no_longer_needed", "inaccurate", "other", NULL};

#define N_STAGES 4
static const char *const stage_names[N_STAGES] = {
	"key_destroyed", "files_destroyed", "scanned", "scrubbed"};

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

/* Names of fields as far as the reader may know of them; of one that has been
 * removed since, nobody's profile says anything. */
static bool
is_known(const struct record_ctx *cx, const char *name)
{
	enum field_level level;

	return catalogue_find(cx->cat, ENTITY_CONTACT, name) == NULL ||
	       catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, name, &level) != NULL;
}

static void
drop_hidden(const struct record_ctx *cx, struct json_object *o)
{
	struct json_object *cleared = json_object_object_get(o, "cleared");
	struct json_object *list = json_object_object_get(cleared, "fields");

	for (size_t i = list != NULL ? json_object_array_length(list) : 0; i-- > 0;)
		if (!is_known(cx, json_object_get_string(json_object_array_get_idx(list, i))))
			json_object_array_del_idx(list, i, 1);
	list = json_object_object_get(o, "kept");
	for (size_t i = list != NULL ? json_object_array_length(list) : 0; i-- > 0;) {
		const char *what = json_object_get_string(
			json_object_object_get(json_object_array_get_idx(list, i), "what"));

		if (strncmp(what, "field:", 6) == 0 && !is_known(cx, what + 6))
			json_object_array_del_idx(list, i, 1);
	}
}

struct err *
erase_receipt(const struct record_ctx *cx, int64_t contact_id, struct json_object *o)
{
	static const size_t stage_columns[N_STAGES] = {1, 5, 6, 7};
	struct json_object *kept, *stages;
	struct rows *r;

	TRY(tx_query(cx->tx, &receipt, VALS(val_i64(contact_id)), &r));
	if (rows_count(r) == 0)
		return err_new(cx->a, ERR_NOT_FOUND, NULL);
	model_i64(o, "id", rows_i64(r, 0, 0));
	model_i64(o, "contact", contact_id);
	model_text(o, "state", rows_null(r, 0, 9) ? "erased" : "complete");
	model_text(o, "erased_at", time_rfc3339(cx->a, rows_i64(r, 0, 1)));
	model_text(o, "erased_by", rows_text(r, 0, 2));
	model_text(o, "reason", rows_text(r, 0, 3));
	kept = model_own(cx->a, json_tokener_parse(rows_text(r, 0, 4)));
	drop_hidden(cx, kept);
	TRY(erase_remain_decided(cx, rows_i64(r, 0, 0), json_object_object_get(kept, "remains")));
	json_object_object_foreach(kept, name, v)
		json_object_object_add(o, name, json_object_get(v));
	stages = model_list(o, "stages");
	for (size_t i = 0; i < N_STAGES; i++)
		add_stage(cx, stages, stage_names[i], rows_i64(r, 0, stage_columns[i]));
	model_text(o, "kept_until", rows_text(r, 0, 8));
	model_text(o, "completed_at",
		rows_null(r, 0, 9) ? NULL : time_rfc3339(cx->a, rows_i64(r, 0, 9)));
	json_object_object_add(o, "papers",
		json_object_get(model_own(cx->a, json_tokener_parse(rows_text(r, 0, 10)))));
	return NULL;
}

/* An order that was cut off and that the worker will carry out: the receipt of
 * what is to come. */
static void
ordered_receipt(struct request *rq, struct response *rp, const struct record_ctx *cx, int64_t at)
{
	struct json_object *o = response_data(rp), *stages;

	if (!rq->api)
		model_text(response_page(rp), "ordered", time_show(cx->a, at, lang_tag(cx->lang)));
	model_i64(o, "contact", request_id(rq, 0));
	model_text(o, "state", "ordered");
	model_text(o, "ordered_at", time_rfc3339(cx->a, at));
	model_text(o, "erased_at", NULL);
	stages = model_list(o, "stages");
	for (size_t i = 0; i < N_STAGES; i++)
		add_stage(cx, stages, stage_names[i], 0);
}

static const char *
text_at(struct json_object *o, const char *name)
{
	return json_object_get_string(json_object_object_get(o, name));
}

/* Until when: one day, the days between which the terms end, or that they have. */
static const char *
until_words(const struct record_ctx *cx, struct json_object *in)
{
	const char *until = text_at(in, "until"), *next = text_at(in, "next");
	const char *erased_at = text_at(in, "erased_at"), *tag = lang_tag(cx->lang);
	const char *day;

	if (until == NULL)
		return NULL;
	if (erased_at != NULL)
		return view_text(cx->a, cx->lang, "receipt.ended",
			date_show(cx->a, arena_strndup(cx->a, erased_at, 10), tag));
	day = date_show(cx->a, until, tag);
	if (next == NULL || strcmp(next, until) == 0)
		return day;
	return arena_printf(cx->a, "%s \xe2\x80\x93 %s", date_show(cx->a, next, tag), day);
}

static void
kept_words(const struct record_ctx *cx, struct json_object *in, struct json_object *o)
{
	const char *what = text_at(in, "what");
	const struct field *f = strncmp(what, "field:", 6) == 0
					? catalogue_find(cx->cat, ENTITY_CONTACT, what + 6)
					: NULL;

	model_text(o, "what",
		f != NULL ? field_label(f, cx->lang)
			  : view_text(cx->a, cx->lang, arena_printf(cx->a, "erase.kept.%s", what),
				    NULL));
	model_i64(o, "count", json_object_get_int64(json_object_object_get(in, "count")));
	model_text(o, "law", text_at(in, "law"));
	model_text(o, "until", until_words(cx, in));
}

static size_t
length_of(struct json_object *list)
{
	return list != NULL ? json_object_array_length(list) : 0;
}

/* Where it is read by whoever may, as long as something is there to be read. */
static void
kept_link(const struct record_ctx *cx, struct json_object *data, struct json_object *page)
{
	if (text_at(data, "kept_until") == NULL || text_at(data, "completed_at") != NULL ||
		!principal_may(cx->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		return;
	model_text(page, "kept_url",
		arena_printf(cx->a, "/contacts/%lld/erase/kept",
			(long long)json_object_get_int64(json_object_object_get(data, "contact"))));
}

/* Words for the codes of the receipt. */
void
erase_receipt_words(const struct record_ctx *cx, struct json_object *data, struct json_object *page)
{
	struct json_object *names = model_list(page, "fields"), *list, *in;
	struct json_object *kept = model_list(page, "kept"), *remains = model_list(page, "remains");

	if (text_at(data, "reason") != NULL)
		model_text(page, "reason",
			view_text(cx->a, cx->lang,
				arena_printf(cx->a, "erase.reason.%s", text_at(data, "reason")),
				NULL));
	if (json_object_object_get_ex(data, "cleared", &in))
		list = json_object_object_get(in, "fields");
	else
		list = NULL;
	for (size_t i = 0; i < length_of(list); i++) {
		const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT,
			json_object_get_string(json_object_array_get_idx(list, i)));

		if (f != NULL)
			model_push_text(names, field_label(f, cx->lang));
	}
	list = json_object_object_get(data, "kept");
	for (size_t i = 0; i < length_of(list); i++)
		kept_words(cx, json_object_array_get_idx(list, i), model_item(kept));
	kept_link(cx, data, page);
	list = json_object_object_get(data, "remains");
	for (size_t i = 0; i < length_of(list); i++)
		erase_remain_words(cx, json_object_array_get_idx(list, i), model_item(remains));
}

/* Field by field, what a law keeps: as far as whoever erases may know. */
static struct err *
say_kept(const struct record_ctx *cx, int64_t id, struct json_object *points)
{
	struct json_object *items = model_own(cx->a, json_object_new_array());

	TRY(retention_list(cx, &id, 1, false, items));
	for (size_t i = 0; i < json_object_array_length(items); i++) {
		struct json_object *in = json_object_array_get_idx(items, i);

		model_push_text(points, arena_printf(cx->a, "%s: %s (%s)", retention_title(cx, in),
						retention_words(cx, in), text_at(in, "law")));
	}
	return NULL;
}

static struct err *
confirm_page(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct rows *s, int64_t id)
{
	struct json_object *o = response_page(rp), *fields = model_list(o, "fields"), *f, *options;
	struct json_object *points = model_list(o, "points");
	static const char *const point_keys[] = {"erase.point_key", "erase.point_messages",
		"erase.point_invoices", "erase.point_final", NULL};

	/* Its title is a name. */
	record_named(cx, "view", &id, 1);
	model_text(o, "title", view_text(rq->a, cx->lang, "erase.title", rows_text(s, 0, 3)));
	model_text(o, "text", view_text(rq->a, cx->lang, "erase.text", NULL));
	for (const char *const *k = point_keys; *k != NULL; k++)
		model_push_text(points, view_text(rq->a, cx->lang, *k, NULL));
	TRY(say_kept(cx, id, points));
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
read_state(struct request *rq, const struct record_ctx *cx, int64_t id, struct rows **r)
{
	TRY(tx_query(rq->tx, &state,
		VALS(val_i64(id), val_bool(record_reads(cx, ENTITY_CONTACT, "name_en")),
			val_bool(record_reads(cx, ENTITY_CONTACT, "name_zh"))),
		r));
	return rows_count(*r) == 0 ? err_new(rq->a, ERR_NOT_FOUND, NULL) : NULL;
}

/* What the worker is doing of it, for whoever may follow that job. */
static struct err *
show_progress(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *o;
	struct rows *r;

	TRY(tx_query(rq->tx, &under_way,
		VALS(val_i64(json_object_get_int64(
			     json_object_object_get(response_data(rp), "id"))),
			val_i64(rq->principal->user_id),
			val_bool(
				principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))),
		&r));
	if (rows_count(r) == 0)
		return NULL;
	model_bool(page, "running", true);
	o = model_child(page, "job");
	model_i64(o, "id", rows_i64(r, 0, 0));
	model_i64(o, "done", rows_i64(r, 0, 1));
	if (!rows_null(r, 0, 2))
		model_i64(o, "total", rows_i64(r, 0, 2));
	return NULL;
}

struct err *
erase_receipt_show(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0), ordered = 0;
	struct rows *s;

	TRY(read_state(rq, &cx, id, &s));
	if (rows_bool(s, 0, 0))
		TRY(erase_receipt(&cx, id, response_data(rp)));
	else if ((ordered = ledger_ordered_at(gate_tenancy(), rq->a, rq->tenant, id)) != 0)
		ordered_receipt(rq, rp, &cx, ordered);
	else if (rq->api)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	else if (rows_bool(s, 0, 1))
		return hold_refusal(&cx, id);
	else
		return confirm_page(rq, rp, &cx, s, id);
	if (rq->api)
		return NULL;
	erase_receipt_words(&cx, response_data(rp), response_page(rp));
	rp->template = rows_bool(s, 0, 0) || ordered != 0 ? "privacy/receipt" : rp->template;
	model_bool(response_page(rp), "paper", rows_bool(s, 0, 0));
	if (rows_bool(s, 0, 0))
		erase_remain_form(rq, response_page(rp));
	return rows_bool(s, 0, 0) ? show_progress(rq, rp) : NULL;
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

	order.reason = form_word(rq, "reason", reasons, &e);
	check_confirmed(rq, order.contact_id, &e);
	if (e != NULL && !rq->api) {
		TRY(response_again(rp, rq, e));
		return erase_receipt_show(rq, rp);
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
	ROUTE(READ, GET, "/contacts/{id}/erase", ON_BOTH, "contact", RIGHT_ERASE, "view",
		erase_receipt_show, NULL, NULL, "privacy/receipt", "erase.show"),
	ROUTE(WRITE, POST, "/contacts/{id}/erase", ON_BOTH, "contact", RIGHT_ERASE, "erase", erase,
		erase_params, NULL, "confirm", "erase.run"),
	ROUTE_END,
};
