/* SPDX-License-Identifier: ISC */
/* Asking for an export of a list: what, in which form, why. */
#include <string.h>

#include "controls.h"
#include "export_guard.h"
#include "pages.h"
#include "query.h"
#include "text.h"
#include "workspace.h"

/* What names somebody: never beside a whole identity card number. */
static const char *const names[] = {
	"name_en", "name_zh", "surname_en", "given_en", "english_name", "preferred_name", NULL};
static const char *const formats[] = {"csv", "jsonl", NULL};

static bool
is_one_of(const char *word, const char *const *list)
{
	while (*list != NULL && strcmp(*list, word) != 0)
		list++;
	return *list != NULL;
}

static struct record_query
query_of(const struct request *rq)
{
	struct record_query q = {.entity = pages_entity(rq), .limit = 1};

	q.q = request_text(rq, "q");
	q.filter = request_value(rq, "filter");
	q.sort = request_text(rq, "sort");
	q.archived = request_bool(rq, "archived", false);
	return q;
}

/* The stored search of a list page. */
static struct err *
load_query(const struct request *rq, const struct record_ctx *cx, struct record_query *q)
{
	const char *token = request_text(rq, "query");

	return token != NULL ? query_load(cx, q->entity, token, q) : NULL;
}

static bool
sent_has(const struct request *rq, const char *param, const char *name)
{
	struct json_object *list = request_value(rq, param);

	for (size_t i = 0; list != NULL && i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), name) == 0)
			return true;
	return false;
}

static bool
can_open(const struct layout *l, size_t i)
{
	return l->fields[i]->sealed && l->levels[i] >= LEVEL_READ;
}

static struct json_object *
check_box(struct json_object *f, const struct field *field, enum lang lang, bool selected)
{
	struct json_object *list = json_object_object_get(f, "options"), *o;

	o = model_item(list != NULL ? list : model_list(f, "options"));
	model_text(o, "value", field->name);
	model_text(o, "label", field_label(field, lang));
	model_bool(o, "selected", selected);
	return o;
}

/* All that may be seen; encrypted ones are masks, and so not ticked. */
static void
field_boxes(struct request *rq, const struct record_ctx *cx, struct json_object *list)
{
	const struct layout *l = layout_of(cx, pages_entity(rq), false, false);
	struct json_object *f =
		form_field(rq, list, "checks", "fields", say(rq, "exports.fields"), "");
	struct json_object *open = NULL;
	bool again = rq->method != METHOD_GET;

	model_bool(f, "wide", true);
	for (size_t i = 0; i < l->n; i++)
		check_box(f, l->fields[i], cx->lang,
			again ? sent_has(rq, "fields", l->fields[i]->name)
			      : l->names[i] == l->fields[i]->name);
	for (size_t i = 0; i < l->n; i++) {
		if (!can_open(l, i))
			continue;
		if (open == NULL) {
			open = form_field(
				rq, list, "checks", "reveal", say(rq, "exports.reveal"), "");
			form_hint(rq, open, "exports.reveal_hint");
			model_bool(open, "wide", true);
		}
		check_box(open, l->fields[i], cx->lang,
			again && sent_has(rq, "reveal", l->fields[i]->name));
	}
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
ask_page(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct record_query *q)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;
	const char *path = entity_def(q->entity)->path;

	model_text(
		page, "title", say(rq, arena_printf(rq->a, "exports.title_%s", rq->route->entity)));
	model_crumb(page, pages_text(rq, "many"), path);
	model_text(page, "action", arena_printf(rq->a, "%s/export", path));
	model_text(page, "cancel_url", path);
	model_text(page, "words", q->q);
	model_applied(cx, q->entity, q->filter, page);
	hidden(list, "query", request_text(rq, "query"));
	hidden(list, "archived", q->archived ? "1" : NULL);
	f = form_field(rq, list, "choice", "format", say(rq, "exports.format"), "csv");
	form_words(rq, f, formats, "exports.format_word");
	f = form_field(rq, list, "choice", "reason", say(rq, "exports.reason"), "");
	form_option(f, "", say(rq, "common.choose"));
	form_words(rq, f, export_reasons, "reason");
	form_hint(rq, f, "exports.reason_hint");
	form_required(f);
	field_boxes(rq, cx, list);
	rp->template = "exports/ask";
}

static struct err *
ask(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);

	TRY(load_query(rq, &cx, &q));
	TRY(record_list_check(&cx, &q));
	ask_page(rq, rp, &cx, &q);
	return NULL;
}

/* Names sent in a list, each of a field that may be seen (reveal: and opened). */
static const char **
take_names(const struct request *rq, const struct record_ctx *cx, const char *param, bool reveal,
	size_t *n_r, struct err **e)
{
	struct json_object *list = request_value(rq, param);
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	const char **out = ARENA_ARRAY(rq->a, n + 1, const char *);

	*n_r = 0;
	for (size_t i = 0; i < n; i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(list, i));
		enum field_level level;
		const struct field *f =
			catalogue_visible(cx->cat, cx->principal, pages_entity(rq), name, &level);

		if (f == NULL || (reveal && (!f->sealed || level < LEVEL_READ)))
			err_add_field(rq->a, e, param, "error.unknown_field", NULL);
		else
			out[(*n_r)++] = f->name;
	}
	return out;
}

static bool
is_among(const char *name, const char *const *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i], name) == 0)
			return true;
	return false;
}

/* A whole identity card number leaves without a name, or not at all. */
static void
check_hkid(const struct request *rq, const struct record_ctx *cx, const struct export_new *in,
	struct err **e)
{
	bool number = false, named = false;

	for (size_t i = 0; i < in->nopened; i++)
		number |= catalogue_find(cx->cat, in->entity, in->opened[i])->type == FIELD_HKID;
	for (const char *const *n = names; *n != NULL; n++)
		named |= is_among(*n, in->fields, in->nfields);
	if (number && named)
		err_add_field(rq->a, e, "reveal", "error.export_hkid", NULL);
}

/* What is not said is all that may be seen. */
static void
all_names(const struct record_ctx *cx, struct export_new *in)
{
	const struct layout *l = layout_of(cx, in->entity, false, false);
	const char **all = ARENA_ARRAY(cx->a, l->n + 1, const char *);

	for (size_t i = 0; i < l->n; i++)
		all[i] = l->fields[i]->name;
	in->fields = all;
	in->nfields = l->n;
}

static struct err *
read_form(const struct request *rq, const struct record_ctx *cx, struct export_new *in)
{
	struct err *e = NULL;

	in->format = request_text(rq, "format") != NULL ? request_text(rq, "format") : "csv";
	if (!is_one_of(in->format, formats))
		err_add_field(rq->a, &e, "format", "error.choice", NULL);
	in->fields = take_names(rq, cx, "fields", false, &in->nfields, &e);
	in->opened = take_names(rq, cx, "reveal", true, &in->nopened, &e);
	if (rq->api && !request_has(rq, "fields"))
		all_names(cx, in);
	else if (e == NULL && in->nfields == 0)
		err_add_field(rq->a, &e, "fields", "error.required", NULL);
	for (size_t i = 0; e == NULL && i < in->nopened; i++)
		if (!is_among(in->opened[i], in->fields, in->nfields))
			err_add_field(rq->a, &e, "reveal", "error.export_not_in", NULL);
	in->reason = request_text(rq, "reason");
	if (in->reason == NULL && (in->nopened > 0 || !rq->api))
		err_add_field(rq->a, &e, "reason", "error.required", NULL);
	else if (in->reason == NULL)
		in->reason = "work";
	else if (!is_one_of(in->reason, export_reasons))
		err_add_field(rq->a, &e, "reason", "error.choice", NULL);
	if (e == NULL)
		check_hkid(rq, cx, in, &e);
	return e;
}

/* What is wrong with a question in a body is 422, as everything in a body is. */
static struct err *
asked_in_body(struct err *e)
{
	if (e != NULL && e->kind == ERR_BAD_REQUEST && e->fields != NULL)
		e->kind = ERR_INVALID;
	return e;
}

static struct err *
start(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);
	struct export_new in = {.kind = "list", .entity = q.entity, .query = &q};
	struct export_begun begun;
	struct err *e;

	TRY(load_query(rq, &cx, &q));
	TRY(asked_in_body(record_list_check(&cx, &q)));
	e = read_form(rq, &cx, &in);
	if (e != NULL && !rq->api) {
		response_errors(rp, rq, e);
		ask_page(rq, rp, &cx, &q);
		return NULL;
	}
	TRY(e);
	q.marketing = strcmp(in.reason, "campaign") == 0;
	TRY(export_begin(&cx, gate_settings(), &in, &begun));
	export_answer(rq, rp, &begun);
	return NULL;
}

static const struct param ask_params[] = {
	{"query", P_TEXT, IN_QUERY, 0, 100, false},
	{"archived", P_BOOL, IN_QUERY, 0, 0, false},
	PARAM_END,
};
static const struct param start_params[] = {
	{"q", P_TEXT, IN_BODY, 0, 200, false},
	{"filter", P_FILTERS, IN_BODY, 0, 0, false},
	{"sort", P_TEXT, IN_BODY, 0, 60, false},
	{"archived", P_BOOL, IN_BODY, 0, 0, false},
	{"query", P_TEXT, IN_BODY, 0, 100, false},
	{"fields", P_TEXTS, IN_BODY, 0, 180, false},
	{"reveal", P_TEXTS, IN_BODY, 0, 60, false},
	{"reason", P_TEXT, IN_BODY, 0, 40, false},
	{"format", P_TEXT, IN_BODY, 0, 10, false},
	PARAM_END,
};

#define ASK(entity, path) \
	ROUTE(READ, GET, path "/export", ON_PAGE, entity, RIGHT_EXPORT, "", ask, ask_params, NULL, \
		"exports/ask", entity ".export_ask")
#define START(entity, path) \
	ROUTE(WRITE, POST, path "/export", ON_BOTH, entity, RIGHT_EXPORT, "export", start, \
		start_params, NULL, "exports/ask", entity ".export")

const struct route export_ask_routes[] = {
	ASK("contact", "/contacts"),
	START("contact", "/contacts"),
	ASK("company", "/companies"),
	START("company", "/companies"),
	ASK("activity", "/activities"),
	START("activity", "/activities"),
	ASK("message", "/messages"),
	START("message", "/messages"),
	ASK("invoice", "/invoices"),
	START("invoice", "/invoices"),
	ROUTE_END,
};
