/* SPDX-License-Identifier: ISC */
/* A user's own bearer tokens, for programs that speak to the API. */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "text.h"
#include "user.h"
#include "utf8.h"

#define TOKENS_MAX 50
#define DAYS_PRESET 90
#define DAYS_MAX 365

/* Of a token that was never used seen_at is -infinity. */
STMT(list_tokens, "token.list", 1,
	"select session_id, name, (extract(epoch from created_at) * 1000000)::bigint, "
	"case when isfinite(seen_at) then (extract(epoch from seen_at) * 1000000)::bigint end, "
	"(extract(epoch from expires_at) * 1000000)::bigint from session "
	"where user_id = $1::bigint and kind = 'token' and ended_at is null and expires_at > now() "
	"order by session_id desc limit 100");
STMT(count_tokens, "token.count", 1,
	"select count(*) from session where user_id = $1::bigint and kind = 'token' "
	"and ended_at is null and expires_at > now()");
/* The one this connection has just made. */
STMT(newest, "token.newest", 0,
	"select session_id, (extract(epoch from expires_at) * 1000000)::bigint from session "
	"where session_id = currval(pg_get_serial_sequence('session', 'session_id'))");
STMT(revoke, "token.revoke", 2,
	"update session set ended_at = now() where session_id = $1::bigint "
	"and user_id = $2::bigint and kind = 'token' and ended_at is null");

static void
add_token(const struct request *rq, const struct rows *r, size_t i, struct json_object *o)
{
	model_i64(o, "id", rows_i64(r, i, 0));
	model_text(o, "name", rows_text(r, i, 1));
	model_text(o, "created_at", time_rfc3339(rq->a, rows_i64(r, i, 2)));
	model_text(o, "last_used_at",
		rows_null(r, i, 3) ? NULL : time_rfc3339(rq->a, rows_i64(r, i, 3)));
	model_text(o, "expires_at", time_rfc3339(rq->a, rows_i64(r, i, 4)));
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
	model_text(o, "revoke_url",
		arena_printf(rq->a, "/settings/tokens/%lld/revoke", (long long)rows_i64(r, i, 0)));
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

static struct err *
make(struct request *rq, struct response *rp, const char **token_r)
{
	const char *name = request_text(rq, "name");
	int64_t days = request_i64(rq, "days", DAYS_PRESET);
	struct err *e = NULL;
	struct rows *r;

	name = name != NULL ? text_clean(rq->a, name, false) : NULL;
	if (name == NULL)
		err_add_field(rq->a, &e, "name", "error.required", NULL);
	else if (utf8_length(name) > 60)
		err_add_field(rq->a, &e, "name", "error.too_long", "60");
	if (days < 1 || days > DAYS_MAX)
		err_add_field(rq->a, &e, "days", "error.range", "1–365");
	if (e != NULL)
		return e;
	TRY(tx_query(rq->tx, &count_tokens, VALS(val_i64(rq->principal->user_id)), &r));
	if (rows_i64(r, 0, 0) >= TOKENS_MAX)
		return err_new(rq->a, ERR_CONFLICT, "error.too_many_tokens");
	TRY(token_create(rq->tx, rq->a, rq->principal->user_id, name, (int)days, token_r));
	rp->secret = true;
	if (!rq->api)
		return NULL;
	TRY(tx_query(rq->tx, &newest, NO_VALS, &r));
	rp->status = 201;
	model_i64(response_data(rp), "id", rows_i64(r, 0, 0));
	model_text(response_data(rp), "name", name);
	model_text(response_data(rp), "token", *token_r);
	model_text(response_data(rp), "expires_at", time_rfc3339(rq->a, rows_i64(r, 0, 1)));
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
	PARAM_END,
};
static const struct param form_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"days", P_I64, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route token_routes[] = {
	ROUTE(READ, GET, "/tokens", ON_API, "", RIGHT_SELF, "", list_all, NULL, NULL, "",
		"token.list"),
	ROUTE(WRITE, POST, "/tokens", ON_API, "", RIGHT_SELF, "permission", create, make_params,
		NULL, "", "token.create"),
	ROUTE(WRITE, DELETE, "/tokens/{id}", ON_API, "", RIGHT_SELF, "permission", end_one, NULL,
		NULL, "", "token.delete"),
	ROUTE(READ, GET, "/settings/tokens", ON_PAGE, "", RIGHT_SELF, "", list_all, NULL, NULL,
		"settings/tokens", "settings.tokens"),
	ROUTE(WRITE, POST, "/settings/tokens", ON_PAGE, "", RIGHT_SELF, "permission", create,
		form_params, NULL, "settings/tokens", "settings.token_create"),
	ROUTE(WRITE, POST, "/settings/tokens/{id}/revoke", ON_PAGE, "", RIGHT_SELF, "permission",
		end_one, NULL, NULL, "", "settings.token_revoke"),
	ROUTE_END,
};
