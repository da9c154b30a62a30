/* SPDX-License-Identifier: ISC */
/* What a browser is told before it asks an authenticator. Of workspace/ only. */
#ifndef PRAYA_PASSKEY_ASK_H
#define PRAYA_PASSKEY_ASK_H

#include "gate.h"
#include "passkey_store.h"

/* Fills the answer: a new challenge, for what place, and the passkeys of the user (0:
 * nobody in particular; the authenticator then offers those it keeps). */
struct err *passkey_ask(struct request *rq, struct response *rp, enum passkey_use use,
	const char *bound, int64_t user);
/* The parts of an answer as a route declares them, for its parameters and its handler. */
#define PASSKEY_PARAMS(required) \
	{"credential", P_TEXT, IN_BODY, 0, 1400, required}, \
		{"client_data", P_TEXT, IN_BODY, 0, 4096, required}, \
		{"authenticator_data", P_TEXT, IN_BODY, 0, 4096, required}, \
		{"signature", P_TEXT, IN_BODY, 0, 1024, required}, \
	{ \
		"user_handle", P_TEXT, IN_BODY, 0, 100, false \
	}
struct passkey_sent passkey_of(const struct request *rq);

#endif
