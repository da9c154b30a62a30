/* SPDX-License-Identifier: ISC */
/* What restoring and verifying share: an archive made into a database. Inside
 * tenant/ only. */
#ifndef PRAYA_RESTORE_H
#define PRAYA_RESTORE_H

#include "backup_file.h"
#include "ledger_file.h"

struct restoring {
	struct tenancy *t;
	struct arena *a;
	struct conn *admin; /* to database postgres */
	const char *archive;
	const char *keys;
	struct backup_head head;
	/* The workspace's key that the archive is of: the newest version, kin to the others. */
	struct seal_key kek;
	struct seal_key root;
	struct version *versions;
	struct key_kin kin;
	const char *files; /* folder to put files into; NULL: they are read and counted */
	int64_t nfiles;
	const char *counts; /* lines of FRAME_COUNTS */
	int64_t *family;    /* workspaces of the same key */
	size_t nfamily;
	struct ledger_file ledger;
};

/* Reads the head, opens the workspace's key, finds the file of keys. ERR_INVALID, nothing
 * was made: not an archive, another installation's, keys missing or older than it. */
struct err *restore_begin(struct restoring *re, const char *archive, const char *keys);
void restore_forget(struct restoring *re);
/* Makes `database` out of the archive; role NULL: of nobody. Not migrated yet. */
struct err *restore_database(struct restoring *re, const char *database, const char *role);
/* The files; reads the archive to its very end. */
struct err *restore_files(struct restoring *re);

#endif
