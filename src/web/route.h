/* SPDX-License-Identifier: ISC */
/*
 * The route table. A row is positional and complete: a row without a right, an
 * audit action or a template does not compile. One slice, one table; all of
 * them are listed in bin/routes.c.
 *
 * Path: "/contacts/{id}/edit". {id} is a positive integer, {token} up to 200
 * characters of [A-Za-z0-9._-]. The same path serves pages at itself and JSON
 * below /api/v1, as `surface` says.
 */
#ifndef PRAYA_ROUTE_H
#define PRAYA_ROUTE_H

#include "request.h"
#include "response.h"
#include "right.h"

enum route_kind {
	ROUTE_READ = 1,	 /* no change but its audit event */
	ROUTE_WRITE,	 /* CSRF or bearer; committed before the answer */
	ROUTE_STREAM,	 /* committed before the first byte */
};

enum surface { ON_PAGE = 1, ON_API = 2, ON_BOTH = 3 };

enum param_type {
	P_TEXT = 1,	/* one line, at most max characters */
	P_LONG,		/* many lines */
	P_I64,		/* min..max */
	P_BOOL,		/* JSON true/false; form: present, "1", "on", "true" */
	P_DATE,		/* any form date_normalise() reads */
	P_TEXTS,	/* list of texts (a repeated form field), at most max of them */
	P_I64S,		/* list of integers */
	P_JSON,		/* any JSON value, checked by the handler */
	P_FILE,		/* an uploaded file */
	P_FILTERS,	/* filter[FIELD]=value, any number: an object */
};

enum param_in { IN_QUERY = 1, IN_BODY = 2, IN_BOTH = 3 };

struct param {
	const char *name;
	enum param_type type;
	enum param_in in;
	int64_t min;
	int64_t max;	/* 0: the type's default (P_TEXT 200, P_LONG 20000, P_I64 INT64_MAX) */
	bool required;
};

#define PARAM_END {NULL, 0, 0, 0, 0, false}

typedef struct err *handler_fn(struct request *rq, struct response *rp);

struct route {
	enum route_kind kind;
	enum method method;
	const char *path;
	enum surface surface;
	const char *entity;	    /* whose right is asked; "" for special rights */
	enum right right;
	const char *action;	    /* audit action (contract names), "" when nothing personal is read */
	handler_fn *handler;
	const struct param *params; /* NULL: takes none */
	const char *fields;	    /* entity whose catalogue fields the body may name, or NULL */
	const char *template;	    /* "" for API only and redirects */
	const char *name;	    /* "contact.edit": log, metrics, documentation */
};

#define ROUTE(kind, method, path, surface, entity, right, action, handler, params, fields,         \
	template, name)                                                                            \
	{ROUTE_##kind, METHOD_##method, path, surface, entity, right, action, handler, params,     \
		fields, template, name}
#define ROUTE_END {0, 0, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL}

/* tables: NULL-terminated list of ROUTE_END-terminated arrays. Checks every row
 * (ASSERT) and builds the index. Called once. */
void routes_init(const struct route *const *tables);
/* Finds the row of method, path and surface; fills rq->route and rq->path_args.
 * NOT_FOUND, or METHOD with *allow_r ("GET, POST") when only the method differs. */
struct err *route_match(struct request *rq, const char **allow_r);
/* In order of path: for `praya routes`, openapi.json and the tests. */
size_t routes_all(const struct route *const **list_r);

#endif
