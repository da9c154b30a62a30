/* SPDX-License-Identifier: ISC */
/*
 * Ed25519 signatures. The private key is 32 random bytes, kept and wrapped as any
 * other key (seal.h); whoever has the public key can check what was signed.
 */
#ifndef PRAYA_SIGN_H
#define PRAYA_SIGN_H

#include "seal.h"

#define SIGN_PUBLIC 32
#define SIGN_BYTES 64

void sign_public(const struct seal_key *key, unsigned char out[SIGN_PUBLIC]);
void sign_text(const struct seal_key *key, const char *text, unsigned char out[SIGN_BYTES]);
bool sign_check(const unsigned char public[SIGN_PUBLIC], const char *text,
	const unsigned char signature[SIGN_BYTES]);

#endif
