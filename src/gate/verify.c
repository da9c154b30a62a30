/* SPDX-License-Identifier: ISC */
#include "verify.h"

#include <string.h>

#include "token.h"

/* What is carried comes back a third longer, inside the limit of a body. */
#define CARRY_MAX ((size_t)256 * 1024)

static const char *
place(const struct request *rq)
{
	return arena_printf(rq->a, "verify|%lld|%s|%s", (long long)rq->principal->session_id,
		rq->route->name, rq->path);
}

static const char *
sent(const struct request *rq, const char *name)
{
	struct json_object *v;

	if (!json_object_object_get_ex(rq->body, name, &v) || json_object_get_string_len(v) == 0)
		return NULL;
	return json_object_get_string(v);
}

struct err *
verify_unwrap(struct request *rq, struct verify *v, struct err **refused)
{
	const char *carry = sent(rq, "_carry");
	struct json_object *body;
	struct bytes raw, plain;

	*v = (struct verify){.asked = false};
	if (carry == NULL || rq->principal == NULL || !route_is_grave(rq->route))
		return NULL;
	v->asked = true;
	v->proof.password = sent(rq, "_password");
	v->proof.code = sent(rq, "_code");
	v->passkey = (struct passkey_sent){.id = sent(rq, "_credential"),
		.client_data = sent(rq, "_client_data"),
		.auth_data = sent(rq, "_authenticator_data"),
		.signature = sent(rq, "_signature"),
		.user_handle = sent(rq, "_user_handle")};
	if (v->passkey.id != NULL)
		v->proof.passkey = &v->passkey;
	if (!base64url_decode(rq->a, carry, &raw) ||
		!unseal_value(rq->a, &rq->tenant->cursor, place(rq), raw, &plain))
		return err_new(rq->a, ERR_BAD_REQUEST, "error.verify_over");
	body = json_tokener_parse((const char *)plain.p);
	if (body == NULL)
		return err_internal(rq->a, "a carried form cannot be read");
	rq->body = model_own(rq->a, body);
	*refused = NULL;
	return NULL;
}

/* Shown where the form would have led to. */
static struct err *
ask(struct request *rq, struct response *rp, bool wrong)
{
	struct json_object *page = response_page(rp);
	const char *text = json_object_to_json_string_ext(rq->body, JSON_C_TO_STRING_PLAIN);
	struct bytes sealed;

	if (rq->api || rq->uploads != NULL || strlen(text) > CARRY_MAX)
		return err_new(rq->a, ERR_VERIFY, NULL);
	sealed = seal_value(rq->a, &rq->tenant->cursor, place(rq), text, strlen(text));
	rp->status = err_status(ERR_VERIFY);
	rp->template = "verify";
	model_text(page, "action", rq->path);
	model_bool(page, "passkey", rq->principal->passkey);
	model_bool(page, "code", rq->principal->second_step);
	model_text(page, "carry", base64url_encode(rq->a, sealed.p, sealed.n));
	if (wrong)
		model_text(page, "error",
			view_text(rq->a, request_lang(rq), "error.verify_wrong", NULL));
	return NULL;
}

/* Kept whatever comes of it: the guard counts, the log has it. */
static struct err *
prove(struct request *rq, struct conn *c, const struct verify *v, bool *good_r)
{
	struct tx *tx;
	struct sign_in in;
	struct err *e;

	TRY(gate_tx(rq, c, &tx));
	in = (struct sign_in){.tx = tx,
		.a = rq->a,
		.tn = rq->tenant,
		.st = gate_settings(),
		.ip = rq->remote,
		.agent = rq->user_agent};
	e = session_prove(&in, rq->principal, &v->proof, good_r);
	if (e == NULL && *good_r)
		e = session_renew(tx, rq->a, rq->principal, &rq->secret);
	if (e == NULL)
		e = tx_commit(tx);
	/* An epoch moved, or the session ended, since the principal was looked at. */
	if (e != NULL && strncmp(tx_error_state(tx), "PR", 2) == 0)
		e = err_busy(rq->a, "what was known of the session is no longer true");
	tx_end(&tx);
	if (e != NULL)
		rq->secret = NULL;
	return e;
}

struct err *
verify_ask(
	struct request *rq, struct response *rp, struct conn *c, const struct verify *v, bool *go_r)
{
	bool good;

	*go_r = true;
	if (rq->principal == NULL || !route_is_grave(rq->route))
		return NULL;
	/* Whoever has got hold of a token must not outlive it. */
	if (strcmp(rq->principal->via, "token") == 0)
		return rq->route->right < RIGHT_VIEW
			       ? err_new(rq->a, ERR_DENIED, "error.token_by_token")
			       : NULL;
	if (v->asked)
		TRY(prove(rq, c, v, &good));
	else
		TRY(session_verified(c, rq->a, rq->principal, &good));
	if (good)
		return NULL;
	*go_r = false;
	return ask(rq, rp, v->asked);
}
