/* SPDX-License-Identifier: ISC */
/*
 * From what was sent to what a route declares.
 *
 * The raw object comes from a query string, a form (strings and arrays of
 * strings) or a JSON body (anything). What goes out has the declared types:
 * P_I64 a JSON integer, P_BOOL a boolean, P_DATE "YYYY-MM-DD", lists arrays,
 * P_FILTERS an object; everything else of the raw object is an error at its
 * name. Errors are gathered, not thrown at the first one.
 */
#ifndef PRAYA_PARAMS_H
#define PRAYA_PARAMS_H

#include <json-c/json.h>

#include "err.h"
#include "route.h"

enum params_source { FROM_QUERY, FROM_FORM, FROM_JSON };

struct params_reader {
	struct arena *a;
	enum params_source source;
	const struct param *params; /* NULL: none */
	const char *entity;         /* whose fields may be named too, or NULL */
	bool (*is_field)(void *ctx, const char *entity, const char *name);
	void *ctx;
	size_t errors; /* how many were reported; at most ERRORS_MAX are */
};

/* Adds the typed values to `out`, errors to *e (ERR_INVALID). */
void params_apply(
	struct params_reader *r, struct json_object *raw, struct json_object *out, struct err **e);
/* The most a parameter takes: characters of a text, the largest number, items of a
 * list, 0 for a type that has no such limit. */
int64_t param_max(const struct param *p);
/* Reports "name: key" unless too many errors were reported already. Names are
 * cut to a length one can show. */
void params_fail(struct params_reader *r, struct err **e, const char *name, const char *key,
	const char *arg);
/* Is something wrong with that name already? */
bool params_reported(const struct err *e, const char *name);
/* The declared parameter of that name that may come from there, or NULL. */
const struct param *params_find(const struct params_reader *r, const char *name);

#endif
