/* SPDX-License-Identifier: ISC */
/*
 * What decides in a workspace who sees what, and what is logged: policies, triggers and
 * functions, each with a digest of what it says. The template's, as this release made it, is
 * kept as the comment of its database, where no workspace's role can write. Inside tenant/ only.
 */
#ifndef PRAYA_SHAPE_H
#define PRAYA_SHAPE_H

#include <json-c/json.h>

#include "doctor_machine.h"

/* c: the template's, as its owner; admin: the superuser's. */
struct err *shape_keep(struct conn *c, struct conn *admin, struct arena *a);
/* *kept_r NULL: nothing is kept yet. */
struct err *shape_kept(struct conn *admin, struct arena *a, struct json_object **kept_r);
/* A finding for each that is not as it is kept. c: the workspace's, as its owner. */
void shape_check(struct findings *to, struct conn *c, const char *about, const char *slug,
	struct json_object *kept);

#endif
