/* SPDX-License-Identifier: ISC */
/* Files that other sources found for a request, as its package takes them. */
#ifndef PRAYA_SOURCE_FILE_H
#define PRAYA_SOURCE_FILE_H

#include "archive.h"
#include "tx.h"

struct source_file {
	int64_t id, created_at;
	const char *source; /* name and holder */
	struct archive_object object;
};
/* In case_file.c; key: the case's. */
struct err *case_source_files(struct tx *tx, struct arena *a, const char *store,
	const struct seal_key *key, int64_t request, struct source_file **list_r, size_t *n_r);

#endif
