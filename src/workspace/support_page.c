/* SPDX-License-Identifier: ISC */
/*
 * Support access as whoever manages the workspace sees it: requests to answer, an offer, what is
 * open and how to end it, and afterwards every page that was seen. Ending asks for no proof of
 * identity: it has to be quick.
 */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "event.h"
#include "operator.h"
#include "support.h"
#include "text.h"

STMT(list_grants, "support.list", 1,
	"select " GRANT_COLUMNS "from support_grant g "
	"where g.grant_id < $1::bigint order by g.grant_id desc limit 51");
STMT(list_seen, "support.seen", 3,
	"select e.event_id, (extract(epoch from e.at) * 1000000)::bigint, e.at::text, e.route, "
	"e.action, e.outcome, e.entity, visible_ids(e.entity, "
	"audit_records(e.entity, e.record_ids, e.subject_ids)), e.count, host(e.ip) "
	"from audit_event e where e.grant_id = $1::bigint "
	"and ($2::timestamptz is null or (e.at, e.event_id) < ($2::timestamptz, $3::bigint)) "
	"order by e.at desc, e.event_id desc limit 101");

#define PAGE_GRANTS 50
#define PAGE_SEEN 100
#define RECORDS_SHOWN 10

static void
crumbs(const struct request *rq, struct json_object *page, bool grants)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	if (!grants)
		return;
	o = model_item(list);
	model_text(o, "label", say(rq, "support.title"));
	model_text(o, "url", "/settings/support");
}

static struct err *
add_grant(struct request *rq, const struct grant *g, struct json_object *o)
{
	const char *email;

	TRY(operator_email(gate_tenancy(), rq->a, g->operator_id, &email));
	grant_model(rq, g, email, o);
	return NULL;
}

void
grant_fields(struct request *rq, struct json_object *list, const char *reason_hint)
{
	static const char *const scopes[] = {"read_masked", "read", "read_write", NULL};
	static const char *const hours[] = {"1", "2", "4", "8", "12", "24", NULL};
	struct json_object *f;

	f = form_field(rq, list, "choice", "scope", say(rq, "support.scope_title"), "read_masked");
	form_required(f);
	form_words(rq, f, scopes, "support.scope");
	f = form_field(rq, list, "choice", "hours", say(rq, "support.hours"), "4");
	form_required(f);
	for (const char *const *h = hours; *h != NULL; h++)
		form_option(f, *h, *h);
	f = form_field(rq, list, "text", "reason", say(rq, "support.reason"), "");
	form_required(f);
	model_i64(f, "max", 200);
	form_hint(rq, f, reason_hint);
}

static void
offer_fields(struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "fields"), *f;

	f = form_field(rq, list, "email", "operator", say(rq, "support.operator"), "");
	form_required(f);
	form_hint(rq, f, "support.operator_hint");
	grant_fields(rq, list, "support.reason_hint");
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	struct json_object *data = response_data(rp), *page, *items = model_list(data, "items");
	int64_t after = request_i64(rq, "after", INT64_MAX);
	struct rows *r;
	size_t n;

	TRY(tx_query(rq->tx, &list_grants, VALS(val_i64(after)), &r));
	n = rows_count(r) > PAGE_GRANTS ? PAGE_GRANTS : rows_count(r);
	for (size_t i = 0; i < n; i++) {
		struct grant g;

		grant_from_row(rq->a, r, i, &g);
		TRY(add_grant(rq, &g, model_item(items)));
	}
	model_text(data, "next",
		rows_count(r) > n ? arena_printf(rq->a, "%lld", (long long)rows_i64(r, n - 1, 0))
				  : NULL);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	crumbs(rq, page, false);
	model_text(page, "title", say(rq, "support.title"));
	model_text(page, "subtitle", say(rq, "settings.support_help"));
	offer_fields(rq, page);
	rp->template = "settings/support";
	return NULL;
}

static void
add_records(struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	struct json_object *list = model_list(o, "record_ids");
	size_t n;
	int64_t *ids = rows_i64s(rq->a, r, i, 7, &n);

	for (size_t k = 0; k < n && (rq->api || k < RECORDS_SHOWN); k++)
		model_push_i64(list, ids[k]);
	model_i64(o, "count", rows_i64(r, i, 8));
}

static void
add_seen(struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	const char *entity = rows_text(r, i, 6);
	int64_t at = rows_i64(r, i, 1);

	model_i64(o, "id", rows_i64(r, i, 0));
	model_text(o, "at", time_rfc3339(rq->a, at));
	model_text(o, "route", rows_text(r, i, 3));
	model_text(o, "action", rows_text(r, i, 4));
	model_text(o, "outcome", rows_text(r, i, 5));
	model_text(o, "entity", entity);
	model_text(o, "ip", rows_text(r, i, 9));
	add_records(rq, r, i, o);
	if (rq->api)
		return;
	model_text(o, "when", time_show(rq->a, at, lang_tag(request_lang(rq))));
	model_text(o, "action_label", say_word(rq, "audit.action", rows_text(r, i, 4)));
	if (entity != NULL && entity_parse(entity) != ENTITY_NONE)
		model_text(
			o, "entity_label", say(rq, arena_printf(rq->a, "entity.%s.one", entity)));
	else if (entity != NULL && *entity != '\0')
		model_text(o, "entity_label", say_word(rq, "audit.entity_word", entity));
}

static struct err *
seen_list(struct request *rq, int64_t id, struct json_object *o)
{
	struct audit_event looked = {.action = "list", .entity = "audit", .reason = "support_seen"};
	struct json_object *list = model_list(o, "seen");
	const char *at;
	struct rows *r;
	int64_t event;
	size_t n;

	TRY(cursor_pair(rq, "support.seen", &at, &event));
	TRY(tx_query(rq->tx, &list_seen, VALS(val_i64(id), val_text(at), val_i64(event)), &r));
	n = rows_count(r) > PAGE_SEEN ? PAGE_SEEN : rows_count(r);
	for (size_t i = 0; i < n; i++)
		add_seen(rq, r, i, model_item(list));
	looked.count = (int64_t)n;
	audit_queue(rq->tx, rq->a, &looked);
	model_null(o, "next");
	if (rows_count(r) == n)
		return NULL;
	model_text(o, "next",
		cursor_of_pair(rq, "support.seen", rows_text(r, n - 1, 2), rows_i64(r, n - 1, 0)));
	return NULL;
}

static struct err *
load(struct request *rq, struct grant *g)
{
	bool found;

	TRY(grant_load(rq->tx, rq->a, request_id(rq, 0), g, &found));
	return found ? NULL : err_new(rq->a, ERR_NOT_FOUND, NULL);
}

static struct err *
read_one(struct request *rq, struct response *rp)
{
	struct json_object *data = response_data(rp);
	struct grant g;

	TRY(load(rq, &g));
	TRY(add_grant(rq, &g, data));
	TRY(seen_list(rq, g.id, data));
	if (rq->api)
		return NULL;
	crumbs(rq, response_page(rp), true);
	model_text(response_page(rp), "title", say(rq, "support.grant"));
	rp->template = "settings/support_grant";
	return NULL;
}

/* Of what was done: the grant as it is now, or back to the list. */
static struct err *
answer(struct request *rq, struct response *rp, int64_t id, int status, const char *flash)
{
	struct grant g;
	bool found;

	response_flash(rp, flash);
	if (!rq->api) {
		response_go(rp, rq, "/settings/support");
		return NULL;
	}
	rp->status = status;
	if (status == 204)
		return NULL;
	TRY(grant_load(rq->tx, rq->a, id, &g, &found));
	return add_grant(rq, &g, response_data(rp));
}

/* Before anything is written: the pointer in the region's database comes first, so that a grant
 * is never without one. */
static struct err *
offer_to(struct request *rq, const struct wanted *w, int64_t operator_id, int64_t *id_r)
{
	struct operator_case k = {.tenant = rq->tenant->id,
		.slug = rq->tenant->slug,
		.scope = w->scope,
		.hours = w->hours};
	int64_t ignored;

	TRY(grant_insert(rq->tx, rq->a, operator_id, w, rq->principal->user_id, id_r));
	k.grant = *id_r;
	return operator_case_add(gate_tenancy(), rq->a, operator_id, &k, &ignored);
}

static struct err *
offer(struct request *rq, struct response *rp)
{
	const char *typed = request_text(rq, "operator");
	const char *email = typed != NULL ? text_email(rq->a, typed) : NULL;
	int64_t operator_id = 0, id;
	struct err *e = NULL;
	struct wanted w;

	if (email != NULL)
		TRY(operator_find(gate_tenancy(), rq->a, email, &operator_id));
	if (operator_id == 0)
		err_add_field(rq->a, &e, "operator", "error.no_operator", NULL);
	grant_wanted(rq, &w, &e);
	if (e != NULL && !rq->api) {
		response_errors(rp, rq, e);
		return list_all(rq, rp);
	}
	if (e != NULL)
		return e;
	TRY(offer_to(rq, &w, operator_id, &id));
	TRY(grant_tell(rq->tx, rq->a, rq->tenant, "given", email, id));
	return answer(rq, rp, id, 201, "flash.support_given");
}

static struct err *
give(struct request *rq, struct response *rp)
{
	const char *email;
	struct grant g;
	bool done;

	TRY(load(rq, &g));
	TRY(grant_answer(rq->tx, rq->a, g.id, true, rq->principal->user_id, &done));
	if (!done)
		return err_new(rq->a, ERR_CONFLICT, "error.support_answered");
	TRY(operator_email(gate_tenancy(), rq->a, g.operator_id, &email));
	TRY(grant_tell(rq->tx, rq->a, rq->tenant, "given", email, g.id));
	return answer(rq, rp, g.id, 200, "flash.support_given");
}

static struct err *
refuse(struct request *rq, struct response *rp)
{
	struct grant g;
	bool done;

	TRY(load(rq, &g));
	TRY(grant_answer(rq->tx, rq->a, g.id, false, rq->principal->user_id, &done));
	if (!done)
		return err_new(rq->a, ERR_CONFLICT, "error.support_answered");
	return answer(rq, rp, g.id, 200, "flash.support_refused");
}

static struct err *
revoke(struct request *rq, struct response *rp)
{
	struct grant g;
	bool done;

	TRY(load(rq, &g));
	TRY(grant_revoke(rq->tx, rq->a, g.id, rq->principal->user_id, &done));
	if (!done)
		return err_new(rq->a, ERR_CONFLICT, "error.support_over");
	return answer(rq, rp, g.id, 204, "flash.support_revoked");
}

static const struct param list_params[] = {
	{"after", P_I64, IN_QUERY, 1, 0, false},
	PARAM_END,
};
static const struct param seen_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 1000, false},
	PARAM_END,
};
static const struct param offer_params[] = {
	{"operator", P_TEXT, IN_BODY, 0, 254, true},
	{"reason", P_TEXT, IN_BODY, 0, 400, true},
	{"scope", P_TEXT, IN_BODY, 0, 20, true},
	{"hours", P_I64, IN_BODY, 0, 0, true},
	PARAM_END,
};
/* A form that lacks something is shown again, so the handler looks itself. */
static const struct param form_params[] = {
	{"operator", P_TEXT, IN_BODY, 0, 254, false},
	{"reason", P_TEXT, IN_BODY, 0, 400, false},
	{"scope", P_TEXT, IN_BODY, 0, 20, false},
	{"hours", P_I64, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route support_routes[] = {
	ROUTE(READ, GET, "/support-grants", ON_API, "", RIGHT_MANAGE_WORKSPACE, "", list_all,
		list_params, NULL, "", "support.list"),
	ROUTE(WRITE, POST, "/support-grants", ON_API, "", RIGHT_MANAGE_WORKSPACE, "permission",
		offer, offer_params, NULL, "", "support.offer"),
	ROUTE(READ, GET, "/support-grants/{id}", ON_API, "", RIGHT_MANAGE_WORKSPACE, "list",
		read_one, seen_params, NULL, "", "support.read"),
	ROUTE(WRITE, POST, "/support-grants/{id}/give", ON_API, "", RIGHT_MANAGE_WORKSPACE,
		"permission", give, NULL, NULL, "", "support.give"),
	ROUTE(WRITE, POST, "/support-grants/{id}/refuse", ON_API, "", RIGHT_MANAGE_WORKSPACE,
		"support", refuse, NULL, NULL, "", "support.refuse"),
	ROUTE(WRITE, DELETE, "/support-grants/{id}", ON_API, "", RIGHT_MANAGE_WORKSPACE, "support",
		revoke, NULL, NULL, "", "support.revoke"),
	ROUTE(READ, GET, "/settings/support", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "", list_all,
		list_params, NULL, "settings/support", "settings.support"),
	ROUTE(WRITE, POST, "/settings/support", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "permission",
		offer, form_params, NULL, "settings/support", "settings.support_offer"),
	ROUTE(READ, GET, "/settings/support/{id}", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE, "list",
		read_one, seen_params, NULL, "settings/support_grant", "settings.support_grant"),
	ROUTE(WRITE, POST, "/settings/support/{id}/give", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"permission", give, NULL, NULL, "", "settings.support_give"),
	ROUTE(WRITE, POST, "/settings/support/{id}/refuse", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"support", refuse, NULL, NULL, "", "settings.support_refuse"),
	ROUTE(WRITE, POST, "/settings/support/{id}/revoke", ON_PAGE, "", RIGHT_MANAGE_WORKSPACE,
		"support", revoke, NULL, NULL, "", "settings.support_revoke"),
	ROUTE_END,
};
