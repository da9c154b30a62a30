/* SPDX-License-Identifier: ISC */
#include "token.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <string.h>
#include <sys/random.h>

#include "evp.h"
#include "log.h"

#define BLIND_BYTES 16

void
random_bytes(void *p, size_t n)
{
	unsigned char *to = p;

	/* The kernel's generator, not OpenSSL's: a third of the time for a
	 * nonce, and a forked child can never repeat its parent's numbers. */
	while (n > 0) {
		ssize_t got = getrandom(to, n, 0);

		if (got < 0 && errno != EINTR)
			log_fatal("the system has no random numbers");
		if (got > 0) {
			to += got;
			n -= (size_t)got;
		}
	}
}

void
secret_wipe(void *p, size_t n)
{
	OPENSSL_cleanse(p, n);
}

const char *
token_new(struct arena *a, size_t n)
{
	unsigned char raw[256];
	const char *token;

	ASSERT(n >= 16 && n <= sizeof(raw));
	random_bytes(raw, n);
	token = base64url_encode(a, raw, n);
	secret_wipe(raw, n);
	return token;
}

static void
digest_must(int ok)
{
	if (ok != 1)
		log_fatal("OpenSSL refuses SHA-256");
}

void
sha256(const void *p, size_t n, unsigned char out[DIGEST_BYTES])
{
	const struct evp *lib = evp_get();

	digest_must(EVP_DigestInit_ex2(lib->digest, lib->sha256, NULL));
	if (n > 0)
		digest_must(EVP_DigestUpdate(lib->digest, p, n));
	digest_must(EVP_DigestFinal_ex(lib->digest, out, NULL));
}

void
hmac_sha256(const struct seal_key *key, const void *p, size_t n, unsigned char out[DIGEST_BYTES])
{
	hmac_parts((struct bytes){key->key, sizeof(key->key)}, &(struct bytes){p, n}, 1, out);
}

bool
equal_const_time(const void *a, const void *b, size_t n)
{
	return CRYPTO_memcmp(a, b, n) == 0;
}

struct bytes
blind_index(struct arena *a, const struct seal_key *key, const char *place, const char *text)
{
	unsigned char mac[DIGEST_BYTES];
	/* The NUL of place goes in too: ("ab", "c") must not equal ("a", "bc"). */
	const struct bytes parts[] = {{(const unsigned char *)place, strlen(place) + 1},
		{(const unsigned char *)text, strlen(text)}};

	hmac_parts((struct bytes){key->key, sizeof(key->key)}, parts, 2, mac);
	return (struct bytes){arena_memdup(a, mac, BLIND_BYTES), BLIND_BYTES};
}

struct digest {
	EVP_MD_CTX *ctx;
	bool ended;
};

static void
digest_free(void *arg)
{
	EVP_MD_CTX_free(((struct digest *)arg)->ctx);
}

struct digest *
digest_new(struct arena *a)
{
	struct digest *d = ARENA_NEW(a, struct digest);

	d->ctx = EVP_MD_CTX_new();
	if (d->ctx == NULL)
		log_fatal("out of memory");
	arena_on_reset(a, digest_free, d);
	digest_must(EVP_DigestInit_ex2(d->ctx, evp_get()->sha256, NULL));
	return d;
}

void
digest_add(struct digest *d, const void *p, size_t n)
{
	ASSERT(!d->ended);
	if (n > 0)
		digest_must(EVP_DigestUpdate(d->ctx, p, n));
}

void
digest_end(struct digest *d, unsigned char out[DIGEST_BYTES])
{
	ASSERT(!d->ended);
	d->ended = true;
	digest_must(EVP_DigestFinal_ex(d->ctx, out, NULL));
}
