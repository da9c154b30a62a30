/* SPDX-License-Identifier: ISC */
/*
 * Sealing: AES-256-GCM with a named key.
 *
 * A sealed value is  ver(1) | key_id(8, big endian) | nonce(12) | ciphertext | tag(16).
 * AAD binds it to its place ("contact.hkid|1042"), so a value copied to another
 * row or column does not open.
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

struct seal_key {
	int64_t id;
	unsigned char key[KEY_BYTES];
};

/* A fresh random key; the caller gives it an id when it has one. */
void seal_key_random(struct seal_key *key_r);
struct bytes seal_value(struct arena *a, const struct seal_key *key, const char *aad,
	const void *plain, size_t n);
/* The key id a sealed value names; -1 when it is no sealed value. */
int64_t seal_key_id(struct bytes sealed);
/* False: other key, other place, or changed bytes. plain_r is NUL-terminated past its end. */
bool unseal_value(struct arena *a, const struct seal_key *key, const char *aad,
	struct bytes sealed, struct bytes *plain_r);

/* Wrapping a data key under a wrapping key: a sealed value of 32 bytes whose
 * AAD is "key|PURPOSE". */
struct bytes key_wrap(struct arena *a, const struct seal_key *kek, const char *purpose,
	const struct seal_key *key);
bool key_unwrap(struct arena *a, const struct seal_key *kek, const char *purpose,
	struct bytes wrapped, int64_t id, struct seal_key *key_r);

/* HKDF-SHA256: an independent key for one use ("blind:v1", "cursor", "csrf"). */
void key_derive(const struct seal_key *from, const char *use, struct seal_key *key_r);

/* Reads a 32-byte key in hex from a file that only its owner can read.
 * *why_r says what is wrong, for the operator. */
bool key_file_read(const char *path, struct seal_key *key_r, const char **why_r);
/* Makes the file (mode 0600, fsynced, never overwrites). */
bool key_file_create(const char *path, struct seal_key *key_r, const char **why_r);

#endif
