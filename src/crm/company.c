/* SPDX-License-Identifier: ISC */
#include "company.h"

#include "share.h"

static struct err *
check_names(struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c)
{
	const struct change *en = changes_find(c, "name_en"), *zh = changes_find(c, "name_zh");
	struct err *e = NULL;

	(void)rq;
	if (id != 0 || (en != NULL && !en->value.null) || (zh != NULL && !zh->value.null))
		return NULL;
	err_add_field(cx->a, &e, "name_en", "error.name_needed", NULL);
	return e;
}

static void
queue(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	if (!rq->api)
		share_queue(cx, ENTITY_COMPANY, id, (struct rows **)state_r);
}

static struct err *
model(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *o, struct json_object *page)
{
	(void)o;
	if (!rq->api)
		share_model(cx, rec, state, page);
	return NULL;
}

const struct entity_hooks company_hooks = {
	.before = check_names,
	.queue = queue,
	.model = model,
};

const struct route company_routes[] = {
	ROUTE(READ, GET, "/companies", ON_BOTH, "company", RIGHT_VIEW, "list", pages_list,
		list_params, NULL, "record/list", "company.list"),
	ROUTE(WRITE, POST, "/companies/search", ON_BOTH, "company", RIGHT_VIEW, "search",
		pages_search, search_params, NULL, "", "company.search"),
	ROUTE(READ, GET, "/companies/new", ON_PAGE, "company", RIGHT_CREATE, "", pages_new, NULL,
		NULL, "record/form", "company.new"),
	ROUTE(WRITE, POST, "/companies", ON_BOTH, "company", RIGHT_CREATE, "create", pages_create,
		NULL, "company", "record/form", "company.create"),
	ROUTE(READ, GET, "/companies/{id}", ON_BOTH, "company", RIGHT_VIEW, "view", pages_read,
		NULL, NULL, "record/detail", "company.read"),
	ROUTE(READ, GET, "/companies/{id}/edit", ON_PAGE, "company", RIGHT_EDIT, "view", pages_edit,
		NULL, NULL, "record/form", "company.edit"),
	ROUTE(CHANGE, POST, "/companies/{id}/edit", ON_PAGE, "company", RIGHT_EDIT, "update",
		pages_update, NULL, "company", "record/form", "company.save"),
	ROUTE(CHANGE, PATCH, "/companies/{id}", ON_API, "company", RIGHT_EDIT, "update",
		pages_update, NULL, "company", "", "company.update"),
	ROUTE(CHANGE, POST, "/companies/{id}/archive", ON_PAGE, "company", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "company.archive"),
	ROUTE(CHANGE, DELETE, "/companies/{id}", ON_API, "company", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "company.delete"),
	ROUTE(CHANGE, POST, "/companies/{id}/restore", ON_BOTH, "company", RIGHT_DELETE, "restore",
		pages_restore, NULL, NULL, "", "company.restore"),
	ROUTE_END,
};
