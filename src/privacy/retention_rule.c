/* SPDX-License-Identifier: ISC */
/* The rules: listed, added, taken out. What a law itself sets cannot be. */
#include <string.h>

#include "controls.h"
#include "event.h"
#include "pages.h"
#include "retention.h"
#include "text.h"

#define RULES_MAX 50
#define LAW_MAX 200
#define MONTHS_MAX 1200

/* Of a built-in one the period and the law are those in force. */
STMT(list_rules, "retention.rules", 0,
	"select r.rule_id, r.entity, r.category, r.field, r.counts_from, "
	"case when r.term is null then r.min_months when r.entity <> 'request' then t.months end, "
	"case when r.term is null then r.max_months when r.entity = 'request' then t.months end, "
	"coalesce(t.law, r.law), r.term is not null, t.source from retention_rule r "
	"left join lateral (select (extract(year from l.term) * 12 + extract(month from "
	"l.term))::bigint as months, l.law, l.source from law_term l where l.code = r.term "
	"and l.from_on <= hk_today() order by l.from_on desc limit 1) t on true "
	"where r.active order by r.term is null, r.entity, r.rule_id limit 100");
STMT(count_rules, "retention.count", 0,
	"select count(*) from (select from retention_rule where active and term is null limit 50) "
	"r");
STMT(insert_rule, "retention.insert", 7,
	"insert into retention_rule (entity, category, field, counts_from, min_months, max_months, "
	"law) values ($1, $2, $3, $4, $5::bigint::int, $6::bigint::int, $7) returning rule_id");
STMT(take_out, "retention.remove", 1,
	"update retention_rule set active = false where rule_id = $1::bigint and active "
	"and term is null returning rule_id");

static const char *const entities[] = {"contact", "message", "activity", "attachment", NULL};
/* What a rule of each of them can count from; of contacts also their own dates. */
static const char *const moments[] = {"created_at", "happened_at", NULL};
static const char *const categories[] = {"identity", "contact", "government_id", "financial",
	"demographic", "employment", "preference", "opinion", "correspondence", "health", "other",
	NULL};

/* A date or a moment of contacts that lies open. */
static bool
is_date(const struct field *f)
{
	return f->entity == ENTITY_CONTACT && !f->sealed && field_is_live(f) &&
	       (f->type == FIELD_DATE || f->type == FIELD_TIME);
}

static const char *
from_label(const struct record_ctx *cx, const char *name)
{
	const struct field *f = catalogue_find(cx->cat, ENTITY_CONTACT, name);

	return f != NULL ? field_label(f, cx->lang)
			 : view_text(cx->a, cx->lang,
				   arena_printf(cx->a, "retention.from.%s", name), NULL);
}

static void
months_text(struct request *rq, struct json_object *o, const char *key, const struct rows *r,
	size_t i, size_t column)
{
	if (rows_null(r, i, column))
		return;
	model_text(o, key,
		count_text(rq, strcmp(key, "min_text") == 0 ? "retention.min" : "retention.max",
			rows_i64(r, i, column)));
}

static void
rule_words(struct request *rq, const struct record_ctx *cx, const struct rows *r, size_t i,
	struct json_object *o)
{
	const struct field *f =
		rows_null(r, i, 3) ? NULL
				   : catalogue_find(cx->cat, ENTITY_CONTACT, rows_text(r, i, 3));

	model_text(o, "entity_word", say_word(rq, "retention.entity", rows_text(r, i, 1)));
	if (!rows_null(r, i, 3))
		model_text(o, "part", f != NULL ? field_label(f, cx->lang) : rows_text(r, i, 3));
	else if (!rows_null(r, i, 2))
		model_text(o, "part", say_word(rq, "field.category", rows_text(r, i, 2)));
	model_text(o, "from", from_label(cx, rows_text(r, i, 4)));
	months_text(rq, o, "min_text", r, i, 5);
	months_text(rq, o, "max_text", r, i, 6);
}

static void
add_rule(const struct rows *r, size_t i, struct json_object *o)
{
	model_i64(o, "id", rows_i64(r, i, 0));
	model_text(o, "entity", rows_text(r, i, 1));
	model_text(o, "category", rows_text(r, i, 2));
	model_text(o, "field", rows_text(r, i, 3));
	model_text(o, "counts_from", rows_text(r, i, 4));
	for (size_t k = 5; k <= 6; k++) {
		const char *name = k == 5 ? "min_months" : "max_months";

		if (rows_null(r, i, k))
			model_null(o, name);
		else
			model_i64(o, name, rows_i64(r, i, k));
	}
	model_text(o, "law", rows_text(r, i, 7));
	model_bool(o, "builtin", rows_bool(r, i, 8));
	model_text(o, "source", rows_text(r, i, 9));
}

static void
of_what(struct request *rq, const struct record_ctx *cx, struct json_object *list)
{
	struct json_object *o =
		form_field(rq, list, "choice", "entity", say(rq, "retention.of"), entities[0]);

	form_words(rq, o, entities, "retention.entity");
	form_required(o);
	o = form_field(rq, list, "choice", "field", say(rq, "retention.field"), "");
	form_option(o, "", say(rq, "retention.every_field"));
	for (size_t i = 0; i < cx->cat->n; i++)
		if (cx->cat->fields[i].entity == ENTITY_CONTACT &&
			field_is_personal(&cx->cat->fields[i]))
			form_option(o, cx->cat->fields[i].name,
				field_label(&cx->cat->fields[i], cx->lang));
	form_hint(rq, o, "retention.field_hint");
	o = form_field(rq, list, "choice", "category", say(rq, "retention.category"), "");
	form_option(o, "", say(rq, "retention.every_field"));
	for (const char *const *c = categories; *c != NULL; c++)
		form_option(o, *c, say_word(rq, "field.category", *c));
	o = form_field(
		rq, list, "choice", "counts_from", say(rq, "retention.counts_from"), moments[0]);
	for (const char *const *m = moments; *m != NULL; m++)
		form_option(o, *m, from_label(cx, *m));
	for (size_t i = 0; i < cx->cat->n; i++)
		if (is_date(&cx->cat->fields[i]))
			form_option(o, cx->cat->fields[i].name,
				field_label(&cx->cat->fields[i], cx->lang));
	form_hint(rq, o, "retention.from_hint");
}

static struct err *
list(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *page, *o, *items = model_list(response_data(rp), "items");
	struct rows *r;

	TRY(tx_query(rq->tx, &list_rules, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		o = model_item(items);
		add_rule(r, i, o);
		if (!rq->api)
			rule_words(rq, &cx, r, i, o);
	}
	model_null(response_data(rp), "next");
	if (rq->api)
		return NULL;
	rp->template = "privacy/retention";
	page = response_page(rp);
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "retention.title"));
	model_text(page, "subtitle", say(rq, "retention.lead"));
	items = model_list(page, "fields");
	of_what(rq, &cx, items);
	o = form_field(rq, items, "number", "min_months", say(rq, "retention.min_title"), "");
	form_hint(rq, o, "retention.min_hint");
	o = form_field(rq, items, "number", "max_months", say(rq, "retention.max_title"), "");
	form_hint(rq, o, "retention.max_hint");
	o = form_field(rq, items, "text", "law", say(rq, "retention.law"), "");
	form_hint(rq, o, "retention.law_hint");
	form_required(o);
	model_i64(o, "max", LAW_MAX);
	return NULL;
}

static bool
known(const char *const *words, const char *word)
{
	for (; *words != NULL; words++)
		if (strcmp(*words, word) == 0)
			return true;
	return false;
}

static const char *
said_text(struct request *rq, const char *name)
{
	const char *text = request_text(rq, name);

	return text == NULL || *text == '\0' ? NULL : text;
}

struct rule {
	const char *entity, *category, *field, *counts_from, *law;
	int64_t least, most;
};

/* Of which fields: of contacts alone, one or those of a category. */
static void
read_part(struct request *rq, const struct record_ctx *cx, struct rule *r, struct err **e)
{
	bool contact = r->entity != NULL && strcmp(r->entity, "contact") == 0;
	const struct field *f;

	r->field = said_text(rq, "field");
	r->category = said_text(rq, "category");
	f = r->field != NULL ? catalogue_find(cx->cat, ENTITY_CONTACT, r->field) : NULL;
	if (r->field != NULL && (!contact || f == NULL || !field_is_personal(f)))
		err_add_field(rq->a, e, "field", "error.choice", NULL);
	if (r->category != NULL && (!contact || !known(categories, r->category)))
		err_add_field(rq->a, e, "category", "error.choice", NULL);
	if (r->field != NULL && r->category != NULL)
		err_add_field(rq->a, e, "category", "error.retention_part", NULL);
}

static void
read_from(struct request *rq, const struct record_ctx *cx, struct rule *r, struct err **e)
{
	bool contact = r->entity != NULL && strcmp(r->entity, "contact") == 0;
	bool happens = r->entity != NULL &&
		       (strcmp(r->entity, "message") == 0 || strcmp(r->entity, "activity") == 0);
	const struct field *f;

	r->counts_from = said_text(rq, "counts_from");
	if (r->counts_from == NULL) {
		err_add_field(rq->a, e, "counts_from", "error.required", NULL);
		return;
	}
	f = catalogue_find(cx->cat, ENTITY_CONTACT, r->counts_from);
	if (strcmp(r->counts_from, "created_at") == 0 ||
		(happens && strcmp(r->counts_from, "happened_at") == 0) ||
		(contact && f != NULL && is_date(f)))
		return;
	err_add_field(rq->a, e, "counts_from", "error.choice", NULL);
}

static struct err *
read_rule(struct request *rq, struct rule *r)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct err *e = NULL;

	*r = (struct rule){.least = request_i64(rq, "min_months", 0),
		.most = request_i64(rq, "max_months", 0)};
	r->entity = form_word(rq, "entity", entities, &e);
	read_part(rq, &cx, r, &e);
	read_from(rq, &cx, r, &e);
	r->law = said_text(rq, "law");
	r->law = r->law != NULL ? text_clean(rq->a, r->law, false) : NULL;
	if (r->law == NULL)
		err_add_field(rq->a, &e, "law", "error.required", NULL);
	if (r->least == 0 && r->most == 0)
		err_add_field(rq->a, &e, "min_months", "error.retention_period", NULL);
	if (r->least != 0 && r->most != 0 && r->most < r->least)
		err_add_field(rq->a, &e, "max_months", "error.retention_order", NULL);
	return e;
}

static struct err *
store(struct request *rq, int64_t *id_r)
{
	struct rule u;
	struct rows *r;

	TRY(read_rule(rq, &u));
	TRY(tx_query(rq->tx, &count_rules, NO_VALS, &r));
	if (rows_i64(r, 0, 0) >= RULES_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.retention_rules");
	TRY(tx_query(rq->tx, &insert_rule,
		VALS(val_text(u.entity), val_text(u.category), val_text(u.field),
			val_text(u.counts_from), val_id(u.least), val_id(u.most), val_text(u.law)),
		&r));
	*id_r = rows_i64(r, 0, 0);
	return NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	int64_t id;
	struct err *e = store(rq, &id);

	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return list(rq, rp);
	}
	audit_queue_one(rq->tx, rq->a, "retention", "retention_rule", id, 0, "rule_added");
	response_flash(rp, "flash.saved");
	if (rq->api) {
		rp->status = 201;
		model_i64(response_data(rp), "id", id);
	} else {
		response_go(rp, rq, "/privacy/retention");
	}
	return NULL;
}

static struct err *
remove_rule(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);
	struct rows *r;

	TRY(tx_query(rq->tx, &take_out, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "retention", "retention_rule", id, 0, "rule_removed");
	response_flash(rp, "flash.saved");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/privacy/retention");
	return NULL;
}

/* ---- of one person */

static struct err *
of_person(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct json_object *o = response_data(rp);

	TRY(pages_contact_open(rq, id));
	TRY(retention_list(&cx, &id, 1, false, model_list(o, "items")));
	model_null(o, "next");
	audit_queue_one(rq->tx, rq->a, "view", "contact", id, id, NULL);
	return NULL;
}

/* All are asked for by the handler, so that a form comes back with what was typed. */
static const struct param params[] = {
	{"entity", P_TEXT, IN_BODY, 0, 20, false},
	{"category", P_TEXT, IN_BODY, 0, 40, false},
	{"field", P_TEXT, IN_BODY, 0, 60, false},
	{"counts_from", P_TEXT, IN_BODY, 0, 60, false},
	{"min_months", P_I64, IN_BODY, 1, MONTHS_MAX, false},
	{"max_months", P_I64, IN_BODY, 1, MONTHS_MAX, false},
	{"law", P_TEXT, IN_BODY, 0, LAW_MAX, false},
	PARAM_END,
};

const struct route retention_routes[] = {
	ROUTE(READ, GET, "/privacy/retention-rules", ON_API, "", RIGHT_RUN_REQUESTS, "", list, NULL,
		NULL, "", "retention.list"),
	ROUTE(WRITE, POST, "/privacy/retention-rules", ON_API, "", RIGHT_RUN_REQUESTS, "retention",
		create, params, NULL, "", "retention.create"),
	ROUTE(WRITE, DELETE, "/privacy/retention-rules/{id}", ON_API, "", RIGHT_RUN_REQUESTS,
		"retention", remove_rule, NULL, NULL, "", "retention.delete"),
	ROUTE(READ, GET, "/privacy/retention", ON_PAGE, "", RIGHT_RUN_REQUESTS, "", list, NULL,
		NULL, "privacy/retention", "retention.page"),
	ROUTE(WRITE, POST, "/privacy/retention", ON_PAGE, "", RIGHT_RUN_REQUESTS, "retention",
		create, params, NULL, "privacy/retention", "retention.add"),
	ROUTE(WRITE, POST, "/privacy/retention/{id}/remove", ON_PAGE, "", RIGHT_RUN_REQUESTS,
		"retention", remove_rule, NULL, NULL, "", "retention.take_out"),
	ROUTE(READ, GET, "/contacts/{id}/retention", ON_API, "contact", RIGHT_VIEW, "view",
		of_person, NULL, NULL, "", "retention.of_person"),
	ROUTE_END,
};
