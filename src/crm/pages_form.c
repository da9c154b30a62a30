/* SPDX-License-Identifier: ISC */
/* Forms and what they send: new records and changes, on their own or under a contact. */
#include "pages.h"

#include <string.h>

#include "conflict.h"

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
pages_form_of_contact(struct request *rq, struct response *rp, enum entity e, int64_t contact)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = response_page(rp);
	const char *url = arena_printf(rq->a, "/contacts/%lld", (long long)contact);
	bool en = record_reads(&cx, ENTITY_CONTACT, "name_en"),
	     zh = record_reads(&cx, ENTITY_CONTACT, "name_zh");
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
	model_text(o, "title", pages_text(rq, "new"));
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
	model_text(o, "title", rec != NULL ? record_title(cx, rec) : pages_text(rq, "new"));
	model_crumb(o, pages_text(rq, "many"), path);
	model_text(o, "cancel_url", url);
	model_text(o, "action", rec != NULL ? arena_printf(rq->a, "%s/edit", url) : path);
}

/* why: it is shown again for that, or NULL. */
static struct err *
form_page(struct request *rq, struct response *rp, enum entity e, int64_t id, int64_t contact,
	const struct err *why)
{
	static const char *const child_out[] = {"contact_id", NULL};
	struct record_ctx cx = record_ctx_of(rq);
	const struct entity_hooks *h = entity_hooks(e);
	struct json_object *o = response_page(rp);
	struct model_lists *lists = model_lists(&cx);
	struct record *rec = NULL;
	void *state = NULL;

	/* Not only when it is sent. */
	if (rq->principal->closes_at != 0)
		return err_new(rq->a, ERR_CONFLICT, "error.closing");
	if (id != 0 && h->queue != NULL)
		h->queue(rq, &cx, id, &state);
	if (id != 0) {
		TRY(record_read(&cx, e, id, true, &rec));
		if (!record_may(&cx, rec, RIGHT_EDIT))
			return err_new(rq->a, ERR_DENIED, "error.not_yours");
	} else if (contact != 0)
		TRY(pages_form_of_contact(rq, rp, e, contact));
	else
		TRY(tx_run(rq->tx));
	model_form(&cx, e, rec, why != NULL ? rq->body : NULL, lists,
		entity_def(e)->child && (id != 0 || contact != 0) ? child_out : NULL, o);
	if (contact == 0)
		form_head(rq, &cx, e, rec, o);
	if (rec != NULL && why != NULL && why->kind == ERR_STALE)
		TRY(conflict_model(rq, &cx, rec, o));
	if (rec != NULL && h->model != NULL)
		TRY(h->model(rq, &cx, rec, state, response_data(rp), o));
	if (h->form != NULL)
		TRY(h->form(rq, &cx, rec, state, o));
	rp->template = h->form_template != NULL ? h->form_template : "record/form";
	return NULL;
}

/* A refused form comes back with what was typed; the API gets the error. */
static struct err *
refused(struct request *rq, struct response *rp, struct err *e, enum entity en, int64_t id,
	int64_t contact)
{
	if (rq->api ||
		(e->kind != ERR_INVALID && e->kind != ERR_STALE && e->kind != ERR_CONFLICT) ||
		*tx_error_state(rq->tx) != '\0')
		return e;
	TRY(response_again(rp, rq, e));
	return form_page(rq, rp, en, id, contact, e);
}

struct err *
pages_new(struct request *rq, struct response *rp)
{
	return form_page(rq, rp, pages_entity(rq), 0, 0, NULL);
}

struct err *
pages_edit(struct request *rq, struct response *rp)
{
	return form_page(rq, rp, pages_entity(rq), request_id(rq, 0), 0, NULL);
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
	enum entity e = pages_entity(rq);
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
			field_level(cx->principal, f) != LEVEL_EDIT)
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
	enum entity e = pages_entity(rq);
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

struct err *
pages_create_child(struct request *rq, struct response *rp)
{
	enum entity e = pages_entity(rq);
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
	struct record_ctx cx = record_ctx_of(rq);

	TRY(pages_contact_open(rq, request_id(rq, 0)));
	TRY(record_add_allowed(&cx, pages_entity(rq), request_id(rq, 0)));
	return form_page(rq, rp, pages_entity(rq), 0, request_id(rq, 0), NULL);
}
