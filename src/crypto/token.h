/* SPDX-License-Identifier: ISC */
/* Random tokens, digests, encodings, comparison in constant time. */
#ifndef PRAYA_TOKEN_H
#define PRAYA_TOKEN_H

#include <stdint.h>

#include "arena.h"
#include "seal.h"

#define DIGEST_BYTES 32

void random_bytes(void *p, size_t n);
/* Overwrites what must not stay in memory; the compiler cannot leave it out. */
void secret_wipe(void *p, size_t n);
/* n random bytes (16 to 256) as base64url without padding. */
const char *token_new(struct arena *a, size_t n);
void sha256(const void *p, size_t n, unsigned char out[DIGEST_BYTES]);
void
hmac_sha256(const struct seal_key *key, const void *p, size_t n, unsigned char out[DIGEST_BYTES]);
/* Decoding is strict: whole text, no padding, no blanks; base64url also refuses
 * unused bits that are not zero. Hex is written in lower case, read in either.
 * False leaves *out alone. */
const char *hex_encode(struct arena *a, const void *p, size_t n);
bool hex_decode(struct arena *a, const char *s, struct bytes *out);
const char *base64url_encode(struct arena *a, const void *p, size_t n);
bool base64url_decode(struct arena *a, const char *s, struct bytes *out);
bool equal_const_time(const void *a, const void *b, size_t n);

/* Blind index: first 16 bytes of HMAC-SHA256(key, place | 0x00 | text). Equal
 * values at one place give equal bytes; pseudonymous, not anonymous. */
struct bytes
blind_index(struct arena *a, const struct seal_key *key, const char *place, const char *text);

/* SHA-256 over many pieces. Its end comes once; nothing can be added after it. */
struct digest;
struct digest *digest_new(struct arena *a);
void digest_add(struct digest *d, const void *p, size_t n);
void digest_end(struct digest *d, unsigned char out[DIGEST_BYTES]);

#endif
