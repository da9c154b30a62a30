/* SPDX-License-Identifier: ISC */
#include "seal.h"

#include <openssl/crypto.h>
#include <string.h>

#include "evp.h"
#include "log.h"
#include "token.h"

#define VERSION 1
#define HEAD (1 + 8)
#define OVERHEAD (HEAD + GCM_NONCE + GCM_TAG)

void
seal_key_random(struct seal_key *key_r)
{
	key_r->id = 0;
	key_r->kin = NULL;
	random_bytes(key_r->key, sizeof(key_r->key));
}

static void
put_head(unsigned char *p, int64_t key_id)
{
	uint64_t id = (uint64_t)key_id;

	p[0] = VERSION;
	for (int i = 8; i > 0; i--, id >>= 8)
		p[i] = (unsigned char)(id & 0xff);
}

int64_t
seal_key_id(struct bytes sealed)
{
	uint64_t id = 0;

	if (sealed.n < OVERHEAD || sealed.p[0] != VERSION)
		return -1;
	for (int i = 1; i <= 8; i++)
		id = id << 8 | sealed.p[i];
	return id > INT64_MAX ? -1 : (int64_t)id;
}

struct bytes
seal_value(
	struct arena *a, const struct seal_key *key, const char *aad, const void *plain, size_t n)
{
	unsigned char *out;

	ASSERT(key->id >= 0);
	ASSERT(aad[0] != '\0');
	out = arena_alloc(a, OVERHEAD + n);
	put_head(out, key->id);
	random_bytes(out + HEAD, GCM_NONCE);
	gcm_seal(&(struct gcm){.ctx = gcm_lane_take(&evp_get()->seal, key->key),
			 .nonce = out + HEAD,
			 .aad = {{out, HEAD}, {(const unsigned char *)aad, strlen(aad)}}},
		plain, n, out + HEAD + GCM_NONCE);
	return (struct bytes){out, OVERHEAD + n};
}

bool
unseal_value(struct arena *a, const struct seal_key *key, const char *aad, struct bytes sealed,
	struct bytes *plain_r)
{
	unsigned char *out;
	size_t n;

	/* An id of -1 never matches a key that seal_value would have taken. */
	if (seal_key_id(sealed) != key->id || key->id < 0)
		return false;
	n = sealed.n - OVERHEAD;
	out = arena_alloc(a, n + 1);
	if (!gcm_open(&(struct gcm){.ctx = gcm_lane_take(&evp_get()->unseal, key->key),
			      .nonce = sealed.p + HEAD,
			      .aad = {{sealed.p, HEAD}, {(const unsigned char *)aad, strlen(aad)}}},
		    sealed.p + HEAD + GCM_NONCE, n + GCM_TAG, out))
		return false;
	*plain_r = (struct bytes){out, n};
	return true;
}

void
seal_forget(void)
{
	evp_forget();
}

static const char *
wrap_aad(struct arena *a, const char *purpose)
{
	ASSERT(purpose[0] != '\0');
	return arena_printf(a, "key|%s", purpose);
}

struct bytes
key_wrap(struct arena *a, const struct seal_key *kek, const char *purpose,
	const struct seal_key *key)
{
	return seal_value(a, kek, wrap_aad(a, purpose), key->key, sizeof(key->key));
}

const struct seal_key *
key_version(const struct seal_key *kek, struct bytes sealed)
{
	int64_t id = seal_key_id(sealed);
	const struct seal_key *other = NULL;

	if (kek->kin != NULL && id >= 0 && id != kek->id)
		other = kek->kin->find(kek->kin->ctx, id);
	return other != NULL ? other : kek;
}

bool
key_unwrap(struct arena *a, const struct seal_key *kek, const char *purpose, struct bytes wrapped,
	int64_t id, struct seal_key *key_r)
{
	struct arena_mark mark = arena_mark(a);
	struct bytes plain;
	bool ok = false;

	if (unseal_value(a, key_version(kek, wrapped), wrap_aad(a, purpose), wrapped, &plain)) {
		ok = plain.n == sizeof(key_r->key);
		if (ok) {
			key_r->id = id;
			key_r->kin = NULL;
			memcpy(key_r->key, plain.p, plain.n);
		}
		OPENSSL_cleanse((void *)(uintptr_t)plain.p, plain.n);
	}
	arena_release(a, mark);
	return ok;
}

void
key_derive(const struct seal_key *from, const char *use, struct seal_key *key_r)
{
	const struct hkdf_input in = {.secret = {from->key, sizeof(from->key)},
		.info = {(const unsigned char *)use, strlen(use)}};
	struct seal_key out = {.id = from->id};

	ASSERT(use[0] != '\0');
	hkdf_sha256(&in, out.key, sizeof(out.key));
	*key_r = out; /* key_r may be `from` */
	secret_wipe(&out, sizeof(out));
}
