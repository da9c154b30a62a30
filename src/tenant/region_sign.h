/* SPDX-License-Identifier: ISC */
/*
 * What a region signs: certificates of destruction, manifests of whole exports. A signed text is
 * JSON,
 *
 *	{"statement": TEXT, "public_key": HEX, "signature": HEX}
 *
 * Ed25519 over the text of "statement" by a key derived from the region's own, which stays when
 * the master key is rotated.
 */
#ifndef PRAYA_REGION_SIGN_H
#define PRAYA_REGION_SIGN_H

#include "tenant.h"

struct err *region_sign(struct tenancy *t, struct arena *a, const char *statement,
	const char **signed_r) ATTR_WARN_UNUSED;
/* In hex, as "public_key" has it. */
struct err *
region_public(struct tenancy *t, struct arena *a, const char **public_r) ATTR_WARN_UNUSED;
/* The statement of a signed text; NULL: none of these n keys signed it. */
const char *region_signed(struct arena *a, const char *text, const char *const *keys, size_t n);

#endif
