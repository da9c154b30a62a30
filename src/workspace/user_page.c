/* SPDX-License-Identifier: ISC */
/*
 * Who works here: users, their profile, their way in. Whoever manages users can
 * never get more rights that way than they have: neither for themselves nor by
 * way of somebody else's account.
 */
#include "workspace.h"

#include <string.h>

#include "cursor.h"
#include "hand_over.h"
#include "link.h"
#include "member.h"
#include "user.h"

#define PAGE_USERS 100

STMT(list_users, "user.list", 3,
	"select " MEMBER_COLUMNS "from app_user u join profile p using (profile_id) "
	"where ($1::text is null or (lower(u.name), u.user_id) > (lower($1::text), $2::bigint)) "
	"order by lower(u.name), u.user_id limit $3::bigint");
STMT(read_user, "user.read", 1,
	"select " MEMBER_COLUMNS
	"from app_user u join profile p using (profile_id) where u.user_id = $1::bigint");
STMT(lock_user, "user.lock", 1,
	"select user_id from app_user where user_id = $1::bigint for update");
STMT(exceeds, "profile.exceeds", 2, "select profile_exceeds($1::bigint, $2::bigint)");

struct err *
member_load(struct request *rq, int64_t id, struct member *m)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &read_user, VALS(val_i64(id)), &r));
	if (rows_count(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	member_from_row(r, 0, m);
	return NULL;
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	int64_t limit = request_i64(rq, "limit", PAGE_USERS), after;
	const char *name, *next = NULL;
	struct member *list;
	struct json_object *items;
	struct rows *r;
	size_t n;

	TRY(cursor_pair(rq, "user.list", &name, &after));
	TRY(tx_query(
		rq->tx, &list_users, VALS(val_text(name), val_i64(after), val_i64(limit + 1)), &r));
	n = rows_count(r) > (size_t)limit ? (size_t)limit : rows_count(r);
	list = ARENA_ARRAY(rq->a, n + 1, struct member);
	for (size_t i = 0; i < n; i++)
		member_from_row(r, i, &list[i]);
	if (rows_count(r) > n && n > 0)
		next = cursor_of_pair(rq, "user.list", list[n - 1].name, list[n - 1].id);
	if (!rq->api) {
		member_table(rq, response_page(rp), list, n, next);
		return NULL;
	}
	items = model_list(response_data(rp), "items");
	for (size_t i = 0; i < n; i++)
		member_model(rq, &list[i], model_item(items));
	model_text(response_data(rp), "next", next);
	return NULL;
}

static struct err *
read_one(struct request *rq, struct response *rp)
{
	struct member m;

	TRY(member_load(rq, request_id(rq, 0), &m));
	if (!rq->api)
		return member_form(rq, rp, &m);
	member_model(rq, &m, response_data(rp));
	return NULL;
}

static struct err *
new_page(struct request *rq, struct response *rp)
{
	return member_form(rq, rp, NULL);
}

/* Nobody hands out, or takes over, rights they have not got. */
struct err *
member_within(struct request *rq, int64_t profile)
{
	struct rows *r;

	TRY(tx_query(
		rq->tx, &exceeds, VALS(val_i64(profile), val_i64(rq->principal->user_id)), &r));
	return rows_bool(r, 0, 0) ? err_new(rq->a, ERR_DENIED, "error.more_rights") : NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	struct member m;
	struct wish w;
	struct err *e = wish_read(rq, NULL, &w);
	bool invited;
	int64_t id;

	if (e == NULL) {
		TRY(member_within(rq, w.profile_id));
		e = user_create(rq->tx, rq->a, rq->tenant, w.email, w.name, w.profile,
			w.language != NULL ? w.language : "en", w.password, &id);
	}
	invited = w.password == NULL && gate_settings()->mail_relay != NULL;
	if (e == NULL && invited)
		e = link_send(rq->tx, rq->a, rq->tenant, gate_settings(), LINK_INVITE, id,
			rq->principal->user_id);
	if (e != NULL && e->kind == ERR_INVALID && !rq->api) {
		response_errors(rp, rq, e);
		return member_form(rq, rp, NULL);
	}
	if (e != NULL)
		return e;
	response_flash(rp, invited ? "flash.user_invited" : "flash.user_added");
	rp->status = 201;
	if (rq->api) {
		TRY(member_load(rq, id, &m));
		member_model(rq, &m, response_data(rp));
		response_go(rp, rq, "/users/%lld", (long long)id);
	} else {
		response_go(rp, rq, "/settings/users");
	}
	return NULL;
}

/* Own rights and the own way in are somebody else's to change, or stand behind
 * the current password. */
static struct err *
check_self(struct request *rq, const struct member *m, const struct wish *w)
{
	if (m->id != rq->principal->user_id)
		return NULL;
	if (wish_moves(m, w) || (w->active.kind == VAL_BOOL && !w->active.u.yes))
		return err_new(rq->a, ERR_DENIED, "error.own_rights");
	if (w->password != NULL)
		return err_new(rq->a, ERR_DENIED, "error.own_password");
	return NULL;
}

/* Locks, reads and checks; *m is the user as it is. */
static struct err *
begin_change(struct request *rq, struct member *m, struct wish *w)
{
	int64_t id = request_id(rq, 0), version;
	struct err *e;

	tx_queue(rq->tx, &lock_user, VALS(val_i64(id)), NULL);
	TRY(member_load(rq, id, m));
	TRY(member_within(rq, m->profile_id));
	TRY(request_version(rq, &version));
	if (version != m->version)
		return err_new(rq->a, ERR_STALE, NULL);
	e = wish_read(rq, m, w);
	if (e != NULL)
		return e;
	TRY(check_self(rq, m, w));
	return w->profile_id != 0 ? member_within(rq, w->profile_id) : NULL;
}

static int64_t
wanted_profile(const struct member *m, const struct wish *w)
{
	return w->profile_id != 0 ? w->profile_id : m->profile_id;
}

static int64_t
wanted_team(const struct member *m, const struct wish *w)
{
	return w->teams ? w->team_id : m->team_id;
}

static bool
is_save(const struct request *rq)
{
	const char *step = request_text(rq, "step");

	return step != NULL && strcmp(step, "save") == 0;
}

/* Back from there to the form, as it was typed. */
static struct err *
form_again(struct request *rq, struct response *rp)
{
	struct member m = {0};
	struct wish w;

	TRY(begin_change(rq, &m, &w));
	return member_form(rq, rp, &m);
}

/* A change of profile or team is first shown for what it means. */
static struct err *
update(struct request *rq, struct response *rp)
{
	struct member m = {0};
	struct wish w;
	struct err *e = begin_change(rq, &m, &w);

	if (e == NULL && !rq->api && wish_moves(&m, &w) && !is_save(rq))
		return member_effect(rq, rp, &m, wanted_profile(&m, &w), wanted_team(&m, &w));
	if (e == NULL)
		e = wish_apply(rq, &m, &w);
	if (e != NULL && e->kind == ERR_INVALID && !rq->api) {
		response_errors(rp, rq, e);
		return member_form(rq, rp, &m);
	}
	if (e != NULL)
		return e;
	response_flash(rp, w.handed.job != 0 ? "flash.hand_over" : "flash.saved");
	if (!rq->api) {
		if (w.handed.job != 0)
			response_go(rp, rq, "/jobs/%lld", (long long)w.handed.job);
		else
			response_go(rp, rq, "/settings/users");
		return NULL;
	}
	if (wish_leaves(&m, &w))
		owned_model(&w.handed, model_child(response_data(rp), "handed_over"));
	if (w.handed.job != 0)
		model_i64(response_data(rp), "job", w.handed.job);
	TRY(member_load(rq, m.id, &m));
	member_model(rq, &m, response_data(rp));
	return NULL;
}

static struct err *
preview(struct request *rq, struct response *rp)
{
	struct member m;
	struct wish w;

	TRY(member_load(rq, request_id(rq, 0), &m));
	TRY(member_within(rq, m.profile_id));
	TRY(wish_read(rq, &m, &w));
	TRY(check_self(rq, &m, &w));
	TRY(member_within(rq, wanted_profile(&m, &w)));
	return member_effect(rq, rp, &m, wanted_profile(&m, &w), wanted_team(&m, &w));
}

static const struct param paging_params[] = {
	{"limit", P_I64, IN_QUERY, 1, 200, false},
	{"after", P_TEXT, IN_QUERY, 0, 1000, false},
	PARAM_END,
};
static const struct param new_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, true},
	{"name", P_TEXT, IN_BODY, 0, 100, true},
	{"profile", P_TEXT, IN_BODY, 0, 60, true},
	{"language", P_TEXT, IN_BODY, 0, 10, false},
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};
/* A form that lacks something is shown again, so the handler looks itself. */
static const struct param form_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	{"name", P_TEXT, IN_BODY, 0, 100, false},
	{"profile", P_TEXT, IN_BODY, 0, 60, false},
	{"language", P_TEXT, IN_BODY, 0, 10, false},
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};
static const struct param change_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	{"name", P_TEXT, IN_BODY, 0, 100, false},
	{"profile", P_TEXT, IN_BODY, 0, 60, false},
	{"language", P_TEXT, IN_BODY, 0, 10, false},
	{"team_id", P_I64, IN_BODY, 1, 0, false},
	{"active", P_BOOL, IN_BODY, 0, 0, false},
	{"hand_over_to", P_I64, IN_BODY, 1, 0, false},
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};
static const struct param change_form_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, false},
	{"name", P_TEXT, IN_BODY, 0, 100, false},
	{"profile", P_TEXT, IN_BODY, 0, 60, false},
	{"language", P_TEXT, IN_BODY, 0, 10, false},
	{"team_id", P_I64, IN_BODY, 1, 0, false},
	{"active", P_BOOL, IN_BODY, 0, 0, false},
	{"hand_over_to", P_I64, IN_BODY, 1, 0, false},
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	{"step", P_TEXT, IN_BODY, 0, 10, false},
	PARAM_END,
};
static const struct param preview_params[] = {
	{"profile", P_TEXT, IN_BODY, 0, 60, false},
	{"team_id", P_I64, IN_BODY, 1, 0, false},
	PARAM_END,
};

const struct route user_routes[] = {
	ROUTE(READ, GET, "/users", ON_API, "", RIGHT_MANAGE_USERS, "", list_all, paging_params,
		NULL, "", "user.list"),
	ROUTE(WRITE, POST, "/users", ON_API, "", RIGHT_MANAGE_USERS, "permission", create,
		new_params, NULL, "", "user.create"),
	ROUTE(READ, GET, "/users/{id}", ON_API, "", RIGHT_MANAGE_USERS, "", read_one, NULL, NULL,
		"", "user.read"),
	ROUTE(CHANGE, PATCH, "/users/{id}", ON_API, "", RIGHT_MANAGE_USERS, "permission", update,
		change_params, NULL, "", "user.update"),
	ROUTE(WRITE, POST, "/users/{id}/preview", ON_API, "", RIGHT_MANAGE_USERS, "permission",
		preview, preview_params, NULL, "", "user.preview"),
	ROUTE(CHANGE, POST, "/settings/users/{id}/form", ON_PAGE, "", RIGHT_MANAGE_USERS, "",
		form_again, change_form_params, NULL, "settings/user", "settings.user_form"),
	ROUTE(READ, GET, "/settings/users", ON_PAGE, "", RIGHT_MANAGE_USERS, "", list_all,
		paging_params, NULL, "settings/users", "settings.users"),
	ROUTE(WRITE, POST, "/settings/users", ON_PAGE, "", RIGHT_MANAGE_USERS, "permission", create,
		form_params, NULL, "record/form", "settings.user_create"),
	ROUTE(READ, GET, "/settings/users/new", ON_PAGE, "", RIGHT_MANAGE_USERS, "", new_page, NULL,
		NULL, "record/form", "settings.user_new"),
	ROUTE(READ, GET, "/settings/users/{id}", ON_PAGE, "", RIGHT_MANAGE_USERS, "", read_one,
		NULL, NULL, "settings/user", "settings.user"),
	ROUTE(CHANGE, POST, "/settings/users/{id}", ON_PAGE, "", RIGHT_MANAGE_USERS, "permission",
		update, change_form_params, NULL, "settings/user", "settings.user_save"),
	ROUTE_END,
};
