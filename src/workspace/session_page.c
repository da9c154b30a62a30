/* SPDX-License-Identifier: ISC */
/* Sign-in, sign-out, language, and who am I. */
#include "workspace.h"

#include <string.h>

#include "date.h"
#include "factor.h"
#include "passkey_ask.h"
#include "session.h"

STMT(set_language, "user.set_language", 2,
	"update app_user set language = $2 where user_id = $1::bigint");

static struct err *
login_page(struct request *rq, struct response *rp)
{
	if (rq->principal != NULL)
		rp->location = "/";
	return NULL;
}

static void
add_me(struct json_object *o, const struct request *rq)
{
	model_i64(o, "id", rq->principal->user_id);
	model_text(o, "email", rq->principal->email);
	model_text(o, "name", rq->principal->name);
	model_text(o, "language", rq->principal->language);
	model_text(o, "profile", rq->principal->profile);
	model_bool(o, "two_step", rq->principal->second_step);
	model_bool(o, "must_set_up_two_step", rq->principal->must_enrol);
	if (rq->principal->grant_id != 0) {
		struct json_object *g = model_child(o, "support_grant");

		model_i64(g, "id", rq->principal->grant_id);
		model_text(g, "scope", rq->principal->grant_scope);
		model_text(g, "until", time_rfc3339(rq->a, rq->principal->until));
	}
	if (rq->principal->viewer_id != 0) {
		struct json_object *v = model_child(o, "view_as");

		model_i64(v, "id", rq->principal->viewer_id);
		model_text(v, "name", rq->principal->viewer);
		model_text(v, "until", time_rfc3339(rq->a, rq->principal->until));
	}
	if (strcmp(rq->principal->via, "token") != 0)
		model_text(o, "csrf_token",
			csrf_of_session(rq->a, rq->tenant, rq->principal->session_id));
}

static struct sign_in
circumstances(const struct request *rq)
{
	return (struct sign_in){.tx = rq->tx,
		.a = rq->a,
		.tn = rq->tenant,
		.st = gate_settings(),
		.ip = rq->remote,
		.agent = rq->user_agent,
		.visitor = request_cookie(rq, VISIT_COOKIE),
		.before = rq->principal};
}

static struct err *
let_in(struct request *rq, struct response *rp, const struct session_made *made)
{
	response_cookie(rp, SESSION_COOKIE, made->secret, (int)gate_settings()->session_absolute);
	if (!rq->api) {
		rp->location = "/";
		return NULL;
	}
	model_text(response_data(rp), "csrf_token", csrf_of_session(rq->a, rq->tenant, made->id));
	rp->status = 201;
	return NULL;
}

/* A refusal is kept too: the guard counts it and the log has it. */
static struct err *
refuse_as(struct request *rq, struct response *rp, enum err_kind kind, const char *key)
{
	struct err *refused = err_new(rq->a, kind, key);

	TRY(tx_commit(rq->tx));
	if (rq->api)
		return refused;
	response_errors(rp, rq, refused);
	return NULL;
}

static struct err *
refuse(struct request *rq, struct response *rp, const char *key)
{
	return refuse_as(rq, rp, ERR_UNAUTHENTICATED, key);
}

static struct err *
refuse_closing(struct request *rq, struct response *rp)
{
	rp->template = "login";
	return refuse_as(rq, rp, ERR_DENIED, "error.closing_sign_in");
}

/* What there is for a second step is told to whoever has given the password. */
static struct err *
ask_code(struct request *rq, struct response *rp, const struct session_made *made)
{
	struct json_object *page = response_page(rp);
	struct factor_state s;

	TRY(factor_state(rq->tx, made->user, &s));
	rp->template = "login_code";
	model_text(page, "ticket", made->ticket);
	model_bool(page, "app", s.totp);
	model_bool(page, "passkey", s.passkeys > 0);
	return NULL;
}

static struct err *
sign_in(struct request *rq, struct response *rp)
{
	const char *email = request_text(rq, "email");
	struct proof proof = {
		.password = request_text(rq, "password"), .code = request_text(rq, "totp")};
	struct sign_in in = circumstances(rq);
	struct session_made made;

	TRY(session_sign_in(&in, email, &proof, &made));
	if (made.secret != NULL)
		return let_in(rq, rp, &made);
	if (made.closing)
		return refuse_closing(rq, rp);
	if (made.ticket != NULL && rq->api)
		return err_new(rq->a, ERR_CODE_NEEDED, NULL);
	if (made.ticket != NULL)
		return ask_code(rq, rp, &made);
	model_text(response_page(rp), "email", email);
	return refuse(rq, rp, "login.failed");
}

static struct err *
second_step(struct request *rq, struct response *rp)
{
	struct sign_in in = circumstances(rq);
	struct session_made made;

	TRY(session_second_step(&in, request_text(rq, "ticket"), request_text(rq, "code"), &made));
	if (made.secret != NULL)
		return let_in(rq, rp, &made);
	if (made.closing)
		return refuse_closing(rq, rp);
	if (made.ticket == NULL) {
		rp->template = "login";
		return refuse(rq, rp, "login.code_over");
	}
	TRY(ask_code(rq, rp, &made));
	return refuse(rq, rp, "login.code_wrong");
}

/* For a browser that is about to ask for a passkey: of nobody in particular, or after
 * the password of that user. */
static struct err *
ask_passkey(struct request *rq, struct response *rp)
{
	const char *ticket = request_text(rq, "ticket");
	struct sign_in in = circumstances(rq);
	int64_t user = 0;
	bool locked;

	TRY(session_challenge(&in, &locked));
	if (locked)
		return err_new(rq->a, ERR_TOO_MANY, NULL);
	if (ticket != NULL)
		TRY(session_ticket_user(&in, ticket, &user));
	return passkey_ask(rq, rp, PASSKEY_SIGN_IN, in.visitor, user);
}

static struct err *
passkey_sign_in(struct request *rq, struct response *rp)
{
	struct passkey_sent sent = passkey_of(rq);
	struct sign_in in = circumstances(rq);
	struct session_made made;

	TRY(session_passkey(&in, &sent, &made));
	if (made.closing)
		return refuse_closing(rq, rp);
	return made.secret != NULL ? let_in(rq, rp, &made) : refuse(rq, rp, "login.passkey_failed");
}

/* For programs that are signed in like a browser; a page asks where it is needed. */
static struct err *
verify(struct request *rq, struct response *rp)
{
	struct passkey_sent sent = passkey_of(rq);
	struct proof proof = {.password = request_text(rq, "password"),
		.code = request_text(rq, "totp"),
		.passkey = sent.id != NULL ? &sent : NULL};
	struct sign_in in = circumstances(rq);
	struct err *e = NULL;
	const char *secret;
	bool good;

	if (strcmp(rq->principal->via, "token") == 0)
		return err_new(rq->a, ERR_DENIED, "error.verify_token");
	TRY(session_prove(&in, rq->principal, &proof, &good));
	if (!good) {
		TRY(tx_commit(rq->tx));
		err_add_field(rq->a, &e,
			proof.password != NULL  ? "password"
			: proof.passkey != NULL ? "credential"
						: "totp",
			"error.verify_wrong", NULL);
		return e;
	}
	TRY(session_renew(rq->tx, rq->a, rq->principal, &secret));
	response_cookie(rp, SESSION_COOKIE, secret, (int)gate_settings()->session_absolute);
	rp->secret = true;
	add_me(response_data(rp), rq);
	return NULL;
}

static struct err *
sign_out(struct request *rq, struct response *rp)
{
	session_sign_out(rq->tx, rq->a, rq->principal);
	response_cookie(rp, SESSION_COOKIE, "", 0);
	rp->status = rq->api ? 204 : 303;
	if (!rq->api)
		rp->location = "/login";
	return NULL;
}

static struct err *
me(struct request *rq, struct response *rp)
{
	add_me(response_data(rp), rq);
	return NULL;
}

/* A visitor's choice lives in a cookie, a user's in the database. */
struct err *
session_language(struct request *rq, struct response *rp)
{
	const char *tag = lang_tag(lang_parse(request_text(rq, "lang")));
	const char *back = request_text(rq, "back");

	if (rq->principal != NULL && rq->principal->user_id != 0)
		TRY(tx_query(rq->tx, &set_language,
			VALS(val_i64(rq->principal->user_id), val_text(tag)), NULL));
	else
		response_cookie(rp, "__Host-lang", tag, 365 * 86400);
	/* Back to a page of ours: a path, not an address elsewhere. */
	if (back == NULL || back[0] != '/' || back[1] == '/' || back[1] == '\\' ||
		strpbrk(back, "\r\n\t") != NULL)
		back = "/";
	rp->location = back;
	return NULL;
}

static const struct param sign_in_params[] = {
	{"email", P_TEXT, IN_BODY, 0, 254, true},
	{"password", P_TEXT, IN_BODY, 0, 200, true},
	{"totp", P_TEXT, IN_BODY, 0, 40, false},
	PARAM_END,
};
static const struct param code_params[] = {
	{"ticket", P_TEXT, IN_BODY, 0, 400, true},
	{"code", P_TEXT, IN_BODY, 0, 40, true},
	PARAM_END,
};
static const struct param verify_params[] = {
	{"password", P_TEXT, IN_BODY, 0, 200, false},
	{"totp", P_TEXT, IN_BODY, 0, 40, false},
	PASSKEY_PARAMS(false),
	PARAM_END,
};
static const struct param ask_params[] = {
	{"ticket", P_TEXT, IN_BODY, 0, 400, false},
	PARAM_END,
};
static const struct param passkey_params[] = {
	PASSKEY_PARAMS(true),
	PARAM_END,
};
static const struct param language_params[] = {
	{"lang", P_TEXT, IN_BODY, 0, 10, true},
	{"back", P_TEXT, IN_BODY, 0, 200, false},
	PARAM_END,
};

const struct route session_routes[] = {
	ROUTE(READ, GET, "/login", ON_PAGE, "", RIGHT_PUBLIC, "", login_page, NULL, NULL, "login",
		"session.login"),
	ROUTE(WRITE, POST, "/login", ON_PAGE, "", RIGHT_PUBLIC, "sign_in", sign_in, sign_in_params,
		NULL, "login", "session.sign_in"),
	ROUTE(WRITE, POST, "/login/code", ON_PAGE, "", RIGHT_PUBLIC, "sign_in", second_step,
		code_params, NULL, "login_code", "session.code"),
	ROUTE(WRITE, POST, "/login/passkey", ON_PAGE, "", RIGHT_PUBLIC, "sign_in", passkey_sign_in,
		passkey_params, NULL, "login", "session.passkey_form"),
	ROUTE(WRITE, POST, "/session/passkey", ON_API, "", RIGHT_PUBLIC, "sign_in", passkey_sign_in,
		passkey_params, NULL, "", "session.passkey"),
	ROUTE(WRITE, POST, "/session/passkey/challenge", ON_API, "", RIGHT_PUBLIC, "", ask_passkey,
		ask_params, NULL, "", "session.passkey_challenge"),
	ROUTE(WRITE, POST, "/session", ON_API, "", RIGHT_PUBLIC, "sign_in", sign_in, sign_in_params,
		NULL, "", "session.create"),
	ROUTE(WRITE, POST, "/session/verify", ON_API, "", RIGHT_ENTRY, "sign_in", verify,
		verify_params, NULL, "", "session.verify"),
	ROUTE(WRITE, DELETE, "/session", ON_API, "", RIGHT_ENTRY, "sign_out", sign_out, NULL, NULL,
		"", "session.delete"),
	ROUTE(WRITE, POST, "/logout", ON_PAGE, "", RIGHT_ENTRY, "sign_out", sign_out, NULL, NULL,
		"", "session.sign_out"),
	ROUTE(READ, GET, "/me", ON_API, "", RIGHT_ENTRY, "", me, NULL, NULL, "", "session.me"),
	ROUTE(WRITE, POST, "/language", ON_PAGE, "", RIGHT_PUBLIC, "", session_language,
		language_params, NULL, "", "session.language"),
	ROUTE_END,
};
