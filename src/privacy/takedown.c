/* SPDX-License-Identifier: ISC */
#include "takedown_part.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "event.h"
#include "incident.h"
#include "text.h"
#include "token.h"

#define COLUMNS \
	"select t.takedown_id, t.reference, usec(t.received_at), usec(t.deadline_at), " \
	"usec(t.done_at), t.key_id, k.wrapped, t.particulars, usec(now()), u.name, (select " \
	"count(*) from takedown_item i where i.takedown_id = t.takedown_id) from takedown t join " \
	"data_key k on k.key_id = t.key_id left join app_user u on u.user_id = t.recorded_by "

#define PAGE 50

STMT(find_all, "takedown.list", 1,
	COLUMNS "where t.takedown_id < $1::bigint order by t.takedown_id desc limit 51");
STMT(find_one, "takedown.read", 1, COLUMNS "where t.takedown_id = $1::bigint");
STMT(find_items, "takedown.items", 1,
	"select i.item_id, i.entity, i.record_id, usec(i.hidden_at), h.name, usec(i.shown_at), "
	"s.name, encode(i.digest, 'hex'), i.key_id is not null from takedown_item i left join "
	"app_user h on h.user_id = i.hidden_by left join app_user s on s.user_id = i.shown_by "
	"where i.takedown_id = $1::bigint order by i.item_id limit 500");
STMT(add_key, "takedown.key", 1,
	"insert into data_key (purpose, wrapped) values ('takedown', $1) returning key_id");
STMT(add, "takedown.insert", 4,
	"insert into takedown (received_at, deadline_at, key_id, particulars) values "
	"(to_timestamp($1::bigint / 1000000.0), to_timestamp($2::bigint / 1000000.0), "
	"$3::bigint, $4) returning takedown_id");
STMT(set_done, "takedown.done", 2,
	"update takedown set done_at = now(), done_by = $2::bigint where takedown_id = $1::bigint "
	"and done_at is null returning takedown_id");

const char *const takedown_entities[] = {"message", "activity", "attachment", NULL};

const char *
takedown_place(const struct request *rq, const char *what, int64_t key)
{
	return arena_printf(rq->a, "takedown.%s|%lld", what, (long long)key);
}

static void
of_row(struct request *rq, const struct rows *r, size_t i, struct takedown *t)
{
	struct bytes plain;
	struct seal_key key;
	struct json_object *o;

	*t = (struct takedown){.id = rows_i64(r, i, 0),
		.reference = rows_text(r, i, 1),
		.received_at = rows_i64(r, i, 2),
		.deadline_at = rows_i64(r, i, 3),
		.done_at = rows_i64(r, i, 4),
		.now = rows_i64(r, i, 8),
		.recorder = rows_text(r, i, 9),
		.items = rows_i64(r, i, 10)};
	if (!key_unwrap(rq->a, &rq->tenant->kek, TAKEDOWN_KEY, rows_bytes(rq->a, r, i, 6),
		    rows_i64(r, i, 5), &key) ||
		!unseal_value(rq->a, &key, takedown_place(rq, "particulars", key.id),
			rows_bytes(rq->a, r, i, 7), &plain))
		return;
	o = model_own(rq->a, json_tokener_parse((const char *)plain.p));
	t->from = json_object_get_string(json_object_object_get(o, "from"));
	t->text = json_object_get_string(json_object_object_get(o, "text"));
}

struct err *
takedown_load(struct request *rq, int64_t id, struct takedown *t)
{
	struct rows *r;

	TRY(incident_right(rq));
	TRY(tx_query(rq->tx, &find_one, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	of_row(rq, r, 0, t);
	return NULL;
}

static void
put_time(struct request *rq, struct json_object *o, const char *name, int64_t at)
{
	model_text(o, name, at == 0 ? NULL : time_rfc3339(rq->a, at));
}

static void
model(struct request *rq, const struct takedown *t, struct json_object *o)
{
	const char *tag = lang_tag(request_lang(rq));
	bool late = t->done_at == 0 && t->now > t->deadline_at;

	model_i64(o, "id", t->id);
	model_text(o, "reference", t->reference);
	model_text(o, "from", t->from);
	model_text(o, "text", t->text);
	put_time(rq, o, "received_at", t->received_at);
	put_time(rq, o, "deadline_at", t->deadline_at);
	put_time(rq, o, "done_at", t->done_at);
	model_bool(o, "overdue", late);
	model_i64(o, "count", t->items);
	model_text(o, "recorded_by", t->recorder);
	if (rq->api)
		return;
	model_text(o, "url", arena_printf(rq->a, "/privacy/takedowns/%lld", (long long)t->id));
	model_text(o, "received", time_show(rq->a, t->received_at, tag));
	model_text(o, "deadline", time_show(rq->a, t->deadline_at, tag));
	model_text(o, "badge", t->done_at != 0 ? "neutral" : late ? "danger" : "warning");
	model_text(o, "badge_text",
		say(rq, t->done_at != 0 ? "takedown.done"
			: late          ? "takedown.late"
					: "takedown.open"));
}

void
takedown_crumbs(struct request *rq, struct json_object *page, bool list)
{
	struct json_object *all = model_list(page, "crumbs"), *o = model_item(all);

	model_text(o, "label", say(rq, "requests.title"));
	model_text(o, "url", "/privacy");
	if (!list)
		return;
	o = model_item(all);
	model_text(o, "label", say(rq, "takedown.title"));
	model_text(o, "url", "/privacy/takedowns");
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items"), *page, *o;
	const char *next;
	int64_t before;
	struct rows *r;

	TRY(incident_right(rq));
	TRY(cursor_number(rq, "takedown.list", &before));
	TRY(tx_query(rq->tx, &find_all, VALS(val_i64(before != 0 ? before : INT64_MAX)), &r));
	for (size_t i = 0; i < rows_count(r) && i < PAGE; i++) {
		struct takedown t;

		of_row(rq, r, i, &t);
		model(rq, &t, model_item(items));
	}
	next = rows_count(r) > PAGE
		       ? cursor_of_number(rq, "takedown.list", rows_i64(r, PAGE - 1, 0))
		       : NULL;
	model_text(response_data(rp), "next", next);
	audit_queue_one(rq->tx, rq->a, "list", "takedown", 0, 0, NULL);
	if (rq->api)
		return NULL;
	page = response_page(rp);
	takedown_crumbs(rq, page, false);
	model_text(page, "title", say(rq, "takedown.title"));
	model_text(page, "subtitle", say(rq, "takedown.lead"));
	cursor_pager(rq, page, "/privacy/takedowns", next);
	if (!principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		return NULL;
	o = model_item(model_list(page, "actions"));
	model_text(o, "key", "new");
	model_text(o, "label", say(rq, "takedown.new"));
	model_text(o, "url", "/privacy/takedowns/new");
	return NULL;
}

/* ---- one */

static struct err *
add_items(struct request *rq, const struct takedown *t, struct json_object *list)
{
	const char *tag = lang_tag(request_lang(rq));
	struct rows *r;

	TRY(tx_query(rq->tx, &find_items, VALS(val_i64(t->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "entity", rows_text(r, i, 1));
		model_i64(o, "record_id", rows_i64(r, i, 2));
		put_time(rq, o, "hidden_at", rows_i64(r, i, 3));
		model_text(o, "hidden_by", rows_text(r, i, 4));
		put_time(rq, o, "shown_at", rows_i64(r, i, 5));
		model_text(o, "shown_by", rows_text(r, i, 6));
		model_text(o, "digest", rows_text(r, i, 7));
		model_bool(o, "evidence", rows_bool(r, i, 8));
		if (rq->api)
			continue;
		model_text(o, "what",
			arena_printf(rq->a, "%s %lld",
				say_word(rq, "takedown.kind", rows_text(r, i, 1)),
				(long long)rows_i64(r, i, 2)));
		model_text(o, "hidden", time_show(rq->a, rows_i64(r, i, 3), tag));
		if (!rows_null(r, i, 5))
			model_text(o, "shown", time_show(rq->a, rows_i64(r, i, 5), tag));
	}
	return NULL;
}

struct err *
takedown_show(struct request *rq, struct response *rp, const struct takedown *t)
{
	struct json_object *data = response_data(rp), *page, *list, *f;

	model(rq, t, data);
	TRY(add_items(rq, t, model_list(data, "items")));
	if (rq->api)
		return NULL;
	page = response_page(rp);
	rp->template = "privacy/takedown";
	takedown_crumbs(rq, page, true);
	model_text(page, "title", view_text(rq->a, request_lang(rq), "takedown.one", t->reference));
	model_bool(page, "open",
		t->done_at == 0 && principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS));
	list = model_list(page, "fields");
	f = form_field(rq, list, "choice", "entity", say(rq, "takedown.entity"), "message");
	form_words(rq, f, takedown_entities, "takedown.kind");
	form_required(f);
	f = form_field(rq, list, "number", "record_id", say(rq, "takedown.record"), "");
	form_hint(rq, f, "takedown.record_hint");
	form_required(f);
	return NULL;
}

static struct err *
read_one(struct request *rq, struct response *rp)
{
	struct takedown t;

	TRY(takedown_load(rq, request_id(rq, 0), &t));
	audit_queue_one(rq->tx, rq->a, "view", "takedown", t.id, 0, NULL);
	return takedown_show(rq, rp, &t);
}

static struct err *
new_form(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "fields"), *f;

	rp->template = "privacy/step";
	takedown_crumbs(rq, page, true);
	model_text(page, "title", say(rq, "takedown.new"));
	model_text(page, "law", say(rq, "takedown.law"));
	model_text(page, "action", "/privacy/takedowns");
	model_text(page, "cancel_url", "/privacy/takedowns");
	f = form_field(rq, list, "text", "from", say(rq, "takedown.from"), "");
	form_required(f);
	form_field(rq, list, "time", "received_at", say(rq, "takedown.received"), "");
	f = form_field(rq, list, "time", "deadline_at", say(rq, "takedown.deadline"), "");
	form_required(f);
	f = form_field(rq, list, "long_text", "text", say(rq, "takedown.text"), "");
	form_required(f);
	return NULL;
}

static const char *
text_of(struct request *rq, const char *name, bool lines, struct err **e)
{
	const char *text = request_text(rq, name);

	text = text != NULL ? text_clean(rq->a, text, lines) : NULL;
	if (text == NULL)
		err_add_field(rq->a, e, name, "error.required", NULL);
	return text;
}

static struct err *
insert(struct request *rq, struct json_object *o, int64_t received, int64_t deadline, int64_t *id_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	const char *text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN);
	struct seal_key key;
	struct bytes wrapped = data_key_new(&cx, TAKEDOWN_KEY, &key);
	struct rows *r;

	TRY(tx_query(rq->tx, &add_key, VALS(val_bytes(wrapped)), &r));
	key.id = rows_i64(r, 0, 0);
	TRY(tx_query(rq->tx, &add,
		VALS(val_i64(received), val_i64(deadline), val_i64(key.id),
			val_bytes(seal_value(rq->a, &key, takedown_place(rq, "particulars", key.id),
				text, strlen(text)))),
		&r));
	*id_r = rows_i64(r, 0, 0);
	audit_queue_one(rq->tx, rq->a, "create", "takedown", *id_r, 0, NULL);
	return NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	struct json_object *o = model_object(rq->a);
	int64_t now, received, deadline, id;
	struct err *e = NULL;
	struct takedown t;

	TRY(case_now(rq, &now));
	model_text(o, "from", text_of(rq, "from", false, &e));
	model_text(o, "text", text_of(rq, "text", true, &e));
	incident_read_time(rq, "received_at", now, &received, &e);
	incident_read_time(rq, "deadline_at", 0, &deadline, &e);
	if (request_text(rq, "deadline_at") == NULL)
		err_add_field(rq->a, &e, "deadline_at", "error.required", NULL);
	if (e == NULL && received > now)
		err_add_field(rq->a, &e, "received_at", "error.still_to_come", NULL);
	if (e == NULL && deadline < received)
		err_add_field(rq->a, &e, "deadline_at", "error.period", NULL);
	if (e != NULL && rq->api)
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return new_form(rq, rp);
	}
	TRY(insert(rq, o, received, deadline, &id));
	TRY(takedown_load(rq, id, &t));
	response_flash(rp, "flash.saved");
	rp->status = 201;
	if (rq->api)
		TRY(takedown_show(rq, rp, &t));
	response_go(rp, rq, "/privacy/takedowns/%lld", (long long)id);
	return tx_run(rq->tx);
}

/* ---- done */

static struct err *
finish(struct request *rq, struct response *rp)
{
	struct takedown t;
	struct rows *r;

	TRY(takedown_load(rq, request_id(rq, 0), &t));
	TRY(tx_query(rq->tx, &set_done, VALS(val_i64(t.id), val_i64(rq->principal->user_id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.takedown_done");
	audit_queue_one(rq->tx, rq->a, "update", "takedown", t.id, 0, NULL);
	response_flash(rp, "flash.saved");
	TRY(takedown_load(rq, t.id, &t));
	if (rq->api)
		return takedown_show(rq, rp, &t);
	response_go(rp, rq, "/privacy/takedowns/%lld", (long long)t.id);
	return NULL;
}

static const struct param new_params[] = {
	{"from", P_TEXT, IN_BODY, 0, 200, false},
	{"text", P_LONG, IN_BODY, 0, 8000, false},
	{"received_at", P_TEXT, IN_BODY, 0, 40, false},
	{"deadline_at", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};
static const struct param all_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 200, false},
	PARAM_END,
};
const struct route takedown_routes[] = {
	ROUTE(READ, GET, "/privacy/takedowns", ON_BOTH, "", RIGHT_SELF, "list", list_all,
		all_params, NULL, "privacy/takedowns", "takedown.list"),
	ROUTE(READ, GET, "/privacy/takedowns/new", ON_PAGE, "", RIGHT_RUN_REQUESTS, "", new_form,
		NULL, NULL, "privacy/step", "takedown.new"),
	ROUTE(WRITE, POST, "/privacy/takedowns", ON_BOTH, "", RIGHT_RUN_REQUESTS, "create", create,
		new_params, NULL, "privacy/step", "takedown.create"),
	ROUTE(READ, GET, "/privacy/takedowns/{id}", ON_BOTH, "", RIGHT_SELF, "view", read_one, NULL,
		NULL, "privacy/takedown", "takedown.read"),
	ROUTE(WRITE, POST, "/privacy/takedowns/{id}/done", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", finish, NULL, NULL, "", "takedown.done"),
	ROUTE_END,
};
