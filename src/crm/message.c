/* SPDX-License-Identifier: ISC */
#include "message.h"

#include <string.h>

#include "attachment.h"
#include "child.h"

/* Says that a user wrote it, which nothing proves (mail_in.h). */
STMT(unproven, "message.unproven", 1,
	"select from message where message_id = $1::bigint and source = 'mail_unproven'");

static struct err *
check(struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c)
{
	struct child_state st;
	struct err *e = NULL;

	(void)rq;
	TRY(child_state(cx, ENTITY_MESSAGE, id, &st));
	child_check(cx, id, &st, c, &e);
	child_check_text(cx, &st, c, &e);
	child_preset(cx, id, c, "happened_at", &e);
	child_warn_cards(cx, c);
	return e;
}

struct beside {
	struct rows *files;
	struct rows *unproven;
};

static void
queue(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	struct beside *b = ARENA_NEW(cx->a, struct beside);

	attachments_queue(rq, cx, ENTITY_MESSAGE, id, &b->files);
	tx_queue(cx->tx, &unproven, VALS(val_i64(id)), &b->unproven);
	*state_r = b;
}

static bool
came_in(const struct record *rec)
{
	for (size_t i = 0; i < rec->layout->n; i++)
		if (strcmp(rec->layout->fields[i]->name, "direction") == 0)
			return !rec->masked[i] && !rec->values[i].null &&
			       strcmp(rec->values[i].text, "in") == 0;
	return false;
}

static struct err *
model(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *o, struct json_object *page)
{
	const struct beside *b = state;

	if (b != NULL && b->files != NULL)
		attachments_model(rq, cx, rec, b->files, o, page);
	if (b != NULL && rows_count(b->unproven) > 0 && came_in(rec)) {
		if (rq->api)
			model_bool(o, "sender_unproven", true);
		else if (page != NULL)
			model_notice(page, cx, "warning", "notice.unproven", NULL);
	}
	/* Whatever asks for data is a request, however it was written. */
	if (!rq->api && page != NULL && came_in(rec))
		model_action(page, cx, "privacy",
			arena_printf(
				rq->a, "/privacy/requests/new?message=%lld", (long long)rec->id),
			false);
	return NULL;
}

const struct entity_hooks message_hooks = {
	.before = check,
	.queue = queue,
	.model = model,
};

const struct route message_routes[] = {
	ROUTE(READ, GET, "/messages", ON_BOTH, "message", RIGHT_VIEW, "list", pages_list,
		list_params, NULL, "record/list", "message.list"),
	ROUTE(WRITE, POST, "/messages/search", ON_BOTH, "message", RIGHT_VIEW, "search",
		pages_search, search_params, NULL, "", "message.search"),
	ROUTE(WRITE, POST, "/messages", ON_BOTH, "message", RIGHT_CREATE, "create", pages_create,
		NULL, "message", "record/form", "message.create"),
	ROUTE(READ, GET, "/messages/{id}", ON_BOTH, "message", RIGHT_VIEW, "view", pages_read, NULL,
		NULL, "record/single", "message.read"),
	ROUTE(READ, GET, "/messages/{id}/edit", ON_PAGE, "message", RIGHT_EDIT, "view", pages_edit,
		NULL, NULL, "record/form", "message.edit"),
	ROUTE(CHANGE, POST, "/messages/{id}/edit", ON_PAGE, "message", RIGHT_EDIT, "update",
		pages_update, NULL, "message", "record/form", "message.save"),
	ROUTE(CHANGE, PATCH, "/messages/{id}", ON_API, "message", RIGHT_EDIT, "update",
		pages_update, NULL, "message", "", "message.update"),
	ROUTE(CHANGE, POST, "/messages/{id}/archive", ON_PAGE, "message", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "message.archive"),
	ROUTE(CHANGE, DELETE, "/messages/{id}", ON_API, "message", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "message.delete"),
	ROUTE(CHANGE, POST, "/messages/{id}/restore", ON_BOTH, "message", RIGHT_DELETE, "restore",
		pages_restore, NULL, NULL, "", "message.restore"),
	ROUTE(READ, GET, "/contacts/{id}/messages", ON_API, "message", RIGHT_VIEW, "list",
		pages_children, list_params, NULL, "", "message.of_contact"),
	ROUTE(WRITE, POST, "/contacts/{id}/messages", ON_BOTH, "message", RIGHT_CREATE, "create",
		pages_create_child, NULL, "message", "record/form", "message.add"),
	ROUTE(READ, GET, "/contacts/{id}/messages/new", ON_PAGE, "message", RIGHT_CREATE, "view",
		pages_new_child, NULL, NULL, "record/form", "message.new"),
	ROUTE_END,
};
