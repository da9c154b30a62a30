/* SPDX-License-Identifier: ISC */
/*
 * The route table. A row is positional and complete: a row without a right, an
 * audit action or a template does not compile. One slice, one table; all of
 * them are listed in bin/routes.c.
 *
 * Path: "/contacts/{id}/edit", at most 8 segments and 4 patterns. {id} is a
 * positive integer without leading zeros, {token} up to 200 characters of
 * [A-Za-z0-9._-]. Where a literal segment and {token} both fit, the literal wins.
 * The same path serves pages at itself and JSON below /api/v1, as `surface` says.
 */
#ifndef PRAYA_ROUTE_H
#define PRAYA_ROUTE_H

#include "request.h"
#include "response.h"
#include "right.h"

/* Some kind of records or other. */
#define ANY_RECORDS "*"

enum route_kind {
	ROUTE_READ = 1, /* no change but its audit event */
	ROUTE_WRITE,    /* CSRF or bearer; committed before the answer */
	ROUTE_CHANGE,   /* a write based on a version, which the gate asks for: request_version() */
	ROUTE_STREAM,   /* committed before the first byte */
};

/* Of workspaces; of the operators' own host; of the host where workspaces are asked for. */
enum surface {
	ON_PAGE = 1,
	ON_API = 2,
	ON_BOTH = 3,
	ON_DESK_PAGE = 4,
	ON_DESK_API = 8,
	ON_DESK_BOTH = 12,
	ON_DOOR_PAGE = 16,
	ON_DOOR_API = 32,
	ON_DOOR_BOTH = 48
};

/* Texts come as they were sent (blanks, letter case, normal form): cleaning is
 * the handler's, passwords stay what they are. A value of a form or query that
 * is "" is absent; so is JSON's null. */
enum param_type {
	P_TEXT = 1, /* one line (no control character but tab), at most max characters */
	P_LONG,     /* many lines */
	P_I64,      /* min..max: 0 and up unless min says otherwise */
	P_BOOL,     /* JSON true/false; form: 1, on, true or 0, off, false; the last of several */
	P_DATE,     /* any form date_normalise() reads; arrives as YYYY-MM-DD */
	P_TEXTS,    /* list of texts (a repeated form field), at most max (200) of them, each
		     * one line of at most 200 characters */
	P_I64S,     /* list of integers of at least min, at most max (200) of them */
	P_JSON,     /* any JSON value, checked by the handler; in a form its text */
	P_FILE,     /* an uploaded file, at most max (1) of that name: request_file() */
	P_FILTERS,  /* NAME[FIELD]=value of a form or query, "NAME":{FIELD:value} of JSON, at
		     * most max (50): an object; form values are texts or arrays of texts.
		     * Where the maxima a row states sum up to more than Limits.Fields, so
		     * many form fields may be sent */
};

enum param_in { IN_QUERY = 1, IN_BODY = 2, IN_BOTH = 3 };

struct param {
	const char *name;
	enum param_type type;
	enum param_in in;
	int64_t min;
	int64_t max; /* 0: the type's default (P_TEXT 200, P_LONG 20000, P_I64 INT64_MAX) */
	bool required;
};

#define PARAM_END \
	{ \
		NULL, 0, 0, 0, 0, false \
	}

typedef struct err *handler_fn(struct request *rq, struct response *rp);

struct route {
	enum route_kind kind;
	enum method method;
	const char *path;
	enum surface surface;
	/* Whose right is asked; "" for special rights, ANY_RECORDS where the handler asks
	 * again, for the kind that it then knows. */
	const char *entity;
	enum right right;
	const char *action; /* audit action (contract names), "" when nothing personal is read */
	handler_fn *handler;
	const struct param *params; /* NULL: takes none */
	const char *fields;         /* entity whose catalogue fields the body may name, or NULL */
	const char *template;       /* "" for API only and redirects */
	const char *name;           /* "contact.edit": log, metrics, documentation */
};

#define ROUTE(kind, method, path, surface, entity, right, action, handler, params, fields, \
	template, name) \
	{ \
		ROUTE_##kind, METHOD_##method, path, surface, entity, right, action, handler, \
			params, fields, template, name \
	}
#define ROUTE_END \
	{ \
		0, 0, NULL, 0, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL \
	}

/* tables: NULL-terminated list of ROUTE_END-terminated arrays, which must stay.
 * Checks every row (ASSERT) and builds the index: complete; kind WRITE or CHANGE
 * exactly when the method is not GET; a page's row is GET or POST (forms know no other);
 * parameters named once, of GET in the query, of files in the body; an entity
 * for rights that are asked of one; no name and no path used twice. Called once. */
void routes_init(const struct route *const *tables);
/* Finds the row of method, path and surface; fills rq->route and rq->path_args.
 * NOT_FOUND, or METHOD with *allow_r ("GET, POST") when only the method differs. */
struct err *route_match(struct request *rq, const char **allow_r);
/* Does it ask for a fresh proof of who somebody is? Every write whose audit action is
 * erase, export or permission, or whose right is to manage users or profiles, to approve
 * requests or to close the workspace: by its row, so that a new one cannot forget it. */
bool route_is_grave(const struct route *r);
/* In order of path: for `praya routes`, openapi.json and the tests. */
size_t routes_all(const struct route *const **list_r);

#endif
