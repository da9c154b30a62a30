/* SPDX-License-Identifier: ISC */
/*
 * The file of a backup: lines in clear that say of what it is and hold its key,
 * wrapped by the workspace's, then one sealed stream (crypto/object.h) of frames.
 * Constant memory on both sides. For tenant/.
 *
 * An archive: COUNTS, DUMP frames of pg_dump's custom format, DUMP_END, each file
 * of the store as FILE, FILE_DATA, FILE_END, and END. The keys of a workspace lie in
 * a file of their own, KEYS frames and END, of which only the newest is kept.
 */
#ifndef PRAYA_BACKUP_FILE_H
#define PRAYA_BACKUP_FILE_H

#include "object.h"
#include "versions.h"

enum frame_type {
	FRAME_COUNTS = 'C',    /* lines: name of a table, rows */
	FRAME_DUMP = 'D',      /* a piece of pg_dump's output */
	FRAME_DUMP_END = 'd',  /* its SHA-256 */
	FRAME_FILE = 'F',      /* ab/cd/NAME */
	FRAME_FILE_DATA = 'f', /* a piece of it, sealed as it lies there */
	FRAME_FILE_END = 'g',
	FRAME_KEYS = 'K', /* a JSON array of rows of data_key */
	FRAME_END = 'E',
};

#define FRAME_MAX ((size_t)1 << 20)

struct backup_head {
	const char *kind; /* archive, keys */
	int64_t id;       /* of the workspace it was taken of */
	const char *slug;
	const char *name;
	const char *region;
	int64_t taken_at; /* microseconds */
	int64_t max_key;  /* of data_key, in the archive */
	/* Versions of the workspace's key, wrapped by the master key of then, newest first. */
	struct {
		int64_t version;
		struct bytes wrapped;
	} keks[VERSIONS_MAX];
	size_t nkeks;
	struct bytes key; /* of this file, wrapped by the newest */
	size_t bytes;     /* of the lines */
};

struct backup_writer;
struct backup_reader;

/* head: all but key and bytes; kek: the workspace's. */
struct err *backup_create(struct arena *a, const char *dir, struct backup_head *head,
	const struct seal_key *kek, struct backup_writer **w_r);
struct err *backup_put(struct backup_writer *w, enum frame_type type, const void *p, size_t n);
struct err *backup_commit(struct backup_writer *w, const char *path, bool replace);
int64_t backup_written(const struct backup_writer *w);

/* ERR_INVALID: not a backup of Praya's, or of a later version. */
struct err *backup_head_read(struct arena *a, const char *path, struct backup_head *head_r);
/* ERR_INVALID: damaged, cut off, or of another key. */
struct err *backup_open(struct arena *a, const char *path, const struct backup_head *head,
	const struct seal_key *kek, struct backup_reader **r_r);
/* *p_r: until the next call. An archive that ends before END is an error. */
struct err *backup_get(
	struct backup_reader *r, enum frame_type *type_r, const unsigned char **p_r, size_t *n_r);

#endif
