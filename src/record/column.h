/* SPDX-License-Identifier: ISC */
/*
 * Columns of custom fields: SQL that makes, indexes, empties and drops them
 * while people go on working.
 *
 * A custom field's column is "cf_<id>"; each time its protection changes it gets
 * a new one, "cf_<id>_v<version>", and the old one goes. An encrypted field has
 * its blind index beside it in "<column>_bi". What changes tables is text for
 * conn_script() on a connection of tenant_conn_migrate(); each text can be run
 * again after it was cut off. It waits for a lock 200 ms at most, because
 * whoever waits for a table keeps everybody behind him waiting: the caller tries
 * again (ERR_BUSY).
 */
#ifndef PRAYA_COLUMN_H
#define PRAYA_COLUMN_H

#include "record.h"

/* The columns of a custom field, its current one included, as they are now. */
struct err *
column_list(struct conn *owner, struct arena *a, const struct field *f, struct rows **rows_r);
/* "cf_12_v7" */
const char *column_next(struct arena *a, const struct field *f, int64_t version);

/* column: the one that is made; sealed: what it is for. */
const char *column_add_sql(struct arena *a, const struct field *f, const char *column, bool sealed);
/* Drops what is left of earlier attempts: every column of the list but the field's
 * own and `keep` (or NULL). forget: the field's own too, and the field and what
 * names it go in the same moment. NULL: nothing to do. */
const char *column_drop_sql(struct arena *a, const struct field *f, const struct rows *list,
	const char *keep, bool forget);

/* The index that filters use. It is made without holding anybody up, so it comes
 * alone; a half-made one is dropped first: *sql_r NULL when it is there, BUSY while
 * another process makes it. */
struct err *column_index(struct conn *owner, struct arena *a, const struct field *f,
	const char *column, bool sealed, const char **sql_r);

/* Likewise the one that lists are sorted by, of a column that is not encrypted; *sql_r
 * NULL as well when nothing is sorted by this type. */
struct err *column_sort_index(struct conn *owner, struct arena *a, const struct field *f,
	const char *column, const char **sql_r);

/* Refilling `to` from the field's column: a trigger empties `to` wherever the old
 * value still changes, an index finds what has to be filled. */
const char *column_shadow_sql(struct arena *a, const struct field *f, const char *to);
struct err *column_shadow_index(struct conn *owner, struct arena *a, const struct field *f,
	const char *to, const char **sql_r);
/* `to` takes over and the old column goes. Fails (BUSY) when a row is not filled. */
const char *column_switch_sql(struct arena *a, const struct field *f, const char *to, bool sealed);

/* Through the gate. How many rows hold a value. */
struct err *column_count(const struct record_ctx *cx, const struct field *f, int64_t *n_r);
/* Sets up to `limit` values behind id `after` to null; the ids come back. */
struct err *column_empty(const struct record_ctx *cx, const struct field *f, int64_t after,
	int limit, struct rows **ids_r);
/* Fills `to` in up to `limit` rows behind *last: encrypts or decrypts each value under
 * its person's key. *n_r 0: there was none. CONFLICT error.field_unreadable: a value
 * does not open. */
struct err *column_fill(const struct record_ctx *cx, const struct field *f, const char *to,
	int limit, int64_t *last, int64_t *n_r);

#endif
