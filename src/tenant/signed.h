/* SPDX-License-Identifier: ISC */
/*
 * Files of signed lines, outside of the cluster and of the file store's workspaces
 * (Files.Heads): heads of the audit logs (head.h), erasures (ledger_file.h). Inside
 * tenant/ only.
 */
#ifndef PRAYA_SIGNED_H
#define PRAYA_SIGNED_H

#include "tenancy.h"

#define SIGNED_LINE ((size_t)600)

/* Files.Heads, else a folder of the file store. */
const char *signed_folder(struct tenancy *t, struct arena *a);
struct err *signed_folder_make(struct arena *a, const char *folder);
/* All of the text, and on the disk. False: errno says why. */
bool signed_put(int fd, const char *text);
/* flags: O_APPEND, O_TRUNC. */
struct err *signed_write(struct arena *a, const char *path, int flags, const char *text);
/* The new text or the old one is there, whatever happens. */
struct err *signed_replace(struct arena *a, const char *path, const char *text);
/* What a file begins with. False: it is not there. */
bool signed_line(struct arena *a, const char *path, const char **line_r);
/* The next word of a line as a number, or as so many bytes in hex; false: it is none. */
bool signed_take_i64(struct arena *a, const char **at, int64_t *v);
bool signed_take_bytes(struct arena *a, const char **at, unsigned char *out, size_t n);

#endif
