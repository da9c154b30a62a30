/* SPDX-License-Identifier: ISC */
#include "scram.h"

#include <string.h>

#include "log.h"
#include "token.h"

/* Rounds slow down whoever guesses at a password that a person chose. Ours are derived from the
 * master key and nobody guesses them; but every new session makes all of the rounds anew. */
#define ROUNDS 64
#define SALT 16
#define BLOCK 64

/* HMAC-SHA256 with a key of any length up to a block, and a short message. */
static void
hmac(const void *key, size_t nkey, const void *message, size_t n, unsigned char out[DIGEST_BYTES])
{
	unsigned char inner[BLOCK + 64];
	unsigned char outer[BLOCK + DIGEST_BYTES];

	ASSERT(nkey <= BLOCK && n <= sizeof(inner) - BLOCK);
	memset(inner, 0, BLOCK);
	memcpy(inner, key, nkey);
	for (size_t i = 0; i < BLOCK; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	memcpy(inner + BLOCK, message, n);
	sha256(inner, BLOCK + n, outer + BLOCK);
	sha256(outer, sizeof(outer), out);
}

/* PBKDF2 of one block. */
static void
salted_password(
	const char *password, const unsigned char salt[SALT], unsigned char out[DIGEST_BYTES])
{
	unsigned char first[SALT + 4] = {0};
	unsigned char u[DIGEST_BYTES];

	memcpy(first, salt, SALT);
	first[SALT + 3] = 1;
	hmac(password, strlen(password), first, sizeof(first), u);
	memcpy(out, u, DIGEST_BYTES);
	for (int i = 1; i < ROUNDS; i++) {
		hmac(password, strlen(password), u, sizeof(u), u);
		for (int j = 0; j < DIGEST_BYTES; j++)
			out[j] ^= u[j];
	}
}

/* Base64 with padding, of at most 32 bytes. */
static const char *
base64(struct arena *a, const unsigned char *p, size_t n)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char *out = arena_alloc(a, (n + 2) / 3 * 4 + 1);
	char *q = out;

	for (size_t i = 0; i < n; i += 3) {
		unsigned b = (unsigned)p[i] << 16;

		if (i + 1 < n)
			b |= (unsigned)p[i + 1] << 8;
		if (i + 2 < n)
			b |= p[i + 2];
		*q++ = letters[b >> 18];
		*q++ = letters[b >> 12 & 63];
		*q++ = i + 1 < n ? letters[b >> 6 & 63] : '=';
		*q++ = i + 2 < n ? letters[b & 63] : '=';
	}
	*q = '\0';
	return out;
}

const char *
scram_verifier(struct arena *a, const char *password)
{
	unsigned char salt[SALT];
	unsigned char salted[DIGEST_BYTES];
	unsigned char client[DIGEST_BYTES];
	unsigned char server[DIGEST_BYTES];

	ASSERT(password[0] != '\0' && strlen(password) <= SCRAM_PASSWORD_MAX);
	random_bytes(salt, sizeof(salt));
	salted_password(password, salt, salted);
	hmac(salted, sizeof(salted), "Client Key", 10, client);
	sha256(client, sizeof(client), client);
	hmac(salted, sizeof(salted), "Server Key", 10, server);
	return arena_printf(a, "SCRAM-SHA-256$%d:%s$%s:%s", ROUNDS, base64(a, salt, SALT),
		base64(a, client, DIGEST_BYTES), base64(a, server, DIGEST_BYTES));
}
