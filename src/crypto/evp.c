/* SPDX-License-Identifier: ISC */
#include "evp.h"

#include <limits.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/params.h>
#include <string.h>

#include "log.h"

static void
must(int ok, const char *what)
{
	if (ok <= 0)
		log_fatal("OpenSSL refuses %s", what);
}

static void *
must_have(void *p, const char *what)
{
	if (p == NULL)
		log_fatal("OpenSSL has no %s", what);
	return p;
}

static EVP_MAC_CTX *
hmac_new(void)
{
	char sha[] = "SHA256";
	OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, sha, 0),
		OSSL_PARAM_construct_end()};
	EVP_MAC *mac = must_have(EVP_MAC_fetch(NULL, "HMAC", NULL), "HMAC");
	EVP_MAC_CTX *ctx = must_have(EVP_MAC_CTX_new(mac), "HMAC context");

	must(EVP_MAC_CTX_set_params(ctx, params), "HMAC-SHA256");
	EVP_MAC_free(mac); /* the context keeps its own reference */
	return ctx;
}

static EVP_CIPHER_CTX *
context_new(EVP_CIPHER *gcm, bool sealing)
{
	EVP_CIPHER_CTX *ctx = must_have(EVP_CIPHER_CTX_new(), "cipher context");

	must(EVP_CipherInit_ex2(ctx, gcm, NULL, NULL, sealing, NULL), "AES-256-GCM");
	return ctx;
}

struct evp *
evp_get(void)
{
	static struct evp lib;

	if (lib.gcm == NULL) {
		lib.sha256 = must_have(EVP_MD_fetch(NULL, "SHA256", NULL), "SHA-256");
		lib.digest = must_have(EVP_MD_CTX_new(), "digest context");
		lib.hmac = hmac_new();
		lib.gcm = must_have(EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL), "AES-256-GCM");
		for (int i = 0; i < 2; i++) {
			lib.seal.lane[i].ctx = context_new(lib.gcm, true);
			lib.unseal.lane[i].ctx = context_new(lib.gcm, false);
		}
	}
	return &lib;
}

/* The cipher stays NULL, the direction -1: naming them again would throw the
 * context's state away. */
static void
set_key(EVP_CIPHER_CTX *ctx, const unsigned char key[32])
{
	must(EVP_CipherInit_ex2(ctx, NULL, key, NULL, -1, NULL), "a key");
}

EVP_CIPHER_CTX *
gcm_new(bool sealing, const unsigned char key[32])
{
	EVP_CIPHER_CTX *ctx = context_new(evp_get()->gcm, sealing);

	set_key(ctx, key);
	return ctx;
}

EVP_CIPHER_CTX *
gcm_lane_take(struct gcm_lanes *lanes, const unsigned char key[32])
{
	struct gcm_lane *lane;

	for (int i = 0; i < 2; i++) {
		lane = &lanes->lane[i];
		if (lane->keyed && CRYPTO_memcmp(lane->key, key, sizeof(lane->key)) == 0) {
			lanes->last = i;
			return lane->ctx;
		}
	}
	lanes->last = 1 - lanes->last;
	lane = &lanes->lane[lanes->last];
	set_key(lane->ctx, key);
	memcpy(lane->key, key, sizeof(lane->key));
	lane->keyed = true;
	return lane->ctx;
}

/* A context has no "forget the key"; a key of zeros overwrites it. */
static void
forget_lanes(struct gcm_lanes *lanes)
{
	static const unsigned char zero[32];

	for (int i = 0; i < 2; i++) {
		struct gcm_lane *lane = &lanes->lane[i];

		if (!lane->keyed)
			continue;
		set_key(lane->ctx, zero);
		OPENSSL_cleanse(lane->key, sizeof(lane->key));
		lane->keyed = false;
	}
}

void
evp_forget(void)
{
	static const unsigned char zero[32];
	struct evp *lib = evp_get();
	unsigned char mac[32];

	forget_lanes(&lib->seal);
	forget_lanes(&lib->unseal);
	hmac_parts((struct bytes){zero, sizeof(zero)}, NULL, 0, mac);
}

static void
gcm_start(const struct gcm *g)
{
	int len;

	must(EVP_CipherInit_ex2(g->ctx, NULL, NULL, g->nonce, -1, NULL), "a nonce");
	for (size_t i = 0; i < 2; i++) {
		ASSERT(g->aad[i].n <= INT_MAX);
		if (g->aad[i].n == 0)
			continue;
		must(EVP_CipherUpdate(g->ctx, NULL, &len, g->aad[i].p, (int)g->aad[i].n),
			"additional data");
	}
}

void
gcm_seal(const struct gcm *g, const unsigned char *plain, size_t n, unsigned char *out)
{
	int len = 0;
	int rest = 0;

	ASSERT(n <= INT_MAX - GCM_TAG);
	gcm_start(g);
	if (n > 0)
		must(EVP_CipherUpdate(g->ctx, out, &len, plain, (int)n), "to encrypt");
	must(EVP_CipherFinal_ex(g->ctx, out + len, &rest), "to encrypt");
	ASSERT((size_t)len == n && rest == 0);
	must(EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG, out + n), "a tag");
}

bool
gcm_open(const struct gcm *g, const unsigned char *sealed, size_t n, unsigned char *out)
{
	unsigned char tag[GCM_TAG];
	int len = 0;
	int rest = 0;

	if (n < GCM_TAG || n > INT_MAX)
		return false;
	n -= GCM_TAG;
	memcpy(tag, sealed + n, GCM_TAG);
	gcm_start(g);
	if (n > 0)
		must(EVP_CipherUpdate(g->ctx, out, &len, sealed, (int)n), "to decrypt");
	ASSERT((size_t)len == n);
	must(EVP_CIPHER_CTX_ctrl(g->ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG, tag), "a tag");
	if (EVP_CipherFinal_ex(g->ctx, out + len, &rest) == 1)
		return true;
	/* What stands in out is unauthenticated plain text: nobody may see it. */
	OPENSSL_cleanse(out, n);
	return false;
}

void
hmac_parts(struct bytes key, const struct bytes *parts, size_t count, unsigned char out[32])
{
	/* A key of no bytes must not read as "keep the last key". */
	static const unsigned char none[1];
	EVP_MAC_CTX *ctx = evp_get()->hmac;
	size_t n = 0;

	must(EVP_MAC_init(ctx, key.n > 0 ? key.p : none, key.n, NULL), "an HMAC key");
	for (size_t i = 0; i < count; i++)
		if (parts[i].n > 0)
			must(EVP_MAC_update(ctx, parts[i].p, parts[i].n), "to authenticate");
	must(EVP_MAC_final(ctx, out, &n, 32), "to authenticate");
	ASSERT(n == 32);
}

void
hkdf_sha256(const struct hkdf_input *in, unsigned char *out, size_t out_n)
{
	unsigned char prk[32];
	unsigned char t[32];
	size_t done = 0;

	ASSERT(out_n <= 255 * sizeof(t));
	hmac_parts(in->salt, &in->secret, 1, prk);
	for (unsigned char i = 1; done < out_n; i++) {
		const struct bytes parts[] = {{t, i == 1 ? 0 : sizeof(t)}, in->info, {&i, 1}};
		size_t n = out_n - done < sizeof(t) ? out_n - done : sizeof(t);

		hmac_parts((struct bytes){prk, sizeof(prk)}, parts, 3, t);
		memcpy(out + done, t, n);
		done += n;
	}
	OPENSSL_cleanse(prk, sizeof(prk));
	OPENSSL_cleanse(t, sizeof(t));
}
