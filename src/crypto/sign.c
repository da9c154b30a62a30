/* SPDX-License-Identifier: ISC */
#include "sign.h"

#include <string.h>

#include "evp.h"
#include "log.h"

static EVP_PKEY *
private_key(const struct seal_key *key)
{
	EVP_PKEY *k =
		EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, key->key, sizeof(key->key));

	ASSERT(k != NULL);
	return k;
}

void
sign_public(const struct seal_key *key, unsigned char out[SIGN_PUBLIC])
{
	EVP_PKEY *k = private_key(key);
	size_t n = SIGN_PUBLIC;

	ASSERT(EVP_PKEY_get_raw_public_key(k, out, &n) == 1 && n == SIGN_PUBLIC);
	EVP_PKEY_free(k);
}

void
sign_text(const struct seal_key *key, const char *text, unsigned char out[SIGN_BYTES])
{
	EVP_PKEY *k = private_key(key);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = SIGN_BYTES;

	ASSERT(ctx != NULL && EVP_DigestSignInit(ctx, NULL, NULL, NULL, k) == 1);
	ASSERT(EVP_DigestSign(ctx, out, &n, (const unsigned char *)text, strlen(text)) == 1 &&
		n == SIGN_BYTES);
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
}

bool
sign_check(const unsigned char public[SIGN_PUBLIC], const char *text,
	const unsigned char signature[SIGN_BYTES])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, public, SIGN_PUBLIC);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = false;

	ASSERT(ctx != NULL);
	if (k != NULL && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, k) == 1)
		good = EVP_DigestVerify(ctx, signature, SIGN_BYTES, (const unsigned char *)text,
			       strlen(text)) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(k);
	return good;
}
