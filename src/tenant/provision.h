/* SPDX-License-Identifier: ISC */
/*
 * Making an installation and its workspaces. Every step can be run again: what
 * exists is checked, not made twice, and an interrupted creation is finished
 * by the next call for the same slug. One of these runs at a time in a cluster
 * (ERR_BUSY for the next one). They need Database.Admin, a superuser, because
 * leakproof operators and roles that bypass row-level security do.
 */
#ifndef PRAYA_PROVISION_H
#define PRAYA_PROVISION_H

#include "tenant.h"

/* Roles, directory and cell database, master key, template database (with
 * schema praya_sys made by the superuser). *key_made_r: the master key file did
 * not exist and was made. Refused, with nothing changed: a master key other than
 * the one the cell database was set up with, a missing one while a cell
 * database exists. A directory on another host is used, not made. */
struct err *provision_init(const struct settings *st, struct arena *a, bool *key_made_r);

/* How long create and migrate of this process wait until another one in the cluster is through,
 * instead of ERR_BUSY at once. */
void provision_wait(struct tenancy *t, int64_t seconds);

/* slug: 3 to 40 of a-z 0-9 '-', not at an end, no reserved word (app, www, api,
 * admin, mail, static, ...). Database from the template, role, sealed key; the
 * state stays TENANT_CREATING, so that the caller can add the first user before
 * anybody reaches it. ERR_CONFLICT when taken, ERR_INVALID with field errors
 * (slug, name, region). */
struct err *provision_create(struct tenancy *t, struct arena *a, const char *slug, const char *name,
	const char *region, struct tenant **tenant_r);
/* Whether such a workspace could be made here, by somebody from outside: also refused is an
 * address that could be taken for one of Praya's own or of another workspace. */
struct err *provision_check(
	struct tenancy *t, struct arena *a, const char *slug, const char *name, const char *region);
/* Regions that were set up, in order. */
struct err *
provision_regions(struct tenancy *t, struct arena *a, const char ***list_r, size_t *n_r);
/* One that cannot be finished, and that nobody has reached, goes again with its name. */
struct err *provision_undo(struct tenancy *t, struct arena *a, const struct tenant *tn);
/* Opens it: state active. */
struct err *provision_activate(struct tenancy *t, struct arena *a, struct tenant *tn);
/* Nobody comes in and no job runs until it is resumed; all within Directory.Cache seconds.
 * ERR_CONFLICT: it is not open, or not suspended; or a restore has replaced it. */
struct err *provision_suspend(struct tenancy *t, struct arena *a, struct tenant *tn);
struct err *provision_resume(struct tenancy *t, struct arena *a, struct tenant *tn);
/* The directory shows that it closes, or no longer does; everybody comes in as the workspace itself
 * says (privacy/closing.h). Nothing happens to one that is suspended. */
struct err *provision_close(struct tenancy *t, struct arena *a, int64_t id, bool closing);

/* Migrates the region's own database (and the directory, in its cluster), the template, then one
 * workspace (slug) or all; resumable. With all, a workspace that fails does not keep the others
 * back; the error counts them and the log names each. ERR_NOT_FOUND: no such workspace. */
struct err *provision_migrate(struct tenancy *t, struct arena *a, const char *slug);
/* From now on that applies functions, policies and rights of workspaces though none is new: what
 * somebody changed by hand is what it was. */
void provision_again(struct tenancy *t);

/* Bytes, and when somebody was last there (microseconds; 0: nobody yet). */
struct err *provision_sizes(struct tenancy *t, struct arena *a, const struct tenant *tn,
	int64_t *database_bytes_r, int64_t *file_bytes_r, int64_t *used_r);

#endif
