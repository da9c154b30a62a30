/* SPDX-License-Identifier: ISC */
/* application/x-www-form-urlencoded, and percent-decoding. */
#ifndef PRAYA_FORM_H
#define PRAYA_FORM_H

#include <json-c/json.h>

#include "err.h"

/* name=value&... into an object: strings, repeated names an array. Bad
 * escapes, NUL bytes and bytes that are not UTF-8 are ERR_BAD_REQUEST, more
 * than `fields` pairs ERR_TOO_LARGE. */
struct err *
form_parse(struct arena *a, const char *p, size_t n, size_t fields, struct json_object **object_r);
/* Adds one pair to such an object. */
void form_add(struct json_object *o, const char *name, const char *value);
/* NULL when malformed, not UTF-8 or holding NUL. plus: '+' means blank. */
const char *percent_decode(struct arena *a, const char *p, size_t n, bool plus);
const char *percent_encode(struct arena *a, const char *s);
/* "a=1; b=2" -> value of a cookie or NULL; the first one of that name. header
 * may be NULL. The value is as it came: any bytes but NUL and ';'. */
const char *cookie_find(struct arena *a, const char *header, const char *name);

#endif
