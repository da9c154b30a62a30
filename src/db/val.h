/* SPDX-License-Identifier: ISC */
/*
 * Values bound to statements, and rows that come back.
 *
 * A parameter is parsed in C before it is bound, so that PostgreSQL never has
 * to complain about (and repeat) what somebody typed.
 */
#ifndef PRAYA_VAL_H
#define PRAYA_VAL_H

#include <stdint.h>

#include "arena.h"

enum val_kind {
	VAL_NULL,
	VAL_TEXT, /* text, varchar, enums, date, timestamptz, jsonb as text */
	VAL_I64,
	VAL_BOOL,
	VAL_BYTES,
	VAL_TEXTS,  /* text[] */
	VAL_I64S,   /* bigint[] */
	VAL_BYTESES /* bytea[] */
};

struct val {
	enum val_kind kind;
	union {
		const char *text;
		int64_t i64;
		bool yes;
		struct bytes bytes;
		const char *const *texts; /* NULL elements are SQL nulls */
		const int64_t *i64s;
		const struct bytes *byteses; /* p NULL: SQL null */
	} u;
	size_t n; /* elements of an array */
};

#define NO_VAL ((struct val){.kind = VAL_NULL})

/* The values of a statement, which know how many they are. */
struct vals {
	const struct val *v;
	int n;
};

#define VALS(...) \
	((struct vals){(const struct val[]){__VA_ARGS__}, \
		(int)(sizeof((const struct val[]){__VA_ARGS__}) / sizeof(struct val))})
#define NO_VALS ((struct vals){NULL, 0})

static inline struct val
val_text(const char *s)
{
	return s == NULL ? NO_VAL : (struct val){.kind = VAL_TEXT, .u.text = s};
}

static inline struct val
val_i64(int64_t v)
{
	return (struct val){.kind = VAL_I64, .u.i64 = v};
}

/* 0 stands for "none": ids start at 1. */
static inline struct val
val_id(int64_t v)
{
	return v == 0 ? NO_VAL : val_i64(v);
}

static inline struct val
val_bool(bool v)
{
	return (struct val){.kind = VAL_BOOL, .u.yes = v};
}

static inline struct val
val_bytes(struct bytes b)
{
	return b.p == NULL ? NO_VAL : (struct val){.kind = VAL_BYTES, .u.bytes = b};
}

static inline struct val
val_texts(const char *const *p, size_t n)
{
	return (struct val){.kind = VAL_TEXTS, .u.texts = p, .n = n};
}

static inline struct val
val_i64s(const int64_t *p, size_t n)
{
	return (struct val){.kind = VAL_I64S, .u.i64s = p, .n = n};
}

static inline struct val
val_byteses(const struct bytes *p, size_t n)
{
	return (struct val){.kind = VAL_BYTESES, .u.byteses = p, .n = n};
}

/* Rows live in the arena they were asked for. Asking for the wrong type, row
 * or column is a bug (ASSERT); SQL null is NULL, 0 or false as documented. */
struct rows;

size_t rows_count(const struct rows *r);
/* Rows touched by INSERT, UPDATE, DELETE. */
int64_t rows_affected(const struct rows *r);
size_t rows_columns(const struct rows *r);
const char *rows_column_name(const struct rows *r, size_t col);
bool rows_null(const struct rows *r, size_t row, size_t col);
/* NULL for SQL null; borrowed from the rows. */
const char *rows_text(const struct rows *r, size_t row, size_t col);
int64_t rows_i64(const struct rows *r, size_t row, size_t col);
bool rows_bool(const struct rows *r, size_t row, size_t col);
/* p NULL for SQL null. */
struct bytes rows_bytes(struct arena *a, const struct rows *r, size_t row, size_t col);
/* Times are read with rows_i64, in microseconds, and come as (extract(epoch from
 * x)*1000000)::bigint or, of many rows and never infinite, as they are, which costs the
 * server less. Arrays: elements in the arena, *n_r their number. */
const char **rows_texts(struct arena *a, const struct rows *r, size_t row, size_t col, size_t *n_r);
int64_t *rows_i64s(struct arena *a, const struct rows *r, size_t row, size_t col, size_t *n_r);

#endif
