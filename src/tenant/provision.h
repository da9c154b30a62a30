/* SPDX-License-Identifier: ISC */
/*
 * Making an installation and its workspaces. Every step can be run again: what
 * exists is checked, not made twice, and an interrupted creation is finished
 * or removed by the next call for the same slug.
 */
#ifndef PRAYA_PROVISION_H
#define PRAYA_PROVISION_H

#include "tenant.h"

/* Roles, directory and cell database, master key, template database (with
 * schema praya_sys made by a superuser). */
struct err *provision_init(const struct settings *st, struct arena *a);

/* slug: 3 to 40 of a-z 0-9 '-', not at an end, no reserved word (app, www, api,
 * admin, mail, static, ...). Database from the template, role, sealed key, state
 * active. ERR_CONFLICT when taken, ERR_INVALID with field errors. */
struct err *provision_create(struct tenancy *t, struct arena *a, const char *slug,
	const char *name, const char *region, struct tenant **tenant_r);

/* Migrates the template, then one workspace (slug) or all; resumable. */
struct err *provision_migrate(struct tenancy *t, struct arena *a, const char *slug);

struct err *provision_sizes(struct tenancy *t, struct arena *a, const struct tenant *tn,
	int64_t *database_bytes_r, int64_t *file_bytes_r);

#endif
