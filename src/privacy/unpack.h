/* SPDX-License-Identifier: ISC */
/*
 * Reading a ZIP file that somebody gave us. Only archive.c and this file's .c use libzip.
 *
 * Nothing of it is believed: names are checked when it is opened (relative, no "..", no
 * backslash, used once, no link, nothing encrypted), sizes have a bound, and what is read
 * ends where the directory says. unpack_verify() reads every byte once and holds it
 * against manifest.json, which has to list exactly what there is, but for itself and manifest.sig.
 */
#ifndef PRAYA_UNPACK_H
#define PRAYA_UNPACK_H

#include <json-c/json.h>
#include <stdint.h>

#include "err.h"
#include "token.h"

struct unpack;

/* INVALID error.archive: it is no ZIP, or one that is not safe to read; detail says why. */
struct err *unpack_open(struct arena *a, const char *path, struct unpack **u_r) ATTR_WARN_UNUSED;
/* *manifest_r lives in a. */
struct err *
unpack_verify(struct unpack *u, struct arena *a, struct json_object **manifest_r) ATTR_WARN_UNUSED;
struct err *unpack_sha256(struct unpack *u, struct arena *a, const char *name,
	unsigned char sha256[DIGEST_BYTES]) ATTR_WARN_UNUSED;
bool unpack_has(const struct unpack *u, const char *name);
/* The bytes of an entry, in pieces; an error of fn ends it. */
typedef struct err *unpack_fn(void *ctx, const unsigned char *p, size_t n);
struct err *unpack_read(struct unpack *u, struct arena *a, const char *name, unpack_fn *fn,
	void *ctx) ATTR_WARN_UNUSED;
/* Whole, at most max bytes; NUL-terminated. */
struct err *unpack_text(struct unpack *u, struct arena *a, const char *name, size_t max,
	const char **text_r) ATTR_WARN_UNUSED;

#endif
