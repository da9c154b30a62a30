/* SPDX-License-Identifier: ISC */
/* An export of everything under way. Of the whole_*.c files only. */
#ifndef PRAYA_WHOLE_PART_H
#define PRAYA_WHOLE_PART_H

#include "archive.h"
#include "whole.h"

struct whole_column {
	const char *name, *type, *how; /* plain, sealed, workspace, left */
};

struct whole_table {
	const char *name, *says;
	struct whole_column *columns;
	size_t n;
	int64_t rows;   /* read */
	int64_t expect; /* there will be; 0: not counted, it is small */
	int64_t weight; /* what it may come to, in bytes */
};

struct whole_legend;

struct whole {
	struct whole_export *in;
	struct arena *a;      /* of the whole */
	struct arena *piece;  /* emptied after every piece */
	struct arena *volume; /* of the volume that is being made */
	struct tx *tx;        /* on the snapshot; NULL: it is over */
	struct whole_table *tables;
	size_t ntables;
	struct archive *ar;
	struct archive_watch watch;
	struct whole_legend *legend;
	struct scratch *files; /* what is to be packed, a line of JSON each */
	int64_t nfiles, file_bytes;
	const char *made_at;
	int64_t made_usec;
	int64_t data_bytes;           /* written so far */
	const struct whole_table *at; /* the one that is read; NULL: all have been */
	int64_t weight, passed;       /* of all tables, of those that were read */
	int64_t before, all;          /* of the volumes that are done; in bytes, as shown */
	int64_t beat_ms;
};

/* Data keys that were asked for. */
struct whole_keys {
	struct seal_key *k;
	size_t n;
};
/* By the numbers that sealed values name; what is not there any more is left out. */
struct err *whole_keys_load(
	struct whole *w, const int64_t *ids, size_t n, struct whole_keys *keys_r) ATTR_WARN_UNUSED;
/* plain_r->p NULL: its key is gone, as it is of who was erased. INTERNAL: it does not open. */
struct err *whole_unseal(struct whole *w, const struct whole_keys *keys, const char *how,
	const char *place, struct bytes sealed, struct bytes *plain_r) ATTR_WARN_UNUSED;

/* Progress; more: bytes of data since the last time. */
struct err *whole_tick(struct whole *w) ATTR_WARN_UNUSED;
struct err *whole_scratch(struct whole *w, struct scratch **s_r) ATTR_WARN_UNUSED;

struct err *whole_load_tables(struct whole *w) ATTR_WARN_UNUSED;
struct err *whole_add_tables(struct whole *w) ATTR_WARN_UNUSED;
/* README.html, style.css, schema.json: what they say is read in the snapshot. */
struct err *whole_load_legend(struct whole *w) ATTR_WARN_UNUSED;
struct err *whole_add_legend(struct whole *w, int64_t volumes) ATTR_WARN_UNUSED;

/* A table whose rows have files. */
struct whole_kind {
	const char *table, *folder;
	const char *id, *of, *name; /* columns: its number, the record's, what it is called */
};
extern const struct whole_kind whole_kinds[]; /* up to table NULL */
const struct whole_kind *whole_kind_of(const char *table);

/* Files: listed in the snapshot, packed volume by volume. */
struct err *whole_list_files(struct whole *w) ATTR_WARN_UNUSED;
struct err *whole_pack_files(struct whole *w, int64_t *at, int64_t max) ATTR_WARN_UNUSED;
/* "attachments/1042/7-Offer.pdf" */
const char *whole_entry_name(struct arena *a, const struct whole_kind *kind, int64_t of, int64_t id,
	const char *file_name);

/* Messages as mail. */
struct mbox;
struct mbox *mbox_new(struct whole *w);
struct err *mbox_add(struct mbox *m, struct json_object *message) ATTR_WARN_UNUSED;
void mbox_end(struct mbox *m);

#endif
