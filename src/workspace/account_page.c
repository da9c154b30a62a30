/* SPDX-License-Identifier: ISC */
/* Settings: where they are, and what everybody sees to for themselves. */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "event.h"
#include "link.h"
#include "session.h"
#include "session_list.h"
#include "text.h"
#include "user.h"
#include "utf8.h"

STMT(update_me, "account.update", 3,
	"update app_user set language = coalesce($2, language), name = coalesce($3, name), "
	"version = version + 1 where user_id = $1::bigint");

static void
add_card(const struct request *rq, struct json_object *list, const char *icon, const char *url,
	const char *key)
{
	struct json_object *o = model_item(list);

	model_text(o, "icon", icon);
	model_text(o, "url", url);
	model_text(o, "label", say_word(rq, "settings", key));
	model_text(o, "text", say_word(rq, "settings", arena_printf(rq->a, "%s_help", key)));
}

static struct err *
settings_index(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "own");

	model_text(page, "title", say(rq, "settings.title"));
	add_card(rq, list, "contact", "/settings/account", "account");
	add_card(rq, list, "lock", "/settings/tokens", "tokens");
	add_card(rq, list, "export", "/exports", "exports");
	list = model_list(page, "workspace");
	add_card(rq, list, "security", "/settings/trust", "trust");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_CLOSE_WORKSPACE))
		add_card(rq, list, "close", "/workspace", "closing");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))
		add_card(rq, list, "companies", "/settings/workspace", "place");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_USERS))
		add_card(rq, list, "contacts", "/settings/users", "users");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_USERS))
		add_card(rq, list, "companies", "/settings/teams", "teams");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_PROFILES))
		add_card(rq, list, "security", "/settings/profiles", "profiles");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_FIELDS))
		add_card(rq, list, "note", "/settings/fields", "fields");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		add_card(rq, list, "clock", "/settings/holidays", "holidays");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		add_card(rq, list, "search", "/settings/sources", "sources");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_RUN_REQUESTS))
		add_card(rq, list, "clock", "/privacy/retention", "retention");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))
		add_card(rq, list, "message", "/settings/letters", "letters");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_MANAGE_WORKSPACE))
		add_card(rq, list, "eye", "/settings/support", "support");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT))
		add_card(rq, list, "audit", "/audit", "audit");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT))
		add_card(rq, list, "archive", "/settings/audit", "log");
	if (principal_may(rq->principal, ENTITY_NONE, RIGHT_VIEW_AUDIT))
		add_card(rq, list, "security", "/settings/leaktest", "leaktest");
	return NULL;
}

static struct err *
sessions(struct request *rq, struct response *rp)
{
	model_null(response_data(rp), "next");
	return session_list(rq, rq->principal->user_id, "/settings/account/sessions",
		model_list(response_data(rp), "items"));
}

static void
password_field(struct request *rq, struct json_object *list, const char *name, const char *key,
	const char *autocomplete)
{
	struct json_object *f =
		form_field(rq, list, "password", name, say_word(rq, "account", key), "");

	form_required(f);
	model_text(f, "autocomplete", autocomplete);
	model_i64(f, "max", 128);
	if (strcmp(name, "password") == 0)
		form_hint(rq, f, "account.password_hint");
}

static struct err *
account_page(struct request *rq, struct response *rp)
{
	struct json_object *page = response_page(rp), *list = model_list(page, "crumbs"),
			   *o = model_item(list);

	model_text(o, "label", say(rq, "settings.title"));
	model_text(o, "url", "/settings");
	model_text(page, "title", say(rq, "account.title"));
	model_text(page, "subtitle", rq->principal->email);
	model_bool(page, "two_step", rq->principal->second_step);
	model_bool(page, "passkey", rq->principal->passkey);
	list = model_list(page, "me");
	o = form_field(rq, list, "text", "name", say(rq, "users.name"), rq->principal->name);
	form_required(o);
	model_i64(o, "max", 100);
	o = form_field(rq, list, "choice", "language", say(rq, "users.language_title"),
		rq->principal->language);
	form_required(o);
	form_languages(rq, o);
	list = model_list(page, "passwords");
	password_field(rq, list, "current", "current", "current-password");
	password_field(rq, list, "password", "new", "new-password");
	password_field(rq, list, "again", "again", "new-password");
	o = form_field(rq, list, "boolean", "end_tokens", say(rq, "account.end_tokens"), "false");
	form_hint(rq, o, "account.end_tokens_hint");
	rp->template = "settings/account";
	return sessions(rq, rp);
}

static struct err *
refuse(struct request *rq, struct response *rp, struct err *e)
{
	if (rq->api || e->kind != ERR_INVALID)
		return e;
	response_errors(rp, rq, e);
	return account_page(rq, rp);
}

static struct err *
update(struct request *rq, struct response *rp)
{
	const char *language = request_text(rq, "language"), *name = request_text(rq, "name");
	struct err *e = NULL;

	if (language != NULL && strcmp(language, "en") != 0 && strcmp(language, "zh-Hant") != 0)
		err_add_field(rq->a, &e, "language", "error.choice", NULL);
	name = name != NULL ? text_clean(rq->a, name, false) : NULL;
	if (request_has(rq, "name") && name == NULL)
		err_add_field(rq->a, &e, "name", "error.required", NULL);
	else if (name != NULL && utf8_length(name) > 100)
		err_add_field(rq->a, &e, "name", "error.too_long", "100");
	if (e != NULL)
		return refuse(rq, rp, e);
	tx_queue(rq->tx, &update_me,
		VALS(val_i64(rq->principal->user_id), val_text(language), val_text(name)), NULL);
	audit_queue_one(
		rq->tx, rq->a, "setting", "user", rq->principal->user_id, 0, "account_changed");
	response_flash(rp, "flash.saved");
	if (!rq->api) {
		response_go(rp, rq, "/settings/account");
		return NULL;
	}
	model_text(response_data(rp), "name", name != NULL ? name : rq->principal->name);
	model_text(response_data(rp), "language",
		language != NULL ? language : rq->principal->language);
	return NULL;
}

/* The current password is asked under the same guard as a sign-in: a session that
 * was left open must not help anybody to guess it. */
static struct err *
check_current(struct request *rq, struct response *rp, bool *good_r)
{
	struct proof proof = {.password = request_text(rq, "current")};
	struct sign_in in = {.tx = rq->tx,
		.a = rq->a,
		.tn = rq->tenant,
		.st = gate_settings(),
		.ip = rq->remote,
		.agent = rq->user_agent};
	struct err *e = NULL;

	TRY(session_prove(&in, rq->principal, &proof, good_r));
	if (*good_r)
		return NULL;
	err_add_field(rq->a, &e, "current", "error.current_password", NULL);
	if (!rq->api) {
		response_errors(rp, rq, e);
		TRY(account_page(rq, rp));
		e = NULL;
	}
	/* A refusal is kept: the guard counts it and the log has it. */
	TRY(tx_commit(rq->tx));
	return e;
}

static struct err *
change_password(struct request *rq, struct response *rp)
{
	const char *password = request_text(rq, "password"), *again = request_text(rq, "again");
	bool good, tokens = request_bool(rq, "end_tokens", false);
	struct err *e = NULL;

	if (request_text(rq, "current") == NULL)
		err_add_field(rq->a, &e, "current", "error.required", NULL);
	if (password == NULL)
		err_add_field(rq->a, &e, "password", "error.required", NULL);
	else if (!rq->api && (again == NULL || strcmp(again, password) != 0))
		err_add_field(rq->a, &e, "again", "error.password_again", NULL);
	if (e != NULL)
		return refuse(rq, rp, e);
	TRY(check_current(rq, rp, &good));
	if (!good)
		return NULL;
	/* Everybody else who is signed in as this user is out, this session stays; tokens
	 * are in programs that go on, unless their owner says otherwise. */
	e = user_set_password(rq->tx, rq->a, rq->tenant, rq->principal->user_id, password,
		rq->principal->session_id, tokens);
	if (e != NULL)
		return refuse(rq, rp, e);
	if (tokens)
		audit_queue_one(rq->tx, rq->a, "permission", "user", rq->principal->user_id, 0,
			"tokens_ended");
	TRY(notice_send(rq->tx, rq->a, rq->tenant, gate_settings(), rq->principal->user_id,
		"password_changed"));
	response_flash(rp, "flash.password_changed");
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, "/settings/account");
	return NULL;
}

static struct err *
end_one(struct request *rq, struct response *rp)
{
	int64_t id = request_id(rq, 0);

	TRY(session_end(rq, rq->principal->user_id, id));
	audit_queue_one(
		rq->tx, rq->a, "sign_out", "user", rq->principal->user_id, 0, "session_ended");
	response_flash(rp, "flash.session_ended");
	if (rq->api)
		rp->status = 204;
	else
		response_go(
			rp, rq, id == rq->principal->session_id ? "/login" : "/settings/account");
	return NULL;
}

static const struct param me_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 100, false},
	{"language", P_TEXT, IN_BODY, 0, 10, false},
	PARAM_END,
};
static const struct param password_params[] = {
	{"current", P_TEXT, IN_BODY, 0, 200, true},
	{"password", P_TEXT, IN_BODY, 0, 200, true},
	{"end_tokens", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};
static const struct param form_params[] = {
	{"current", P_TEXT, IN_BODY, 0, 200, false},
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	{"again", P_TEXT, IN_BODY, 0, 200, false},
	{"end_tokens", P_BOOL, IN_BODY, 0, 0, false},
	PARAM_END,
};

const struct route account_routes[] = {
	ROUTE(READ, GET, "/settings", ON_PAGE, "", RIGHT_SELF, "", settings_index, NULL, NULL,
		"settings/index", "settings.index"),
	ROUTE(READ, GET, "/settings/account", ON_PAGE, "", RIGHT_SELF, "", account_page, NULL, NULL,
		"settings/account", "settings.account"),
	ROUTE(WRITE, POST, "/settings/account", ON_PAGE, "", RIGHT_SELF, "setting", update,
		me_params, NULL, "settings/account", "settings.account_save"),
	ROUTE(WRITE, POST, "/settings/account/password", ON_PAGE, "", RIGHT_SELF, "setting",
		change_password, form_params, NULL, "settings/account", "settings.password"),
	ROUTE(WRITE, POST, "/settings/account/sessions/{id}/end", ON_PAGE, "", RIGHT_SELF,
		"sign_out", end_one, NULL, NULL, "", "settings.session_end"),
	ROUTE(WRITE, PATCH, "/me", ON_API, "", RIGHT_SELF, "setting", update, me_params, NULL, "",
		"account.update"),
	/* Not grave by their action: they ask for the current password themselves. */
	ROUTE(WRITE, POST, "/me/password", ON_API, "", RIGHT_SELF, "setting", change_password,
		password_params, NULL, "", "account.password"),
	ROUTE(READ, GET, "/me/sessions", ON_API, "", RIGHT_SELF, "", sessions, NULL, NULL, "",
		"account.sessions"),
	ROUTE(WRITE, DELETE, "/me/sessions/{id}", ON_API, "", RIGHT_SELF, "sign_out", end_one, NULL,
		NULL, "", "account.end_session"),
	ROUTE_END,
};
