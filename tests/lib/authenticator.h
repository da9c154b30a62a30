/* SPDX-License-Identifier: ISC */
/* An authenticator of a few lines on OpenSSL: makes credentials and proofs as a real one
 * does, and wrong ones where a test says so. */
#ifndef PRAYA_TEST_AUTHENTICATOR_H
#define PRAYA_TEST_AUTHENTICATOR_H

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <string.h>

#include "passkey.h"
#include "token.h"
#include "unit.h"

#define RP "crm.example.com"

/* Bytes that grow. */
struct buf {
	unsigned char p[4096];
	size_t n;
};

static inline void
put(struct buf *b, const void *p, size_t n)
{
	assert_true(b->n + n <= sizeof(b->p));
	memcpy(b->p + b->n, p, n);
	b->n += n;
}

static inline void
put_byte(struct buf *b, unsigned v)
{
	unsigned char c = (unsigned char)v;

	put(b, &c, 1);
}

/* The head of a CBOR item: its kind (0 number, 1 negative, 2 bytes, 3 text, 5 map). */
static inline void
put_head(struct buf *b, unsigned major, size_t n)
{
	if (n < 24) {
		put_byte(b, major << 5 | (unsigned)n);
		return;
	}
	put_byte(b, major << 5 | (n < 256 ? 24 : 25));
	if (n >= 256)
		put_byte(b, (unsigned)(n >> 8));
	put_byte(b, (unsigned)(n & 255));
}

static inline void
put_text(struct buf *b, const char *s)
{
	put_head(b, 3, strlen(s));
	put(b, s, strlen(s));
}

static inline void
put_bytes(struct buf *b, const void *p, size_t n)
{
	put_head(b, 2, n);
	put(b, p, n);
}

static inline EVP_PKEY *
new_pair(int alg)
{
	if (alg == PASSKEY_ES256)
		return EVP_EC_gen("P-256");
	if (alg == PASSKEY_EDDSA)
		return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	return EVP_RSA_gen(2048);
}

static inline void
put_number(struct buf *b, EVP_PKEY *pair, const char *name, int size)
{
	unsigned char raw[512];
	BIGNUM *v = NULL;

	assert_int_equal(EVP_PKEY_get_bn_param(pair, name, &v), 1);
	assert_int_equal(BN_bn2binpad(v, raw, size), size);
	put_bytes(b, raw, (size_t)size);
	BN_free(v);
}

/* The public key as COSE writes it. */
static inline void
put_key(struct buf *b, EVP_PKEY *pair, int alg)
{
	unsigned char raw[32];
	size_t n = sizeof(raw);

	put_head(b, 5, alg == PASSKEY_ES256 ? 5 : 4);
	put_byte(b, 1);
	put_byte(b, alg == PASSKEY_ES256 ? 2 : alg == PASSKEY_EDDSA ? 1 : 3);
	put_byte(b, 3);
	put_head(b, 1, (size_t)(-1 - alg));
	put_byte(b, 0x20);
	if (alg == PASSKEY_ES256) {
		put_byte(b, 1);
		put_byte(b, 0x21);
		put_number(b, pair, OSSL_PKEY_PARAM_EC_PUB_X, 32);
		put_byte(b, 0x22);
		put_number(b, pair, OSSL_PKEY_PARAM_EC_PUB_Y, 32);
	} else if (alg == PASSKEY_EDDSA) {
		put_byte(b, 6);
		put_byte(b, 0x21);
		assert_int_equal(EVP_PKEY_get_raw_public_key(pair, raw, &n), 1);
		put_bytes(b, raw, n);
	} else {
		put_number(b, pair, OSSL_PKEY_PARAM_RSA_N, 256);
		put_byte(b, 0x21);
		put_number(b, pair, OSSL_PKEY_PARAM_RSA_E, 3);
	}
}

/* The head of what an authenticator says. */
static inline void
put_data_head(struct buf *b, const char *rp, unsigned flags, uint32_t count)
{
	unsigned char digest[DIGEST_BYTES];

	sha256(rp, strlen(rp), digest);
	put(b, digest, sizeof(digest));
	put_byte(b, flags);
	for (int shift = 24; shift >= 0; shift -= 8)
		put_byte(b, count >> shift & 255);
}

static inline void
wrap(struct buf *out, const struct buf *data)
{
	put_head(out, 5, 3);
	put_text(out, "fmt");
	put_text(out, "none");
	put_text(out, "attStmt");
	put_head(out, 5, 0);
	put_text(out, "authData");
	put_bytes(out, data->p, data->n);
}

/* An attestationObject. */
static inline void
make_credential(struct buf *out, EVP_PKEY *pair, int alg, const char *rp, unsigned flags)
{
	static const char id[] = "a credential of sixteen or more";
	struct buf data = {.n = 0};

	put_data_head(&data, rp, flags, 0);
	put(&data, (const unsigned char[16]){0}, 16);
	put_byte(&data, 0);
	put_byte(&data, sizeof(id) - 1);
	put(&data, id, sizeof(id) - 1);
	put_key(&data, pair, alg);
	wrap(out, &data);
}

/* Signs authenticator data and the digest of the browser's part. */
static inline void
sign(struct buf *out, EVP_PKEY *pair, int alg, const struct buf *data, const unsigned char *hash)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	struct buf text = {.n = 0};

	put(&text, data->p, data->n);
	put(&text, hash, DIGEST_BYTES);
	out->n = sizeof(out->p);
	assert_int_equal(EVP_DigestSignInit(
				 ctx, NULL, alg == PASSKEY_EDDSA ? NULL : EVP_sha256(), NULL, pair),
		1);
	assert_int_equal(EVP_DigestSign(ctx, out->p, &out->n, text.p, text.n), 1);
	EVP_MD_CTX_free(ctx);
}

#endif
