/* SPDX-License-Identifier: ISC */
/* Lists, searches, and what lies under a contact. */
#include "pages.h"

#include "query.h"

#define PAGE_ROWS 25

const struct param list_params[] = {
	{"q", P_TEXT, IN_QUERY, 0, 200, false},
	{"filter", P_FILTERS, IN_QUERY, 0, 0, false},
	{"sort", P_TEXT, IN_QUERY, 0, 60, false},
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	{"after", P_TEXT, IN_QUERY, 0, 2000, false},
	{"archived", P_BOOL, IN_QUERY, 0, 0, false},
	{"query", P_TEXT, IN_QUERY, 0, 100, false},
	{"filters", P_BOOL, IN_QUERY, 0, 0, false},
	PARAM_END,
};
const struct param search_params[] = {
	{"q", P_TEXT, IN_BODY, 0, 200, false},
	{"filter", P_FILTERS, IN_BODY, 0, 0, false},
	{"drop", P_TEXT, IN_BODY, 0, 80, false},
	{"sort", P_TEXT, IN_BODY, 0, 60, false},
	{"limit", P_I64, IN_BODY, 1, 200, false},
	{"after", P_TEXT, IN_BODY, 0, 2000, false},
	{"archived", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};

static struct record_query
query_of(const struct request *rq)
{
	struct record_query q = {.entity = pages_entity(rq)};

	q.q = request_text(rq, "q");
	q.filter = request_value(rq, "filter");
	q.sort = request_text(rq, "sort");
	q.after = request_text(rq, "after");
	q.limit = request_i64(rq, "limit", PAGE_ROWS);
	q.archived = request_bool(rq, "archived", false);
	q.listed = !rq->api;
	q.labels = !rq->api;
	return q;
}

/* The address of this list without sort and cursor. */
static const char *
base_of(const struct request *rq, const struct record_query *q)
{
	const char *token = request_text(rq, "query");

	return arena_printf(rq->a, "%s?%s%s%s%s%s", entity_def(q->entity)->path,
		token != NULL ? "query=" : "", token != NULL ? token : "",
		token != NULL && q->archived ? "&" : "", q->archived ? "archived=1" : "",
		token != NULL || q->archived ? "&" : "");
}

/* What is shown, as a file. The icon is that of any export. */
static void
export_action(const struct request *rq, const struct record_ctx *cx, const struct record_query *q,
	struct json_object *o)
{
	const char *token = request_text(rq, "query");
	struct json_object *list;

	if (q->entity == ENTITY_ATTACHMENT ||
		!principal_may(rq->principal, q->entity, RIGHT_EXPORT))
		return;
	model_action(o, cx, "export_list",
		arena_printf(rq->a, "%s/export%s%s%s", entity_def(q->entity)->path,
			token != NULL ? "?query=" : "", token != NULL ? token : "",
			!q->archived    ? ""
			: token != NULL ? "&archived=1"
					: "?archived=1"),
		false);
	list = json_object_object_get(o, "actions");
	model_text(json_object_array_get_idx(list, json_object_array_length(list) - 1), "key",
		"export");
}

/* All of the page but what was found. */
static void
list_frame(struct request *rq, const struct record_ctx *cx, const struct record_query *q,
	struct json_object *o)
{
	struct json_object *search = model_child(o, "search");
	const char *path = entity_def(q->entity)->path;

	model_text(o, "entity", rq->route->entity);
	model_text(o, "title", pages_text(rq, "many"));
	model_text(search, "url", arena_printf(rq->a, "%s/search", path));
	model_text(search, "filters_url", arena_printf(rq->a, "%sfilters=1", base_of(rq, q)));
	model_bool(search, "words", record_may_search(cx, q->entity));
	model_text(search, "q", q->q);
	model_bool(search, "archived", q->archived);
	if (request_text(rq, "query") != NULL)
		model_text(search, "clear_url", path);
	if (!entity_def(q->entity)->child && rq->principal->closes_at == 0 &&
		principal_may(rq->principal, q->entity, RIGHT_CREATE))
		model_action(o, cx, "new", arena_printf(rq->a, "%s/new", path), false);
	export_action(rq, cx, q, o);
	if (q->archived)
		model_crumb(o, pages_text(rq, "many"), path);
	else if (!entity_def(q->entity)->child)
		model_action(o, cx, "archived", arena_printf(rq->a, "%s?archived=1", path), false);
}

static void
list_page(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct record_query *q, const struct record_page *page)
{
	struct json_object *o = response_page(rp);

	model_table(cx, page, base_of(rq, q), q->after == NULL, o);
	rp->rows = model_rows(cx, page);
	model_applied(cx, q->entity, q->filter, o);
	list_frame(rq, cx, q, o);
}

struct err *
pages_list(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);
	bool filters = !rq->api && request_bool(rq, "filters", false);
	struct model_lists *lists = filters ? model_lists(&cx) : NULL;
	struct record_page page;

	if (request_text(rq, "query") != NULL)
		TRY(query_load(&cx, q.entity, request_text(rq, "query"), &q));
	TRY(record_list(&cx, &q, &page));
	if (rq->api) {
		model_page(&cx, &page, response_data(rp));
		return NULL;
	}
	if (filters)
		model_filters(&cx, q.entity, q.filter, lists, response_page(rp));
	list_page(rq, rp, &cx, &q, &page);
	return NULL;
}

/* What is wrong with a question in a body is 422, as everything in a body is. */
static struct err *
asked_in_body(struct err *e)
{
	if (e != NULL && e->kind == ERR_BAD_REQUEST && e->fields != NULL)
		e->kind = ERR_INVALID;
	return e;
}

/* A question that cannot be asked comes back with what was typed. */
static struct err *
search_refused(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct record_query *q, struct err *e)
{
	struct json_object *o = response_page(rp), *filters, *errors, *v;
	struct model_lists *lists = model_lists(cx);

	TRY(tx_run(rq->tx));
	response_errors(rp, rq, asked_in_body(e));
	model_filters(cx, q->entity, q->filter, lists, o);
	list_frame(rq, cx, q, o);
	filters = json_object_object_get(o, "filters");
	errors = json_object_object_get(o, "errors");
	for (size_t i = 0; i < json_object_array_length(filters); i++) {
		struct json_object *f = json_object_array_get_idx(filters, i);
		const char *name = json_object_get_string(json_object_object_get(f, "name"));

		if (json_object_object_get_ex(errors, arena_printf(rq->a, "filter[%s]", name), &v))
			json_object_object_add(f, "error", json_object_get(v));
	}
	rp->template = "record/list";
	return NULL;
}

struct err *
pages_search(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);
	struct record_page page;
	const char *token;
	struct err *e;

	if (rq->api) {
		TRY(asked_in_body(record_list(&cx, &q, &page)));
		model_page(&cx, &page, response_data(rp));
		return NULL;
	}
	/* A chip's button takes one filter away. */
	if (q.filter != NULL && request_text(rq, "drop") != NULL)
		json_object_object_del(q.filter, request_text(rq, "drop"));
	e = record_list_check(&cx, &q);
	if (e != NULL)
		return e->fields != NULL ? search_refused(rq, rp, &cx, &q, e) : e;
	TRY(query_store(&cx, &q, &token));
	response_go(rp, rq, "%s%s%s%s%s", entity_def(q.entity)->path,
		token != NULL || q.archived ? "?" : "", token != NULL ? "query=" : "",
		token != NULL ? token : "",
		!q.archived     ? ""
		: token != NULL ? "&archived=1"
				: "archived=1");
	return NULL;
}

struct err *
pages_children(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);
	struct record_page page;
	bool erased;

	q.contact_id = request_id(rq, 0);
	TRY(pages_contact_there(rq, q.contact_id, &erased));
	TRY(record_list(&cx, &q, &page));
	model_page(&cx, &page, response_data(rp));
	return NULL;
}
