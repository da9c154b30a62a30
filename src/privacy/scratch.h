/* SPDX-License-Identifier: ISC */
/*
 * Files that are needed for minutes and have no name: in the folder of
 * Files.Scratch (a tmpfs or an encrypted volume), gone with the process that
 * holds them open, whatever ends it.
 */
#ifndef PRAYA_PRIVACY_SCRATCH_H
#define PRAYA_PRIVACY_SCRATCH_H

#include "err.h"
#include "sb.h"
#include "token.h"

struct scratch {
	struct arena *a;
	int fd;
	int64_t size;
	struct digest *digest;
	unsigned char sha256[DIGEST_BYTES]; /* once sealed off by scratch_end() */
	bool ended;
};

/* ERR_BUSY when there is no room. Closed when the arena ends. */
struct err *scratch_new(struct arena *a, const char *folder, struct scratch **s_r);
/* Appends. */
struct err *scratch_add(struct scratch *s, const void *p, size_t n) ATTR_WARN_UNUSED;
/* Appends what the builder holds and empties it; an overfull one is an error. */
struct err *scratch_add_sb(struct scratch *s, struct sb *sb) ATTR_WARN_UNUSED;
/* Nothing is added after this; sha256 holds. */
void scratch_end(struct scratch *s);
/* For what is not written from front to back. */
struct err *
scratch_write_at(struct scratch *s, int64_t at, const void *p, size_t n) ATTR_WARN_UNUSED;
struct err *
scratch_read_at(struct scratch *s, int64_t at, void *p, size_t n, size_t *got_r) ATTR_WARN_UNUSED;

#endif
