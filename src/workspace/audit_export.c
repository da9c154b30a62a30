/* SPDX-License-Identifier: ISC */
/* Asking for an export of the audit log. */
#include <string.h>

#include "audit.h"
#include "controls.h"
#include "export_guard.h"
#include "workspace.h"

/* Events of one file, and how often is gone on looking for them. */
#define EVENTS_MAX 100000
#define LOOK 10000
#define LOOKS 60

static const char *const formats[] = {"csv", "jsonl", NULL};

/* So many, of those that lie behind the last one; where they end. */
static struct err *
count_piece(const struct record_ctx *cx, const struct audit_filter *f, const char **at, int64_t *id,
	int64_t *count, bool *more_r)
{
	struct rows *r;
	struct sqlb b;

	sqlb_init(&b, cx->a);
	sqlb_add(&b, "with k as materialized (select x.* from ");
	audit_filter_sql(&b, cx, f, *at, *id, LOOK);
	sqlb_add(&b,
		") select (select count(*) from k where hit), k.at::text, k.event_id, (select "
		"count(*) filter (where hit) = %d or bool_or(not hit) from k) from k order by "
		"k.at, k.event_id, k.hit limit 1",
		LOOK);
	sqlb_queue(&b, cx->tx, "audit.count", &r);
	TRY(tx_run(cx->tx));
	*more_r = rows_count(r) > 0 && rows_bool(r, 0, 3);
	if (rows_count(r) == 0)
		return NULL;
	*count += rows_i64(r, 0, 0);
	*at = rows_text(r, 0, 1);
	*id = rows_i64(r, 0, 2);
	return NULL;
}

static struct err *
count_events(const struct record_ctx *cx, const struct audit_filter *f, int64_t *count_r)
{
	const char *at = NULL;
	int64_t id = 0;
	bool more = true;

	*count_r = 0;
	for (int i = 0; i < LOOKS && more && *count_r <= EVENTS_MAX; i++)
		TRY(count_piece(cx, f, &at, &id, count_r, &more));
	if (more || *count_r > EVENTS_MAX)
		return err_new(cx->a, ERR_CONFLICT, "error.audit_export_many");
	return *count_r > 0 ? NULL : err_new(cx->a, ERR_CONFLICT, "error.export_nothing");
}

static void
hidden(struct json_object *list, const char *name, const char *value)
{
	struct json_object *f;

	if (value == NULL)
		return;
	f = model_item(list);
	model_text(f, "type", "hidden");
	model_text(f, "name", name);
	model_text(f, "value", value);
}

static void
ask_page(struct request *rq, struct response *rp, const struct audit_filter *filter)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;

	model_text(page, "title", say(rq, "audit.export"));
	model_crumb(page, say(rq, "audit.title"), "/audit");
	model_text(page, "action", "/audit/export");
	model_text(page, "cancel_url", "/audit");
	model_text(page, "words", audit_filter_line(rq->a, filter));
	for (const char *const *n = audit_filter_names; *n != NULL; n++)
		hidden(list, *n, audit_filter_get(rq->a, filter, *n));
	f = form_field(rq, list, "choice", "format", say(rq, "exports.format"), "csv");
	form_words(rq, f, formats, "exports.format_word");
	f = form_field(rq, list, "choice", "reason", say(rq, "exports.reason"), "");
	form_option(f, "", say(rq, "common.choose"));
	form_words(rq, f, export_reasons, "reason");
	form_required(f);
	rp->template = "exports/ask";
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	struct audit_filter f;

	TRY(audit_filter_read(rq, &f));
	ask_page(rq, rp, &f);
	return NULL;
}

static struct err *
read_form(struct request *rq, struct export_new *in)
{
	struct err *e = NULL;

	in->format = form_word(rq, "format", formats, &e);
	in->reason = form_word(rq, "reason", export_reasons, &e);
	return e;
}

static struct err *
start(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct export_new in = {.kind = "log", .entity = ENTITY_NONE};
	struct json_object *o = model_object(rq->a);
	struct export_begun begun;
	struct audit_filter f;
	struct err *e = audit_filter_read(rq, &f);

	if (e != NULL) {
		/* What is wrong in a body is 422. */
		e->kind = e->kind == ERR_BAD_REQUEST ? ERR_INVALID : e->kind;
		return e;
	}
	e = read_form(rq, &in);
	if (e != NULL && !rq->api) {
		response_errors(rp, rq, e);
		ask_page(rq, rp, &f);
		return NULL;
	}
	TRY(e);
	TRY(count_events(&cx, &f, &in.count));
	audit_filter_model(rq->a, &f, o);
	in.log = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	TRY(export_begin(&cx, gate_settings(), &in, &begun));
	export_answer(rq, rp, &begun);
	return NULL;
}

#define FILTERS(place) \
	{"q", P_TEXT, place, 0, 500, false}, {"view", P_TEXT, place, 0, 20, false}, \
		{"actor", P_I64, place, 1, 0, false}, {"contact", P_I64, place, 1, 0, false}, \
		{"entity", P_TEXT, place, 0, 40, false}, {"record", P_I64, place, 1, 0, false}, \
		{"action", P_TEXT, place, 0, 40, false}, {"outcome", P_TEXT, place, 0, 40, false}, \
		{"field", P_TEXT, place, 0, 80, false}, {"ip", P_TEXT, place, 0, 45, false}, \
		{"session", P_I64, place, 1, 0, false}, {"from", P_TEXT, place, 0, 40, false}, \
	{ \
		"to", P_TEXT, place, 0, 40, false \
	}

static const struct param ask_params[] = {FILTERS(IN_QUERY), PARAM_END};
static const struct param start_params[] = {FILTERS(IN_BODY),
	{"format", P_TEXT, IN_BODY, 0, 10, false}, {"reason", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END};

const struct route audit_export_routes[] = {
	ROUTE(READ, GET, "/audit/export", ON_PAGE, "", RIGHT_VIEW_AUDIT, "", ask, ask_params, NULL,
		"exports/ask", "audit.export_ask"),
	ROUTE(WRITE, POST, "/audit/export", ON_BOTH, "", RIGHT_VIEW_AUDIT, "export", start,
		start_params, NULL, "exports/ask", "audit.export"),
	ROUTE_END,
};
