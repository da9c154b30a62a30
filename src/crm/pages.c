/* SPDX-License-Identifier: ISC */
/* One record: its page, the answer to a change of it, archive and restore. */
#include "pages.h"

#include <string.h>

enum entity
pages_entity(const struct request *rq)
{
	return entity_parse(rq->route->entity);
}

const char *
pages_text(const struct request *rq, const char *what)
{
	return view_text(rq->a, request_lang(rq),
		arena_printf(rq->a, "entity.%s.%s", rq->route->entity, what), NULL);
}

STMT(contact_there, "contact.there", 1,
	"select erased_at is not null from contact where contact_id = $1::bigint");

struct err *
pages_contact_there(struct request *rq, int64_t contact, bool *erased_r)
{
	struct rows *there;

	TRY(tx_query(rq->tx, &contact_there, VALS(val_i64(contact)), &there));
	if (rows_count(there) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	*erased_r = rows_bool(there, 0, 0);
	return NULL;
}

struct err *
pages_contact_open(struct request *rq, int64_t contact)
{
	bool erased;

	TRY(pages_contact_there(rq, contact, &erased));
	if (erased)
		return err_new(rq->a, ERR_CONFLICT, "error.erased");
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
	model_crumb(o, pages_text(rq, "many"), d->path);
	if (rec->erased_at != 0) {
		model_notice(o, cx, "info", "notice.erased", NULL);
		return;
	}
	if (rec->archived_at != 0)
		model_notice(o, cx, "warning", "notice.archived", NULL);
	if (record_may(cx, rec, RIGHT_EDIT) && rec->archived_at == 0)
		model_action(o, cx, "edit", arena_printf(rq->a, "%s/edit", url), false);
	if (record_may(cx, rec, RIGHT_DELETE)) {
		const char *key = rec->archived_at != 0 ? "restore" : "archive";

		model_action(o, cx, key, arena_printf(rq->a, "%s/%s", url, key), true);
	}
}

struct err *
pages_read(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = pages_entity(rq);
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

static struct err *
archive(struct request *rq, struct response *rp, bool restore)
{
	struct record_ctx cx = record_ctx_of(rq);
	enum entity e = pages_entity(rq);
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
