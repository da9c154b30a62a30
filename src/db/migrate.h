/* SPDX-License-Identifier: ISC */
/*
 * Migrations: NNNN_slug.sql in a folder, forward only, each in a transaction
 * that also writes its number and checksum to schema_version; then every file
 * of FOLDER/repeatable whose checksum changed, and after a numbered file all of
 * them, in order of name. Under an advisory lock.
 *
 * public.schema_version and public.schema_repeatable exist before the first
 * file runs and belong to the database's owner, so that file can grant on them.
 * A script holds neither BEGIN nor COMMIT; SET and SET ROLE in it end with it;
 * statement_timeout is off.
 * Refused, by name of the file: an applied file that changed or is missing
 * here, a new file numbered below an applied one, two files of one number, a
 * name that is neither NNNN_slug.sql nor free of ".sql". The detail of a failed
 * script holds PostgreSQL's primary message: migrations hold no personal data.
 */
#ifndef PRAYA_MIGRATE_H
#define PRAYA_MIGRATE_H

#include "conn.h"

/* ERR_BUSY when another migration holds the lock for a minute. */
struct err *migrate(struct conn *c, struct arena *a, const char *folder, int *version_r);
/* The next migrate() applies every file of FOLDER/repeatable, though none is new: what was changed
 * by hand since is what it was. */
struct err *migrate_again(struct conn *c, struct arena *a);
/* Whether all files of FOLDER/repeatable are applied as they are. */
struct err *migrate_whole(struct conn *c, struct arena *a, const char *folder, bool *whole_r);
/* The highest number in a folder (what this build serves); 0 when there is none. */
int migrate_latest(const char *folder);
/* The highest number applied to the database; 0 for one never migrated. */
struct err *migrate_version(struct conn *c, struct arena *a, int *version_r);

#endif
