/* SPDX-License-Identifier: ISC */
#include "share.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"

STMT(share_list, "share.list", 2,
	"select s.share_id, s.user_id, s.team_id, coalesce(u.name, t.name), s.level, "
	"(extract(epoch from s.created_at) * 1000000)::bigint, s.created_by from record_share s "
	"left join app_user u on u.user_id = s.user_id left join team t on t.team_id = s.team_id "
	"where s.entity = $1 and s.record_id = $2::bigint "
	"order by s.user_id is not null, coalesce(u.name, t.name), s.share_id limit 500");
STMT(share_one, "share.one", 3,
	"select s.user_id, s.team_id, coalesce(u.name, t.name), s.level from record_share s "
	"left join app_user u on u.user_id = s.user_id left join team t on t.team_id = s.team_id "
	"where s.share_id = $1::bigint and s.entity = $2 and s.record_id = $3::bigint");
STMT(share_to, "share.to", 4,
	"select w.name, (select s.level from record_share s where s.entity = $3 "
	"and s.record_id = $4::bigint and (s.user_id = $1::bigint or s.team_id = $2::bigint)), "
	"(select count(*) from record_share s where s.entity = $3 and s.record_id = $4::bigint) "
	"from (select name from app_user where user_id = $1::bigint and active union all "
	"select name from team where team_id = $2::bigint) w");
STMT(share_clear, "share.clear", 4,
	"delete from record_share where entity = $1 and record_id = $2::bigint "
	"and (user_id = $3::bigint or team_id = $4::bigint)");
STMT(share_add, "share.add", 6,
	"insert into record_share (entity, record_id, user_id, team_id, level, created_by) "
	"values ($1, $2::bigint, $3::bigint, $4::bigint, $5, $6::bigint) returning share_id");
STMT(share_remove, "share.remove", 3,
	"delete from record_share where share_id = $1::bigint and entity = $2 "
	"and record_id = $3::bigint");

static const char *const levels[] = {"read", "edit", NULL};

/* So many are a team. */
#define SHARES_MAX 200

static enum entity
entity_of(const struct request *rq)
{
	return entity_parse(rq->route->entity);
}

static const char *
level_word(const struct record_ctx *cx, const char *level)
{
	return view_text(cx->a, cx->lang, arena_printf(cx->a, "share.level.%s", level), NULL);
}

void
share_queue(const struct record_ctx *cx, enum entity e, int64_t id, struct rows **rows_r)
{
	tx_queue(cx->tx, &share_list, VALS(val_text(entity_name(e)), val_i64(id)), rows_r);
}

void
share_model(const struct record_ctx *cx, const struct record *rec, const struct rows *rows,
	struct json_object *page)
{
	struct json_object *panels = json_object_object_get(page, "panels");
	struct json_object *panel =
		model_item(panels != NULL ? panels : model_list(page, "panels"));
	struct json_object *list = model_list(panel, "rows");
	const char *url =
		arena_printf(cx->a, "%s/%lld/shares", rec->layout->def->path, (long long)rec->id);
	bool may = record_may(cx, rec, RIGHT_EDIT);

	model_text(panel, "key", "shares");
	model_text(panel, "label", view_text(cx->a, cx->lang, "share.title", NULL));
	model_text(panel, "empty", view_text(cx->a, cx->lang, "share.empty", NULL));
	if (may)
		model_text(panel, "add_url", arena_printf(cx->a, "%s/new", url));
	for (size_t i = 0; i < rows_count(rows); i++) {
		struct json_object *o = model_item(list);

		model_text(o, "title", rows_text(rows, i, 3));
		if (may)
			model_text(o, "url",
				arena_printf(
					cx->a, "%s/%lld", url, (long long)rows_i64(rows, i, 0)));
		if (!rows_null(rows, i, 2))
			model_text(o, "text", view_text(cx->a, cx->lang, "share.team", NULL));
		model_text(o, "meta", level_word(cx, rows_text(rows, i, 4)));
	}
}

static void
add_id(struct json_object *o, const char *name, const struct rows *r, size_t i, size_t col)
{
	if (rows_null(r, i, col))
		model_null(o, name);
	else
		model_i64(o, name, rows_i64(r, i, col));
}

static struct err *
share_get(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *items = model_list(response_data(rp), "items");
	struct record *rec;
	struct rows *r;

	share_queue(&cx, entity_of(rq), request_id(rq, 0), &r);
	TRY(record_read(&cx, entity_of(rq), request_id(rq, 0), false, &rec));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(items);

		model_i64(o, "id", rows_i64(r, i, 0));
		add_id(o, "user_id", r, i, 1);
		add_id(o, "team_id", r, i, 2);
		model_text(o, "name", rows_text(r, i, 3));
		model_text(o, "level", rows_text(r, i, 4));
		model_text(o, "shared_at", time_rfc3339(cx.a, rows_i64(r, i, 5)));
		add_id(o, "shared_by", r, i, 6);
	}
	model_null(response_data(rp), "next");
	return NULL;
}

/* Who may edit it by itself says who else sees it. */
static struct err *
may_share(struct request *rq, const struct record_ctx *cx)
{
	enum entity e = entity_of(rq);
	int64_t id = request_id(rq, 0);

	if (e == ENTITY_CONTACT)
		TRY(pages_contact_open(rq, id));
	return record_held(cx, e, id, RIGHT_EDIT);
}

/* who: a name; level NULL: no longer. */
static struct err *
log_share(struct request *rq, const struct record_ctx *cx, const char *who, const char *before,
	const char *level)
{
	enum entity e = entity_of(rq);
	int64_t *id = ARENA_NEW(cx->a, int64_t);
	struct json_object *diff = model_object(cx->a), *pair = model_child(diff, "shares");
	static const char *const fields[] = {"shares"};
	struct audit_event ev = {.action = "permission", .entity = entity_name(e)};
	struct seal_key key = tenant_log_key(cx->tenant);
	const char *text;

	*id = request_id(rq, 0);
	if (e == ENTITY_CONTACT)
		TRY(person_key(cx, *id, &key));
	model_text(pair, "old",
		before != NULL ? arena_printf(cx->a, "%s: %s", who, level_word(cx, before)) : NULL);
	model_text(pair, "new",
		level != NULL ? arena_printf(cx->a, "%s: %s", who, level_word(cx, level)) : NULL);
	text = json_object_to_json_string_ext(diff, JSON_C_TO_STRING_PLAIN);
	ev.records = ev.subjects = id;
	ev.nrecords = 1;
	ev.nsubjects = e == ENTITY_CONTACT;
	ev.fields = fields;
	ev.nfields = 1;
	ev.key_id = key.id;
	ev.changes = seal_value(cx->a, &key,
		arena_printf(
			cx->a, "audit.changes|%lld", e == ENTITY_CONTACT ? (long long)*id : 0LL),
		text, strlen(text));
	audit_queue(cx->tx, cx->a, &ev);
	return tx_run(cx->tx);
}

STMT(share_users, "share.users", 0,
	"select user_id, name from app_user where active order by lower(name), user_id limit 1000");
STMT(share_teams, "share.teams", 0,
	"select team_id, name from team order by lower(name), team_id limit 500");

/* People or teams to choose from; col: where a row of share_one names one of them. */
static void
add_whom(struct request *rq, struct json_object *fields, const char *name, const char *label,
	const struct rows *whom, const struct rows *one, size_t col)
{
	struct json_object *o = form_field(rq, fields, "choice", name, say(rq, label),
		one != NULL ? rows_text(one, 0, col) : NULL);

	for (size_t i = 0; i < rows_count(whom); i++)
		form_option(o, rows_text(whom, i, 0), rows_text(whom, i, 1));
}

/* The form: for somebody new, or (one: a row of share_one) for who has it already. */
static struct err *
share_form(struct request *rq, struct response *rp, const struct rows *one, const char *level)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct json_object *o = response_page(rp), *group, *fields;
	const struct entity_def *d = entity_def(entity_of(rq));
	const char *url = arena_printf(rq->a, "%s/%lld", d->path, (long long)request_id(rq, 0));
	struct rows *users, *teams;
	struct record *rec;

	tx_queue(rq->tx, &share_users, NO_VALS, &users);
	tx_queue(rq->tx, &share_teams, NO_VALS, &teams);
	TRY(record_read(&cx, d->entity, request_id(rq, 0), false, &rec));
	model_text(o, "title", view_text(rq->a, cx.lang, "share.title", NULL));
	model_text(o, "subtitle", record_title(&cx, rec));
	model_crumb(o, record_title(&cx, rec), url);
	model_text(o, "cancel_url", url);
	model_text(o, "action", arena_printf(rq->a, "%s/shares", url));
	model_i64(o, "version", rec->version);
	group = model_item(model_list(o, "groups"));
	model_text(group, "label", view_text(rq->a, cx.lang, "share.title", NULL));
	model_text(group, "hint", view_text(rq->a, cx.lang, "share.hint", NULL));
	fields = model_list(group, "fields");
	add_whom(rq, fields, "user_id", "share.user", users, one, 0);
	add_whom(rq, fields, "team_id", "share.team", teams, one, 1);
	o = form_field(rq, fields, "choice", "level", say(rq, "share.level"),
		level != NULL ? level : "read");
	form_required(o);
	form_words(rq, o, levels, "share.level");
	rp->template = "kept";
	return NULL;
}

static struct err *
share_new(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);

	TRY(may_share(rq, &cx));
	return share_form(rq, rp, NULL, NULL);
}

static struct err *
find_share(struct request *rq, struct rows **r)
{
	TRY(tx_query(rq->tx, &share_one,
		VALS(val_i64(request_id(rq, 1)), val_text(rq->route->entity),
			val_i64(request_id(rq, 0))),
		r));
	return rows_count(*r) == 0 ? err_new(rq->a, ERR_NOT_FOUND, NULL) : NULL;
}

static struct err *
share_edit(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct entity_def *d = entity_def(entity_of(rq));
	struct rows *r;

	TRY(may_share(rq, &cx));
	TRY(find_share(rq, &r));
	TRY(share_form(rq, rp, r, rows_text(r, 0, 3)));
	model_text(response_page(rp), "remove_url",
		arena_printf(rq->a, "%s/%lld/shares/%lld/remove", d->path,
			(long long)request_id(rq, 0), (long long)request_id(rq, 1)));
	return NULL;
}

static struct err *
check_share(struct request *rq, struct rows **to_r)
{
	int64_t user = request_i64(rq, "user_id", 0), team = request_i64(rq, "team_id", 0);
	const char *level = request_text(rq, "level");
	const char *at = user == 0 && team != 0 ? "team_id" : "user_id";
	struct err *e = NULL;

	if (level == NULL || (strcmp(level, "read") != 0 && strcmp(level, "edit") != 0))
		err_add_field(rq->a, &e, "level", "error.choice", NULL);
	if ((user == 0) == (team == 0)) {
		err_add_field(rq->a, &e, at, "error.share_one", NULL);
		return e;
	}
	TRY(tx_query(rq->tx, &share_to,
		VALS(val_id(user), val_id(team), val_text(rq->route->entity),
			val_i64(request_id(rq, 0))),
		to_r));
	if (rows_count(*to_r) == 0)
		err_add_field(rq->a, &e, at, "error.reference", NULL);
	else if (rows_null(*to_r, 0, 1) && rows_i64(*to_r, 0, 2) >= SHARES_MAX)
		err_add_field(rq->a, &e, at, "error.share_many", NULL);
	return e;
}

static struct err *
share_post(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	const struct entity_def *d = entity_def(entity_of(rq));
	const char *level = request_text(rq, "level");
	struct val user = val_id(request_i64(rq, "user_id", 0)),
		   team = val_id(request_i64(rq, "team_id", 0));
	struct rows *to = NULL, *made;
	struct err *e;

	TRY(may_share(rq, &cx));
	e = check_share(rq, &to);
	if (e != NULL && !rq->api && e->kind == ERR_INVALID) {
		response_errors(rp, rq, e);
		return share_form(rq, rp, NULL, level);
	}
	TRY(e);
	tx_queue(rq->tx, &share_clear,
		VALS(val_text(d->table), val_i64(request_id(rq, 0)), user, team), NULL);
	TRY(tx_query(rq->tx, &share_add,
		VALS(val_text(d->table), val_i64(request_id(rq, 0)), user, team, val_text(level),
			val_i64(rq->principal->user_id)),
		&made));
	TRY(log_share(rq, &cx, rows_text(to, 0, 0), rows_text(to, 0, 1), level));
	model_i64(response_data(rp), "id", rows_i64(made, 0, 0));
	model_text(response_data(rp), "name", rows_text(to, 0, 0));
	model_text(response_data(rp), "level", level);
	rp->status = 201;
	rp->subject_id = d->entity == ENTITY_CONTACT ? request_id(rq, 0) : 0;
	response_flash(rp, "flash.saved");
	response_go(rp, rq, rq->api ? "%s/%lld/shares" : "%s/%lld", d->path,
		(long long)request_id(rq, 0));
	return NULL;
}

static struct err *
share_delete(struct request *rq, struct response *rp)
{
	struct record_ctx cx = record_ctx_of(rq);
	struct rows *r;

	TRY(may_share(rq, &cx));
	TRY(find_share(rq, &r));
	tx_queue(rq->tx, &share_remove,
		VALS(val_i64(request_id(rq, 1)), val_text(rq->route->entity),
			val_i64(request_id(rq, 0))),
		NULL);
	TRY(log_share(rq, &cx, rows_text(r, 0, 2), rows_text(r, 0, 3), NULL));
	rp->status = 204;
	response_flash(rp, "flash.saved");
	if (!rq->api)
		response_go(rp, rq, "%s/%lld", entity_def(entity_of(rq))->path,
			(long long)request_id(rq, 0));
	return NULL;
}

static const struct param share_params[] = {
	{"user_id", P_I64, IN_BODY, 1, 0, false},
	{"team_id", P_I64, IN_BODY, 1, 0, false},
	{"level", P_TEXT, IN_BODY, 0, 10, false},
	PARAM_END,
};

const struct route share_routes[] = {
	ROUTE(READ, GET, "/contacts/{id}/shares", ON_API, "contact", RIGHT_VIEW, "view", share_get,
		NULL, NULL, "", "contact.shares"),
	ROUTE(READ, GET, "/contacts/{id}/shares/new", ON_PAGE, "contact", RIGHT_EDIT, "view",
		share_new, NULL, NULL, "kept", "contact.share_new"),
	ROUTE(WRITE, POST, "/contacts/{id}/shares", ON_BOTH, "contact", RIGHT_EDIT, "permission",
		share_post, share_params, NULL, "kept", "contact.share"),
	ROUTE(READ, GET, "/contacts/{id}/shares/{id}", ON_PAGE, "contact", RIGHT_EDIT, "view",
		share_edit, NULL, NULL, "kept", "contact.share_edit"),
	ROUTE(WRITE, DELETE, "/contacts/{id}/shares/{id}", ON_API, "contact", RIGHT_EDIT,
		"permission", share_delete, NULL, NULL, "", "contact.unshare"),
	ROUTE(WRITE, POST, "/contacts/{id}/shares/{id}/remove", ON_PAGE, "contact", RIGHT_EDIT,
		"permission", share_delete, NULL, NULL, "", "contact.share_remove"),
	ROUTE(READ, GET, "/companies/{id}/shares", ON_API, "company", RIGHT_VIEW, "view", share_get,
		NULL, NULL, "", "company.shares"),
	ROUTE(READ, GET, "/companies/{id}/shares/new", ON_PAGE, "company", RIGHT_EDIT, "view",
		share_new, NULL, NULL, "kept", "company.share_new"),
	ROUTE(WRITE, POST, "/companies/{id}/shares", ON_BOTH, "company", RIGHT_EDIT, "permission",
		share_post, share_params, NULL, "kept", "company.share"),
	ROUTE(READ, GET, "/companies/{id}/shares/{id}", ON_PAGE, "company", RIGHT_EDIT, "view",
		share_edit, NULL, NULL, "kept", "company.share_edit"),
	ROUTE(WRITE, DELETE, "/companies/{id}/shares/{id}", ON_API, "company", RIGHT_EDIT,
		"permission", share_delete, NULL, NULL, "", "company.unshare"),
	ROUTE(WRITE, POST, "/companies/{id}/shares/{id}/remove", ON_PAGE, "company", RIGHT_EDIT,
		"permission", share_delete, NULL, NULL, "", "company.share_remove"),
	ROUTE_END,
};
