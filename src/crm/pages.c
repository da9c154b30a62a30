/* SPDX-License-Identifier: ISC */
#include "pages.h"

#include <string.h>

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
static enum entity
entity_of(const struct request *rq)
{
	return entity_parse(rq->route->entity);
}

static struct record_query
query_of(const struct request *rq)
{
	struct record_query q = {.entity = entity_of(rq)};

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

static const char *
entity_text(const struct request *rq, const char *what)
{
	return view_text(rq->a, request_lang(rq),
		arena_printf(rq->a, "entity.%s.%s", rq->route->entity, what), NULL);
}

static void
list_page(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct record_query *q, const struct record_page *page)
{
	struct json_object *o = response_page(rp), *search = model_child(o, "search");
	const char *path = entity_def(q->entity)->path;

	model_table(cx, page, base_of(rq, q), q->after == NULL, o);
	model_applied(cx, q->entity, q->filter, o);
	model_text(o, "entity", rq->route->entity);
	model_text(o, "title", entity_text(rq, "many"));
	model_text(search, "url", arena_printf(rq->a, "%s/search", path));
	model_text(search, "filters_url", arena_printf(rq->a, "%sfilters=1", base_of(rq, q)));
	model_bool(search, "words", entity_def(q->entity)->haystack != NULL);
	model_text(search, "q", q->q);
	if (request_text(rq, "query") != NULL)
		model_text(search, "clear_url", path);
	if (!entity_def(q->entity)->child && principal_may(rq->principal, q->entity, RIGHT_CREATE))
		model_action(o, cx, "new", arena_printf(rq->a, "%s/new", path), false);
	if (q->archived)
		model_crumb(o, entity_text(rq, "many"), path);
	else if (!entity_def(q->entity)->child)
		model_action(o, cx, "archived", arena_printf(rq->a, "%s?archived=1", path), false);
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

struct err *
pages_search(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);
	struct record_page page;
	const char *token;

	if (rq->api) {
		TRY(record_list(&cx, &q, &page));
		model_page(&cx, &page, response_data(rp));
		return NULL;
	}
	/* A chip's button takes one filter away. */
	if (q.filter != NULL && request_text(rq, "drop") != NULL)
		json_object_object_del(q.filter, request_text(rq, "drop"));
	TRY(query_store(&cx, &q, &token));
	response_go(rp, rq, "%s%s%s", entity_def(q.entity)->path, token != NULL ? "?query=" : "",
		token != NULL ? token : "");
	return NULL;
}

static void
detail_page(struct request *rq, struct response *rp, const struct record_ctx *cx,
	const struct record *rec)
{
	const struct entity_def *d = rec->layout->def;
	struct json_object *o = response_page(rp);
	const char *url = arena_printf(rq->a, "%s/%lld", d->path, (long long)rec->id);

	model_detail(cx, rec, o);
	model_text(o, "entity", rq->route->entity);
	model_text(o, "url", url);
	model_crumb(o, entity_text(rq, "many"), d->path);
	if (rec->erased_at != 0) {
		model_notice(o, cx, "info", "notice.erased", NULL);
		return;
	}
	if (rec->archived_at != 0)
		model_notice(o, cx, "warning", "notice.archived", NULL);
	if (principal_may(rq->principal, d->entity, RIGHT_EDIT) && rec->archived_at == 0)
		model_action(o, cx, "edit", arena_printf(rq->a, "%s/edit", url), false);
	if (principal_may(rq->principal, d->entity, RIGHT_DELETE)) {
		const char *key = rec->archived_at != 0 ? "restore" : "archive";

		model_action(o, cx, key, arena_printf(rq->a, "%s/%s", url, key), true);
	}
}

struct err *
pages_read(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = entity_of(rq);
	const struct entity_hooks *h = entity_hooks(e);
	int64_t id = request_id(rq, 0);
	struct record *rec;
	void *state = NULL;

	if (h->queue != NULL)
		h->queue(rq, &cx, id, &state);
	TRY(record_read(&cx, e, id, !rq->api, &rec));
	rp->subject_id = rec->contact_id;
	model_record(&cx, rec, response_data(rp));
	if (!rq->api)
		detail_page(rq, rp, &cx, rec);
	if (h->model != NULL)
		TRY(h->model(rq, &cx, rec, state, response_data(rp), response_page(rp)));
	return NULL;
}

static bool
warns_of_card(const struct changes *c)
{
	json_object_object_foreach(c->warnings, name, key)
	{
		(void)name;
		if (strcmp(json_object_get_string(key), "warning.card") == 0)
			return true;
	}
	return false;
}

struct err *
pages_answer(struct request *rq, struct response *rp, enum entity e, int64_t id, int status,
	const struct changes *c)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct entity_hooks *h = entity_hooks(e);
	struct record *rec;
	void *state = NULL;

	response_go(rp, rq, "%s/%lld", entity_def(e)->path, (long long)id);
	rp->status = status;
	if (c != NULL && c->warnings != NULL)
		response_flash(rp, warns_of_card(c) ? "flash.saved_card" : "flash.saved_check");
	if (!rq->api)
		return NULL;
	if (h->queue != NULL)
		h->queue(rq, &cx, id, &state);
	TRY(record_read(&cx, e, id, false, &rec));
	rp->subject_id = rec->contact_id;
	model_record(&cx, rec, response_data(rp));
	if (h->model != NULL)
		TRY(h->model(rq, &cx, rec, state, response_data(rp), response_page(rp)));
	if (c != NULL && c->warnings != NULL) {
		struct json_object *w = model_child(response_data(rp), "warnings");

		json_object_object_foreach(c->warnings, name, key) model_text(
			w, name, view_text(rq->a, cx.lang, json_object_get_string(key), NULL));
	}
	return NULL;
}

STMT(contact_there, "contact.there", 1,
	"select erased_at is not null from contact where contact_id = $1::bigint");
/* Whom something new is for: as good as a look at the person, and logged so. */
STMT(contact_whose, "contact.whose", 4,
	"with q as materialized (select contact_id as id, coalesce(case when $2::boolean then "
	"name_en end, "
	"case when $3::boolean then name_zh end) as name from contact where contact_id = "
	"$1::bigint), "
	"a as (insert into audit_event (action, entity, record_ids, subject_ids, field_set_id, "
	"count) "
	"select 'view', 'contact', array_agg(id), array_agg(id), field_set_of('contact', "
	"$4::text[]), "
	"count(*) from q having count(*) > 0) select name from q");

struct err *
pages_contact_open(struct request *rq, int64_t contact)
{
	struct rows *there;

	TRY(tx_query(rq->tx, &contact_there, VALS(val_i64(contact)), &there));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	if (rows_bool(there, 0, 0))
		return err_new(rq->a, ERR_CONFLICT, "error.erased");
	return NULL;
}

static bool
may_read(const struct record_ctx *cx, const char *field)
{
	enum field_level level;

	return catalogue_visible(cx->cat, cx->principal, ENTITY_CONTACT, field, &level) != NULL &&
	       level >= LEVEL_READ;
}

struct err *
pages_form_of_contact(struct request *rq, struct response *rp, enum entity e, int64_t contact)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = response_page(rp);
	const char *url = arena_printf(rq->a, "/contacts/%lld", (long long)contact);
	bool en = may_read(&cx, "name_en"), zh = may_read(&cx, "name_zh");
	const char *names[2], *name;
	size_t n = 0;
	struct rows *r;

	if (en)
		names[n++] = "name_en";
	if (zh)
		names[n++] = "name_zh";
	TRY(tx_query(rq->tx, &contact_whose,
		VALS(val_i64(contact), val_bool(en), val_bool(zh), val_texts(names, n)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	name = rows_text(r, 0, 0);
	if (name == NULL)
		name = arena_printf(rq->a, "%s %lld",
			view_text(rq->a, cx.lang, "entity.contact.one", NULL), (long long)contact);
	model_text(o, "entity", rq->route->entity);
	model_text(o, "title", entity_text(rq, "new"));
	model_text(o, "subtitle", name);
	model_crumb(o, view_text(rq->a, cx.lang, "entity.contact.many", NULL), "/contacts");
	model_crumb(o, name, url);
	model_text(o, "cancel_url", url);
	model_text(o, "action", arena_printf(rq->a, "%s%s", url, entity_def(e)->path));
	return NULL;
}

/* Title, way here and addresses of a form that is not of a contact's child. */
static void
form_head(struct request *rq, const struct record_ctx *cx, enum entity e, const struct record *rec,
	struct json_object *o)
{
	const char *path = entity_def(e)->path, *url = path;

	if (rec != NULL)
		url = arena_printf(rq->a, "%s/%lld", path, (long long)rec->id);
	model_text(o, "entity", rq->route->entity);
	model_text(o, "title", rec != NULL ? record_title(cx, rec) : entity_text(rq, "new"));
	model_crumb(o, entity_text(rq, "many"), path);
	model_text(o, "cancel_url", url);
	model_text(o, "action", rec != NULL ? arena_printf(rq->a, "%s/edit", url) : path);
}

static struct err *
form_page(struct request *rq, struct response *rp, enum entity e, int64_t id, int64_t contact)
{
	static const char *const child_out[] = {"contact_id", NULL};
	struct record_ctx cx = record_ctx_of(rq);
	const struct entity_hooks *h = entity_hooks(e);
	bool again = rq->method != METHOD_GET;
	struct json_object *o = response_page(rp);
	struct model_lists *lists = model_lists(&cx);
	struct record *rec = NULL;
	void *state = NULL;

	if (id != 0 && h->queue != NULL)
		h->queue(rq, &cx, id, &state);
	if (id != 0)
		TRY(record_read(&cx, e, id, true, &rec));
	else if (contact != 0)
		TRY(pages_form_of_contact(rq, rp, e, contact));
	else
		TRY(tx_run(rq->tx));
	model_form(&cx, e, rec, again ? rq->body : NULL, lists,
		entity_def(e)->child && (id != 0 || contact != 0) ? child_out : NULL, o);
	if (contact == 0)
		form_head(rq, &cx, e, rec, o);
	if (rec != NULL && h->model != NULL)
		TRY(h->model(rq, &cx, rec, state, response_data(rp), o));
	if (h->form != NULL)
		TRY(h->form(rq, &cx, rec, state, o));
	rp->template = h->form_template != NULL ? h->form_template : "record/form";
	return NULL;
}

/* A refused form comes back with what was typed; the API gets the error. The
 * transaction is over for writing by then, so what the form reads is read in a
 * clean part of it: field errors arise before anything was written. */
static struct err *
refused(struct request *rq, struct response *rp, struct err *e, enum entity en, int64_t id,
	int64_t contact)
{
	if (rq->api ||
		(e->kind != ERR_INVALID && e->kind != ERR_STALE && e->kind != ERR_CONFLICT) ||
		*tx_error_state(rq->tx) != '\0')
		return e;
	response_errors(rp, rq, e);
	return form_page(rq, rp, en, id, contact);
}

struct err *
pages_new(struct request *rq, struct response *rp)
{
	return form_page(rq, rp, entity_of(rq), 0, 0);
}

struct err *
pages_edit(struct request *rq, struct response *rp)
{
	return form_page(rq, rp, entity_of(rq), request_id(rq, 0), 0);
}

static struct err *
create(struct request *rq, struct changes *c, enum entity e, int64_t contact, int64_t *id_r)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct entity_hooks *h = entity_hooks(e);

	if (contact != 0)
		json_object_object_add(rq->body, "contact_id", json_object_new_int64(contact));
	TRY(changes_parse(&cx, e, rq->body, h->extra, true, c));
	if (h->before != NULL)
		TRY(h->before(rq, &cx, 0, c));
	TRY(record_create(&cx, e, c, id_r));
	if (h->after != NULL)
		TRY(h->after(rq, &cx, *id_r, true, c));
	return NULL;
}

struct err *
pages_create(struct request *rq, struct response *rp)
{
	enum entity e = entity_of(rq);
	struct changes c;
	struct err *err;
	int64_t id;

	err = create(rq, &c, e, 0, &id);
	if (err != NULL)
		return refused(rq, rp, err, e, 0, 0);
	response_flash(rp, "flash.created");
	return pages_answer(rq, rp, e, id, 201, &c);
}

/* A form field that was sent once is a text, one sent often a list. */
static bool
names(struct json_object *v, const char *name)
{
	if (v == NULL || !json_object_is_type(v, json_type_array))
		return v != NULL && strcmp(json_object_get_string(v), name) == 0;
	for (size_t i = 0; i < json_object_array_length(v); i++)
		if (names(json_object_array_get_idx(v, i), name))
			return true;
	return false;
}

/* What a browser does not send: a box that is not ticked is "no", and an empty
 * input of an encrypted field keeps what is there unless _clear names it. */
static void
complete_form(const struct record_ctx *cx, enum entity e, struct json_object *body)
{
	struct json_object *clear = json_object_object_get(body, "_clear");

	for (size_t i = 0; i < cx->cat->n; i++) {
		const struct field *f = &cx->cat->fields[i];
		struct json_object *v;
		bool sent = json_object_object_get_ex(body, f->name, &v), cleared = false;

		if (f->entity != e || !field_is_live(f) || !f->writable ||
			principal_level(cx->principal, e, f->name) != LEVEL_EDIT)
			continue;
		if (f->type == FIELD_BOOLEAN && !sent)
			json_object_object_add(body, f->name, json_object_new_string("0"));
		if (!f->sealed || !sent || (v != NULL && json_object_get_string_len(v) > 0))
			continue;
		cleared = names(clear, f->name);
		if (!cleared)
			json_object_object_del(body, f->name);
	}
}

struct err *
pages_update(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = entity_of(rq);
	const struct entity_hooks *h = entity_hooks(e);
	int64_t id = request_id(rq, 0), version;
	struct changes c;
	struct err *err;

	TRY(request_version(rq, &version));
	if (!rq->api)
		complete_form(&cx, e, rq->body);
	if (h->prepare != NULL)
		TRY(h->prepare(rq, &cx, id));
	err = changes_parse(&cx, e, rq->body, h->extra, false, &c);
	if (err == NULL && h->before != NULL)
		err = h->before(rq, &cx, id, &c);
	if (err == NULL)
		err = record_update(&cx, e, id, version, &c, &version);
	if (err == NULL && h->after != NULL)
		err = h->after(rq, &cx, id, false, &c);
	if (err != NULL)
		return refused(rq, rp, err, e, id, 0);
	response_flash(rp, "flash.saved");
	return pages_answer(rq, rp, e, id, 200, &c);
}

static struct err *
archive(struct request *rq, struct response *rp, bool restore)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = entity_of(rq);
	int64_t id = request_id(rq, 0), version;

	TRY(request_version(rq, &version));
	TRY(record_archive(&cx, e, id, version, restore, &version));
	response_flash(rp, restore ? "flash.restored" : "flash.archived");
	return pages_answer(rq, rp, e, id, 200, NULL);
}

struct err *
pages_archive(struct request *rq, struct response *rp)
{
	return archive(rq, rp, false);
}

struct err *
pages_restore(struct request *rq, struct response *rp)
{
	return archive(rq, rp, true);
}

struct err *
pages_children(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct record_query q = query_of(rq);
	struct record_page page;
	struct rows *there;

	q.contact_id = request_id(rq, 0);
	TRY(tx_query(rq->tx, &contact_there, VALS(val_i64(q.contact_id)), &there));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(record_list(&cx, &q, &page));
	model_page(&cx, &page, response_data(rp));
	return NULL;
}

struct err *
pages_create_child(struct request *rq, struct response *rp)
{
	enum entity e = entity_of(rq);
	int64_t contact = request_id(rq, 0), id;
	struct changes c;
	struct err *err;

	TRY(pages_contact_open(rq, contact));
	err = create(rq, &c, e, contact, &id);
	if (err != NULL)
		return refused(rq, rp, err, e, 0, contact);
	response_flash(rp, "flash.created");
	TRY(pages_answer(rq, rp, e, id, 201, &c));
	if (!rq->api)
		response_go(rp, rq, "/contacts/%lld", (long long)contact);
	return NULL;
}

struct err *
pages_new_child(struct request *rq, struct response *rp)
{
	TRY(pages_contact_open(rq, request_id(rq, 0)));
	return form_page(rq, rp, entity_of(rq), 0, request_id(rq, 0));
}
