/* SPDX-License-Identifier: ISC */
/*
 * Migrations: NNNN_slug.sql in a folder, forward only, each in a transaction
 * that also writes its number and checksum to schema_version; then every file
 * of FOLDER/repeatable whose checksum changed, in order of name. Under an advisory lock.
 */
#ifndef PRAYA_MIGRATE_H
#define PRAYA_MIGRATE_H

#include "conn.h"

struct err *migrate(struct conn *c, struct arena *a, const char *folder, int *version_r);
/* The highest number in a folder (what this build serves). */
int migrate_latest(const char *folder);

#endif
