/* SPDX-License-Identifier: ISC */
#include "passkey_ask.h"

struct err *
passkey_ask(struct request *rq, struct response *rp, enum passkey_use use, const char *bound,
	int64_t user)
{
	struct json_object *o = response_data(rp), *list;
	struct passkey_row *rows;
	const char *challenge;
	size_t n = 0;

	TRY(passkey_challenge(rq->tx, rq->a, use, bound, &challenge));
	if (user != 0)
		TRY(passkey_list(rq->tx, rq->a, user, &rows, &n));
	model_text(o, "challenge", challenge);
	model_text(o, "rp_id", rq->tenant->host);
	model_i64(o, "timeout", (int64_t)PASSKEY_SECONDS * 1000);
	model_text(o, "user_verification", "required");
	list = model_list(o, "credentials");
	for (size_t i = 0; i < n; i++)
		model_push_text(list, rows[i].credential);
	rp->secret = true;
	rp->status = 201;
	return NULL;
}

struct passkey_sent
passkey_of(const struct request *rq)
{
	return (struct passkey_sent){.id = request_text(rq, "credential"),
		.client_data = request_text(rq, "client_data"),
		.auth_data = request_text(rq, "authenticator_data"),
		.signature = request_text(rq, "signature"),
		.user_handle = request_text(rq, "user_handle")};
}
