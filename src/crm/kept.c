/* SPDX-License-Identifier: ISC */
#include "kept.h"

#include <stdlib.h>
#include <string.h>

#include "card.h"
#include "controls.h"
#include "date.h"
#include "event.h"
#include "text.h"

STMT(kept_list, "kept.list", 1,
	"select field, until::text, law from kept_field where contact_id = $1::bigint order by "
	"field");
STMT(kept_one, "kept.one", 2,
	"select until::text, law from kept_field where contact_id = $1::bigint and field = $2");
STMT(kept_set, "kept.set", 4,
	"insert into kept_field (contact_id, field, until, law) values ($1::bigint, $2, $3::date, "
	"$4) "
	"on conflict (contact_id, field) do update set until = excluded.until, law = excluded.law");
STMT(kept_remove, "kept.remove", 2,
	"delete from kept_field where contact_id = $1::bigint and field = $2");
STMT(kept_contact, "kept.contact", 1,
	"select version, erased_at is not null from contact where contact_id = $1::bigint for "
	"share");
STMT(is_future, "kept.is_future", 1,
	"select $1::date > (now() at time zone 'Asia/Hong_Kong')::date");

#define LAW_MAX 200

/* A field of a person that holds personal data and that this user may change. */
static const struct field *
field_of(const struct record_ctx *cx, const char *name)
{
	enum field_level level;
	const struct field *f = name == NULL ? NULL
					     : catalogue_visible(cx->cat, cx->principal,
						       ENTITY_CONTACT, name, &level);

	return f != NULL && level == LEVEL_EDIT && field_is_personal(f) ? f : NULL;
}

/* DENIED when the right to edit does not reach the contact. */
static struct err *
contact_version(struct request *rq, int64_t contact, int64_t *version_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	TRY(tx_query(rq->tx, &kept_contact, VALS(val_i64(contact)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(r, 0, 1))
		return err_new(rq->a, ERR_CONFLICT, "error.erased");
	*version_r = rows_i64(r, 0, 0);
	return record_allowed(&cx, ENTITY_CONTACT, contact, RIGHT_EDIT);
}

void
kept_queue(const struct record_ctx *cx, int64_t contact_id, struct rows **rows_r)
{
	tx_queue(cx->tx, &kept_list, VALS(val_i64(contact_id)), rows_r);
}

static bool
may_see(const struct record_ctx *cx, const char *field, const struct field **f_r)
{
	enum field_level level;

	*f_r = catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, field, &level);
	return *f_r != NULL;
}

void
kept_model(const struct record_ctx *cx, const struct record *contact, const struct rows *rows,
	struct json_object *page)
{
	bool may = record_may(cx, contact, RIGHT_EDIT);
	struct json_object *panels = json_object_object_get(page, "panels");
	struct json_object *panel =
		model_item(panels != NULL ? panels : model_list(page, "panels"));
	struct json_object *list = model_list(panel, "rows");
	const char *url = arena_printf(cx->a, "/contacts/%lld/kept", (long long)contact->id);
	const struct field *f;

	model_text(panel, "key", "law");
	model_text(panel, "label", view_text(cx->a, cx->lang, "section.law", NULL));
	if (may)
		model_text(panel, "add_url", arena_printf(cx->a, "%s/new", url));
	for (size_t i = 0; i < rows_count(rows); i++) {
		struct json_object *o;

		if (!may_see(cx, rows_text(rows, i, 0), &f))
			continue;
		o = model_item(list);
		model_text(o, "title", field_label(f, cx->lang));
		if (may && field_of(cx, f->name) != NULL)
			model_text(o, "url", arena_printf(cx->a, "%s/%s", url, f->name));
		model_text(o, "text",
			view_text(cx->a, cx->lang, "kept.until",
				date_show(cx->a, rows_text(rows, i, 1), lang_tag(cx->lang))));
		model_text(o, "meta", rows_text(rows, i, 2));
	}
}

/* How long a law wants what of a person is something about the person. */
static void
log_reading(struct request *rq, int64_t contact, const char *const *names, size_t n)
{
	struct audit_event ev = {
		.action = "view", .entity = "contact", .fields = names, .nfields = n};

	ev.records = ev.subjects = arena_memdup(rq->a, &contact, sizeof(contact));
	ev.nrecords = ev.nsubjects = 1;
	audit_queue(rq->tx, rq->a, &ev);
}

static struct err *
kept_get(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t contact = request_id(rq, 0);
	const struct field *f;
	struct json_object *items;
	const char **names;
	struct rows *r;
	size_t n = 0;

	tx_queue(rq->tx, &kept_list, VALS(val_i64(contact)), &r);
	TRY(pages_contact_open(rq, contact));
	names = ARENA_ARRAY(rq->a, rows_count(r) + 1, const char *);
	items = model_list(response_data(rp), "items");
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o;

		if (!may_see(&cx, rows_text(r, i, 0), &f))
			continue;
		o = model_item(items);
		names[n++] = f->name;
		model_text(o, "field", f->name);
		model_text(o, "until", rows_text(r, i, 1));
		model_text(o, "law", rows_text(r, i, 2));
	}
	log_reading(rq, contact, names, n);
	model_null(response_data(rp), "next");
	return NULL;
}

static const char *
until_and_law(struct arena *a, const char *until, const char *law)
{
	return until == NULL ? NULL : arena_printf(a, "%s, %s", until, law);
}

/* before: row of kept_one, or none. until NULL: removed. */
static struct err *
log_kept(const struct record_ctx *cx, int64_t contact, const struct field *f,
	const struct rows *before, const char *until, const char *law)
{
	struct json_object *diff = model_object(cx->a), *pair = model_child(diff, f->name);
	struct audit_event ev = {.action = "retention", .entity = "contact"};
	struct seal_key person;
	const char *text;

	TRY(person_key(cx, contact, &person));
	if (rows_count(before) > 0)
		model_text(pair, "old",
			until_and_law(cx->a, rows_text(before, 0, 0), rows_text(before, 0, 1)));
	model_text(pair, "new", until_and_law(cx->a, until, law));
	text = json_object_to_json_string_ext(diff, JSON_C_TO_STRING_PLAIN);
	ev.records = ev.subjects = arena_memdup(cx->a, &contact, sizeof(contact));
	ev.nrecords = ev.nsubjects = 1;
	ev.fields = arena_memdup(cx->a, &f->name, sizeof(f->name));
	ev.nfields = 1;
	ev.key_id = person.id;
	ev.changes = seal_value(cx->a, &person,
		arena_printf(cx->a, "audit.changes|%lld", (long long)contact), text, strlen(text));
	audit_queue(cx->tx, cx->a, &ev);
	return tx_run(cx->tx);
}

static void
add_field_choice(struct request *rq, const struct record_ctx *cx, struct json_object *fields,
	const char *chosen)
{
	struct json_object *o =
		form_field(rq, fields, "choice", "field", say(rq, "kept.field"), chosen);

	form_required(o);
	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];

		if (f->entity == ENTITY_CONTACT && field_of(cx, f->name) != NULL)
			form_option(o, f->name, field_label(f, cx->lang));
	}
}

static struct err *
kept_form(struct request *rq, struct response *rp, const char *field, const char *until,
	const char *law)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = response_page(rp), *group, *fields;
	int64_t contact = request_id(rq, 0), version;

	TRY(contact_version(rq, contact, &version));
	TRY(pages_form_of_contact(rq, rp, ENTITY_CONTACT, contact));
	model_text(o, "title", view_text(rq->a, cx.lang, "kept.title", NULL));
	model_text(o, "action", arena_printf(rq->a, "/contacts/%lld/kept", (long long)contact));
	model_i64(o, "version", version);
	group = model_item(model_list(o, "groups"));
	model_text(group, "label", view_text(rq->a, cx.lang, "section.law", NULL));
	model_text(group, "hint", view_text(rq->a, cx.lang, "kept.hint", NULL));
	fields = model_list(group, "fields");
	add_field_choice(rq, &cx, fields, field);
	form_required(form_field(rq, fields, "date", "until", say(rq, "kept.until_label"), until));
	o = form_field(rq, fields, "text", "law", say(rq, "kept.law"), law);
	form_required(o);
	model_i64(o, "max", LAW_MAX);
	rp->template = "kept";
	return NULL;
}

static struct err *
kept_new(struct request *rq, struct response *rp)
{
	return kept_form(rq, rp, NULL, NULL, NULL);
}

static struct err *
kept_edit(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t contact = request_id(rq, 0);
	const struct field *f = field_of(&cx, rq->path_args[1]);
	struct rows *r;

	if (f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(tx_query(rq->tx, &kept_one, VALS(val_i64(contact), val_text(f->name)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(kept_form(rq, rp, f->name, rows_text(r, 0, 0), rows_text(r, 0, 1)));
	log_reading(rq, contact, &f->name, 1);
	model_text(response_page(rp), "remove_url",
		arena_printf(rq->a, "/contacts/%lld/kept/%s/remove", (long long)contact, f->name));
	return NULL;
}

static struct err *
check_kept(struct request *rq, const struct field *f, const char *until, const char *law)
{
	struct err *e = NULL;
	struct rows *r;

	if (f == NULL)
		err_add_field(rq->a, &e, "field",
			request_text(rq, "field") == NULL ? "error.required"
							  : "error.unknown_field",
			NULL);
	if (law == NULL)
		err_add_field(rq->a, &e, "law", "error.required", NULL);
	else if (card_found(law))
		err_add_field(rq->a, &e, "law", "error.card", NULL);
	if (until == NULL) {
		err_add_field(rq->a, &e, "until", "error.required", NULL);
		return e;
	}
	TRY(tx_query(rq->tx, &is_future, VALS(val_text(until)), &r));
	if (!rows_bool(r, 0, 0))
		err_add_field(rq->a, &e, "until", "error.future", NULL);
	return e;
}

static struct err *
kept_post(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t contact = request_id(rq, 0), version;
	const char *until = request_text(rq, "until"), *law = request_text(rq, "law");
	const struct field *f = field_of(&cx, request_text(rq, "field"));
	struct rows *before;
	struct err *e;

	law = law != NULL ? text_clean(rq->a, law, false) : NULL;
	TRY(contact_version(rq, contact, &version));
	e = check_kept(rq, f, until, law);
	if (e != NULL && !rq->api && e->kind == ERR_INVALID) {
		TRY(response_again(rp, rq, e));
		return kept_form(rq, rp, request_text(rq, "field"), until, law);
	}
	TRY(e);
	tx_queue(rq->tx, &kept_one, VALS(val_i64(contact), val_text(f->name)), &before);
	tx_queue(rq->tx, &kept_set,
		VALS(val_i64(contact), val_text(f->name), val_text(until), val_text(law)), NULL);
	TRY(tx_run(rq->tx));
	TRY(log_kept(&cx, contact, f, before, until, law));
	model_text(response_data(rp), "field", f->name);
	model_text(response_data(rp), "until", until);
	model_text(response_data(rp), "law", law);
	rp->status = 201;
	rp->subject_id = contact;
	response_flash(rp, "flash.saved");
	response_go(rp, rq, rq->api ? "/contacts/%lld/kept" : "/contacts/%lld", (long long)contact);
	return NULL;
}

static struct err *
kept_delete(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t contact = request_id(rq, 0), version, now;
	const struct field *f = field_of(&cx, rq->path_args[1]);
	struct rows *before;

	TRY(request_version(rq, &version));
	TRY(contact_version(rq, contact, &now));
	if (f == NULL)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (version != now)
		return err_new(rq->a, ERR_STALE, NULL);
	tx_queue(rq->tx, &kept_one, VALS(val_i64(contact), val_text(f->name)), &before);
	tx_queue(rq->tx, &kept_remove, VALS(val_i64(contact), val_text(f->name)), NULL);
	TRY(tx_run(rq->tx));
	if (rows_count(before) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(log_kept(&cx, contact, f, before, NULL, NULL));
	rp->status = 204;
	response_flash(rp, "flash.saved");
	if (!rq->api)
		response_go(rp, rq, "/contacts/%lld", (long long)contact);
	return NULL;
}

static const struct param kept_params[] = {
	{"field", P_TEXT, IN_BODY, 0, 60, false},
	{"until", P_DATE, IN_BODY, 0, 0, false},
	{"law", P_TEXT, IN_BODY, 0, LAW_MAX, false},
	PARAM_END,
};

const struct route kept_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/kept", ON_API, "contact", RIGHT_VIEW, "view", kept_get,
		NULL, NULL, "", "kept.list"),
	ROUTE(WRITE, POST, "/contacts/{id}/kept", ON_BOTH, "contact", RIGHT_EDIT, "retention",
		kept_post, kept_params, NULL, "kept", "kept.set"),
	ROUTE(READ, GET, "/contacts/{id}/kept/new", ON_PAGE, "contact", RIGHT_EDIT, "view",
		kept_new, NULL, NULL, "kept", "kept.new"),
	ROUTE(READ, GET, "/contacts/{id}/kept/{token}", ON_PAGE, "contact", RIGHT_EDIT, "view",
		kept_edit, NULL, NULL, "kept", "kept.edit"),
	ROUTE(CHANGE, DELETE, "/contacts/{id}/kept/{token}", ON_API, "contact", RIGHT_EDIT,
		"retention", kept_delete, NULL, NULL, "", "kept.delete"),
	ROUTE(CHANGE, POST, "/contacts/{id}/kept/{token}/remove", ON_PAGE, "contact", RIGHT_EDIT,
		"retention", kept_delete, NULL, NULL, "", "kept.remove"),
	ROUTE_END,
};
