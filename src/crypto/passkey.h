/* SPDX-License-Identifier: ISC */
/*
 * What an authenticator says (WebAuthn, level 2): a new credential, and a proof of
 * having one. By libfido2; its only user. What the browser says around it (type,
 * challenge, origin) is web/client_data.h's.
 *
 * ES256, EdDSA and RS256. The user must have been there and been verified (a
 * finger, a face, a PIN), so that a passkey is two steps in one. Statements about
 * the make of an authenticator are not asked for and not looked at.
 */
#ifndef PRAYA_PASSKEY_H
#define PRAYA_PASSKEY_H

#include <stdint.h>

#include "arena.h"

/* Numbers of COSE. */
#define PASSKEY_ES256 (-7)
#define PASSKEY_EDDSA (-8)
#define PASSKEY_RS256 (-257)

#define PASSKEY_ID_MAX 1023

struct passkey {
	struct bytes id;
	int alg;
	struct bytes key; /* the public key as libfido2 keeps it */
	int64_t count;    /* how often the authenticator says it has signed; 0: it does not say */
};

/* What navigator.credentials.get() gives, but for the browser's part of it. */
struct passkey_proof {
	const unsigned char *client_hash; /* SHA-256 of clientDataJSON */
	struct bytes auth_data;
	struct bytes signature;
};

/* Reads an attestationObject. False: malformed, for another place than rp_id, without a
 * verified user, or with a key of no kind we know. */
bool
passkey_read(struct arena *a, const char *rp_id, struct bytes attestation, struct passkey *key_r);
/* Is it a proof of having that passkey, here, by a verified user? *count_r: what the
 * authenticator counts now. Key NULL: the same work for a passkey nobody has; false. */
bool passkey_proves(const char *rp_id, const struct passkey *key, const struct passkey_proof *proof,
	int64_t *count_r);

#endif
