/* SPDX-License-Identifier: ISC */
/*
 * Sealed objects: files of any size as AES-256-GCM chunks of 64 KiB.
 *
 * Layout: "PRAYAOBJ" ver(1), 7 random nonce bytes, then chunks of ciphertext|tag.
 * The nonce of a chunk is those 7 bytes | counter(4) | last flag(1), so chunks
 * cannot be swapped, dropped or cut off. One key an object (never reused), held
 * by the caller, wrapped under the person's key. The header is additional data
 * of every chunk. Written without a name, fsynced, then linked to its name, so
 * a killed process leaves nothing; never rewritten in place. Constant memory: a
 * writer or reader takes 70 KiB of its arena. Folders 0700, files 0600.
 *
 * When there is no room the error is ERR_BUSY, "file store: no space", and
 * nothing is left behind. Everything else that goes wrong is internal: a
 * missing object too, since an unmounted store must not read as "no such".
 *
 * The store is a folder: DIR/ab/cd/NAME, NAME = 32 hex digits, random.
 */
#ifndef PRAYA_OBJECT_H
#define PRAYA_OBJECT_H

#include <stdint.h>
#include <time.h>

#include "err.h"
#include "seal.h"

#define OBJECT_NAME 33

struct object_writer;
struct object_reader;

/* Creates folders as needed. The key is made here, with id 0. */
struct err *object_create(struct arena *a, const char *dir, struct object_writer **w_r);
struct err *object_write(struct object_writer *w, const void *p, size_t n);
/* Durable when it returns NULL. name_r: OBJECT_NAME bytes. size and sha256 are of
 * the plain bytes. After this, or after an error, the writer takes no more. */
struct err *object_commit(struct object_writer *w, char *name_r, struct seal_key *key_r,
	int64_t *size_r, unsigned char sha256_r[32]);
/* What an uncommitted writer wrote is removed when its arena ends. */

/* Proves the first and the last chunk, so that a wrong key, and a file that was
 * cut or added to, is refused before a byte goes out. The file is closed when
 * the arena ends. */
struct err *object_open(struct arena *a, const char *dir, const char *name,
	const struct seal_key *key, struct object_reader **r_r);
/* Up to n bytes, n > 0; *got_r 0 at the end. Only authentic bytes come out: a
 * changed chunk is an internal error here, and every later read fails too. */
struct err *object_read(struct object_reader *r, void *p, size_t n, size_t *got_r);
/* The same layout as one file anywhere, behind `nhead` bytes, which the caller reads by itself. */
struct err *object_file_open(struct arena *a, const char *path, size_t nhead,
	const struct seal_key *key, struct object_reader **r_r);
/* The same layout as one piece of a file that holds several: written from where `fd` stands;
 * *bytes_r: what it takes there. The file is the caller's to sync and to close. A key of its own.
 */
struct err *object_piece_create(
	struct arena *a, int fd, const struct seal_key *key, struct object_writer **w_r);
struct err *object_piece_end(struct object_writer *w, int64_t *bytes_r);
struct err *object_piece_open(struct arena *a, const char *path, int64_t at, int64_t bytes,
	const struct seal_key *key, struct object_reader **r_r);
/* Unlinks, durably; a missing object is not an error. */
struct err *object_destroy(struct arena *a, const char *dir, const char *name);

/* What lies in the store. One of its outer folders at a time: names of objects last
 * written before `before`, by the file system's clock; *young grows by the others. */
#define OBJECT_FOLDERS 256
struct err *object_list(struct arena *a, const char *dir, unsigned folder, time_t before,
	const char ***names_r, size_t *n_r, size_t *young);
/* Removes what a killed writer left where files cannot be without a name. */
struct err *object_unfinished(struct arena *a, const char *dir, time_t before, size_t *n_r);
bool object_exists(struct arena *a, const char *dir, const char *name);

#endif
