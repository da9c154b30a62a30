/* SPDX-License-Identifier: ISC */
/*
 * Writing tables of a workspace anew on disk, so that no version of a row that is
 * gone stays in their files: VACUUM leaves the bytes where they were.
 *
 * pg_repack does it while others read and write; VACUUM FULL would keep them out
 * for as long as it takes (100,000 contacts: 23 s, every page in between refused),
 * and it copies dead rows that somebody's old snapshot could still see. Statistics
 * hold samples of values: they are written anew too, by the only way there is for
 * a catalog, when no such snapshot is left.
 *
 * As the superuser (Database.Admin), for the worker. ERR_BUSY: somebody was in the
 * way for too long; nothing is half done, it can be tried again.
 */
#ifndef PRAYA_REWRITE_H
#define PRAYA_REWRITE_H

#include "tenant.h"

struct rewrite {
	struct tenancy *tenancy;
	struct arena *a;
	const struct tenant *tenant;
	/* Called once a second while others work: an error ends the work. */
	struct err *(*beat)(void *ctx);
	void *ctx;
};

/* Puts the extension in order: of the server's version, without what a killed
 * run left behind. */
struct err *rewrite_begin(const struct rewrite *w);
/* Unless nothing was ever written into it. */
struct err *rewrite_table(const struct rewrite *w, const char *table);
/* After the tables: their new statistics are the only ones that stay. */
struct err *rewrite_statistics(const struct rewrite *w);
/* Files of dropped tables leave the folder, and the log goes on in a new segment. */
struct err *rewrite_end(const struct rewrite *w);
/* For whoever copies a whole database: a table that is being written anew has a trigger that is no
 * use in a copy. It has ended, none begins while `c` (a superuser's, in that database) is open, and
 * what a killed run left is away. ERR_BUSY: it does not end. */
struct err *rewrite_hold(struct tenancy *t, struct arena *a, struct conn *c, const char *database);
/* The version of the program at `path`, "1.4.8"; NULL when it cannot be run. */
const char *rewrite_program_version(struct arena *a, const char *path);

#endif
