/* SPDX-License-Identifier: ISC */
/*
 * OpenSSL behind this room's walls. Not for other rooms.
 *
 * Algorithms are fetched once per process, and the short operations (a sealed
 * value, a MAC, a digest of one piece) share one context each: fetching and
 * allocating would cost several times the work itself. Contexts also remember
 * their last key, since a list page opens several values under each of many
 * keys, themselves wrapped under one. Nothing here is re-entrant; Praya's programs have one thread.
 * OpenSSL refusing an operation that cannot fail by input is a broken installation and ends the
 * process.
 */
#ifndef PRAYA_EVP_H
#define PRAYA_EVP_H

#include <openssl/evp.h>

#include "arena.h"

#define GCM_NONCE 12
#define GCM_TAG 16

/* A cipher context and the key that is set up in it. */
struct gcm_lane {
	EVP_CIPHER_CTX *ctx;
	unsigned char key[32];
	bool keyed;
};

/* Two for each direction: the wrapping key keeps one, the data keys take turns
 * in the other. */
struct gcm_lanes {
	struct gcm_lane lane[2];
	int last;
};

/* Process lifetime, made on first use. */
struct evp {
	EVP_CIPHER *gcm;
	struct gcm_lanes seal;
	struct gcm_lanes unseal;
	EVP_MAC_CTX *hmac;
	EVP_MD *sha256;
	EVP_MD_CTX *digest;
};

struct evp *evp_get(void);
/* Overwrites every key that the contexts hold. */
void evp_forget(void);

/* A context of one's own for long work under one key; the caller frees it. */
EVP_CIPHER_CTX *gcm_new(bool sealing, const unsigned char key[32]);

/* One message. The context has its key already. */
struct gcm {
	EVP_CIPHER_CTX *ctx;
	const unsigned char *nonce;
	struct bytes aad[2];
};

/* The context of these lanes that holds the key, or gets it now. */
EVP_CIPHER_CTX *gcm_lane_take(struct gcm_lanes *lanes, const unsigned char key[32]);

/* out has room for n + GCM_TAG bytes; it may be `plain` itself. */
void gcm_seal(const struct gcm *g, const unsigned char *plain, size_t n, unsigned char *out);
/* n counts the tag; out has room for n - GCM_TAG bytes and may be `sealed`
 * itself. False: not authentic, and out is wiped. */
bool gcm_open(const struct gcm *g, const unsigned char *sealed, size_t n, unsigned char *out);

/* HKDF (RFC 5869) with SHA-256; out_n at most 255 * 32. */
struct hkdf_input {
	struct bytes secret;
	struct bytes salt;
	struct bytes info;
};
void hkdf_sha256(const struct hkdf_input *in, unsigned char *out, size_t out_n);
/* HMAC-SHA256 of the parts one after another. */
void hmac_parts(struct bytes key, const struct bytes *parts, size_t count, unsigned char out[32]);

#endif
