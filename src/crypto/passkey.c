/* SPDX-License-Identifier: ISC */
#include "passkey.h"

#include <fido.h>
#include <fido/eddsa.h>
#include <fido/es256.h>
#include <fido/rs256.h>
#include <openssl/evp.h>
#include <string.h>

#include "cbor.h"
#include "log.h"
#include "token.h"

/* Authenticator data: digest of the place, flags, counter, then what the flags say. */
#define FLAGS_AT DIGEST_BYTES
#define COUNT_AT (FLAGS_AT + 1)
#define HEAD_BYTES (COUNT_AT + 4)
#define AAGUID_BYTES 16

enum { USER_THERE = 0x01, USER_VERIFIED = 0x04, HAS_KEY = 0x40, HAS_MORE = 0x80 };

/* A point of P-256 whose secret is known to all: the work for a passkey nobody has. */
static const unsigned char nobodys_key[64] = {0x6b, 0x17, 0xd1, 0xf2, 0xe1, 0x2c, 0x42, 0x47, 0xf8,
	0xbc, 0xe6, 0xe5, 0x63, 0xa4, 0x40, 0xf2, 0x77, 0x03, 0x7d, 0x81, 0x2d, 0xeb, 0x33, 0xa0,
	0xf4, 0xa1, 0x39, 0x45, 0xd8, 0x98, 0xc2, 0x96, 0x4f, 0xe3, 0x42, 0xe2, 0xfe, 0x1a, 0x7f,
	0x9b, 0x8e, 0xe7, 0xeb, 0x4a, 0x7c, 0x0f, 0x9e, 0x16, 0x2b, 0xce, 0x33, 0x57, 0x6b, 0x31,
	0x5e, 0xce, 0xcb, 0xb6, 0x40, 0x68, 0x37, 0xbf, 0x51, 0xf5};
static const struct passkey nobodys = {.alg = PASSKEY_ES256, .key = {nobodys_key, 64}};

/* A public key of the one or the other kind, in libfido2's shape. */
union public_key {
	es256_pk_t *es256;
	eddsa_pk_t *eddsa;
	rs256_pk_t *rs256;
};

static void
start(void)
{
	static bool ready;

	if (!ready)
		fido_init(0);
	ready = true;
}

static bool
key_open(const struct passkey *k, union public_key *pk)
{
	int rc = FIDO_ERR_INVALID_ARGUMENT;

	if (k->alg == PASSKEY_ES256 && (pk->es256 = es256_pk_new()) != NULL)
		rc = es256_pk_from_ptr(pk->es256, k->key.p, k->key.n);
	else if (k->alg == PASSKEY_EDDSA && (pk->eddsa = eddsa_pk_new()) != NULL)
		rc = eddsa_pk_from_ptr(pk->eddsa, k->key.p, k->key.n);
	else if (k->alg == PASSKEY_RS256 && (pk->rs256 = rs256_pk_new()) != NULL)
		rc = rs256_pk_from_ptr(pk->rs256, k->key.p, k->key.n);
	return rc == FIDO_OK;
}

static void
key_close(const struct passkey *k, union public_key *pk)
{
	if (k->alg == PASSKEY_ES256)
		es256_pk_free(&pk->es256);
	else if (k->alg == PASSKEY_EDDSA)
		eddsa_pk_free(&pk->eddsa);
	else if (k->alg == PASSKEY_RS256)
		rs256_pk_free(&pk->rs256);
}

/* Does OpenSSL take it for a key: is the point on its curve? */
static bool
key_is_sound(const struct passkey *k)
{
	union public_key pk = {NULL};
	EVP_PKEY *evp = NULL;

	if (key_open(k, &pk)) {
		if (k->alg == PASSKEY_ES256)
			evp = es256_pk_to_EVP_PKEY(pk.es256);
		else if (k->alg == PASSKEY_EDDSA)
			evp = eddsa_pk_to_EVP_PKEY(pk.eddsa);
		else
			evp = rs256_pk_to_EVP_PKEY(pk.rs256);
	}
	key_close(k, &pk);
	EVP_PKEY_free(evp);
	return evp != NULL;
}

/* Its head: for this place, and the user was there and verified. */
static bool
head_is_right(const char *rp_id, struct bytes data)
{
	unsigned char place[DIGEST_BYTES];
	const unsigned wanted = USER_THERE | USER_VERIFIED;

	if (data.n < HEAD_BYTES || (data.p[FLAGS_AT] & wanted) != wanted)
		return false;
	sha256(rp_id, strlen(rp_id), place);
	return memcmp(data.p, place, DIGEST_BYTES) == 0;
}

/* From there on: nothing, or one map where there are extensions. */
static bool
ends_right(struct bytes data, size_t at)
{
	if ((data.p[FLAGS_AT] & HAS_MORE) == 0)
		return at == data.n;
	return cbor_is_map(data.p + at, data.n - at);
}

/* Is there a credential where its flag says, with lengths that are true? */
static bool
holds_key(struct bytes data)
{
	size_t at = HEAD_BYTES + AAGUID_BYTES + 2, id, key;

	if ((data.p[FLAGS_AT] & HAS_KEY) == 0 || data.n < at)
		return false;
	id = (size_t)data.p[at - 2] << 8 | data.p[at - 1];
	if (id == 0 || id > PASSKEY_ID_MAX || id > data.n - at)
		return false;
	at += id;
	key = cbor_item(data.p + at, data.n - at);
	return key > 0 && cbor_is_map(data.p + at, key) && ends_right(data, at + key);
}

static bool
read_as(struct arena *a, int alg, struct bytes data, struct passkey *k)
{
	fido_cred_t *cred = fido_cred_new();
	bool good;

	if (cred == NULL)
		log_fatal("libfido2: out of memory");
	good = fido_cred_set_type(cred, alg) == FIDO_OK &&
	       fido_cred_set_authdata_raw(cred, data.p, data.n) == FIDO_OK &&
	       fido_cred_id_ptr(cred) != NULL && fido_cred_pubkey_ptr(cred) != NULL;
	if (good) {
		k->alg = alg;
		k->id.n = fido_cred_id_len(cred);
		k->id.p = arena_memdup(a, fido_cred_id_ptr(cred), k->id.n);
		k->key.n = fido_cred_pubkey_len(cred);
		k->key.p = arena_memdup(a, fido_cred_pubkey_ptr(cred), k->key.n);
		k->count = fido_cred_sigcount(cred);
	}
	fido_cred_free(&cred);
	return good && key_is_sound(k);
}

bool
passkey_read(struct arena *a, const char *rp_id, struct bytes attestation, struct passkey *key_r)
{
	static const int algs[] = {PASSKEY_ES256, PASSKEY_EDDSA, PASSKEY_RS256};
	struct bytes data;

	start();
	if (!cbor_map_bytes(attestation, "authData", &data) || !head_is_right(rp_id, data) ||
		!holds_key(data))
		return false;
	for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++)
		if (read_as(a, algs[i], data, key_r))
			return true;
	return false;
}

bool
passkey_proves(const char *rp_id, const struct passkey *key, const struct passkey_proof *proof,
	int64_t *count_r)
{
	const struct passkey *k = key != NULL ? key : &nobodys;
	union public_key pk = {NULL};
	fido_assert_t *assert;
	bool good;

	start();
	if (!head_is_right(rp_id, proof->auth_data) ||
		(proof->auth_data.p[FLAGS_AT] & HAS_KEY) != 0 ||
		!ends_right(proof->auth_data, HEAD_BYTES))
		return false;
	assert = fido_assert_new();
	if (assert == NULL)
		log_fatal("libfido2: out of memory");
	good = key_open(k, &pk) && fido_assert_set_rp(assert, rp_id) == FIDO_OK &&
	       fido_assert_set_clientdata_hash(assert, proof->client_hash, DIGEST_BYTES) ==
		       FIDO_OK &&
	       fido_assert_set_up(assert, FIDO_OPT_TRUE) == FIDO_OK &&
	       fido_assert_set_uv(assert, FIDO_OPT_TRUE) == FIDO_OK &&
	       fido_assert_set_count(assert, 1) == FIDO_OK &&
	       fido_assert_set_authdata_raw(assert, 0, proof->auth_data.p, proof->auth_data.n) ==
		       FIDO_OK &&
	       fido_assert_set_sig(assert, 0, proof->signature.p, proof->signature.n) == FIDO_OK &&
	       fido_assert_verify(assert, 0, k->alg, pk.es256) == FIDO_OK;
	if (good)
		*count_r = fido_assert_sigcount(assert, 0);
	fido_assert_free(&assert);
	key_close(k, &pk);
	return good && key != NULL;
}
