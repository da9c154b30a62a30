/* SPDX-License-Identifier: ISC */
/*
 * A PostgreSQL cluster's roles and databases, as the superuser sees them. Inside
 * tenant/ only. Names are ours (praya_...), never input.
 */
#ifndef PRAYA_CLUSTER_H
#define PRAYA_CLUSTER_H

#include "conn.h"

#define TEMPLATE_DATABASE "praya_template"

/* ERR_BUSY when another provisioning runs. The lock ends with the connection. */
struct err *cluster_lock(struct conn *admin, struct arena *a);
/* The same, after so many milliseconds. */
struct err *cluster_lock_wait(struct conn *admin, struct arena *a, int64_t ms);
void cluster_unlock(struct conn *admin, struct arena *a);
/* Superuser, PostgreSQL 15 or later, UTF-8 locale: else ERR_INTERNAL says what. */
struct err *cluster_check(struct conn *admin, struct arena *a);

/* Makes the role, or gives an existing one these attributes ("login bypassrls")
 * and this password (NULL: none). */
struct err *cluster_role(struct conn *admin, struct arena *a, const char *role,
	const char *attributes, const char *password);
struct err *
cluster_grant(struct conn *admin, struct arena *a, const char *group, const char *member);

struct err *
cluster_database_exists(struct conn *admin, struct arena *a, const char *name, bool *exists_r);
/* Makes the database from `template` when it is missing, owned by praya_owner.
 * Closed to everybody but `role` (NULL: none), praya_migrate and praya_backup
 * before the first connection is let in; left closed when `open` is false. */
struct err *cluster_database(struct conn *admin, struct arena *a, const char *name,
	const char *template, const char *role, bool open);
struct err *cluster_database_open(struct conn *admin, struct arena *a, const char *name, bool open);

void cluster_database_drop(struct conn *admin, struct arena *a, const char *name);
/* Transactions of praya_backup see one moment. */
struct err *cluster_backup_role(struct conn *admin, struct arena *a);

/* Runs the files of a folder (sql/system) when one of them changed since. The
 * connection is the superuser's, to the database they are for. */
struct err *cluster_system(struct conn *c, struct arena *a, const char *folder);
/* Runs one file; the error says which. */
struct err *cluster_script(struct conn *c, struct arena *a, const char *path);

#endif
