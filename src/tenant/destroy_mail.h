/* SPDX-License-Identifier: ISC */
/*
 * Who is sent the certificate of a destruction. They are read while the workspace is
 * there, lie sealed in the region's database until each has been sent it, a week at most.
 */
#ifndef PRAYA_DESTROY_MAIL_H
#define PRAYA_DESTROY_MAIL_H

#include <json-c/json.h>

#include "tenant.h"

/* Administrators of a workspace that is still there, as they are kept; p NULL: none, or they
 * cannot be read, which is never a reason not to go on. */
struct bytes destroy_owners(struct tenancy *t, struct arena *a, const struct tenant *tn);

struct destroy_mail {
	int64_t tenant_id;
	const char *name; /* of the workspace */
	const char *slug;
	const char *certificate;
	struct json_object *owners; /* [{email, name, language}], at least one */
	int64_t now;                /* seconds since 1970 */
};

/* For the worker: the next that is due, for a while nobody else's. What was not sent within a week
 * is forgotten. */
struct err *destroy_mail_take(struct tenancy *t, struct arena *a, struct destroy_mail *m_r,
	bool *found_r) ATTR_WARN_UNUSED;
/* The first n of them have it, or cannot have it. */
struct err *destroy_mail_done(struct tenancy *t, struct arena *a, const struct destroy_mail *m,
	size_t n) ATTR_WARN_UNUSED;

#endif
