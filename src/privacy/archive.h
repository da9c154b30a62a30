/* SPDX-License-Identifier: ISC */
/*
 * A ZIP file with its own list of what is in it. Only this file's .c uses libzip.
 *
 * Entries are given first, in the order they will have; the archive is written
 * in one go by archive_write(), which reads them then: generated ones from
 * scratch, stored files from the file store, decrypted on the way. Nothing but
 * scratch holds a plain byte, and memory does not grow with what is packed.
 *
 * The last entry is manifest.json: name, size and SHA-256 of every other one; behind it
 * manifest.sig, where somebody signs.
 * Stored files are checked against their known digest while they are packed.
 */
#ifndef PRAYA_ARCHIVE_H
#define PRAYA_ARCHIVE_H

#include "object.h"
#include "scratch.h"

struct archive;

/* Called between pieces of work; files: stored files finished since the last
 * time. An error ends the writing. */
struct archive_watch {
	struct err *(*tick)(void *ctx, int64_t files);
	void *ctx;
};

/* password NULL: none; else every entry is encrypted with AES-256 (names are
 * not, so they must not be personal then). watch may be NULL. */
struct err *archive_new(struct arena *a, const char *scratch, const char *password,
	const struct archive_watch *watch, struct archive **ar_r);

/* Names: valid UTF-8, relative, used once. The scratch is ended here. */
void archive_add_scratch(struct archive *ar, const char *name, struct scratch *s);

/* A stretch of a scratch that holds many entries; nothing is added to it after this.
 * sha256 (DIGEST_BYTES) must stay. */
void archive_add_part(struct archive *ar, const char *name, struct scratch *s, int64_t at,
	int64_t size, const unsigned char *sha256);

struct archive_object {
	const char *store; /* folder */
	const char *object;
	struct seal_key key;
	int64_t size;
	struct bytes sha256;      /* DIGEST_BYTES */
	const char *content_type; /* decides whether packing it smaller is worth the time */
};
/* o is copied, what it points to must stay. */
void archive_add_object(struct archive *ar, const char *name, const struct archive_object *o);

/* Bytes of all entries; of those that have been read by now; how many entries. */
int64_t archive_size(const struct archive *ar);
int64_t archive_done(const struct archive *ar);
int64_t archive_entries(const struct archive *ar);

/* What else manifest.json says, before its list of files. Must stay. */
struct json_object;
void archive_about(struct archive *ar, struct json_object *about);

/* Makes the text of an entry manifest.sig, of the digest of manifest.json. */
typedef struct err *archive_signer(
	void *ctx, struct arena *a, const unsigned char sha256[DIGEST_BYTES], const char **text_r);
void archive_sign(struct archive *ar, archive_signer *fn, void *ctx);

/* out holds the archive, not ended: it was not written from front to back. */
struct err *archive_write(struct archive *ar, struct scratch **out_r);

#endif
