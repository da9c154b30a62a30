/* SPDX-License-Identifier: ISC */
/* One's own passkeys: adding, naming and removing them. */
#include "workspace.h"

#include <string.h>

#include "controls.h"
#include "date.h"
#include "factor.h"
#include "link.h"
#include "passkey.h"
#include "passkey_ask.h"
#include "session.h"
#include "text.h"
#include "utf8.h"

#define PAGE "/settings/account/passkeys"
#define NAME_MAX_CHARS 60

static void
page_head(const struct request *rq, struct json_object *page)
{
	struct json_object *list = model_list(page, "crumbs"), *o = model_item(list);

	model_text(page, "title", say(rq, "passkeys.title"));
	/* Nothing else is open to whoever has to set up a second step first. */
	if (!rq->principal->must_enrol) {
		model_text(o, "label", say(rq, "settings.title"));
		model_text(o, "url", "/settings");
		o = model_item(list);
		model_text(o, "label", say(rq, "account.title"));
		model_text(o, "url", "/settings/account");
		return;
	}
	model_text(o, "label", say(rq, "two_step.title"));
	model_text(o, "url", "/settings/account/two-step");
}

static void
add_row(const struct request *rq, struct json_object *items, const struct passkey_row *row)
{
	const char *lang = lang_tag(request_lang(rq));
	struct json_object *o = model_item(items);

	model_i64(o, "id", row->id);
	model_text(o, "name", row->name);
	model_text(o, "created_at", time_rfc3339(rq->a, row->since));
	model_text(o, "last_used_at", row->used != 0 ? time_rfc3339(rq->a, row->used) : NULL);
	if (rq->api)
		return;
	model_text(o, "since", time_show(rq->a, row->since, lang));
	if (row->used != 0)
		model_text(o, "used", time_show(rq->a, row->used, lang));
	model_text(o, "url", arena_printf(rq->a, PAGE "/%lld", (long long)row->id));
}

static struct err *
show(struct request *rq, struct response *rp)
{
	struct json_object *items = model_list(response_data(rp), "items");
	struct passkey_row *rows;
	size_t n;

	TRY(passkey_list(rq->tx, rq->a, rq->principal->user_id, &rows, &n));
	for (size_t i = 0; i < n; i++)
		add_row(rq, items, &rows[i]);
	if (rq->api) {
		model_null(response_data(rp), "next");
		return NULL;
	}
	page_head(rq, response_page(rp));
	rp->template = "settings/passkeys";
	model_bool(response_page(rp), "required", rq->principal->must_enrol);
	model_text(response_page(rp), "suggestion", rq->user_agent);
	return NULL;
}

/* What navigator.credentials.create() is told. */
static void
add_creation(const struct request *rq, struct json_object *o)
{
	struct json_object *user = model_child(o, "user"), *list = model_list(o, "algorithms");

	model_text(user, "handle", passkey_user_handle(rq->a, rq->tenant, rq->principal->user_id));
	model_text(user, "name", rq->principal->email);
	model_text(user, "display_name",
		*rq->principal->name != '\0' ? rq->principal->name : rq->principal->email);
	model_text(o, "rp_name", rq->tenant->name);
	model_push_i64(list, PASSKEY_ES256);
	model_push_i64(list, PASSKEY_EDDSA);
	model_push_i64(list, PASSKEY_RS256);
}

static struct err *
challenge(struct request *rq, struct response *rp)
{
	const char *what = request_text(rq, "for");
	bool new = strcmp(what, "new") == 0;
	struct err *e = NULL;

	if (strcmp(rq->principal->via, "token") == 0)
		return err_new(rq->a, ERR_DENIED, "error.verify_token");
	if (!new &&strcmp(what, "identity") != 0) {
		err_add_field(rq->a, &e, "for", "error.choice", NULL);
		return e;
	}
	TRY(passkey_ask(rq, rp, new ? PASSKEY_NEW : PASSKEY_IDENTITY,
		session_bound(rq->a, rq->principal), rq->principal->user_id));
	if (new)
		add_creation(rq, response_data(rp));
	return NULL;
}

/* NULL: nothing, or too much; then *e says so. */
static const char *
read_name(struct request *rq, struct err **e)
{
	const char *name = request_text(rq, "name");

	name = name != NULL ? text_clean(rq->a, name, false) : NULL;
	if (name == NULL)
		err_add_field(rq->a, e, "name", "error.required", NULL);
	else if (utf8_length(name) > NAME_MAX_CHARS)
		err_add_field(rq->a, e, "name", "error.too_long",
			arena_printf(rq->a, "%d", NAME_MAX_CHARS));
	return *e == NULL ? name : NULL;
}

/* A form shown again; what it used up stays so. */
static struct err *
refuse(struct request *rq, struct response *rp, struct err *e)
{
	if (!rq->api && (e->kind == ERR_INVALID || e->kind == ERR_CONFLICT)) {
		response_errors(rp, rq, e);
		TRY(show(rq, rp));
		e = NULL;
	}
	TRY(tx_commit(rq->tx));
	return e;
}

/* With the first factor come the recovery codes, shown this once. */
static struct err *
first_codes(struct request *rq, struct json_object *o, bool *shown_r)
{
	const char *codes[RECOVERY_CODES];
	struct json_object *list;
	struct factor_state s;

	TRY(factor_state(rq->tx, rq->principal->user_id, &s));
	*shown_r = s.codes == 0;
	if (s.codes > 0)
		return NULL;
	TRY(factor_new_codes(rq->tx, rq->a, rq->principal->user_id, codes));
	list = model_list(o, "recovery_codes");
	for (size_t i = 0; i < RECOVERY_CODES; i++)
		model_push_text(list, codes[i]);
	return NULL;
}

static struct err *
added(struct request *rq, struct response *rp, int64_t id, const char *name)
{
	struct json_object *o = rq->api ? response_data(rp) : response_page(rp);
	bool shown;

	TRY(notice_send(rq->tx, rq->a, rq->tenant, gate_settings(), rq->principal->user_id,
		"passkey_added"));
	TRY(first_codes(rq, o, &shown));
	rp->secret = shown;
	if (rq->api) {
		rp->status = 201;
		model_i64(o, "id", id);
		model_text(o, "name", name);
		response_go(rp, rq, "/me/passkeys/%lld", (long long)id);
		return NULL;
	}
	if (shown)
		return show(rq, rp);
	response_flash(rp, "flash.passkey_added");
	response_go(rp, rq, PAGE);
	return NULL;
}

static struct err *
add(struct request *rq, struct response *rp)
{
	struct passkey_new sent = {.client_data = request_text(rq, "client_data"),
		.attestation = request_text(rq, "attestation")};
	struct err *e = NULL;
	int64_t id;

	sent.name = read_name(rq, &e);
	if (e != NULL)
		return refuse(rq, rp, e);
	e = passkey_add(rq->tx, rq->a, rq->tenant, rq->principal->user_id,
		session_bound(rq->a, rq->principal), &sent, &id);
	if (e == NULL && id == 0)
		err_add_field(rq->a, &e, "attestation", "error.passkey_refused", NULL);
	return e != NULL ? refuse(rq, rp, e) : added(rq, rp, id, sent.name);
}

static struct err *
done(struct request *rq, struct response *rp, const char *flash)
{
	response_flash(rp, flash);
	if (rq->api)
		rp->status = 204;
	else
		response_go(rp, rq, PAGE);
	return NULL;
}

static struct err *
rename_one(struct request *rq, struct response *rp)
{
	struct err *e = NULL;
	const char *name = read_name(rq, &e);
	bool there;

	if (e != NULL)
		return refuse(rq, rp, e);
	TRY(passkey_rename(rq->tx, rq->principal->user_id, request_id(rq, 0), name, &there));
	return there ? done(rq, rp, "flash.saved") : err_new(rq->a, ERR_NOT_FOUND, NULL);
}

/* Where the profile demands a second step the last factor can be exchanged, not left. */
static struct err *
remove_one(struct request *rq, struct response *rp)
{
	struct factor_state s;
	bool there;

	TRY(passkey_remove(rq->tx, rq->a, rq->principal->user_id, request_id(rq, 0), &there));
	if (!there)
		return err_new(rq->a, ERR_NOT_FOUND, NULL);
	TRY(factor_state(rq->tx, rq->principal->user_id, &s));
	if (rq->principal->needs_second_step && !s.totp && s.passkeys == 0)
		return err_new(rq->a, ERR_CONFLICT, "error.two_step_required");
	TRY(notice_send(rq->tx, rq->a, rq->tenant, gate_settings(), rq->principal->user_id,
		"passkey_removed"));
	return done(rq, rp, "flash.passkey_removed");
}

static const struct param challenge_params[] = {
	{"for", P_TEXT, IN_BODY, 0, 10, true},
	PARAM_END,
};
static const struct param add_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, true},
	{"client_data", P_TEXT, IN_BODY, 0, 4096, true},
	{"attestation", P_TEXT, IN_BODY, 0, 16384, true},
	PARAM_END,
};
static const struct param form_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	{"client_data", P_TEXT, IN_BODY, 0, 4096, false},
	{"attestation", P_TEXT, IN_BODY, 0, 16384, false},
	PARAM_END,
};
static const struct param name_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, true},
	PARAM_END,
};
static const struct param rename_params[] = {
	{"name", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};

const struct route passkey_routes[] = {
	ROUTE(READ, GET, PAGE, ON_PAGE, "", RIGHT_ENTRY, "", show, NULL, NULL, "settings/passkeys",
		"passkey.page"),
	ROUTE(WRITE, POST, PAGE, ON_PAGE, "", RIGHT_ENTRY, "permission", add, form_params, NULL,
		"settings/passkeys", "passkey.add_form"),
	ROUTE(WRITE, POST, PAGE "/{id}", ON_PAGE, "", RIGHT_SELF, "setting", rename_one,
		rename_params, NULL, "settings/passkeys", "passkey.rename_form"),
	ROUTE(WRITE, POST, PAGE "/{id}/remove", ON_PAGE, "", RIGHT_SELF, "permission", remove_one,
		NULL, NULL, "", "passkey.remove_form"),
	ROUTE(READ, GET, "/me/passkeys", ON_API, "", RIGHT_ENTRY, "", show, NULL, NULL, "",
		"passkey.list"),
	ROUTE(WRITE, POST, "/me/passkeys", ON_API, "", RIGHT_ENTRY, "permission", add, add_params,
		NULL, "", "passkey.add"),
	ROUTE(WRITE, POST, "/me/passkeys/challenge", ON_API, "", RIGHT_ENTRY, "", challenge,
		challenge_params, NULL, "", "passkey.challenge"),
	ROUTE(WRITE, PATCH, "/me/passkeys/{id}", ON_API, "", RIGHT_SELF, "setting", rename_one,
		name_params, NULL, "", "passkey.rename"),
	ROUTE(WRITE, DELETE, "/me/passkeys/{id}", ON_API, "", RIGHT_SELF, "permission", remove_one,
		NULL, NULL, "", "passkey.remove"),
	ROUTE_END,
};
