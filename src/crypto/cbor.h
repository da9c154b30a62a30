/* SPDX-License-Identifier: ISC */
/*
 * A look at CBOR (RFC 8949) from outside before libfido2 reads it: libcbor makes
 * room for as many members as a header claims, so five bytes can ask for gigabytes.
 *
 * Only what authenticators write passes: definite lengths, no tags, few levels,
 * no claim beyond the bytes that are there. Nothing is allocated or copied.
 */
#ifndef PRAYA_CBOR_H
#define PRAYA_CBOR_H

#include "arena.h"

#define CBOR_DEPTH 6

/* Bytes of the one item at the start; 0: it is not whole, or not of that kind. */
size_t cbor_item(const unsigned char *p, size_t n);
/* Is it one map, with nothing behind it? */
bool cbor_is_map(const unsigned char *p, size_t n);
/* The byte string under a name in a map that cbor_is_map(); false: there is none.
 * Its memory is the map's. */
bool cbor_map_bytes(struct bytes map, const char *name, struct bytes *value_r);

#endif
