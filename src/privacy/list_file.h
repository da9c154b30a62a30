/* SPDX-License-Identifier: ISC */
/* An export of a list under way. Of the list_*.c files only. */
#ifndef PRAYA_LIST_FILE_H
#define PRAYA_LIST_FILE_H

#include "export.h"
#include "list_export.h"
#include "scratch.h"

struct colleague {
	int64_t user_id;
	const char *email;
};

struct list_file {
	struct job_run *run;
	struct arena *piece;  /* emptied after every piece */
	struct record_ctx cx; /* cx.a is the piece's */
	int64_t id;
	const char *code;
	int64_t asker;
	enum entity entity;
	bool csv;
	const char **fields, **opened;
	size_t nfields, nopened;
	struct colleague *people;
	size_t npeople;
	struct layout *layout;
	int64_t total, done;
	int64_t beat_ms;
};

/* A row of the file, behind what is in sb. */
void list_header(const struct list_file *lf, struct sb *sb);
void list_record(const struct list_file *lf, const struct record *rec, struct sb *sb);

/* export-note.txt; in a transaction of its own. */
struct err *list_note(struct list_file *lf, struct scratch *s) ATTR_WARN_UNUSED;

#endif
