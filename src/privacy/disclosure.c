/* SPDX-License-Identifier: ISC */
#include "disclosure.h"

#include <string.h>

#include "case_view.h"
#include "controls.h"
#include "cursor.h"
#include "date.h"
#include "disclosed.h"
#include "event.h"
#include "num.h"
#include "text.h"

#define PAGE 200

STMT(find_all, "disclosure.list", 4,
	"select d.source, d.ref, d.disclosed_on::text, u.name, d.note, d.fields, d.recipient, "
	"d.purpose from disclosures($1::bigint, (hk_today() - interval '2 years')::date, "
	"hk_today()) d left join app_user u on u.user_id = d.by_user where (d.disclosed_on, "
	"d.source, d.ref) < ($2::date, $3::text, $4::bigint) order by d.disclosed_on desc, "
	"d.source desc, d.ref desc limit 201");
STMT(find_person, "disclosure.person", 1,
	"select erased_at is not null from contact where contact_id = $1::bigint");
STMT(unlisted, "disclosure.unlisted", 1,
	"select d.source, d.ref, d.disclosed_on::text, u.name, d.note, d.recipient, d.contact_id "
	"from request_disclosed($1::bigint) d left join app_user u on u.user_id = d.by_user where "
	"not exists (select from request_item i where i.request_id = $1::bigint and i.source = "
	"d.source and i.ref = d.ref) order by d.disclosed_on, d.source, d.ref limit 500");
STMT(add_recipient, "disclosure.recipient", 5,
	"insert into request_item (request_id, what, label, source, ref, disclosed_on, created_by) "
	"values ($1::bigint, 'recipient', $2, $3, $4::bigint, $5::date, "
	"nullif(current_setting('praya.user_id', true), '')::bigint) on conflict do nothing");
STMT(insert, "disclosure.insert", 5,
	"insert into disclosure (contact_id, disclosed_on, fields, recipient, purpose) select "
	"$1::bigint, $2::date, $3::text[], $4, $5 where $2::date <= hk_today() returning "
	"disclosure_id");

/* What was written down lies under the person's key. */
static bool
by_hand(const struct rows *r, size_t i)
{
	return strcmp(rows_text(r, i, 0), "register") == 0;
}

/* ---- of a person */

static void
add_fields(const struct record_ctx *cx, const char **names, size_t n, struct json_object *o)
{
	struct json_object *fields = model_list(o, "fields");
	struct sb sb;

	sb_init(&sb, cx->a, 8192);
	for (size_t i = 0; i < n; i++) {
		enum field_level level;
		const struct field *f =
			catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, names[i], &level);

		if (f == NULL)
			continue;
		model_push_text(fields, names[i]);
		sb_printf(&sb, "%s%s", sb.n > 0 ? ", " : "", field_label(f, cx->lang));
	}
	model_text(o, "fields_text", sb.n > 0 ? sb.p : NULL);
}

static void
add_row(struct request *rq, const struct record_ctx *cx, const struct seal_key *key,
	const struct rows *r, size_t i, struct json_object *o)
{
	const char *source = rows_text(r, i, 0), *who = rows_text(r, i, 3),
		   *note = rows_text(r, i, 4), **names;
	bool hand = by_hand(r, i);
	size_t n;

	names = rows_texts(rq->a, r, i, 5, &n);
	model_text(o, "source", source);
	model_i64(o, "ref", rows_i64(r, i, 1));
	model_text(o, "disclosed_on", rows_text(r, i, 2));
	model_text(o, "recorded_by", who);
	add_fields(cx, names, n, o);
	model_text(o, "recipient",
		hand ? disclosed_text(rq->a, key, "recipient", rows_bytes(rq->a, r, i, 6))
		     : disclosed_to(rq->a, request_lang(rq), source, who, note));
	if (hand)
		note = disclosed_text(rq->a, key, "purpose", rows_bytes(rq->a, r, i, 7));
	else
		note = strcmp(source, "export") == 0 && note != NULL ? say_word(rq, "reason", note)
								     : NULL;
	model_text(o, "purpose", note);
	if (rq->api)
		return;
	model_text(o, "source_word", say_word(rq, "disclosures.source", source));
	model_text(o, "day", date_show(rq->a, rows_text(r, i, 2), lang_tag(request_lang(rq))));
}

static void
page_of(struct request *rq, struct response *rp, const struct record_ctx *cx, int64_t id)
{
	struct json_object *page = response_page(rp), *list, *f;
	const struct layout *l = layout_of(cx, ENTITY_CONTACT, false, false);

	rp->template = "privacy/disclosures";
	f = model_item(model_list(page, "crumbs"));
	model_text(f, "label", view_text(rq->a, cx->lang, "entity.contact.one", NULL));
	model_text(f, "url", arena_printf(rq->a, "/contacts/%lld", (long long)id));
	model_text(page, "title", say(rq, "disclosures.title"));
	model_text(page, "subtitle", say(rq, "disclosures.lead"));
	model_text(
		page, "action", arena_printf(rq->a, "/contacts/%lld/disclosures", (long long)id));
	list = model_list(page, "form");
	form_required(form_field(rq, list, "date", "disclosed_on", say(rq, "disclosures.on"), ""));
	f = form_field(rq, list, "text", "recipient", say(rq, "disclosures.recipient"), "");
	form_required(f);
	model_i64(f, "max", 300);
	f = form_field(rq, list, "text", "purpose", say(rq, "disclosures.purpose"), "");
	form_required(f);
	model_i64(f, "max", 500);
	f = form_field(rq, list, "checks", "fields", say(rq, "disclosures.what"), "");
	model_bool(f, "wide", true);
	for (size_t i = 0; i < l->n; i++)
		form_option(f, l->fields[i]->name, field_label(l->fields[i], cx->lang));
}

/* A cursor is "day|source|number" of the last that was shown. */
static struct err *
queue_page(struct request *rq, int64_t id, const char *list, struct rows **r)
{
	const char *text, *source = "", *day = "infinity";
	int64_t ref = 0;

	TRY(cursor_text(rq, list, &text));
	if (text != NULL) {
		const char *bar = strchr(text, '|'), *last = strrchr(text, '|');

		if (bar == last || !num_parse_i64(last + 1, 0, INT64_MAX, &ref))
			return cursor_refused(rq);
		day = arena_strndup(rq->a, text, (size_t)(bar - text));
		source = arena_strndup(rq->a, bar + 1, (size_t)(last - bar - 1));
	}
	tx_queue(rq->tx, &find_all,
		VALS(val_i64(id), val_text(day), val_text(source), val_i64(ref)), r);
	return NULL;
}

static const char *
next_page(struct request *rq, const char *list, const struct rows *r)
{
	if (rows_count(r) <= PAGE)
		return NULL;
	return cursor_of_text(rq, list,
		arena_printf(rq->a, "%s|%s|%lld", rows_text(r, PAGE - 1, 2),
			rows_text(r, PAGE - 1, 0), (long long)rows_i64(r, PAGE - 1, 1)));
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	struct json_object *items;
	struct seal_key key = {0};
	const char *list = arena_printf(rq->a, "disclosure.list|%lld", (long long)id), *next;
	struct rows *person, *r = NULL;
	bool written = false;

	tx_queue(rq->tx, &find_person, VALS(val_i64(id)), &person);
	TRY(queue_page(rq, id, list, &r));
	TRY(tx_run(rq->tx));
	if (rows_count(person) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(person, 0, 0))
		return err_new(rq->a, ERR_CONFLICT, "error.erased");
	items = model_list(response_data(rp), "items");
	for (size_t i = 0; i < rows_count(r) && !written; i++)
		written = by_hand(r, i);
	if (written)
		TRY(person_key(&cx, id, &key));
	for (size_t i = 0; i < rows_count(r) && i < PAGE; i++)
		add_row(rq, &cx, &key, r, i, model_item(items));
	next = next_page(rq, list, r);
	model_text(response_data(rp), "next", next);
	audit_queue_one(rq->tx, rq->a, "view", "contact", id, id, NULL);
	if (!rq->api) {
		page_of(rq, rp, &cx, id);
		cursor_pager(rq, response_page(rp),
			arena_printf(rq->a, "/contacts/%lld/disclosures", (long long)id), next);
	}
	return tx_run(rq->tx);
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

static const char **
read_fields(struct request *rq, const struct record_ctx *cx, size_t *n_r, struct err **e)
{
	struct json_object *sent = request_value(rq, "fields");
	const char **names;
	enum field_level level;

	*n_r = sent != NULL ? json_object_array_length(sent) : 0;
	names = ARENA_ARRAY(rq->a, *n_r + 1, const char *);
	for (size_t i = 0; i < *n_r; i++) {
		names[i] = json_object_get_string(json_object_array_get_idx(sent, i));
		if (catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, names[i], &level) ==
			NULL)
			err_add_field(rq->a, e, "fields", "error.choice", NULL);
	}
	if (*n_r == 0)
		err_add_field(rq->a, e, "fields", "error.required", NULL);
	return names;
}

static struct bytes
sealed(const struct request *rq, const struct seal_key *key, const char *what, const char *text)
{
	return seal_value(rq->a, key, disclosed_place(rq->a, what, key), text, strlen(text));
}

static struct err *
insert_row(struct request *rq, int64_t *id_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0);
	const char *day = request_text(rq, "disclosed_on"), *recipient, *purpose, **fields;
	struct seal_key key;
	struct err *e = NULL;
	struct rows *r;
	size_t n;

	TRY(person_key(&cx, id, &key));
	if (day == NULL)
		err_add_field(rq->a, &e, "disclosed_on", "error.required", NULL);
	recipient = read_text(rq, "recipient", &e);
	purpose = read_text(rq, "purpose", &e);
	fields = read_fields(rq, &cx, &n, &e);
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &insert,
		VALS(val_i64(id), val_text(day), val_texts(fields, n),
			val_bytes(sealed(rq, &key, "recipient", recipient)),
			val_bytes(sealed(rq, &key, "purpose", purpose))),
		&r));
	if (rows_count(r) == 0)
		err_add_field(rq->a, &e, "disclosed_on", "error.disclosed_on", NULL);
	else
		*id_r = rows_i64(r, 0, 0);
	return e;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	int64_t person = request_id(rq, 0), id = 0;
	struct err *e = insert_row(rq, &id);

	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show(rq, rp);
	}
	audit_queue_one(rq->tx, rq->a, "update", "contact", person, person, NULL);
	response_flash(rp, "flash.saved");
	if (rq->api) {
		rp->status = 201;
		model_i64(response_data(rp), "id", id);
	} else {
		response_go(rp, rq, "/contacts/%lld/disclosures", (long long)person);
	}
	return tx_run(rq->tx);
}

/* ---- of a correction */

/* Recipients of the register lie under their person's key. */
static struct err *
label_of(struct request *rq, const struct rows *r, size_t i, const char **label_r)
{
	const char *source = rows_text(r, i, 0), *text;
	struct record_ctx cx = record_ctx_of(rq);
	struct seal_key key;

	if (strcmp(source, "register") == 0) {
		TRY(person_key(&cx, rows_i64(r, i, 6), &key));
		text = disclosed_text(rq->a, &key, "recipient", rows_bytes(rq->a, r, i, 5));
	} else {
		text = disclosed_to(
			rq->a, request_lang(rq), source, rows_text(r, i, 3), rows_text(r, i, 4));
	}
	*label_r = text != NULL ? text : "-";
	return NULL;
}

struct err *
disclosure_recipients(struct request *rq, const struct privacy_case *c, size_t *n_r)
{
	const char *label;
	struct rows *r;

	if (n_r != NULL)
		*n_r = 0;
	if (!c->opens)
		return NULL;
	TRY(tx_query(rq->tx, &unlisted, VALS(val_i64(c->id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		TRY(label_of(rq, r, i, &label));
		tx_queue(rq->tx, &add_recipient,
			VALS(val_i64(c->id), val_bytes(case_seal(rq, c, "label", label)),
				val_text(rows_text(r, i, 0)), val_i64(rows_i64(r, i, 1)),
				val_text(rows_text(r, i, 2))),
			NULL);
	}
	if (n_r != NULL)
		*n_r = rows_count(r);
	return tx_run(rq->tx);
}

static struct err *
recipients(struct request *rq, struct response *rp)
{
	struct json_object *data = model_object(rq->a);
	struct privacy_case c;
	size_t n;

	TRY(case_load(rq, request_id(rq, 0), &c));
	if (c.closed_at != 0 || !c.opens)
		return err_new(rq->a, ERR_CONFLICT, "error.request_closed");
	if (strcmp(c.kind, "correction") != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.request_step");
	TRY(disclosure_recipients(rq, &c, &n));
	model_i64(data, "listed", (int64_t)n);
	if (n > 0)
		case_note(rq, &c, "item", NULL, data);
	case_log(rq, "update", &c);
	model_i64(response_data(rp), "listed", (int64_t)n);
	response_flash(rp, "flash.recipients_listed");
	if (!rq->api)
		response_go(rp, rq, "/privacy/requests/%lld", (long long)c.id);
	return tx_run(rq->tx);
}

static const struct param params[] = {
	{"disclosed_on", P_DATE, IN_BODY, 0, 0, false},
	{"recipient", P_TEXT, IN_BODY, 0, 300, false},
	{"purpose", P_TEXT, IN_BODY, 0, 500, false},
	{"fields", P_TEXTS, IN_BODY, 0, 180, false},
	PARAM_END,
};

static const struct param page_params[] = {
	{"after", P_TEXT, IN_QUERY, 0, 300, false},
	PARAM_END,
};

const struct route disclosure_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/disclosures", ON_BOTH, "contact", RIGHT_RUN_REQUESTS,
		"view", show, page_params, NULL, "privacy/disclosures", "disclosure.list"),
	ROUTE(WRITE, POST, "/contacts/{id}/disclosures", ON_BOTH, "contact", RIGHT_RUN_REQUESTS,
		"update", create, params, NULL, "privacy/disclosures", "disclosure.create"),
	ROUTE(WRITE, POST, "/privacy/requests/{id}/recipients", ON_BOTH, "", RIGHT_RUN_REQUESTS,
		"update", recipients, NULL, NULL, "", "request.recipients"),
	ROUTE_END,
};
