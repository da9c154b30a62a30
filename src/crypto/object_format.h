/* SPDX-License-Identifier: ISC */
/* What the writer and the reader of sealed objects share. Not for other rooms. */
#ifndef PRAYA_OBJECT_FORMAT_H
#define PRAYA_OBJECT_FORMAT_H

#include "evp.h"
#include "object.h"

#define OBJECT_MAGIC "PRAYAOBJ"
#define OBJECT_VERSION 1
#define OBJECT_HEADER 16
#define OBJECT_CHUNK 65536
#define OBJECT_FULL (OBJECT_CHUNK + GCM_TAG)

/* A cipher context under the key, freed when the arena ends. */
EVP_CIPHER_CTX *object_gcm(struct arena *a, bool sealing, const struct seal_key *key);

/* The chunk in buf, n bytes of it, sealed or opened in place. The whole header
 * is additional data of every chunk. */
struct object_chunk {
	EVP_CIPHER_CTX *gcm;
	const unsigned char *header;
	uint32_t index;
	bool last;
};
void object_chunk_seal(const struct object_chunk *c, unsigned char *buf, size_t n);
bool object_chunk_open(const struct object_chunk *c, unsigned char *buf, size_t n);

/* DIR/ab/cd/NAME; an internal error when the name is not one of ours. */
struct err *object_path(struct arena *a, const char *dir, const char *name, const char **path_r);

/* An errno value as an error: no room is "busy", all else internal. */
struct err *object_error(struct arena *a, int rc, const char *doing);

/* As object_create(), without O_TMPFILE when named is set: for tests. */
struct err *
object_create_how(struct arena *a, const char *dir, bool named, struct object_writer **w_r);

#endif
