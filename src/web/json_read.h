/* SPDX-License-Identifier: ISC */
/*
 * Strict reading of JSON text from outside (RFC 8259), into json-c objects.
 *
 * json-c's own parser is lenient: it lets NaN, raw control characters and NUL
 * in strings pass, takes the last of two members of one name without a word,
 * and gives a body of "[[],[],..." a hundred times its size in memory. Here all
 * of that is malformed, and values are counted.
 */
#ifndef PRAYA_JSON_READ_H
#define PRAYA_JSON_READ_H

#include <json-c/json.h>

#include "err.h"

#define JSON_DEPTH 16
#define JSON_VALUES 20000

/* One value with nothing but white space around it. The object belongs to the
 * arena; *value_r is NULL for the text "null".
 * ERR_BAD_REQUEST: malformed, not UTF-8, NUL in a string, half a surrogate
 * pair, a name twice in one object, deeper than JSON_DEPTH, a number beyond
 * a double. ERR_TOO_LARGE: more than JSON_VALUES values.
 * Whole numbers that fit int64 are json_type_int; other numbers are
 * json_type_double and keep their text. */
struct err *json_read(struct arena *a, const char *p, size_t n, struct json_object **value_r);

#endif
