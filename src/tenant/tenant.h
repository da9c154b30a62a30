/* SPDX-License-Identifier: ISC */
/*
 * Workspaces ("tenant" in code and databases, never on a screen): which
 * database a hostname means, and the keys that belong to it.
 *
 * The directory is global and knows uuid, slug, region and state only; the
 * cell database of a region holds the sealed workspace keys, the erasure
 * ledger and the wake-ups of the worker. Each workspace has one database and
 * one login role of the same name, praya_t_<id>; the role's password is derived
 * from the master key, so it is stored nowhere.
 */
#ifndef PRAYA_TENANT_H
#define PRAYA_TENANT_H

#include "conn.h"
#include "seal.h"
#include "settings.h"

enum tenant_state {
	TENANT_ACTIVE,
	TENANT_SUSPENDED,
	TENANT_CLOSING,
	TENANT_CREATING,
	TENANT_DESTROYED,
	TENANT_MOVING
};

struct tenant {
	int64_t id;
	const char *uuid;
	const char *slug;
	const char *name;
	const char *region;
	enum tenant_state state;
	const char *host;       /* canonical: slug.base_domain */
	const char *origin;     /* "https://harbour.praya.localhost:8443" */
	const char *database;   /* praya_t_<id> */
	const char *conninfo;   /* as the workspace's own login role */
	const char *files;      /* folder of its sealed objects */
	struct seal_key kek;    /* wraps data keys: the newest version, kin to the others */
	struct seal_key root;   /* the first version: what others come from, for good */
	struct seal_key blind;  /* blind indexes; derived, versioned in its use string */
	struct seal_key cursor; /* cursors and other opaque tokens */
	struct seal_key csrf;
};

/* What values in the log lie under that are of no person. It never moves, as they do not. */
struct seal_key tenant_log_key(const struct tenant *tn);

/* A process's view of directory and cell, with its own pool of connections. */
struct tenancy;

/* Fatal when the master key cannot be read. Databases are reached lazily. */
struct tenancy *tenancy_new(const struct settings *st);
/* For the start of a program: fatal when the master key is lost or not the one
 * this region was set up with. A database that does not answer is only logged. */
void tenancy_start(struct tenancy *t);
void tenancy_free(struct tenancy **t);
struct conn_pool *tenancy_pool(struct tenancy *t);
/* Of workspaces, that this program was built for. */
int tenancy_schema(const struct tenancy *t);

/* host: lower case, no port. Cached for Directory.Cache seconds, also "unknown",
 * for about a thousand hosts. *tenant_r NULL when nobody has that host, when it
 * is being made, or when it is of another region (*other_region_r then true). The
 * tenant lives for the process, as the same object; its state, slug and name
 * follow the directory. ERR_BUSY: the directory cannot be reached; what it said
 * before stays in force for five minutes. */
struct err *tenant_by_host(struct tenancy *t, struct arena *a, const char *host,
	struct tenant **tenant_r, bool *other_region_r);
/* Of this region, not cached; *tenant_r NULL when there is none. One in state
 * TENANT_CREATING may have no keys yet: its conninfo is then NULL. */
struct err *
tenant_by_slug(struct tenancy *t, struct arena *a, const char *slug, struct tenant **tenant_r);
struct err *tenant_by_id(struct tenancy *t, struct arena *a, int64_t id, struct tenant **tenant_r);
/* The region of a workspace, whichever it is; NULL: there is none of that name. */
struct err *
tenant_region(struct tenancy *t, struct arena *a, const char *slug, const char **region_r);
/* All of the region, for the worker and `praya tenant list`; in order of slug. */
struct err *tenant_list(struct tenancy *t, struct arena *a, struct tenant ***list_r, size_t *n_r);

/* Its database, as its own role; as praya_migrate (owner's rights, BYPASSRLS).
 * tenant_conn: ERR_CONFLICT: it is not finished; ERR_BUSY: not to be reached, or
 * its schema is neither this program's nor the one before. */
struct err *
tenant_conn(struct tenancy *t, struct arena *a, const struct tenant *tn, struct conn **conn_r);
struct err *tenant_conn_migrate(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct conn **conn_r);
/* As a superuser: provisioning and the rewriting of tables only. */
struct err *tenant_conn_admin(
	struct tenancy *t, struct arena *a, const struct tenant *tn, struct conn **conn_r);
struct err *cell_conn(struct tenancy *t, struct arena *a, struct conn **conn_r);
const struct settings *tenancy_settings(const struct tenancy *t);

#endif
