/* SPDX-License-Identifier: ISC */
/* Between the files of the import's pages. */
#ifndef PRAYA_IMPORT_PAGE_H
#define PRAYA_IMPORT_PAGE_H

#include "import.h"

/* Columns of the row that import_load() reads and others look at. */
enum import_col {
	IMPORT_ID = 0,
	IMPORT_ENTITY = 1,
	IMPORT_STATE = 2,
	IMPORT_FAILED = 8,
	IMPORT_ENCODING = 10,
	IMPORT_EXPIRES = 20,
	IMPORT_DESTROYED = 21,
};

/* The import of the path. Only who started it sees an import: its rows may be of
 * anybody. NOT_FOUND for all others. */
struct err *import_load(struct request *rq, struct rows **r);
/* The key of its file and its failed rows; GONE once it is destroyed. */
struct err *import_key(struct request *rq, const struct rows *r, struct seal_key *key);
/* Header and first rows, as the upload kept them. */
struct err *import_head(struct request *rq, const struct rows *r, struct json_object **head_r);
/* A row of that as texts. */
const char **import_cells(struct request *rq, struct json_object *list, size_t *n_r);
/* What is wrong with a row, behind the label of the field where it is. */
const char *
import_wrong(const struct record_ctx *cx, enum entity e, const char *field, const char *words);
/* State and numbers of an import. */
void import_model(struct request *rq, const struct rows *r, struct json_object *o);

/* The page of an upload: columns, preview, and (start) off it goes. */
struct err *
import_map_page(struct request *rq, struct response *rp, const struct rows *r, bool start);

/* Why rows were refused, and how many of them: the most frequent first. */
struct err *import_reasons(struct request *rq, const struct rows *r, struct json_object *o);

handler_fn import_undo;       /* POST /imports/{id}/undo */
handler_fn import_failed_csv; /* GET  /imports/{id}/failed.csv */

#endif
