/* SPDX-License-Identifier: ISC */
/*
 * Sealing: AES-256-GCM with a named key.
 *
 * A sealed value is  ver(1) | key_id(8, big endian) | nonce(12) | ciphertext | tag(16).
 * AAD binds it to its place ("contact.hkid|1042"), so a value copied to another
 * row or column does not open; ver and key_id are authenticated with it. Nonces
 * are random, so one key may seal at most 2^32 values.
 *
 * Keys are three deep: a data key (per person, or per purpose) is wrapped by
 * the workspace's key, which is wrapped by the master key of the machine.
 */
#ifndef PRAYA_SEAL_H
#define PRAYA_SEAL_H

#include <stdint.h>

#include "arena.h"
#include "err.h"

#define KEY_BYTES 32

struct seal_key;

/* Where the other versions of a wrapping key are, by their id; NULL: there is none. */
struct key_kin {
	const struct seal_key *(*find)(void *ctx, int64_t id);
	void *ctx;
};

struct seal_key {
	int64_t id;
	unsigned char key[KEY_BYTES];
	const struct key_kin *kin; /* NULL, but of a wrapping key that was rotated */
};

/* A fresh random key with id 0; the caller gives it an id when it has one, and
 * always before it seals: a value opens only under the id it was sealed with. */
void seal_key_random(struct seal_key *key_r);
/* aad is not empty, key->id not negative. plain may be NULL when n is 0. */
struct bytes seal_value(
	struct arena *a, const struct seal_key *key, const char *aad, const void *plain, size_t n);
/* The key id a sealed value names; -1 when it is no sealed value. */
int64_t seal_key_id(struct bytes sealed);
/* False: other key, other place, or changed bytes; *plain_r is left alone.
 * Otherwise its memory is the arena's and NUL-terminated past its end. */
bool unseal_value(struct arena *a, const struct seal_key *key, const char *aad, struct bytes sealed,
	struct bytes *plain_r);

/* Wrapping a data key under a wrapping key: a sealed value of 32 bytes whose
 * AAD is "key|PURPOSE". Unwrapping gives the key the id of the row it came
 * from; false as with unseal_value(). What lies under another version of kek is
 * opened with that one. */
struct bytes key_wrap(struct arena *a, const struct seal_key *kek, const char *purpose,
	const struct seal_key *key);
bool key_unwrap(struct arena *a, const struct seal_key *kek, const char *purpose,
	struct bytes wrapped, int64_t id, struct seal_key *key_r);

/* The version of kek that a value was sealed with; kek itself when there is no other. */
const struct seal_key *key_version(const struct seal_key *kek, struct bytes sealed);

/* HKDF-SHA256: an independent key for one use ("blind:v1", "cursor", "csrf"),
 * with the id of the one it comes from. */
void key_derive(const struct seal_key *from, const char *use, struct seal_key *key_r);

/* Overwrites the keys that the room still holds from the last calls. For the end
 * of every request and job (about 2 microseconds). */
void seal_forget(void);

/* Reads a 32-byte key in hex from a file that only its owner can read; its
 * id is 0. False: *why_r (a constant) says what is wrong, for the operator, and
 * *key_r is left alone. */
bool key_file_read(const char *path, struct seal_key *key_r, const char **why_r);
/* The same of a text: 64 hex digits, and at most the end of a line behind them. */
bool key_text_read(const char *text, size_t n, struct seal_key *key_r);
/* Makes the file with a fresh key (mode 0600, fsynced, whole or not at all, never
 * overwrites). Its folder must exist. */
bool key_file_create(const char *path, struct seal_key *key_r, const char **why_r);

#endif
