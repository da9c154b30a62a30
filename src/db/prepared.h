/* SPDX-License-Identifier: ISC */
/*
 * Which statements a session has prepared. Named statements stay; composed ones
 * are bounded, the least recently used goes first. An entry is added when its
 * PREPARE is sent and removed again when that did not come back fine.
 */
#ifndef PRAYA_PREPARED_H
#define PRAYA_PREPARED_H

#include "tx.h"

/* Names longer than this would be cut by the server and could then collide. */
#define PREPARED_NAME_MAX 63
/* Composed statements a session keeps. */
#define PREPARED_COMPOSED_MAX 200

struct prepared {
	char name[PREPARED_NAME_MAX + 1];
	uint64_t digest; /* of the text */
	const char *sql; /* only compared, never read */
	uint64_t used;   /* order of use */
	bool composed;
	bool fresh;   /* its PREPARE is not acknowledged yet */
	bool leaving; /* its DEALLOCATE is on the way */
	struct prepared *next;
};

struct prepared_cache;

/* What the session calls it. */
const char *prepared_name(const struct stmt *s);

struct prepared_cache *prepared_cache_new(struct arena *mem);
/* All forgotten: the session is closed or was told to DEALLOCATE ALL. NULL is fine. */
void prepared_clear(struct prepared_cache *pc);
/* NULL when it must be prepared first. */
struct prepared *prepared_find(struct prepared_cache *pc, const struct stmt *s);
struct prepared *prepared_add(struct prepared_cache *pc, const struct stmt *s);
void prepared_remove(struct prepared_cache *pc, struct prepared *p);
/* When there is no room for another composed statement: the one to deallocate,
 * now marked as leaving; it counts until prepared_remove() or prepared_keep(). */
struct prepared *prepared_make_room(struct prepared_cache *pc);
/* Its DEALLOCATE did not happen. */
void prepared_keep(struct prepared_cache *pc, struct prepared *p);

/* FNV-1a, 64 bits: names and checksums, nothing that must withstand malice. */
uint64_t fnv1a(const void *p, size_t n);

#endif
