/* SPDX-License-Identifier: ISC */
/*
 * Backups of one workspace: its database as pg_dump sees it in one moment, and its
 * files, in one encrypted archive; its keys apart, in a file of which only the
 * newest is kept, so that whoever is erased is dark in every older archive.
 *
 * An archive appears whole or not at all. Until then it is a `.part`: the next call goes on with
 * what a kill left of it, if it is of the last 24 hours. Restoring makes a workspace beside
 * whatever is there: it takes the name in one moment, at the very end, so a kill
 * leaves the old one or the new one.
 */
#ifndef PRAYA_BACKUP_H
#define PRAYA_BACKUP_H

#include "tenant.h"

struct backup_result {
	const char *path;
	int64_t bytes; /* before it was encrypted */
	int64_t rows;
	int64_t files;
	int64_t keys;
	bool resumed; /* it went on with what a kill had left */
};

/* path NULL: a new name in Backup.Folder. ERR_CONFLICT: the path is taken. */
struct err *backup_take(struct tenancy *t, struct arena *a, const struct tenant *tn,
	const char *path, struct backup_result *r);
/* The unfinished one in Backup.Folder. */
const char *backup_part(const struct settings *st, struct arena *a, int64_t tenant_id);
/* Archives of a workspace in Backup.Folder, newest first; none without the setting. */
struct err *backup_list(const struct settings *st, struct arena *a, int64_t tenant_id,
	const char ***paths_r, size_t *n_r);
/* When an archive was taken, by its name: seconds since 1970; 0: not one of ours. */
int64_t backup_time(const char *path);
/* For the worker: takes one when the newest is older than Backup.Every, and expires.
 * Two at a time for one workspace: the second does nothing. */
struct err *
backup_due(struct tenancy *t, struct arena *a, const struct tenant *tn, int64_t *next_r);
/* Where the keys of the workspace an archive is of lie. */
const char *backup_keys_path(
	const struct settings *st, struct arena *a, const char *archive, int64_t tenant_id);

struct restored {
	struct tenant *tenant; /* being made; nobody reaches it before restore_open() */
	int64_t replaces;      /* the workspace that has the name now; 0: none */
	bool closing;          /* what has the name now is: what is restored is not */
	const char *slug;
	int64_t orders; /* erasures to be done again */
	int64_t lines;  /* of the ledger's signed file */
};

/* Everything but the erasures, which the caller does in the new workspace before it
 * calls restore_open(). keys NULL: where backup_keys_path() says. What an earlier call that
 * was killed left is removed. ERR_CONFLICT: the name is another workspace's. */
struct err *restore_make(struct tenancy *t, struct arena *a, const char *archive, const char *keys,
	const char *slug, struct restored *r);
/* The name goes over in one moment; who had it is suspended under another one. */
struct err *restore_open(struct tenancy *t, struct arena *a, struct restored *r);

struct verified {
	int64_t taken_at; /* microseconds */
	int64_t tables;
	int64_t rows;
	int64_t files;
	const char *differs; /* the first table whose count does, or NULL */
};
/* Restores into a scratch database, counts, and removes it; reads every byte. */
struct err *restore_verify(struct tenancy *t, struct arena *a, const char *archive,
	const char *keys, struct verified *v);

#endif
