/* SPDX-License-Identifier: ISC */
#include "activity.h"

#include <string.h>

#include "attachment.h"
#include "child.h"
#include "date.h"
#include "event.h"

STMT(now, "clock.now", 0, "select (extract(epoch from now()) * 1000000)::bigint");

STMT(private_state, "activity.private_state", 1,
	"select private_to from activity where activity_id = $1::bigint");
STMT(private_team, "activity.private_team", 2,
	"update activity set private_team_id = case when private_to = 'team' then $2::bigint end "
	"where activity_id = $1::bigint");
STMT(readers_clear, "activity.readers_clear", 1,
	"delete from activity_reader where activity_id = $1::bigint");
STMT(readers_add, "activity.readers_add", 3,
	"insert into activity_reader (activity_id, user_id, author_id) "
	"select $1::bigint, u.user_id, $2::bigint from app_user u where u.user_id = any "
	"($3::bigint[]) and u.active");
STMT(readers_list, "activity.readers", 1,
	"select x.user_id, u.name from activity_reader x join app_user u using (user_id) "
	"where x.activity_id = $1::bigint order by lower(u.name), x.user_id");
STMT(reader_choices, "activity.reader_choices", 0,
	"select user_id, name from app_user where active order by lower(name), user_id limit 1000");

/* So many named people are a team. */
#define READERS_MAX 100

static bool
may_change(const struct record_ctx *cx, const char *field)
{
	enum field_level level;

	return catalogue_visible(cx->cat, cx->principal, ENTITY_ACTIVITY, field, &level) != NULL &&
	       level == LEVEL_EDIT;
}

bool
activity_may_end(const struct record_ctx *cx)
{
	return may_change(cx, "done_at");
}

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

/* A note can be private, and stays a note while it is. */
static struct err *
check_private(struct request *rq, const struct record_ctx *cx, int64_t id,
	const struct child_state *st, const struct changes *c, struct err **e)
{
	const struct change *kind = changes_find(c, "kind"), *to = changes_find(c, "private_to");
	struct json_object *readers = request_value(rq, "readers");
	const char *whom = NULL, *what = kind != NULL ? kind->value.text : st->kind;
	struct rows *r;

	if (request_has(rq, "readers") && !may_change(cx, "private_to"))
		err_add_field(cx->a, e, "readers", "error.unknown_field", NULL);
	if (id != 0) {
		TRY(tx_query(cx->tx, &private_state, VALS(val_i64(id)), &r));
		whom = rows_count(r) > 0 ? rows_text(r, 0, 0) : NULL;
	}
	if (to != NULL)
		whom = to->value.null ? NULL : to->value.text;
	if (whom == NULL)
		return NULL;
	if (what == NULL || strcmp(what, "note") != 0)
		err_add_field(
			cx->a, e, to != NULL ? "private_to" : "kind", "error.note_only", NULL);
	if (to != NULL && strcmp(whom, "team") == 0 && cx->principal->team_id == 0)
		err_add_field(cx->a, e, "private_to", "error.no_team", NULL);
	if (to != NULL && strcmp(whom, "people") == 0 &&
		(readers == NULL || json_object_array_length(readers) == 0))
		err_add_field(cx->a, e, "readers", "error.readers", NULL);
	return NULL;
}

/* The list as it was sent; a form sends none when no box is ticked. */
static struct err *
store_readers(struct request *rq, const struct record_ctx *cx, int64_t id, bool created,
	const struct changes *c)
{
	struct json_object *list = request_value(rq, "readers");
	const struct change *to = changes_find(c, "private_to");
	size_t n = list != NULL ? json_object_array_length(list) : 0;
	int64_t *ids = ARENA_ARRAY(cx->a, n + 1, int64_t);
	static const char *const fields[] = {"readers"};
	int64_t *about = ARENA_NEW(cx->a, int64_t);
	struct audit_event ev = {.action = "permission", .entity = "activity"};

	if (to != NULL)
		tx_queue(cx->tx, &private_team, VALS(val_i64(id), val_id(cx->principal->team_id)),
			NULL);
	if (list == NULL && (to == NULL || created))
		return tx_run(cx->tx);
	for (size_t i = 0; i < n; i++)
		ids[i] = json_object_get_int64(json_object_array_get_idx(list, i));
	tx_queue(cx->tx, &readers_clear, VALS(val_i64(id)), NULL);
	if (n > 0)
		tx_queue(cx->tx, &readers_add,
			VALS(val_i64(id), val_i64(cx->principal->user_id), val_i64s(ids, n)), NULL);
	*about = id;
	ev.records = about;
	ev.nrecords = 1;
	ev.fields = fields;
	ev.nfields = 1;
	ev.count = (int64_t)n;
	audit_queue(cx->tx, cx->a, &ev);
	return tx_run(cx->tx);
}

static struct err *
check(struct request *rq, const struct record_ctx *cx, int64_t id, struct changes *c)
{
	struct child_state st;
	struct err *e = NULL;

	TRY(child_state(cx, ENTITY_ACTIVITY, id, &st));
	child_check(cx, id, &st, c, &e);
	child_check_text(cx, &st, c, &e);
	child_preset(cx, id, c, "happened_at", &e);
	check_task(cx, id, &st, c, &e);
	TRY(check_private(rq, cx, id, &st, c, &e));
	if (id == 0)
		preset_owner(cx, c);
	child_warn_cards(cx, c);
	return e;
}

/* What a page and an answer show beside the fields. */
struct beside {
	struct rows *files;
	struct rows *readers;
};

static void
queue(struct request *rq, const struct record_ctx *cx, int64_t id, void **state_r)
{
	struct beside *b = ARENA_NEW(cx->a, struct beside);

	*state_r = b;
	attachments_queue(rq, cx, ENTITY_ACTIVITY, id, &b->files);
	tx_queue(cx->tx, &readers_list, VALS(val_i64(id)), &b->readers);
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
	const char *kind = text_of(rec, "kind"), *to = text_of(rec, "private_to");
	const struct beside *b = state;
	struct json_object *list;

	if (b->files != NULL)
		attachments_model(rq, cx, rec, b->files, o, page);
	/* Its author sees all of them, a reader only that it is one. */
	if (rq->api && to != NULL && strcmp(to, "people") == 0) {
		list = model_list(o, "readers");
		for (size_t i = 0; i < rows_count(b->readers); i++)
			model_push_i64(list, rows_i64(b->readers, i, 0));
	}
	if (!rq->api && to != NULL)
		model_badge(page, cx, "neutral", "activity.private");
	if (rq->api || rec->archived_at != 0 || !is_task(kind))
		return NULL;
	if (text_of(rec, "done_at") != NULL)
		model_badge(page, cx, "success", "badge.done");
	else if (record_may(cx, rec, RIGHT_EDIT) && activity_may_end(cx))
		model_action(page, cx, "done",
			arena_printf(cx->a, "/activities/%lld/done", (long long)rec->id), true);
	return NULL;
}

static bool
reads_it(struct request *rq, const struct beside *b, const struct rows *users, size_t i)
{
	struct json_object *typed = request_value(rq, "readers");

	if (rq->method != METHOD_GET) {
		for (size_t k = 0; typed != NULL && k < json_object_array_length(typed); k++)
			if (json_object_get_int64(json_object_array_get_idx(typed, k)) ==
				rows_i64(users, i, 0))
				return true;
		return false;
	}
	for (size_t k = 0; b != NULL && k < rows_count(b->readers); k++)
		if (rows_i64(b->readers, k, 0) == rows_i64(users, i, 0))
			return true;
	return false;
}

/* Boxes for the people that a private note can name. */
static struct err *
form(struct request *rq, const struct record_ctx *cx, const struct record *rec, void *state,
	struct json_object *page)
{
	struct json_object *group, *f, *options;
	struct rows *users;

	(void)rec;
	if (!may_change(cx, "private_to"))
		return NULL;
	TRY(tx_query(cx->tx, &reader_choices, NO_VALS, &users));
	group = model_item(json_object_object_get(page, "groups"));
	model_text(group, "name", "readers");
	model_text(group, "label", view_text(cx->a, cx->lang, "activity.private", NULL));
	f = model_item(model_list(group, "fields"));
	model_text(f, "name", "readers");
	model_text(f, "type", "checks");
	model_text(f, "label", view_text(cx->a, cx->lang, "activity.readers", NULL));
	options = model_list(f, "options");
	for (size_t i = 0; i < rows_count(users); i++) {
		struct json_object *o;

		if (rows_i64(users, i, 0) == cx->principal->user_id)
			continue;
		o = model_item(options);
		model_text(o, "value", rows_text(users, i, 0));
		model_text(o, "label", rows_text(users, i, 1));
		if (reads_it(rq, state, users, i))
			model_bool(o, "selected", true);
	}
	return NULL;
}

static const char *const activity_extra[] = {"readers", NULL};

const struct entity_hooks activity_hooks = {
	.extra = activity_extra,
	.before = check,
	.after = store_readers,
	.form = form,
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
	if (!activity_may_end(&cx))
		return err_new(rq->a, ERR_DENIED, NULL);
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

static const struct param write_params[] = {
	{"readers", P_I64S, IN_BODY, 1, READERS_MAX, false},
	PARAM_END,
};

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
		write_params, "activity", "record/form", "activity.create"),
	ROUTE(READ, GET, "/activities/{id}", ON_BOTH, "activity", RIGHT_VIEW, "view", pages_read,
		NULL, NULL, "record/single", "activity.read"),
	ROUTE(READ, GET, "/activities/{id}/edit", ON_PAGE, "activity", RIGHT_EDIT, "view",
		pages_edit, NULL, NULL, "record/form", "activity.edit"),
	ROUTE(CHANGE, POST, "/activities/{id}/edit", ON_PAGE, "activity", RIGHT_EDIT, "update",
		pages_update, write_params, "activity", "record/form", "activity.save"),
	ROUTE(CHANGE, PATCH, "/activities/{id}", ON_API, "activity", RIGHT_EDIT, "update",
		pages_update, write_params, "activity", "", "activity.update"),
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
		pages_create_child, write_params, "activity", "record/form", "activity.add"),
	ROUTE(READ, GET, "/contacts/{id}/activities/new", ON_PAGE, "activity", RIGHT_CREATE, "view",
		pages_new_child, NULL, NULL, "record/form", "activity.new"),
	ROUTE_END,
};
