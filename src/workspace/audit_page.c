/* SPDX-License-Identifier: ISC */
/* The audit log as people read it: what a filter finds, and one event of it. */
#include "workspace.h"

#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "model.h"

#define PAGE_EVENTS 50

STMT(audit_users, "audit.users", 0,
	"select user_id, name from app_user order by lower(name), user_id limit 500");

static bool
reads_all(const struct request *rq)
{
	return principal_may(rq->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT);
}

/* Reading the log shows people too. */
static void
log_reading(struct request *rq, const struct rows *r, size_t n, int64_t contact)
{
	struct audit_event ev = {.action = "list", .entity = "audit"};
	int64_t *ids = ARENA_ARRAY(rq->a, n + 1, int64_t);
	size_t k = 0;

	if (contact != 0)
		ids[k++] = contact;
	for (size_t i = 0; i < n && contact == 0; i++) {
		size_t m;
		int64_t *subjects = rows_i64s(rq->a, r, i, EV_SUBJECTS, &m);

		if (m > 0)
			ids[k++] = subjects[0];
	}
	ev.subjects = ids;
	ev.nsubjects = k;
	ev.count = (int64_t)n;
	audit_queue(rq->tx, rq->a, &ev);
}

/* Every event in the rows, and where to go on. A page may be short, or empty, and have
 * another behind it: so far was looked. */
static void
fill_events(struct request *rq, const struct rows *rows, int64_t limit, struct json_object *o)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *items = model_list(o, "items");
	size_t n = audit_count(rows, limit);

	for (size_t i = 0; i < n; i++) {
		struct json_object *item = model_item(items);

		audit_model(&cx, rows, i, item);
		if (!rq->api)
			audit_words(&cx, rows, i, item);
	}
	if (audit_count(rows, limit + 1) > n)
		model_text(o, "next",
			audit_cursor(rq, rows_text(rows, n - 1, EV_AT_TEXT),
				rows_i64(rows, n - 1, EV_ID)));
	else if (rows_count(rows) > 0 && rows_bool(rows, 0, EV_MORE))
		model_text(o, "next",
			audit_cursor(
				rq, rows_text(rows, 0, EV_END_AT), rows_i64(rows, 0, EV_END_ID)));
	else
		model_null(o, "next");
	if (audit_count(rows, limit + 1) == n && rows_count(rows) > 0 &&
		rows_bool(rows, 0, EV_LOOKED))
		model_text(o, "searched_to", time_rfc3339(rq->a, rows_i64(rows, 0, EV_END_USEC)));
	else
		model_null(o, "searched_to");
}

/* A filter that cannot be read: the page says so at it, and lists nothing. */
static struct err *
show_refused(
	struct request *rq, struct response *rp, const struct audit_filter *f, const struct err *e)
{
	struct json_object *values;
	struct rows *users = NULL;

	response_errors(rp, rq, e);
	if (reads_all(rq))
		TRY(tx_query(rq->tx, &audit_users, NO_VALS, &users));
	audit_filters(rq, f, users, response_page(rp));
	values = json_object_object_get(response_page(rp), "values");
	for (const char *const *n = audit_filter_names; *n != NULL; n++)
		if (request_value(rq, *n) != NULL)
			model_text(values, *n, json_object_get_string(request_value(rq, *n)));
	model_text(response_page(rp), "line", request_text(rq, "q"));
	return NULL;
}

static void
page_words(struct request *rq, const struct audit_filter *f, struct json_object *data,
	struct json_object *page)
{
	const struct record_ctx cx = record_ctx_of(rq);
	int64_t usec;
	const char *to = json_object_get_string(json_object_object_get(data, "searched_to"));

	model_bool(page, "paged", request_text(rq, "after") != NULL);
	model_bool(page, "own", !reads_all(rq));
	if (reads_all(rq))
		model_action(page, &cx, "export_list", audit_filter_url(rq->a, "/audit/export", f),
			false);
	if (to != NULL && time_parse(to, &usec))
		model_text(page, "searched_to", time_show(rq->a, usec, lang_tag(request_lang(rq))));
}

static struct err *
find(struct request *rq, struct response *rp, const struct audit_filter *f, const char *at,
	int64_t id)
{
	const struct record_ctx cx = record_ctx_of(rq);
	int64_t limit = request_i64(rq, "limit", PAGE_EVENTS);
	struct rows *rows, *users = NULL, *days = NULL;
	bool counted = at == NULL && audit_days_queue(rq, f, &days);
	struct sqlb b;

	sqlb_init(&b, rq->a);
	audit_select(&b, &cx, f, at, id, limit);
	sqlb_queue(&b, rq->tx, "audit.list", &rows);
	if (!rq->api && reads_all(rq))
		tx_queue(rq->tx, &audit_users, NO_VALS, &users);
	TRY(tx_run(rq->tx));
	log_reading(rq, rows, audit_count(rows, limit), f->contact);
	fill_events(rq, rows, limit, response_data(rp));
	audit_shown(&cx, "list", json_object_object_get(response_data(rp), "items"));
	if (counted)
		audit_days_model(rq, days, rp);
	if (rq->api)
		return NULL;
	audit_filters(rq, f, users, response_page(rp));
	page_words(rq, f, response_data(rp), response_page(rp));
	return NULL;
}

struct err *
audit_show(struct request *rq, struct response *rp, struct audit_filter *f)
{
	int64_t contact = f->contact, id;
	struct err *e = audit_filter_read(rq, f);
	const char *at;

	if (e == NULL)
		e = audit_cursor_read(rq, &at, &id);
	if (contact != 0)
		f->contact = contact;
	if (e != NULL && (rq->api || e->fields == NULL))
		return e;
	if (e != NULL)
		return show_refused(rq, rp, f, e);
	/* The database shows no more to them, whatever is asked. */
	if (!reads_all(rq))
		f->actor = rq->principal->user_id;
	return find(rq, rp, f, at, id);
}

static struct err *
audit_list(struct request *rq, struct response *rp)
{
	struct audit_filter f = {0};

	return audit_show(rq, rp, &f);
}

/* One event on a page of its own. */
static struct err *
audit_one(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct audit_event ev = {.action = "view", .entity = "audit"};
	struct json_object *data = response_data(rp), *page = response_page(rp);
	struct json_object *one = model_own(rq->a, json_object_new_array());
	int64_t *id = ARENA_NEW(rq->a, int64_t);
	struct rows *r;
	struct sqlb b;

	*id = request_id(rq, 0);
	sqlb_init(&b, rq->a);
	audit_select_one(&b, &cx, *id);
	sqlb_queue(&b, rq->tx, "audit.one", &r);
	TRY(tx_run(rq->tx));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	ev.records = id;
	ev.nrecords = 1;
	ev.subjects = rows_i64s(rq->a, r, 0, EV_SUBJECTS, &ev.nsubjects);
	audit_queue(rq->tx, rq->a, &ev);
	audit_model(&cx, r, 0, data);
	if (!rq->api)
		audit_words(&cx, r, 0, data);
	json_object_array_add(one, json_object_get(data));
	audit_shown(&cx, "view", one);
	if (rq->api)
		return NULL;
	model_text(page, "title",
		arena_printf(rq->a, "%s %lld", say(rq, "audit.event"), (long long)*id));
	model_crumb(page, say(rq, "audit.title"), "/audit");
	return NULL;
}

const struct param audit_params[] = {
	{"q", P_TEXT, IN_QUERY, 0, 500, false},
	{"view", P_TEXT, IN_QUERY, 0, 20, false},
	{"actor", P_I64, IN_QUERY, 1, 0, false},
	{"contact", P_I64, IN_QUERY, 1, 0, false},
	{"entity", P_TEXT, IN_QUERY, 0, 40, false},
	{"record", P_I64, IN_QUERY, 1, 0, false},
	{"action", P_TEXT, IN_QUERY, 0, 40, false},
	{"outcome", P_TEXT, IN_QUERY, 0, 40, false},
	{"field", P_TEXT, IN_QUERY, 0, 80, false},
	{"ip", P_TEXT, IN_QUERY, 0, 45, false},
	{"session", P_I64, IN_QUERY, 1, 0, false},
	{"from", P_TEXT, IN_QUERY, 0, 40, false},
	{"to", P_TEXT, IN_QUERY, 0, 40, false},
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	{"after", P_TEXT, IN_QUERY, 0, 500, false},
	PARAM_END,
};

const struct route audit_routes[] = {
	ROUTE(READ, GET, "/audit", ON_BOTH, "", RIGHT_SELF, "list", audit_list, audit_params, NULL,
		"audit", "audit.list"),
	ROUTE(READ, GET, "/audit/{id}", ON_BOTH, "", RIGHT_SELF, "view", audit_one, NULL, NULL,
		"audit_event", "audit.one"),
	ROUTE_END,
};
