/* SPDX-License-Identifier: ISC */
/* The page on which a person is found. */
#include <string.h>

#include "case_find.h"
#include "case_source.h"
#include "controls.h"
#include "phone.h"
#include "query.h"
#include "text.h"

STMT(widen, "find.widen_chosen", 0, "select gate_widen()");
STMT(find_added, "find.added", 1,
	"select x.entity, x.record_id, x.contact_id, coalesce(c.name_en, c.name_zh) from "
	"request_record x left join contact c on c.contact_id = x.contact_id where x.request_id "
	"= $1::bigint order by x.added_at, x.entity, x.record_id limit 500");
STMT(find_chosen, "find.chosen", 1,
	"select s.contact_id, s.user_id, coalesce(c.name_en, c.name_zh, u.name), c.name_zh, "
	"c.email, "
	"c.phone, c.phone2, c.email2 from request_subject s left join contact c using (contact_id) "
	"left join app_user u on u.user_id = s.user_id where s.request_id = $1::bigint order by "
	"s.subject_id limit 100");
STMT(sources_left, "find.sources_left", 1,
	"select count(*) from (select from other_source s where s.active and not exists (select "
	"from "
	"request_item i where i.request_id = $1::bigint and i.source_id = s.source_id) limit 1) s");

static void
suggest(struct request *rq, struct json_object *list, const char *text)
{
	char shown[PHONE_SHOWN];

	if (text == NULL || *text == '\0')
		return;
	if (text[0] == '+') {
		phone_show(text, shown);
		text = arena_strdup(rq->a, shown);
	}
	for (size_t i = 0; i < json_object_array_length(list); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(list, i)), text) == 0)
			return;
	model_push_text(list, text);
}

static void
put_chosen(struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	bool user = rows_null(r, i, 0);
	int64_t id = rows_i64(r, i, user ? 1 : 0);

	model_text(o, "kind", user ? "user" : "contact");
	model_i64(o, "id", id);
	model_text(o, "name", rows_null(r, i, 2) ? number_text(rq->a, id) : rows_text(r, i, 2));
	if (rq->api)
		return;
	model_text(
		o, "hit", arena_printf(rq->a, "%s:%lld", user ? "user" : "contact", (long long)id));
	if (!user)
		model_text(o, "url", arena_printf(rq->a, "/contacts/%lld", (long long)id));
}

/* Whom it is about; and what is known of them, each a search of its own. */
static struct err *
add_chosen(struct request *rq, const struct privacy_case *c, struct json_object *data)
{
	static const char *const mine[] = {"subject_name", "name", "email", "phone", NULL};
	struct json_object *people = model_list(data, "people"),
			   *list = model_list(data, "suggestions");
	struct rows *r;

	TRY(tx_query(rq->tx, &find_chosen, VALS(val_i64(c->id)), &r));
	for (const char *const *m = mine; *m != NULL; m++)
		if (strcmp(c->capacity, "self") == 0 || m == mine)
			suggest(rq, list, case_text(c, *m));
	for (size_t i = 0; i < rows_count(r); i++) {
		put_chosen(rq, r, i, model_item(people));
		for (size_t k = 2; k < 8; k++)
			suggest(rq, list, rows_text(r, i, k));
	}
	return NULL;
}

static struct err *
add_added(struct request *rq, const struct privacy_case *c, struct json_object *data)
{
	struct json_object *list = model_list(data, "records");
	struct rows *r;

	TRY(tx_query(rq->tx, &find_added, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *entity = rows_text(r, i, 0);
		const char *kind = strcmp(entity, "contact") == 0 ? "text" : entity;
		struct json_object *o = model_item(list);

		model_text(o, "kind", kind);
		model_i64(o, "id", rows_i64(r, i, 1));
		if (rq->api)
			continue;
		model_text(o, "hit",
			arena_printf(rq->a, "%s:%lld", kind, (long long)rows_i64(r, i, 1)));
		model_text(o, "label",
			view_text(rq->a, request_lang(rq),
				arena_printf(rq->a, "entity.%s.one", entity), NULL));
		model_text(o, "name", rows_text(r, i, 3));
		model_text(o, "url",
			arena_printf(rq->a, "%s/%lld", entity_def(entity_parse(entity))->path,
				(long long)rows_i64(r, i, 1)));
	}
	return NULL;
}

static void
form(struct request *rq, const struct privacy_case *c, const struct find_question *q,
	struct json_object *page)
{
	const char *from = case_text(c, "period_from"), *to = case_text(c, "period_to");
	struct json_object *list = model_list(page, "fields"), *f;

	if (q->words != NULL) {
		from = q->from;
		to = q->to;
	}
	f = form_field(rq, list, "text", "q", say(rq, "find.q"), q->words != NULL ? q->words : "");
	form_hint(rq, f, "find.q_hint");
	form_required(f);
	model_i64(f, "max", 100);
	model_bool(f, "wide", true);
	form_field(rq, list, "date", "from", say(rq, "requests.period_from_title"),
		from != NULL ? from : "");
	form_field(
		rq, list, "date", "to", say(rq, "requests.period_to_title"), to != NULL ? to : "");
}

static struct err *
show(struct request *rq, struct response *rp, const struct privacy_case *c,
	const struct find_question *q)
{
	struct json_object *page, *o, *data = response_data(rp);
	struct rows *r;

	/* All that is held on those who are chosen is open here, and nowhere else. */
	tx_queue(rq->tx, &widen, NO_VALS, NULL);
	model_i64(data, "id", c->id);
	model_text(data, "reference", c->reference);
	model_text(data, "state", c->state);
	TRY(add_chosen(rq, c, data));
	TRY(add_added(rq, c, data));
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "privacy/find";
	o = model_list(page, "crumbs");
	model_text(model_item(o), "label", say(rq, "requests.title"));
	model_text(json_object_array_get_idx(o, 0), "url", "/privacy");
	model_text(model_item(o), "label", c->reference);
	model_text(json_object_array_get_idx(o, 1), "url",
		arena_printf(rq->a, "/privacy/requests/%lld", (long long)c->id));
	model_text(page, "title", say(rq, "find.title"));
	model_text(page, "subtitle",
		case_text(c, "name") != NULL ? case_text(c, "name") : say(rq, "requests.nobody"));
	model_i64(page, "id", c->id);
	model_bool(page, "open",
		c->closed_at == 0 && strcmp(c->state, "review") != 0 &&
			strcmp(c->state, "fee_pending") != 0);
	model_bool(page, "asked", q->query != NULL);
	model_text(page, "query", q->query);
	model_text(page, "scope", case_text(c, "scope"));
	form(rq, c, q, page);
	TRY(tx_query(rq->tx, &sources_left, VALS(val_i64(c->id)), &r));
	model_i64(page, "sources_left", rows_i64(r, 0, 0));
	return NULL;
}

/* The question of an opaque number, of pages. */
static struct err *
load_question(struct request *rq, struct find_question *q)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query stored = {.entity = ENTITY_CONTACT};
	struct json_object *v;

	q->query = request_text(rq, "query");
	if (q->query == NULL)
		return NULL;
	TRY(query_load(&cx, ENTITY_CONTACT, q->query, &stored));
	q->words = stored.q;
	if (json_object_object_get_ex(stored.filter, "from", &v))
		q->from = json_object_get_string(v);
	if (json_object_object_get_ex(stored.filter, "to", &v))
		q->to = json_object_get_string(v);
	/* Nothing is "" there. */
	q->from = q->from != NULL && *q->from != '\0' ? q->from : NULL;
	q->to = q->to != NULL && *q->to != '\0' ? q->to : NULL;
	return NULL;
}

static struct err *
read_kind(struct request *rq, struct find_question *q)
{
	struct err *e = NULL;

	q->entity = request_text(rq, "entity");
	q->after = request_i64(rq, "after", 0);
	if (q->entity != NULL && !find_is_kind(q->entity))
		err_add_field(rq->a, &e, "entity", "error.choice", NULL);
	return e;
}

/* Whom it is about and what was added; with a search, what it finds. */
static struct err *
look(struct request *rq, struct response *rp)
{
	struct find_question q = {0};
	struct privacy_case c;
	struct err *e;

	TRY(case_load(rq, request_id(rq, 0), &c));
	TRY(load_question(rq, &q));
	e = read_kind(rq, &q);
	if (e != NULL) {
		e->kind = ERR_BAD_REQUEST;
		return e;
	}
	case_log(rq, "view", &c);
	TRY(show(rq, rp, &c, &q));
	if (q.words == NULL)
		return tx_run(rq->tx);
	TRY(find_check(rq, &q));
	return find_run(rq, &c, &q, response_data(rp));
}

static struct err *
keep_question(struct request *rq, const struct find_question *q, const char **token_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query stored = {.entity = ENTITY_CONTACT, .q = q->words};

	stored.filter = model_object(rq->a);
	model_text(stored.filter, "from", q->from != NULL ? q->from : "");
	model_text(stored.filter, "to", q->to != NULL ? q->to : "");
	return query_store(&cx, &stored, token_r);
}

static struct err *
ask(struct request *rq, const struct find_question *asked, struct find_question *q,
	const char **token_r)
{
	*q = *asked;
	TRY(find_check(rq, q));
	return rq->api ? NULL : keep_question(rq, asked, token_r);
}

static struct err *
search(struct request *rq, struct response *rp)
{
	struct find_question asked = {.from = request_text(rq, "from"),
				     .to = request_text(rq, "to")},
			     q;
	const char *words = request_text(rq, "q"), *token = NULL;
	struct privacy_case c;
	struct err *e;

	TRY(case_load(rq, request_id(rq, 0), &c));
	asked.words = words != NULL ? text_clean(rq->a, words, false) : NULL;
	TRY(read_kind(rq, &asked));
	e = ask(rq, &asked, &q, &token);
	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show(rq, rp, &c, &asked);
	}
	/* Its words stay with the case, which is where they may be. */
	if (asked.after == 0)
		case_note(rq, &c, "find", asked.words, NULL);
	if (rq->api)
		return find_run(rq, &c, &q, response_data(rp));
	response_go(rp, rq, "/privacy/requests/%lld/find?query=%s", (long long)c.id, token);
	return tx_run(rq->tx);
}

static struct err *
ask_sources(struct request *rq, struct response *rp)
{
	struct privacy_case c;
	size_t n;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (c.closed_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	TRY(case_ask_sources(rq, &c, &n));
	if (n > 0)
		case_note(rq, &c, "item", NULL, NULL);
	case_log(rq, "update", &c);
	model_i64(response_data(rp), "added", (int64_t)n);
	response_flash(rp, "flash.saved");
	if (!rq->api)
		response_go(rp, rq, "/privacy/requests/%lld", (long long)c.id);
	return tx_run(rq->tx);
}

static const struct param look_params[] = {
	{"query", P_TEXT, IN_QUERY, 0, 100, false},
	{"entity", P_TEXT, IN_QUERY, 0, 20, false},
	{"after", P_I64, IN_QUERY, 0, FIND_MAX, false},
	PARAM_END,
};
static const struct param search_params[] = {
	{"q", P_TEXT, IN_BODY, 0, 100, false},
	{"from", P_DATE, IN_BODY, 0, 0, false},
	{"to", P_DATE, IN_BODY, 0, 0, false},
	{"entity", P_TEXT, IN_BODY, 0, 20, false},
	{"after", P_I64, IN_BODY, 0, FIND_MAX, false},
	PARAM_END,
};
static const struct param choose_params[] = {
	{"add", P_TEXTS, IN_BODY, 0, FIND_CHOSEN_MAX, false},
	{"remove", P_TEXTS, IN_BODY, 0, FIND_CHOSEN_MAX, false},
	{"query", P_TEXT, IN_BODY, 0, 100, false},
	PARAM_END,
};

const struct route case_find_routes[] = {
	ROUTE(READ, GET, "/privacy/requests/{id}/find", ON_BOTH, "", RIGHT_RUN_REQUESTS, "search",
		look, look_params, NULL, "privacy/find", "request.find"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/find", ON_BOTH, "", RIGHT_RUN_REQUESTS, "search",
		search, search_params, NULL, "privacy/find", "request.search"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/found", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", find_choose, choose_params, NULL, "", "request.found"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/sources", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", ask_sources, NULL, NULL, "", "request.sources"),
	ROUTE_END,
};
