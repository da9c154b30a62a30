/* SPDX-License-Identifier: ISC */
/*
 * clientDataJSON: what a browser says of the moment a passkey was made or used
 * (WebAuthn, 5.8.1). It is signed along with what the authenticator says.
 */
#ifndef PRAYA_CLIENT_DATA_H
#define PRAYA_CLIENT_DATA_H

#include "arena.h"

#define CLIENT_DATA_CREATE "webauthn.create"
#define CLIENT_DATA_GET "webauthn.get"

/* Is it of that type, from a page of that origin that stands in no foreign frame?
 * *challenge_r: the challenge it answers, as it went out (base64url). */
bool client_data_read(struct arena *a, struct bytes json, const char *type, const char *origin,
	const char **challenge_r);

#endif
