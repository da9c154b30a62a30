/* SPDX-License-Identifier: ISC */
/* Selecting and decoding rows by a layout. Of record/ only. */
#ifndef PRAYA_READ_H
#define PRAYA_READ_H

#include "record.h"
#include "sqlb.h"

/* Columns before the fields: id, version, subject, created, updated, archived,
 * erased, title, key id, wrapped key, currency, cursor. Then two a field: the
 * value and the name of what it refers to. */
#define LAYOUT_FIRST 12
#define LAYOUT_CURSOR 11

/* Text of one piece of an export, before the record that goes beyond it. */
#define READ_PIECE_BYTES (2 * 1024 * 1024)

/* An expression on alias r: bytes of all columns that can hold much. */
const char *layout_weight(struct arena *a, const struct layout *l);
/* "select ... " up to before "from", on alias r. */
void layout_select(
	struct sqlb *b, const struct record_ctx *cx, const struct layout *l, const char *sort_text);
/* revealed: names of sealed fields this session may see in full now. */
void layout_read(const struct record_ctx *cx, const struct layout *l, const struct rows *r,
	size_t row, const char *const *revealed, size_t nrevealed, struct record *rec);
/* ", a as (insert into audit_event ... from <source>)": the event of a read. */
void read_event(struct sqlb *b, const struct layout *l, const char *action, const char *source,
	bool with_subject);
/* A condition on alias r, never null: is the record within that scope? */
void
scope_add(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d, enum scope s);
/* "3", or an expression on alias r: the narrowest scope the record is in. */
void scope_reach(struct sqlb *b, const struct record_ctx *cx, const struct entity_def *d);
/* Before an insert: presets the owner, or refuses. */
struct err *scope_create(const struct record_ctx *cx, enum entity e, struct changes *c);
/* Before an update: refuses what would put the record out of the sight of whoever
 * changes it. */
struct err *
scope_update(const struct record_ctx *cx, enum entity e, int64_t id, const struct changes *c);
/* The text on alias r that words are looked for in; *all_r: it is that of the index. */
const char *words_sql(const struct record_ctx *cx, enum entity e, bool *all_r);

#endif
