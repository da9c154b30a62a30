/* SPDX-License-Identifier: ISC */
#include "activity.h"

#include <string.h>

#include "attachment.h"
#include "child.h"
#include "date.h"

STMT(now, "clock.now", 0, "select (extract(epoch from now()) * 1000000)::bigint");

static bool
is_task(const char *kind)
{
	return kind != NULL && strcmp(kind, "task") == 0;
}

/* Only a task is due and done. What becomes something else forgets both. */
static void
check_task(const struct record_ctx *cx, int64_t id, const struct child_state *st, struct changes *c,
	struct err **e)
{
	static const char *const fields[] = {"due_on", "done_at"};
	const struct change *kind = changes_find(c, "kind");

	if (is_task(kind != NULL ? kind->value.text : st->kind))
		return;
	for (size_t i = 0; i < 2; i++) {
		const struct change *ch = changes_find(c, fields[i]);

		if (ch != NULL && !ch->value.null)
			err_add_field(cx->a, e, fields[i], "error.task_only", NULL);
		else if (id != 0 && is_task(st->kind))
			changes_put(
				cx, c, ENTITY_ACTIVITY, fields[i], (struct value){.null = true});
	}
}

/* A task that nobody else is named for is for whoever writes it down. */
static void
preset_owner(const struct record_ctx *cx, struct changes *c)
{
	const struct change *kind = changes_find(c, "kind"), *owner = changes_find(c, "owner_id");

	if (kind == NULL || !is_task(kind->value.text) || cx->principal->user_id == 0)
		return;
	if (owner == NULL || owner->value.null)
		changes_put(cx, c, ENTITY_ACTIVITY, "owner_id",
			value_id(cx->a, cx->principal->user_id));
}

static struct err *
check(struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c)
{
	struct child_state st;
	struct err *e = NULL;

	(void)rq;
	TRY(child_state(cx, ENTITY_ACTIVITY, id, &st));
	child_check(cx, id, &st, c, &e);
	child_check_text(cx, &st, c, &e);
	child_preset(cx, id, c, "happened_at", &e);
	check_task(cx, id, &st, c, &e);
	if (id == 0)
		preset_owner(cx, c);
	child_warn_cards(cx, c);
	return e;
}

static void
queue(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	attachments_queue(rq, cx, ENTITY_ACTIVITY, id, (struct rows **)state_r);
}

static const char *
text_of(const struct record *rec, const char *field)
{
	for (size_t i = 0; i < rec->layout->n; i++)
		if (strcmp(rec->layout->fields[i]->name, field) == 0)
			return rec->masked[i] || rec->values[i].null ? NULL : rec->values[i].text;
	return NULL;
}

static struct err *
model(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *o, struct json_object *page)
{
	const char *kind = text_of(rec, "kind");

	if (state != NULL)
		attachments_model(rq, cx, rec, state, o, page);
	if (rq->api || rec->archived_at != 0 || !is_task(kind))
		return NULL;
	if (text_of(rec, "done_at") != NULL)
		model_badge(page, cx, "success", "badge.done");
	else if (record_may(cx, rec, RIGHT_EDIT))
		model_action(page, cx, "done",
			arena_printf(cx->a, "/activities/%lld/done", (long long)rec->id), true);
	return NULL;
}

const struct entity_hooks activity_hooks = {
	.before = check,
	.queue = queue,
	.model = model,
};

/* Done now, by PostgreSQL's clock. Done already: nothing changes. */
static struct err *
mark_done(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	int64_t id = request_id(rq, 0), version;
	struct changes c = {0};
	struct child_state st;
	const char *text;
	struct rows *r;

	TRY(request_version(rq, &version));
	tx_queue(rq->tx, &now, NO_VALS, &r);
	TRY(child_state(&cx, ENTITY_ACTIVITY, id, &st));
	if (!is_task(st.kind))
		return err_new(rq->a, ERR_CONFLICT, "error.task_only");
	text = time_rfc3339(rq->a, rows_i64(r, 0, 0));
	if (!st.done)
		changes_put(&cx, &c, ENTITY_ACTIVITY, "done_at",
			(struct value){.text = text, .val = val_text(text)});
	TRY(record_update(&cx, ENTITY_ACTIVITY, id, version, &c, &version));
	response_flash(rp, "flash.done");
	TRY(pages_answer(rq, rp, ENTITY_ACTIVITY, id, 200, NULL));
	if (!rq->api && request_bool(rq, "home", false))
		response_go(rp, rq, "/");
	return NULL;
}

/* home: back to the dashboard, where the button was. */
static const struct param done_params[] = {
	{"home", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route activity_routes[] = {
	ROUTE(READ, GET, "/activities", ON_BOTH, "activity", RIGHT_VIEW, "list", pages_list,
		list_params, NULL, "record/list", "activity.list"),
	ROUTE(WRITE, POST, "/activities/search", ON_BOTH, "activity", RIGHT_VIEW, "search",
		pages_search, search_params, NULL, "", "activity.search"),
	ROUTE(WRITE, POST, "/activities", ON_BOTH, "activity", RIGHT_CREATE, "create", pages_create,
		NULL, "activity", "record/form", "activity.create"),
	ROUTE(READ, GET, "/activities/{id}", ON_BOTH, "activity", RIGHT_VIEW, "view", pages_read,
		NULL, NULL, "record/single", "activity.read"),
	ROUTE(READ, GET, "/activities/{id}/edit", ON_PAGE, "activity", RIGHT_EDIT, "view",
		pages_edit, NULL, NULL, "record/form", "activity.edit"),
	ROUTE(CHANGE, POST, "/activities/{id}/edit", ON_PAGE, "activity", RIGHT_EDIT, "update",
		pages_update, NULL, "activity", "record/form", "activity.save"),
	ROUTE(CHANGE, PATCH, "/activities/{id}", ON_API, "activity", RIGHT_EDIT, "update",
		pages_update, NULL, "activity", "", "activity.update"),
	ROUTE(CHANGE, POST, "/activities/{id}/done", ON_BOTH, "activity", RIGHT_EDIT, "update",
		mark_done, done_params, NULL, "", "activity.done"),
	ROUTE(CHANGE, POST, "/activities/{id}/archive", ON_PAGE, "activity", RIGHT_DELETE,
		"archive", pages_archive, NULL, NULL, "", "activity.archive"),
	ROUTE(CHANGE, DELETE, "/activities/{id}", ON_API, "activity", RIGHT_DELETE, "archive",
		pages_archive, NULL, NULL, "", "activity.delete"),
	ROUTE(CHANGE, POST, "/activities/{id}/restore", ON_BOTH, "activity", RIGHT_DELETE,
		"restore", pages_restore, NULL, NULL, "", "activity.restore"),
	ROUTE(READ, GET, "/contacts/{id}/activities", ON_API, "activity", RIGHT_VIEW, "list",
		pages_children, list_params, NULL, "", "activity.of_contact"),
	ROUTE(WRITE, POST, "/contacts/{id}/activities", ON_BOTH, "activity", RIGHT_CREATE, "create",
		pages_create_child, NULL, "activity", "record/form", "activity.add"),
	ROUTE(READ, GET, "/contacts/{id}/activities/new", ON_PAGE, "activity", RIGHT_CREATE, "view",
		pages_new_child, NULL, NULL, "record/form", "activity.new"),
	ROUTE_END,
};
