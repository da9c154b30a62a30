/* SPDX-License-Identifier: ISC */
/* An export of a person under way. Of the person_*.c files only. */
#ifndef PRAYA_PERSON_FILE_H
#define PRAYA_PERSON_FILE_H

#include "archive.h"
#include "person_export.h"

struct staff {
	int64_t user_id;
	const char *letter; /* "A" ... "Z", "AA" ... */
	const char *profile;
	bool builtin;
	bool used; /* stands somewhere in the file, so the legend names it */
};

struct person_file {
	const struct person_export *in;
	struct arena *a;      /* of the whole */
	struct arena *piece;  /* emptied after every piece */
	struct record_ctx cx; /* cx.a is the piece's; cx.tx between begin and commit */
	struct archive *ar;
	struct archive_watch watch;
	struct scratch *json;
	struct scratch *html;
	struct scratch *csv;       /* of the section under way */
	struct scratch *lines_csv; /* of invoices */
	struct seal_key key;       /* the person's */
	struct staff *staff;
	size_t nstaff;
	const char *made_at; /* RFC 3339 */
	int64_t made_usec;
	int64_t counts[ENTITY_MAX];
	int64_t nevents;
	int64_t done;
	int64_t total;
	int64_t beat_ms;
};

struct err *person_begin(struct person_file *pf) ATTR_WARN_UNUSED;
struct err *person_commit(struct person_file *pf) ATTR_WARN_UNUSED;
/* So much more is done; tells the host once a second. */
struct err *person_tick(struct person_file *pf, int64_t more) ATTR_WARN_UNUSED;

/* A template of templates/export/ behind the rest of index.html. */
struct err *person_html(
	struct person_file *pf, const char *template, struct json_object *page) ATTR_WARN_UNUSED;
/* A text behind the rest of data.json. */
struct err *person_json_text(struct person_file *pf, const char *text) ATTR_WARN_UNUSED;
struct err *person_json(struct person_file *pf, struct json_object *o) ATTR_WARN_UNUSED;
/* The beginning of a section of index.html. */
struct err *person_heading(struct person_file *pf, const char *name, const char *title,
	int64_t count) ATTR_WARN_UNUSED;

/* "Staff A (Administrator)"; 0 and unknown: NULL. */
const char *person_staff(const struct person_file *pf, int64_t user_id, enum lang l);
/* The message of a key, or the code when there is none. */
const char *
person_word(const struct person_file *pf, enum lang l, const char *prefix, const char *code);
/* "text (inside)", with the brackets of the language. */
const char *
person_bracket(const struct person_file *pf, enum lang l, const char *text, const char *inside);
const char *person_text(const struct person_file *pf, const char *key, const char *arg);

/* The parts, in order. Each adds to index.html and data.json, and its own files
 * to the archive. */
struct err *person_add_record(struct person_file *pf) ATTR_WARN_UNUSED;
struct err *person_add_children(struct person_file *pf, enum entity e) ATTR_WARN_UNUSED;
struct err *person_add_disclosed(struct person_file *pf) ATTR_WARN_UNUSED;
struct err *person_add_trail(struct person_file *pf) ATTR_WARN_UNUSED;
struct err *person_add_legend(struct person_file *pf) ATTR_WARN_UNUSED;

/* What a kind of child has beyond its fields, read in the piece's transaction. */
struct person_extra;
struct person_extra *
person_extra_queue(struct person_file *pf, enum entity e, const struct record_page *page);
struct err *person_extra_add(struct person_file *pf, const struct person_extra *x, size_t i,
	const struct record *rec, struct json_object *data,
	struct json_object *item) ATTR_WARN_UNUSED;
struct err *person_extra_begin(struct person_file *pf, enum entity e) ATTR_WARN_UNUSED;
void person_extra_end(struct person_file *pf, enum entity e);

#endif
