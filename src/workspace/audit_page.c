/* SPDX-License-Identifier: ISC */
/* The audit log as people read it: what a filter finds, and one event of it. */
#include "workspace.h"

#include <stdint.h>
#include <string.h>

#include "audit.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "model.h"

#define PAGE_EVENTS 50
/* Looks for one page. The first passes over fifty events that are not shown, each behind it
 * over a thousand: so whoever sees none of them does not wait for hundreds of statements. */
#define PIECES 6
#define PASSED 1000

STMT(audit_users, "audit.users", 0,
	"select user_id, name from app_user order by lower(name), user_id limit 500");

static bool
reads_all(const struct request *rq)
{
	return principal_may(rq->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT);
}

/* A page on its way: events that lie further and further back. */
struct reading {
	const char *at; /* behind which is looked; NULL: from the newest */
	int64_t id;
	const char *last_at; /* of the last one on the page */
	int64_t last_id;
	int64_t limit;
	int64_t n;         /* events found */
	int64_t *subjects; /* a person of each */
	size_t nsubjects;
	struct json_object *items;
	const char *next;        /* the cursor; NULL: that was all */
	const char *searched_to; /* so far was looked, and no end of it */
};

/* Reading the log shows people too. */
static void
log_reading(struct request *rq, const struct reading *rd, int64_t contact)
{
	struct audit_event ev = {.action = "list", .entity = "audit", .count = rd->n};

	ev.subjects = contact != 0 ? arena_memdup(rq->a, &contact, sizeof(contact)) : rd->subjects;
	ev.nsubjects = contact != 0 ? 1 : rd->nsubjects;
	/* No person has such a number, and no event could hold it. */
	if (contact > INT32_MAX)
		ev.nsubjects = 0;
	audit_queue(rq->tx, rq->a, &ev);
}

static void
add_events(struct request *rq, const struct rows *rows, size_t n, struct reading *rd)
{
	struct record_ctx cx = record_ctx_of(rq);

	for (size_t i = 0; i < n; i++) {
		struct json_object *item = model_item(rd->items);
		size_t m;
		int64_t *subjects = rows_i64s(rq->a, rows, i, EV_SUBJECTS, &m);

		if (m > 0)
			rd->subjects[rd->nsubjects++] = subjects[0];
		audit_model(&cx, rows, i, item);
		if (!rq->api)
			audit_words(&cx, rows, i, item);
	}
	if (n > 0) {
		rd->last_at = rows_text(rows, n - 1, EV_AT_TEXT);
		rd->last_id = rows_i64(rows, n - 1, EV_ID);
	}
	rd->n += (int64_t)n;
}

/* One look. *again_r: the page is not full, or not known to have another behind it, and only
 * because events are not shown. */
static struct err *
read_piece(struct request *rq, const struct audit_filter *f, struct reading *rd, int64_t spare,
	bool *again_r)
{
	const struct record_ctx cx = record_ctx_of(rq);
	int64_t left = rd->limit - rd->n;
	struct rows *rows;
	struct sqlb b;
	size_t n;

	*again_r = false;
	sqlb_init(&b, rq->a);
	audit_select(&b, &cx, f, rd->at, rd->id, left, spare);
	sqlb_queue(&b, rq->tx, "audit.list", &rows);
	TRY(tx_run(rq->tx));
	n = audit_count(rows, left);
	add_events(rq, rows, n, rd);
	if (audit_count(rows, left + 1) > n) {
		rd->next = audit_cursor(rq, rd->last_at, rd->last_id);
		return NULL;
	}
	rd->next = NULL;
	if (rows_count(rows) == 0)
		return NULL;
	if (rows_bool(rows, 0, EV_LOOKED))
		rd->searched_to = time_rfc3339(rq->a, rows_i64(rows, 0, EV_END_USEC));
	if (!rows_bool(rows, 0, EV_MORE))
		return NULL;
	rd->at = rows_text(rows, 0, EV_END_AT);
	rd->id = rows_i64(rows, 0, EV_END_ID);
	rd->next = audit_cursor(rq, rd->at, rd->id);
	*again_r = rd->searched_to == NULL;
	return NULL;
}

/* A page is filled over what is not shown, so that its length tells nothing of that. Where
 * a filter finds little it may be short all the same, and says how far was looked. */
static struct err *
read_page(struct request *rq, const struct audit_filter *f, struct reading *rd)
{
	bool again = true;

	rd->subjects = ARENA_ARRAY(rq->a, (size_t)rd->limit + 1, int64_t);
	for (int i = 0; i < PIECES && again; i++)
		TRY(read_piece(rq, f, rd, i == 0 ? AUDIT_SPARE : PASSED, &again));
	return NULL;
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
	struct json_object *data = response_data(rp);
	struct reading rd = {.at = at,
		.id = id,
		.limit = request_i64(rq, "limit", PAGE_EVENTS),
		.items = model_list(data, "items")};
	struct rows *users = NULL, *days = NULL;
	bool counted = at == NULL && audit_days_queue(rq, f, &days);

	if (!rq->api && reads_all(rq))
		tx_queue(rq->tx, &audit_users, NO_VALS, &users);
	TRY(read_page(rq, f, &rd));
	log_reading(rq, &rd, f->contact);
	model_text(data, "next", rd.next);
	model_text(data, "searched_to", rd.searched_to);
	audit_shown(&cx, "list", rd.items);
	if (counted)
		audit_days_model(rq, days, rp);
	if (rq->api)
		return NULL;
	audit_filters(rq, f, users, response_page(rp));
	page_words(rq, f, data, response_page(rp));
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
