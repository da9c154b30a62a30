/* SPDX-License-Identifier: ISC */
/*
 * The end of a workspace: nobody can connect any more, then database, role, files, keys and
 * archives go, and a certificate says so. Each step can be run again, and what has begun is
 * never taken back: a run that was cut off is gone on with, by the same call.
 *
 * The certificate is JSON, signed by a key of the region's (Ed25519 over the text of its
 * member "statement"); it stays in the region's database. The name stays taken for a year.
 */
#ifndef PRAYA_DESTROY_H
#define PRAYA_DESTROY_H

#include "tenant.h"

struct destroying {
	const char *slug;
	const char *reason;
	bool early; /* before the time its owner had */
};
/* *certificate_r: its text, of an earlier call too. NOT_FOUND: there is no such workspace here. */
struct err *tenant_destroy(struct tenancy *t, struct arena *a, const struct destroying *in,
	const char **certificate_r) ATTR_WARN_UNUSED;
/* All files of a workspace; an error when its folder stays. */
struct err *tenant_files_remove(struct tenancy *t, struct arena *a, int64_t id) ATTR_WARN_UNUSED;
/* All that this region has of a workspace that is in another. ERR_BUSY: it is in this one, or on
 * its way. ERR_CONFLICT: it looks alive (move_may_live()), and the caller does not know better:
 * that it has just copied it, or moved it away. */
struct err *
tenant_destroy_parts(struct tenancy *t, struct arena *a, int64_t id, bool known) ATTR_WARN_UNUSED;
/* For the worker: goes on with all that had begun. */
struct err *tenant_destroy_left(struct tenancy *t, struct arena *a) ATTR_WARN_UNUSED;
/* NULL: no workspace of that name was destroyed here. */
struct err *tenant_certificate(struct tenancy *t, struct arena *a, const char *slug,
	const char **certificate_r) ATTR_WARN_UNUSED;
/* Whether the certificate is what this region signed. */
struct err *tenant_certificate_check(
	struct tenancy *t, struct arena *a, const char *certificate, bool *good_r) ATTR_WARN_UNUSED;

#endif
