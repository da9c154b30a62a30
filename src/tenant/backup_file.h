/* SPDX-License-Identifier: ISC */
/*
 * The file of a backup: lines in clear that say of what it is and hold its key,
 * wrapped by the workspace's, then frames in sealed streams (crypto/object.h), which
 * are pieces that can be taken for themselves. Constant memory on both sides. For tenant/.
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
	FRAME_CUT = 0, /* no frame: here a kill has cut it off */
};

#define FRAME_MAX ((size_t)1 << 20)

struct backup_head {
	int version;      /* of the format; read only */
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

/* What a part held that was cut off. */
struct backup_so_far {
	struct arena *a;
	const char *counts; /* the frame */
	bool dumped;        /* the dump is whole */
	bool ended;         /* only its name is lacking */
	int64_t files, bytes;
	char last[64]; /* name of the last file, "": none */
};

/* It is written as `part`, under a lock, and has its name when it is whole. What fails removes
 * the part, with its arena; a kill leaves it. ERR_BUSY: somebody else writes it, or no room.
 * head: all but version, key and bytes; kek: the workspace's. */
struct err *backup_create(struct arena *a, const char *part, struct backup_head *head,
	const struct seal_key *kek, struct backup_writer **w_r);
/* Goes on with a part behind its last whole piece, each of which is read and proven. false:
 * that cannot be; backup_create() then begins anew. head: the part's. */
bool backup_go_on(struct arena *a, const char *part, const struct backup_head *head,
	const struct seal_key *kek, struct backup_so_far *far, struct backup_writer **w_r);
struct err *backup_put(struct backup_writer *w, enum frame_type type, const void *p, size_t n);
struct err *backup_commit(struct backup_writer *w, const char *path, bool replace);
/* Removes the part at once. */
void backup_drop(struct backup_writer *w);
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
