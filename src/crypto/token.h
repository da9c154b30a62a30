/* SPDX-License-Identifier: ISC */
/* Random tokens, digests, encodings, comparison in constant time. */
#ifndef PRAYA_TOKEN_H
#define PRAYA_TOKEN_H

#include <stdint.h>

#include "arena.h"
#include "seal.h"

#define DIGEST_BYTES 32

void random_bytes(void *p, size_t n);
/* n random bytes as base64url without padding. */
const char *token_new(struct arena *a, size_t n);
void sha256(const void *p, size_t n, unsigned char out[DIGEST_BYTES]);
void hmac_sha256(const struct seal_key *key, const void *p, size_t n, unsigned char out[DIGEST_BYTES]);
const char *hex_encode(struct arena *a, const void *p, size_t n);
bool hex_decode(struct arena *a, const char *s, struct bytes *out);
const char *base64url_encode(struct arena *a, const void *p, size_t n);
bool base64url_decode(struct arena *a, const char *s, struct bytes *out);
bool equal_const_time(const void *a, const void *b, size_t n);

/* Blind index: first 16 bytes of HMAC-SHA256(key, place | 0x00 | text). Equal
 * values at one place give equal bytes; pseudonymous, not anonymous. */
struct bytes blind_index(struct arena *a, const struct seal_key *key, const char *place,
	const char *text);

/* SHA-256 over many pieces. */
struct digest;
struct digest *digest_new(struct arena *a);
void digest_add(struct digest *d, const void *p, size_t n);
void digest_end(struct digest *d, unsigned char out[DIGEST_BYTES]);

#endif
