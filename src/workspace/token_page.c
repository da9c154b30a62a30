/* SPDX-License-Identifier: ISC */
/* A user's own bearer tokens, for programs that speak to the API. */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "text.h"
#include "token_scope.h"
#include "user.h"
#include "utf8.h"

#define TOKENS_MAX 50
#define DAYS_PRESET 90
#define DAYS_MAX 365

/* Of a token that was never used seen_at is -infinity. */
STMT(list_tokens, "token.list", 1,
	"select session_id, name, (extract(epoch from created_at) * 1000000)::bigint, "
	"case when isfinite(seen_at) then (extract(epoch from seen_at) * 1000000)::bigint end, "
	"(extract(epoch from expires_at) * 1000000)::bigint, scope from session "
	"where user_id = $1::bigint and kind = 'token' and ended_at is null and expires_at > now() "
	"order by session_id desc limit 100");
STMT(count_tokens, "token.count", 1,
	"select count(*) from session where user_id = $1::bigint and kind = 'token' "
	"and ended_at is null and expires_at > now()");
/* The one this connection has just made. */
STMT(newest, "token.newest", 0,
	"select session_id, (extract(epoch from expires_at) * 1000000)::bigint, scope from session "
	"where session_id = currval(pg_get_serial_sequence('session', 'session_id'))");
STMT(revoke, "token.revoke", 2,
	"update session set ended_at = now() where session_id = $1::bigint "
	"and user_id = $2::bigint and kind = 'token' and ended_at is null");

/* As it is chosen: without the dot of special rights; NULL: everything. */
static void
add_scope(
	const struct request *rq, const struct rows *r, size_t i, size_t col, struct json_object *o)
{
	struct json_object *list;
	const char **scope;
	size_t n;

	if (rows_null(r, i, col)) {
		model_null(o, "scope");
		return;
	}
	scope = rows_texts(rq->a, r, i, col, &n);
	list = model_list(o, "scope");
	for (size_t k = 0; k < n; k++)
		model_push_text(list, scope[k][0] == '.' ? scope[k] + 1 : scope[k]);
}

/* For people: how far it goes with records, and each special right. */
static void
add_scope_words(const struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	struct json_object *list = model_list(o, "rights");
	bool writes = false, exports = false, imports = false;
	const char **scope;
	size_t n;

	if (rows_null(r, i, 5)) {
		model_push_text(list, say(rq, "tokens.access.all"));
		return;
	}
	scope = rows_texts(rq->a, r, i, 5, &n);
	for (size_t k = 0; k < n; k++) {
		const char *dot = strchr(scope[k], '.');

		writes |= strcmp(dot, ".create") == 0 || strcmp(dot, ".edit") == 0 ||
			  strcmp(dot, ".delete") == 0;
		exports |= strcmp(dot, ".export") == 0;
		imports |= strcmp(dot, ".import") == 0;
	}
	model_push_text(list, say(rq, writes ? "tokens.access.write" : "tokens.access.read"));
	if (exports)
		model_push_text(list, say(rq, "tokens.right.export"));
	if (imports)
		model_push_text(list, say(rq, "tokens.right.import"));
	for (size_t k = 0; k < n; k++)
		if (scope[k][0] == '.' && strcmp(scope[k], ".self") != 0)
			model_push_text(list, say_word(rq, "tokens.right", scope[k] + 1));
}

static void
add_token(const struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	model_i64(o, "id", rows_i64(r, i, 0));
	model_text(o, "name", rows_text(r, i, 1));
	model_text(o, "created_at", time_rfc3339(rq->a, rows_i64(r, i, 2)));
	model_text(o, "last_used_at",
		rows_null(r, i, 3) ? NULL : time_rfc3339(rq->a, rows_i64(r, i, 3)));
	model_text(o, "expires_at", time_rfc3339(rq->a, rows_i64(r, i, 4)));
	add_scope(rq, r, i, 5, o);
}

static void
add_words(const struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	const char *lang = lang_tag(request_lang(rq));

	model_text(o, "created", time_show(rq->a, rows_i64(r, i, 2), lang));
	model_text(o, "last_used",
		rows_null(r, i, 3) ? say(rq, "tokens.unused")
				   : time_show(rq->a, rows_i64(r, i, 3), lang));
	model_text(o, "expires", time_show(rq->a, rows_i64(r, i, 4), lang));
	add_scope_words(rq, r, i, o);
	model_text(o, "revoke_url",
		arena_printf(rq->a, "/settings/tokens/%lld/revoke", (long long)rows_i64(r, i, 0)));
}

/* Is it among what the form has sent? */
static bool
is_chosen(const struct request *rq, const char *word)
{
	struct json_object *v = request_value(rq, "more");

	for (size_t i = 0; v != NULL && i < json_object_array_length(v); i++)
		if (strcmp(json_object_get_string(json_object_array_get_idx(v, i)), word) == 0)
			return true;
	return false;
}

/* What may be added to reading and changing: only what the user has. */
static void
more_rights(struct request *rq, struct json_object *list)
{
	struct json_object *f = form_field(rq, list, "checks", "more", say(rq, "tokens.more"), "");

	form_hint(rq, f, "tokens.more_hint");
	model_bool(f, "wide", true);
	for (int r = RIGHT_EXPORT; r < RIGHT_MAX; r++) {
		enum right right = (enum right)r;
		bool had = principal_may(rq->principal, ENTITY_CONTACT, right);
		struct json_object *o, *options;

		if (!had)
			continue;
		form_option(f, right_name(right), say_word(rq, "tokens.right", right_name(right)));
		options = json_object_object_get(f, "options");
		o = json_object_array_get_idx(options, json_object_array_length(options) - 1);
		model_bool(o, "selected", is_chosen(rq, right_name(right)));
	}
}

static void
form_model(struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "tokens.title"));
	model_text(page, "subtitle", say(rq, "tokens.lead"));
	list = model_list(page, "fields");
	o = form_field(rq, list, "text", "name", say(rq, "tokens.name"), "");
	form_required(o);
	form_hint(rq, o, "tokens.name_hint");
	model_i64(o, "max", 60);
	o = form_field(rq, list, "choice", "days", say(rq, "tokens.days"), "90");
	form_required(o);
	form_words(rq, o, (const char *const[]){"7", "30", "90", "365", NULL}, "tokens.life");
	o = form_field(rq, list, "choice", "access", say(rq, "tokens.access"), "read");
	form_required(o);
	form_words(rq, o, (const char *const[]){"read", "write", NULL}, "tokens.access");
	more_rights(rq, list);
}

static struct err *
list_all(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	struct rows *r;

	TRY(tx_query(rq->tx, &list_tokens, VALS(val_i64(rq->principal->user_id)), &r));
	for (size_t i = 0; i < rows_count(r); i++) {
		struct json_object *o = model_item(items);

		add_token(rq, r, i, o);
		if (!rq->api)
			add_words(rq, r, i, o);
	}
	model_null(response_data(rp), "next");
	if (!rq->api)
		form_model(rq, response_page(rp));
	return NULL;
}

/* The words of JSON's scope, or of the form's access and more. None: to read. */
static void
read_scope(struct request *rq, struct token_new *new, struct err **e)
{
	struct json_object *v = request_value(rq, rq->api ? "scope" : "more");
	const char *access = rq->api ? NULL : request_text(rq, "access"), *bad;
	size_t n = v != NULL ? json_object_array_length(v) : 0, k = 0;
	const char **words = ARENA_ARRAY(rq->a, n + 1, const char *);

	if (access != NULL || n == 0)
		words[k++] = access != NULL ? access : "read";
	for (size_t i = 0; i < n; i++)
		words[k++] = json_object_get_string(json_object_array_get_idx(v, i));
	new->scope = token_scope(rq->a, words, k, rq->principal, &new->nscope, &bad);
	if (bad != NULL)
		err_add_field(rq->a, e,
			rq->api         ? "scope"
			: bad == access ? "access"
					: "more",
			"error.token_scope", NULL);
}

static struct err *
make(struct request *rq, struct response *rp, const char **token_r)
{
	const char *name = request_text(rq, "name");
	int64_t days = request_i64(rq, "days", DAYS_PRESET);
	struct token_new new = {.user = rq->principal->user_id, .days = (int)days};
	struct err *e = NULL;
	struct rows *r;

	name = name != NULL ? text_clean(rq->a, name, false) : NULL;
	if (name == NULL)
		err_add_field(rq->a, &e, "name", "error.required", NULL);
	else if (utf8_length(name) > 60)
		err_add_field(rq->a, &e, "name", "error.too_long", "60");
	if (days < 1 || days > DAYS_MAX)
		err_add_field(rq->a, &e, "days", "error.range", "1–365");
	read_scope(rq, &new, &e);
	if (e != NULL)
		return e;
	new.name = name;
	TRY(tx_query(rq->tx, &count_tokens, VALS(val_i64(rq->principal->user_id)), &r));
	if (rows_i64(r, 0, 0) >= TOKENS_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.too_many_tokens");
	TRY(token_create(rq->tx, rq->a, &new, token_r));
	rp->secret = true;
	if (!rq->api)
		return NULL;
	TRY(tx_query(rq->tx, &newest, NO_VALS, &r));
	rp->status = 201;
	model_i64(response_data(rp), "id", rows_i64(r, 0, 0));
	model_text(response_data(rp), "name", name);
	model_text(response_data(rp), "token", *token_r);
	model_text(response_data(rp), "expires_at", time_rfc3339(rq->a, rows_i64(r, 0, 1)));
	add_scope(rq, r, 0, 2, response_data(rp));
	return NULL;
}

static struct err *
create(struct request *rq, struct response *rp)
{
	const char *token = NULL;
	struct err *e;

	/* Whoever has got hold of a token must not outlive it. */
	if (strcmp(rq->principal->via, "cookie") != 0)
		return err_new(rq->a, ERR_DENIED, "error.token_by_token");
	e = make(rq, rp, &token);
	if (e != NULL && (rq->api || e->kind != ERR_INVALID))
		return e;
	if (rq->api)
		return NULL;
	if (e != NULL)
		response_errors(rp, rq, e);
	model_text(response_page(rp), "token", token);
	return list_all(rq, rp);
}

static struct err *
end_one(struct request *rq, struct response *rp)
{
	struct rows *r;

	TRY(tx_query(rq->tx, &revoke,
		VALS(val_i64(request_id(rq, 0)), val_i64(rq->principal->user_id)), &r));
	if (rows_affected(r) == 0)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	audit_queue_one(
		rq->tx, rq->a, "permission", "token", request_id(rq, 0), 0, "token_revoked");
	response_flash(rp, "flash.token_revoked");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/tokens");
	return NULL;
}

static const struct param make_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 60, true},
	{"days", P_I64, IN_BODY, 1, DAYS_MAX, false},
	{"scope", P_TEXTS, IN_BODY, 0, 100, false},
	PARAM_END,
};
static const struct param form_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"days", P_I64, IN_BODY, 0, 0, false},
	{"access", P_TEXT, IN_BODY, 0, 20, false},
	{"more", P_TEXTS, IN_BODY, 0, 40, false},
	PARAM_END,
};

const struct route token_routes[] = {
	ROUTE(READ, GET, "/tokens", ON_API, "", RIGHT_SELF, "", list_all, NULL, NULL, "",
		"token.list"),
	ROUTE(WRITE, POST, "/tokens", ON_API, "", RIGHT_SELF, "permission", create, make_params,
		NULL, "", "token.create"),
	/* Ending one opens no door: like signing out it is not grave. */
	ROUTE(WRITE, DELETE, "/tokens/{id}", ON_API, "", RIGHT_SELF, "sign_out", end_one, NULL,
		NULL, "", "token.delete"),
	ROUTE(READ, GET, "/settings/tokens", ON_PAGE, "", RIGHT_SELF, "", list_all, NULL, NULL,
		"settings/tokens", "settings.tokens"),
	ROUTE(WRITE, POST, "/settings/tokens", ON_PAGE, "", RIGHT_SELF, "permission", create,
		form_params, NULL, "settings/tokens", "settings.token_create"),
	ROUTE(WRITE, POST, "/settings/tokens/{id}/revoke", ON_PAGE, "", RIGHT_SELF, "sign_out",
		end_one, NULL, NULL, "", "settings.token_revoke"),
	ROUTE_END,
};
