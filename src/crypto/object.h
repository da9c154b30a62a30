/* SPDX-License-Identifier: ISC */
/*
 * Sealed objects: files of any size as AES-256-GCM chunks of 64 KiB.
 *
 * Layout: "PRAYAOBJ" ver(1), 7 random nonce bytes, then chunks of ciphertext|tag.
 * The nonce of a chunk is those 7 bytes | counter(4) | last flag(1), so chunks
 * cannot be swapped, dropped or cut off. One key an object (never reused), held
 * by the caller, wrapped under the person's key. Written to a temporary name,
 * fsynced, renamed; never rewritten in place; constant memory.
 *
 * The store is a folder: DIR/ab/cd/NAME, NAME = 32 hex digits, random.
 */
#ifndef PRAYA_OBJECT_H
#define PRAYA_OBJECT_H

#include <stdint.h>

#include "err.h"
#include "seal.h"

#define OBJECT_NAME 33

struct object_writer;
struct object_reader;

/* Creates folders as needed (mode 0700). The key is made here. */
struct err *object_create(struct arena *a, const char *dir, struct object_writer **w_r);
struct err *object_write(struct object_writer *w, const void *p, size_t n);
/* Durable when it returns. name_r: OBJECT_NAME bytes. sha256 is of the plain bytes. */
struct err *object_commit(struct object_writer *w, char *name_r, struct seal_key *key_r,
	int64_t *size_r, unsigned char sha256_r[32]);
/* An uncommitted writer is removed when its arena ends. */

struct err *object_open(struct arena *a, const char *dir, const char *name,
	const struct seal_key *key, struct object_reader **r_r);
/* Up to n bytes; *got_r 0 at the end. A changed or cut file is an internal error. */
struct err *object_read(struct object_reader *r, void *p, size_t n, size_t *got_r);
/* Unlinks; a missing object is not an error. */
struct err *object_destroy(struct arena *a, const char *dir, const char *name);

#endif
