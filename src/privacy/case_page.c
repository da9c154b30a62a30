/* SPDX-License-Identifier: ISC */
/* One case and what is kept beside its steps: who sees to it, notes, what is to be seen to. */
#include "case_review.h"
#include "case_view.h"

#include <string.h>

#include "controls.h"
#include "text.h"

#define BULK_MAX 100

STMT(find_many, "case.many", 1,
	"select request_id, reference, closed_at is null from privacy_request "
	"where request_id = any ($1::bigint[]) order by request_id for update");
STMT(is_runner, "case.is_runner", 1,
	"select u.name from app_user u where u.user_id = $1::bigint and u.active and exists "
	"(select from profile_right r where r.profile_id = u.profile_id and r.entity = '' "
	"and r.\"right\" = 'run_requests')");
STMT(set_assignee, "case.assign", 2,
	"update privacy_request set assignee_id = $2::bigint, version = version + 1, updated_at = "
	"now() where request_id = $1::bigint");
STMT(assigned, "case.assigned", 2,
	"insert into request_event (request_id, action, data) values ($1::bigint, 'assign', "
	"jsonb_build_object('assignee', $2::bigint))");
STMT(add_item, "case.add_item", 4,
	"insert into request_item (request_id, what, label, field, created_by) values ($1::bigint, "
	"$2, $3, $4, nullif(current_setting('praya.user_id', true), '')::bigint)");
STMT(decide_item, "case.decide_item", 5,
	"update request_item set outcome = $3, decided_at = now(), decided_by = $4::bigint, "
	"reason = $5 "
	"where request_id = $1::bigint and item_id = $2::bigint returning what");
STMT(find_item, "case.item", 2,
	"select what, label from request_item where request_id = $1::bigint and item_id = "
	"$2::bigint");

/* ---- who sees to it */

static struct err *
assign_to(struct request *rq, int64_t *who_r, const char **name_r)
{
	struct err *e = NULL;
	struct rows *r;

	*who_r = request_i64(rq, "assignee_id", 0);
	*name_r = say(rq, "requests.nobody_assigned");
	if (*who_r == 0)
		return NULL;
	TRY(tx_query(rq->tx, &is_runner, VALS(val_i64(*who_r)), &r));
	if (rows_count(r) == 0)
		err_add_field(rq->a, &e, "assignee_id", "error.reference", NULL);
	else
		*name_r = rows_text(r, 0, 0);
	return e;
}

static void
confirm_page(
	struct request *rq, struct response *rp, const struct rows *r, size_t can, const char *name)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "crumbs"),
			   *o = model_item(list);

	rp->template = "privacy/assign";
	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	model_text(page, "title", view_text(rq->a, request_lang(rq), "requests.assign_to", name));
	model_text(page, "can",
		view_text(rq->a, request_lang(rq), "requests.can",
			arena_printf(rq->a, "%s %s", number_text(rq->a, (int64_t)can),
				view_text(rq->a, request_lang(rq), "requests.of",
					number_text(rq->a, (int64_t)rows_count(r))))));
	if (request_i64(rq, "assignee_id", 0) != 0)
		model_i64(page, "assignee_id", request_i64(rq, "assignee_id", 0));
	list = model_list(page, "ids");
	for (size_t i = 0; i < rows_count(r); i++)
		if (rows_bool(r, i, 2))
			model_push_i64(list, rows_i64(r, i, 0));
	list = model_list(page, "cannot");
	for (size_t i = 0; i < rows_count(r); i++)
		if (!rows_bool(r, i, 2))
			model_push_text(list, rows_text(r, i, 1));
}

static struct err *
assign(struct request *rq, struct response *rp)
{
	struct json_object *ids = request_value(rq, "ids"), *refused;
	size_t n = ids != NULL ? json_object_array_length(ids) : 0, can = 0;
	int64_t *list = ARENA_ARRAY(rq->a, n + 1, int64_t), who;
	const char *name;
	struct rows *r;

	for (size_t i = 0; i < n; i++)
		list[i] = json_object_get_int64(json_object_array_get_idx(ids, i));
	TRY(assign_to(rq, &who, &name));
	TRY(tx_query(rq->tx, &find_many, VALS(val_i64s(list, n)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	for (size_t i = 0; i < rows_count(r); i++)
		can += rows_bool(r, i, 2);
	if (!rq->api && (can == 0 || !request_bool(rq, "confirm", false))) {
		confirm_page(rq, rp, r, can, name);
		return NULL;
	}
	refused = model_list(response_data(rp), "refused");
	for (size_t i = 0; i < rows_count(r); i++) {
		struct privacy_case c = {.id = rows_i64(r, i, 0)};

		if (!rows_bool(r, i, 2)) {
			model_push_i64(refused, c.id);
			continue;
		}
		tx_queue(rq->tx, &set_assignee, VALS(val_i64(c.id), val_id(who)), NULL);
		tx_queue(rq->tx, &assigned, VALS(val_i64(c.id), val_id(who)), NULL);
		case_log(rq, "update", &c);
	}
	model_i64(response_data(rp), "done", (int64_t)can);
	model_i64(response_data(rp), "of", (int64_t)rows_count(r));
	response_flash(rp, "flash.request_assigned");
	if (!rq->api && rows_count(r) == 1)
		response_go(rp, rq, "/privacy/requests/%lld", (long long)rows_i64(r, 0, 0));
	else if (!rq->api)
		response_go(rp, rq, "/privacy");
	return tx_run(rq->tx);
}

/* ---- one case */

/* Those who received it are told of its correction. */
static void
add_fields(struct request *rq, struct json_object *list, const char *chosen)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct layout *l = layout_of(&cx, ENTITY_CONTACT, false, false);
	struct json_object *o =
		form_field(rq, list, "choice", "field", say(rq, "requests.field"), chosen);

	form_option(o, "", say(rq, "common.choose"));
	for (size_t i = 0; i < l->n; i++)
		form_option(o, l->fields[i]->name, field_label(l->fields[i], cx.lang));
	form_hint(rq, o, "requests.field_hint");
}

/* Of a form that is shown again. */
static const char *
typed(const struct request *rq, const struct response *rp, const char *name)
{
	const char *text = rp->again ? request_text(rq, name) : NULL;

	return text != NULL ? text : "";
}

static struct err *
read_one(struct request *rq, struct response *rp)
{
	struct json_object *list, *o;
	struct privacy_case c;

	TRY(case_load(rq, request_id(rq, 0), &c));
	case_log(rq, "view", &c);
	TRY(case_show(rq, rp, &c));
	if (rq->api)
		return NULL;
	list = response_page(rp);
	/* What an answer was wrong about. */
	if (rq->path_args[1] != NULL)
		model_i64(list, "item_sent", request_id(rq, 1));
	model_bool(list, "runs", principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS));
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		TRY(copy_failed(rq, c.id, response_data(rp), list));
	model_bool(list, "open", c.closed_at == 0);
	model_bool(list, "recipients", c.closed_at == 0 && strcmp(c.kind, "correction") == 0);
	o = form_field(rq, model_list(list, "assign"), "choice", "assignee_id",
		say(rq, "requests.assignee_title"),
		c.assignee_id != 0 ? arena_printf(rq->a, "%lld", (long long)c.assignee_id) : "");
	TRY(case_runners(rq, o));
	o = form_field(rq, model_list(list, "note"), "long_text", "note", say(rq, "requests.note"),
		typed(rq, rp, "note"));
	form_required(o);
	list = model_list(list, "item");
	o = form_field(
		rq, list, "choice", "what", say(rq, "requests.what_title"), typed(rq, rp, "what"));
	form_words(rq, o, (const char *const[]){"source", "field", "recipient", "processor", NULL},
		"requests.what");
	form_required(o);
	o = form_field(
		rq, list, "text", "label", say(rq, "requests.label"), typed(rq, rp, "label"));
	form_required(o);
	model_i64(o, "max", 200);
	if (strcmp(c.kind, "correction") == 0)
		add_fields(rq, list, typed(rq, rp, "field"));
	return NULL;
}

/* Wrong, on a page of its case. */
static struct err *
again(struct request *rq, struct response *rp, struct err *e)
{
	if (rq->api)
		return e;
	TRY(response_again(rp, rq, e));
	return read_one(rq, rp);
}

static const char *const whats[] = {"source", "field", "recipient", "processor", NULL};

/* Of a field to decide on which one it is: a field of contacts that is there. */
static const char *
read_field(struct request *rq, const char *what, struct err **e)
{
	struct record_ctx cx = record_ctx_of(rq);
	const char *name = request_text(rq, "field");

	if (name == NULL || *name == '\0')
		return NULL;
	if (what == NULL || strcmp(what, "field") != 0 ||
		catalogue_find(cx.cat, ENTITY_CONTACT, name) == NULL)
		err_add_field(rq->a, e, "field", "error.choice", NULL);
	return name;
}

/* Of an open one, or of what is over: a note can still be made. */
static struct err *
add_note(struct request *rq, struct response *rp)
{
	const char *text = request_text(rq, "note");
	struct privacy_case c;
	struct err *e = NULL;

	TRY(case_load(rq, request_id(rq, 0), &c));
	text = text != NULL ? text_clean(rq->a, text, true) : NULL;
	if (text == NULL) {
		err_add_field(rq->a, &e, "note", "error.required", NULL);
		return again(rq, rp, e);
	}
	/* With its key gone nothing more can be said of it. */
	if (!c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	case_note(rq, &c, "note", text, NULL);
	case_log(rq, "update", &c);
	response_flash(rp, "flash.saved");
	rp->status = 201;
	response_go(rp, rq, "/privacy/requests/%lld", (long long)c.id);
	return tx_run(rq->tx);
}

static struct err *
new_item(struct request *rq, struct response *rp)
{
	const char *what, *field, *label = request_text(rq, "label");
	struct privacy_case c;
	struct err *e = NULL;

	TRY(case_load(rq, request_id(rq, 0), &c));
	label = label != NULL ? text_clean(rq->a, label, false) : NULL;
	what = form_word(rq, "what", whats, &e);
	field = read_field(rq, what, &e);
	if (label == NULL)
		err_add_field(rq->a, &e, "label", "error.required", NULL);
	if (e != NULL)
		return again(rq, rp, e);
	if (c.closed_at != 0 || !c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	tx_queue(rq->tx, &add_item,
		VALS(val_i64(c.id), val_text(what), val_bytes(case_seal(rq, &c, "label", label)),
			val_text(field)),
		NULL);
	case_note(rq, &c, "item", label, NULL);
	case_log(rq, "update", &c);
	response_flash(rp, "flash.saved");
	rp->status = 201;
	response_go(rp, rq, "/privacy/requests/%lld", (long long)c.id);
	return tx_run(rq->tx);
}

/* A source holds something or not, a field is done or refused, a recipient was told or not, a
 * processor has erased or had nothing. */
static bool
fits(const char *what, const char *outcome)
{
	static const char *const pairs[][3] = {{"source", "held", "not_held"},
		{"field", "done", "refused"}, {"recipient", "sent", "ceased"},
		{"processor", "confirmed", "not_held"}};

	for (size_t i = 0; i < 4; i++)
		if (strcmp(pairs[i][0], what) == 0)
			return strcmp(pairs[i][1], outcome) == 0 ||
			       strcmp(pairs[i][2], outcome) == 0;
	return false;
}

/* What was answered about which, in the history. */
static void
note_outcome(struct request *rq, const struct privacy_case *c, const char *outcome,
	const char *label, const char *why)
{
	struct json_object *data = model_object(rq->a);

	model_text(data, "outcome", outcome);
	if (label != NULL && why != NULL)
		label = arena_printf(rq->a, "%s\n%s", label, why);
	case_note(rq, c, "item", label != NULL ? label : why, data);
}

static struct err *
set_item(struct request *rq, struct response *rp)
{
	int64_t item = request_id(rq, 1);
	const char *outcome = request_text(rq, "outcome"), *why = request_text(rq, "reason");
	struct privacy_case c;
	struct err *e = NULL;
	struct rows *r;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(tx_query(rq->tx, &find_item, VALS(val_i64(c.id), val_i64(item)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (outcome == NULL || !fits(rows_text(r, 0, 0), outcome)) {
		err_add_field(rq->a, &e, "outcome",
			outcome == NULL ? "error.required" : "error.choice", NULL);
		return again(rq, rp, e);
	}
	/* s.23(1)(c): nobody is left out without a reason. */
	why = why != NULL && strcmp(outcome, "ceased") == 0 ? text_clean(rq->a, why, true) : NULL;
	if (why == NULL && strcmp(outcome, "ceased") == 0) {
		err_add_field(rq->a, &e, "reason", "error.required", NULL);
		return again(rq, rp, e);
	}
	if (c.closed_at != 0 || !c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	tx_queue(rq->tx, &decide_item,
		VALS(val_i64(c.id), val_i64(item), val_text(outcome),
			val_i64(rq->principal->user_id),
			val_bytes(case_seal(rq, &c, "reason", why))),
		NULL);
	note_outcome(
		rq, &c, outcome, case_unseal(rq, &c, "label", rows_bytes(rq->a, r, 0, 1)), why);
	case_log(rq, "update", &c);
	response_flash(rp, "flash.saved");
	response_go(rp, rq, "/privacy/requests/%lld", (long long)c.id);
	return tx_run(rq->tx);
}

static const struct param assign_params[] = {
	{"ids", P_I64S, IN_BODY, 1, BULK_MAX, true},
	{"assignee_id", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};
static const struct param assign_form[] = {
	{"ids", P_I64S, IN_BODY, 1, BULK_MAX, false},
	{"assignee_id", P_I64, IN_BODY, 1, 0, false},
	{"confirm", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param note_params[] = {
	{"note", P_LONG, IN_BODY, 0, 4000, true},
	PARAM_END,
};
static const struct param item_params[] = {
	{"what", P_TEXT, IN_BODY, 0, 20, true},
	{"label", P_TEXT, IN_BODY, 0, 200, true},
	{"field", P_TEXT, IN_BODY, 0, 60, false},
	PARAM_END,
};
static const struct param outcome_params[] = {
	{"outcome", P_TEXT, IN_BODY, 0, 20, true},
	{"reason", P_LONG, IN_BODY, 0, 1000, false},
	PARAM_END,
};

static const struct param read_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	PARAM_END,
};

const struct route case_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/{id}", ON_BOTH, "", RIGHT_SELF, "view", read_one,
		read_params, NULL, "privacy/request", "request.read"),
	ROUTE(WRITE, POST, "/privacy/requests/assign", ON_API, "", RIGHT_RUN_REQUESTS, "update",
		assign, assign_params, NULL, "", "request.assign"),
	ROUTE(WRITE, POST, "/privacy/assign", ON_PAGE, "", RIGHT_RUN_REQUESTS, "update", assign,
		assign_form, NULL, "privacy/assign", "request.assign_form"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/notes", ON_BOTH, "", RIGHT_SELF, "update",
		add_note, note_params, NULL, "privacy/request", "request.note"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/items", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", new_item, item_params, NULL, "privacy/request", "request.item"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/items/{id}", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", set_item, outcome_params, NULL, "privacy/request",
		"request.item_outcome"),
	ROUTE_END,
};
