/* SPDX-License-Identifier: ISC */
/*
 * Teams: who works together, and so who sees whose records where a profile says
 * "team". Whom a team has is said at the user, where what it means is shown first.
 */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "event.h"
#include "text.h"
#include "utf8.h"

#define TEAMS_MAX 200
#define NAME_MAX_CHARS 60

#define TEAM_COLUMNS \
	"t.team_id, t.name, t.version, " \
	"(select count(*) from app_user u where u.team_id = t.team_id and u.active) "

STMT(list_teams, "team.list", 0,
	"select " TEAM_COLUMNS "from team t order by lower(t.name), t.team_id limit 200");
STMT(read_team, "team.read", 1, "select " TEAM_COLUMNS "from team t where t.team_id = $1::bigint");
STMT(members, "team.members", 1,
	"select user_id, name, email, active from app_user where team_id = $1::bigint "
	"order by lower(name), user_id limit 1000");
/* One at a time, so that not two come to the same name or past the last place. */
STMT(lock_teams, "team.lock", 0, "select pg_advisory_xact_lock(7208003)");
STMT(taken, "team.taken", 2,
	"select count(*), count(*) filter (where lower(name) = lower($1) "
	"and team_id <> $2::bigint) from team");
STMT(insert, "team.insert", 1, "insert into team (name) values ($1) returning team_id");
STMT(rename_team, "team.rename", 2,
	"update team set name = $2, version = version + 1 where team_id = $1::bigint");
STMT(move_records, "team.records", 2, "select entity, n from team_records($1::bigint, $2::bigint)");
STMT(drop_team, "team.delete", 1, "delete from team where team_id = $1::bigint");

struct team {
	int64_t id, version, members;
	const char *name;
};

static void
from_row(const struct rows *r, size_t i, struct team *t)
{
	t->id = rows_i64(r, i, 0);
	t->name = rows_text(r, i, 1);
	t->version = rows_i64(r, i, 2);
	t->members = rows_i64(r, i, 3);
}

static struct err *
load(struct request *rq, int64_t id, struct team *t)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &read_team, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	from_row(r, 0, t);
	return NULL;
}

static void
team_model(const struct team *t, struct json_object *o)
{
	model_i64(o, "id", t->id);
	model_text(o, "name", t->name);
	model_i64(o, "members", t->members);
	model_i64(o, "version", t->version);
}

static void
crumbs(const struct request *rq, struct json_object *page, bool teams)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	if (!teams)
		return;
	o = model_item(list);
	model_text(o, "label", say(rq, "teams.title"));
	model_text(o, "url", "/settings/teams");
}

static void
name_field(struct request *rq, struct json_object *page, const char *name)
{
	struct json_object *f = form_field(
		rq, model_list(page, "fields"), "text", "name", say(rq, "teams.name"), name);

	form_required(f);
	model_i64(f, "max", NAME_MAX_CHARS);
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	struct rows *r;
	struct team t;

	TRY(tx_query(rq->tx, &list_teams, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		from_row(r, i, &t);
		team_model(&t, model_item(items));
	}
	model_null(response_data(rp), "next");
	if (rq->api)
		return NULL;
	crumbs(rq, response_page(rp), false);
	model_text(response_page(rp), "title", say(rq, "teams.title"));
	model_text(response_page(rp), "subtitle", say(rq, "settings.teams_help"));
	name_field(rq, response_page(rp), "");
	rp->template = "settings/teams";
	return NULL;
}

/* Where the records of a team that goes may go. */
static struct err *
other_teams(struct request *rq, struct json_object *page, int64_t id)
{
	struct json_object *f = form_field(
		rq, model_list(page, "remove"), "choice", "move_to", say(rq, "teams.move_to"), "");
	struct rows *r;
	struct team t;

	form_hint(rq, f, "teams.move_to_hint");
	form_option(f, "", say(rq, "users.no_team"));
	TRY(tx_query(rq->tx, &list_teams, NO_VALS, &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		from_row(r, i, &t);
		if (t.id != id)
			form_option(f, arena_printf(rq->a, "%lld", (long long)t.id), t.name);
	}
	return NULL;
}

static struct err *
show(struct request *rq, struct response *rp, const struct team *t)
{
	struct json_object *page = response_page(rp), *data = response_data(rp), *list;
	struct rows *r;

	team_model(t, data);
	TRY(tx_query(rq->tx, &members, VALS(val_i64(t->id)), &r));
	list = model_list(data, "users");
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(list);

		model_i64(o, "id", rows_i64(r, i, 0));
		model_text(o, "name", rows_text(r, i, 1));
		model_text(o, "email", rows_text(r, i, 2));
		model_bool(o, "active", rows_bool(r, i, 3));
	}
	if (rq->api)
		return NULL;
	crumbs(rq, page, true);
	model_text(page, "title", t->name);
	model_i64(page, "id", t->id);
	model_i64(page, "version", t->version);
	model_bool(page, "empty", rows_count(r) == 0);
	name_field(rq, page, t->name);
	rp->template = "settings/team";
	return other_teams(rq, page, t->id);
}

static struct err *
read_one(struct request *rq, struct response *rp)
{
	struct team t;

	TRY(load(rq, request_id(rq, 0), &t));
	return show(rq, rp, &t);
}

/* id 0: of a new one. Takes the lock under which names are compared. */
static struct err *
read_name(struct request *rq, int64_t id, const char **name_r)
{
	const char *typed = request_text(rq, "name");
	struct err *e = NULL;
	struct rows *r;

	*name_r = typed != NULL ? text_clean(rq->a, typed, false) : NULL;
	if (*name_r == NULL)
		err_add_field(rq->a, &e, "name", "error.required", NULL);
	else if (utf8_length(*name_r) > NAME_MAX_CHARS)
		err_add_field(rq->a, &e, "name", "error.too_long", "60");
	if (e != NULL)
		return e;
	tx_queue(rq->tx, &lock_teams, NO_VALS, NULL);
	TRY(tx_query(rq->tx, &taken, VALS(val_text(*name_r), val_i64(id)), &r));
	if (id == 0 && rows_i64(r, 0, 0) >= TEAMS_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.too_many_teams");
	if (rows_i64(r, 0, 1) > 0)
		err_add_field(rq->a, &e, "name", "error.name_taken", NULL);
	return e;
}

static void
log_team(struct request *rq, int64_t id, const char *reason)
{
	audit_queue_one(rq->tx, rq->a, "permission", "team", id, 0, reason);
}

static struct err *
create(struct request *rq, struct response *rp)
{
	const char *name;
	struct err *e = read_name(rq, 0, &name);
	struct rows *r;
	struct team t;

	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return list_all(rq, rp);
	}
	TRY(tx_query(rq->tx, &insert, VALS(val_text(name)), &r));
	TRY(load(rq, rows_i64(r, 0, 0), &t));
	log_team(rq, t.id, "team_created");
	response_flash(rp, "flash.team_added");
	rp->status = 201;
	if (rq->api)
		team_model(&t, response_data(rp));
	response_go(rp, rq, rq->api ? "/teams/%lld" : "/settings/teams/%lld", (long long)t.id);
	return NULL;
}

/* The team of the path, at the version that the request names. */
static struct err *
load_version(struct request *rq, struct team *t)
{
	int64_t version;

	tx_queue(rq->tx, &lock_teams, NO_VALS, NULL);
	TRY(load(rq, request_id(rq, 0), t));
	TRY(request_version(rq, &version));
	return version == t->version ? NULL : err_new(rq->a, ERR_STALE, NULL);
}

static struct err *
update(struct request *rq, struct response *rp)
{
	const char *name;
	struct err *e;
	struct team t;

	TRY(load_version(rq, &t));
	e = read_name(rq, t.id, &name);
	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (e != NULL) {
		response_errors(rp, rq, e);
		return show(rq, rp, &t);
	}
	tx_queue(rq->tx, &rename_team, VALS(val_i64(t.id), val_text(name)), NULL);
	log_team(rq, t.id, "team_renamed");
	response_flash(rp, "flash.saved");
	TRY(load(rq, t.id, &t));
	if (rq->api)
		team_model(&t, response_data(rp));
	else
		response_go(rp, rq, "/settings/teams/%lld", (long long)t.id);
	return NULL;
}

/* Its records go to another team, or to none; its members went before. */
static struct err *
clear_out(struct request *rq, const struct team *t, struct json_object *moved)
{
	int64_t to = request_i64(rq, "move_to", 0);
	struct err *e = NULL;
	struct team other;
	struct rows *r;

	TRY(tx_query(rq->tx, &members, VALS(val_i64(t->id)), &r));
	if (rows_count(r) > 0)
		return err_new(rq->a, ERR_CONFLICT, "error.team_members");
	if (to != 0)
		e = load(rq, to, &other);
	if (e != NULL && e->kind != ERR_NOT_FOUND)
		return e;
	if (e != NULL || to == t->id) {
		e = NULL;
		err_add_field(rq->a, &e, "move_to", "error.choice", NULL);
		return e;
	}
	TRY(tx_query(rq->tx, &move_records, VALS(val_i64(t->id), val_id(to)), &r));
	for (size_t i = 0; i < rows_count(r); i++)
		model_i64(moved, rows_text(r, i, 0), rows_i64(r, i, 1));
	return NULL;
}

static struct err *
remove_team(struct request *rq, struct response *rp)
{
	struct json_object *moved = model_object(rq->a);
	struct team t;

	TRY(load_version(rq, &t));
	TRY(clear_out(rq, &t, moved));
	tx_queue(rq->tx, &drop_team, VALS(val_i64(t.id)), NULL);
	log_team(rq, t.id, "team_removed");
	response_flash(rp, "flash.team_removed");
	if (rq->api)
		json_object_object_add(response_data(rp), "moved", json_object_get(moved));
	else
		response_go(rp, rq, "/settings/teams");
	return NULL;
}

static const struct param name_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, true},
	PARAM_END,
};
static const struct param form_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};
static const struct param remove_params[] = {
	{"move_to", P_I64, IN_BOTH, 1, 0, false},
	PARAM_END,
};

const struct route team_routes[] = {
	ROUTE(READ, GET, "/teams", ON_API, "", RIGHT_MANAGE_USERS, "", list_all, NULL, NULL, "",
		"team.list"),
	ROUTE(WRITE, POST, "/teams", ON_API, "", RIGHT_MANAGE_USERS, "permission", create,
		name_params, NULL, "", "team.create"),
	ROUTE(READ, GET, "/teams/{id}", ON_API, "", RIGHT_MANAGE_USERS, "", read_one, NULL, NULL,
		"", "team.read"),
	ROUTE(CHANGE, PATCH, "/teams/{id}", ON_API, "", RIGHT_MANAGE_USERS, "permission", update,
		name_params, NULL, "", "team.update"),
	ROUTE(CHANGE, DELETE, "/teams/{id}", ON_API, "", RIGHT_MANAGE_USERS, "permission",
		remove_team, remove_params, NULL, "", "team.delete"),
	ROUTE(READ, GET, "/settings/teams", ON_PAGE, "", RIGHT_MANAGE_USERS, "", list_all, NULL,
		NULL, "settings/teams", "settings.teams"),
	ROUTE(WRITE, POST, "/settings/teams", ON_PAGE, "", RIGHT_MANAGE_USERS, "permission", create,
		form_params, NULL, "settings/teams", "settings.team_create"),
	ROUTE(READ, GET, "/settings/teams/{id}", ON_PAGE, "", RIGHT_MANAGE_USERS, "", read_one,
		NULL, NULL, "settings/team", "settings.team"),
	ROUTE(CHANGE, POST, "/settings/teams/{id}", ON_PAGE, "", RIGHT_MANAGE_USERS, "permission",
		update, form_params, NULL, "settings/team", "settings.team_save"),
	ROUTE(CHANGE, POST, "/settings/teams/{id}/remove", ON_PAGE, "", RIGHT_MANAGE_USERS,
		"permission", remove_team, remove_params, NULL, "settings/team",
		"settings.team_remove"),
	ROUTE_END,
};
