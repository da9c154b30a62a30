/* SPDX-License-Identifier: ISC */
#include "case_source.h"

#include <string.h>

#include "controls.h"
#include "event.h"
#include "text.h"

#define DAYS 14

STMT(list_active, "source.list", 0,
	"select source_id, name, holder, days, kind from other_source where active order by "
	"source_id "
	"limit 100");
STMT(add, "source.insert", 5,
	"insert into other_source (name, holder, days, created_by, kind) values ($1, $2, "
	"$3::bigint::int, "
	"$4::bigint, case $5 when 'processor' then $5 else 'source' end) returning source_id");
STMT(take_out, "source.remove", 1,
	"update other_source set active = false where source_id = $1::bigint and active returning "
	"source_id");
STMT(count_active, "source.count", 0,
	"select count(*) from (select from other_source where active limit 50) s");
STMT(not_asked, "source.not_asked", 1,
	"select s.source_id, s.name, s.holder, (r.received_on + s.days)::text from other_source s "
	"cross join privacy_request r where s.active and r.request_id = $1::bigint and s.kind = "
	"case "
	"r.kind when 'access' then 'source' when 'erasure' then 'processor' end and not exists "
	"(select from request_item i where i.request_id = r.request_id and i.source_id = "
	"s.source_id) order by s.source_id limit 100");
STMT(add_item, "source.item", 5,
	"insert into request_item (request_id, what, label, source_id, due_on, created_by) values "
	"($1::bigint, case $5 when 'processor' then $5 else 'source' end, $2, $3::bigint, "
	"$4::date, nullif(current_setting('praya.user_id', "
	"true), '')::bigint) on conflict do nothing");

static const char *const kinds[] = {"source", "processor", NULL};

struct err *
case_ask_sources(struct request *rq, const struct privacy_case *c, size_t *n_r)
{
	const char *what = strcmp(c->kind, "erasure") == 0 ? kinds[1] : kinds[0];
	struct rows *r;

	if (n_r != NULL)
		*n_r = 0;
	if (!c->opens)
		return NULL;
	TRY(tx_query(rq->tx, &not_asked, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		const char *label =
			arena_printf(rq->a, "%s (%s)", rows_text(r, i, 1), rows_text(r, i, 2));

		tx_queue(rq->tx, &add_item,
			VALS(val_i64(c->id), val_bytes(case_seal(rq, c, "label", label)),
				val_i64(rows_i64(r, i, 0)), val_text(rows_text(r, i, 3)),
				val_text(what)),
			NULL);
	}
	if (n_r != NULL)
		*n_r = rows_count(r);
	return tx_run(rq->tx);
}

/* ---- settings */

static struct err *
list_sources(struct request *rq, struct response *rp)
{
	struct json_object *page, *o, *items = model_list(response_data(rp), "items");
	struct rows *r;

	TRY(tx_query(rq->tx, &list_active, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		o = model_item(items);
		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "name", rows_text(r, i, 1));
		model_text(o, "holder", rows_text(r, i, 2));
		model_i64(o, "days", rows_i64(r, i, 3));
		model_text(o, "kind", rows_text(r, i, 4));
		if (!rq->api)
			model_text(
				o, "kind_word", say_word(rq, "sources.kind", rows_text(r, i, 4)));
		if (!rq->api)
			model_text(
				o, "days_text", count_text(rq, "sources.days", rows_i64(r, i, 3)));
	}
	model_null(response_data(rp), "next");
	if (rq->api)
		return NULL;
	rp->template = "settings/sources";
	page = response_page(rp);
	o = model_item(model_list(page, "crumbs"));
	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "sources.title"));
	model_text(page, "subtitle", say(rq, "sources.lead"));
	items = model_list(page, "fields");
	o = form_field(rq, items, "choice", "kind", say(rq, "sources.kind_title"), kinds[0]);
	form_words(rq, o, kinds, "sources.kind");
	form_hint(rq, o, "sources.kind_hint");
	o = form_field(rq, items, "text", "name", say(rq, "sources.name"), "");
	form_hint(rq, o, "sources.name_hint");
	form_required(o);
	model_i64(o, "max", 80);
	o = form_field(rq, items, "text", "holder", say(rq, "sources.holder"), "");
	form_hint(rq, o, "sources.holder_hint");
	form_required(o);
	model_i64(o, "max", 80);
	o = form_field(rq, items, "number", "days", say(rq, "sources.days_title"), "14");
	form_hint(rq, o, "sources.days_hint");
	return NULL;
}

static const char *
read_text(struct request *rq, const char *name, struct err **e)
{
	const char *text = request_text(rq, name);

	text = text != NULL ? text_clean(rq->a, text, false) : NULL;
	if (text == NULL)
		err_add_field(rq->a, e, name, "error.required", NULL);
	return text;
}

#define SOURCES_MAX 50

static struct err *
insert_source(struct request *rq, int64_t *id_r)
{
	int64_t days = request_i64(rq, "days", DAYS);
	const char *name, *holder, *kind = kinds[0];
	struct err *e = NULL;
	struct rows *r;

	name = read_text(rq, "name", &e);
	holder = read_text(rq, "holder", &e);
	if (request_text(rq, "kind") != NULL)
		kind = form_word(rq, "kind", kinds, &e);
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &count_active, NO_VALS, &r));
	if (rows_i64(r, 0, 0) >= SOURCES_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.sources_max");
	TRY(tx_query(rq->tx, &add,
		VALS(val_text(name), val_text(holder), val_i64(days),
			val_i64(rq->principal->user_id), val_text(kind)),
		&r));
	*id_r = rows_i64(r, 0, 0);
	return NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	int64_t id;
	struct err *e = insert_source(rq, &id);

	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return list_sources(rq, rp);
	}
	audit_queue_one(rq->tx, rq->a, "setting", "source", id, 0, "source_added");
	response_flash(rp, "flash.saved");
	if (rq->api) {
		rp->status = 201;
		model_i64(response_data(rp), "id", id);
	} else {
		response_go(rp, rq, "/settings/sources");
	}
	return NULL;
}

static struct err *
remove_source(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);
	struct rows *r;

	TRY(tx_query(rq->tx, &take_out, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(rq->tx, rq->a, "setting", "source", id, 0, "source_removed");
	response_flash(rp, "flash.saved");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/sources");
	return NULL;
}

/* All are asked for by the handler, so that a form comes back with what was typed. */
static const struct param params[] = {
	{"name", P_TEXT, IN_BODY, 0, 80, false},
	{"holder", P_TEXT, IN_BODY, 0, 80, false},
	{"days", P_I64, IN_BODY, 1, 40, false},
	{"kind", P_TEXT, IN_BODY, 0, 20, false},
	PARAM_END,
};

const struct route source_routes[] = {
	ROUTE(READ, GET, "/sources", ON_API, "", RIGHT_RUN_REQUESTS, "", list_sources, NULL, NULL,
		"", "source.list"),
	ROUTE(WRITE, POST, "/sources", ON_API, "", RIGHT_RUN_REQUESTS, "setting", create, params,
		NULL, "", "source.create"),
	ROUTE(WRITE, DELETE, "/sources/{id}", ON_API, "", RIGHT_RUN_REQUESTS, "setting",
		remove_source, NULL, NULL, "", "source.delete"),
	ROUTE(READ, GET, "/settings/sources", ON_PAGE, "", RIGHT_RUN_REQUESTS, "", list_sources,
		NULL, NULL, "settings/sources", "settings.sources"),
	ROUTE(WRITE, POST, "/settings/sources", ON_PAGE, "", RIGHT_RUN_REQUESTS, "setting", create,
		params, NULL, "settings/sources", "settings.source_add"),
	ROUTE(WRITE, POST, "/settings/sources/{id}/remove", ON_PAGE, "", RIGHT_RUN_REQUESTS,
		"setting", remove_source, NULL, NULL, "", "settings.source_remove"),
	ROUTE_END,
};
