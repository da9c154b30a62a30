/* SPDX-License-Identifier: ISC */
/*
 * The cluster's roles and how each is reached. Inside tenant/ and for `praya
 * doctor`.
 *
 * praya_owner owns everything and cannot log in; praya_tenant is the group that
 * grants and policies name; the rest log in with a password derived from the
 * master key (first 32 hex digits of the key for "pgrole:NAME") or read from a
 * file that only its owner can read.
 */
#ifndef PRAYA_SERVICE_H
#define PRAYA_SERVICE_H

#include "err.h"
#include "seal.h"
#include "settings.h"

enum service {
	SERVICE_DIRECTORY, /* praya_directory: the pool and the commands, on the directory */
	SERVICE_CELL,      /* praya_cell: the same, on the region's database */
	SERVICE_MIGRATE,   /* praya_migrate: owner's rights, BYPASSRLS */
	SERVICE_BACKUP,    /* praya_backup: reads everything, BYPASSRLS */
	SERVICE_MAX
};

const char *service_role(enum service s);
/* What CREATE ROLE says of it besides the password. */
const char *service_attributes(enum service s);
/* The password of a role; its file when the settings name one. ERR_INTERNAL
 * with the reason when that file cannot be used. */
struct err *service_password(const struct settings *st, const struct seal_key *master,
	struct arena *a, enum service s, const char **password_r);
/* A password of one line of ASCII, from a file that nobody else can read. */
struct err *password_file_read(struct arena *a, const char *path, const char **password_r);
/* The derived password of any role, a workspace's too. */
const char *role_password(const struct seal_key *master, struct arena *a, const char *role);

/* Whether it is derived, not a file's. */
bool service_derived(const struct settings *st, enum service s);

/* Name of the directory's and the cell's database. */
const char *service_database(const struct settings *st, struct arena *a, enum service s);
/* Whether the directory lies in another cluster, which its own region made. */
bool directory_elsewhere(const struct settings *st, struct arena *a);
/* Connection string of a service; dbname NULL: the service's own database. */
struct err *service_conninfo(const struct settings *st, const struct seal_key *master,
	struct arena *a, enum service s, const char *dbname, const char **conninfo_r);
/* As the superuser. */
struct err *admin_conninfo(
	const struct settings *st, struct arena *a, const char *dbname, const char **conninfo_r);

#endif
