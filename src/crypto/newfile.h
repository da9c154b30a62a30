/* SPDX-License-Identifier: ISC */
/*
 * A file that appears whole or not at all. For crypto/ and tenant/.
 *
 * It is written without a name (O_TMPFILE) and linked to its name when it is
 * safe on disk, so that a process killed half-way leaves nothing. Where the
 * file system cannot do that it is called ".new-" and 32 random hex digits in
 * the same folder until then; only there can a kill leave such a file behind.
 * An existing file is never replaced. Mode 0600. Errors are errno values,
 * 0 means done.
 */
#ifndef PRAYA_NEWFILE_H
#define PRAYA_NEWFILE_H

#include <stdbool.h>
#include <stddef.h>

#define NEWFILE_PATH 4096

struct newfile {
	int fd;                  /* -1: not open */
	char part[NEWFILE_PATH]; /* the provisional name; empty with O_TMPFILE */
};

/* named: do not try O_TMPFILE. */
int newfile_open(struct newfile *f, const char *dir, bool named);
int newfile_write(struct newfile *f, const void *p, size_t n);
/* Durable under `path` when it returns 0; path is in the same file system. The
 * file is closed, and gone unless the result is 0. */
int newfile_publish(struct newfile *f, const char *path);
/* Closes and removes; nothing when it is not open. */
void newfile_abandon(struct newfile *f);

/* Makes a folder and those above it, mode 0700, durably. One that exists keeps
 * its mode. */
int newfile_folder(const char *path);
/* Makes the entries of the folder that holds `path` durable. */
int newfile_sync_parent(const char *path);

#endif
