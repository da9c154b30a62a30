/* SPDX-License-Identifier: ISC */
/*
 * Taking in records from CSV.
 *
 * The file lies sealed in the file store under a key of the import. A job reads
 * it in constant memory and commits batch by batch: the records, their keys,
 * the failed rows, one audit event and the progress in one transaction, so a
 * killed import goes on where it stopped and doubles nothing. One bad row never
 * stops the others.
 */
#ifndef PRAYA_IMPORT_H
#define PRAYA_IMPORT_H

#include "csv.h"
#include "pages.h"

enum import_mode { IMPORT_CREATE, IMPORT_UPDATE, IMPORT_SKIP };

#define IMPORT_COLUMNS 100

/* How columns become fields. field NULL: the column is left out. */
struct import_map {
	size_t n;
	const char *headers[IMPORT_COLUMNS];
	const struct field *fields[IMPORT_COLUMNS];
	const char *match; /* field that tells who is there already: email, phone; NULL: none */
	enum import_mode mode;
};

/* A field that the principal may fill in; NULL: none of that name. */
const struct field *import_editable(const struct record_ctx *cx, enum entity e, const char *name);
/* Does a column before the n-th become this field? */
bool import_taken(const struct import_map *map, size_t n, const struct field *f);
/* The fields of columns whose header is a field's name, label or one of the words for it
 * (import.words of the catalogues, in either language). */
void import_guess(const struct record_ctx *cx, enum entity e, struct import_map *map);

/* {"Header": "field", ...} or {"columns": {...}, "match": "email", "mode":
 * "create"|"update"|"skip"}. NULL, or nothing of columns: guessed. Fields that the principal may
 * not edit are as unknown as ones that do not exist, and a header that the file lacks is refused,
 * as is a mode of update that matches by nothing. mode: in the place of the map's, or NULL. */
struct err *import_map_parse(const struct record_ctx *cx, enum entity e, const char *const *headers,
	size_t n, struct json_object *in, const char *mode, struct import_map *map);
/* The map as it is stored: {"columns":[field|null,...],"match":..,"mode":..}. */
struct json_object *import_map_json(struct arena *a, const struct import_map *map);
struct err *import_map_load(
	const struct record_ctx *cx, enum entity e, const char *text, struct import_map *map);
/* May this principal, at this moment, still set all of its fields? DENIED else. */
struct err *import_map_allowed(
	const struct record_ctx *cx, const struct principal *p, const struct import_map *map);

/* A batch of rows on its way into the database. */
#define IMPORT_BATCH 500

struct import_row {
	int64_t number;
	const char *const *cells; /* as read, for the list of failed rows */
	size_t ncells;
	struct value *values; /* by column of the map */
	const char *field;    /* where it failed; NULL: it did not */
	const char *error;
	const char *blocked_on; /* day on which its person was erased, when that is the error */
	bool stopped;           /* no marketing is sent to what it holds */
	int64_t existing;       /* record it matches, 0: none */
};

/* Checks the cells of one row; the row and its values live in the arena. */
void import_row_check(const struct record_ctx *cx, const struct import_map *map,
	const struct csv_row *in, struct import_row *out);

struct import_counts {
	int64_t done, created, updated, skipped, failed;
};

/* Writes a batch inside cx->tx, without commit. *counts: what it came to. */
struct err *import_batch(const struct record_ctx *cx, enum entity e, int64_t import_id,
	int64_t user, const struct seal_key *key, const struct import_map *map,
	struct import_row *rows, size_t n, struct import_counts *counts);

/* The column of a field of that name; SIZE_MAX: none. */
size_t import_column(const struct import_map *map, const char *name);
/* Which record each row is, and what its words for companies and users stand for; rows
 * that the sender may not mean so fail. Companies are made where they are missing. */
struct err *import_resolve(const struct record_ctx *cx, enum entity e, int64_t import_id,
	int64_t user, const struct import_map *map, struct import_row *rows, size_t n);

/* The part of it that only reads: users by their addresses, teams by their names. */
struct err *import_people(const struct record_ctx *cx, enum entity e, int64_t user,
	const struct import_map *map, struct import_row *rows, size_t n);

/* Rows whose record the sender would not see afterwards fail, and those that say who sees a
 * record which was only shared with the sender: as on the page of one record. */
struct err *import_sight(const struct record_ctx *cx, enum entity e, int64_t user,
	const struct import_map *map, struct import_row *rows, size_t n);

/* Rows that would make an erased person anew fail; those who are sent no marketing are marked. */
struct err *import_block(const struct record_ctx *cx, const struct import_map *map,
	struct import_row *rows, size_t n);

/* The encoding of an import's row. */
enum csv_encoding import_encoding(const char *name);

/* The step of the job "import", args {"import": id}. */
struct job_run;
struct err *import_step(struct job_run *run);

/* The first rows of an uploaded file: header and up to `max` rows. */
struct import_sample {
	struct csv_format format;
	const char **header;
	size_t nheader;
	struct csv_row *rows;
	size_t n;
};
/* INVALID with a field error on "file" when it is no CSV text. */
struct err *import_sample_read(struct arena *a, const char *store, const char *object,
	const struct seal_key *key, size_t row_max, size_t max, struct import_sample *sample);

/* Makes the import's row and key for an uploaded object, state "uploaded". */
struct err *import_make(const struct record_ctx *cx, enum entity e, const char *object,
	const struct seal_key *object_key, const struct import_sample *sample, int64_t *import_r);
/* Sets the map and queues the job. */
struct err *import_start(const struct record_ctx *cx, enum entity e, int64_t import_id,
	const struct import_map *map, int64_t *job_r);

/* A chore: samples and refused rows go Import.Keep days after the import's end; a file
 * that never got its columns, after its upload. */
struct err *import_expire_chore(struct job_run *run, int64_t *next_r);

extern const struct route import_routes[];

#endif
