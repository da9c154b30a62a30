/* SPDX-License-Identifier: ISC */
/*
 * A request, as handlers see it.
 *
 * Query strings, URL-encoded forms, multipart forms and JSON bodies all become
 * one JSON object of declared parameters, so a handler never knows how a value
 * travelled. Values of forms are JSON strings ("" becomes null), a repeated name
 * an array of strings.
 *
 * `tenant`, `principal` and `tx` are const for the whole program except the one
 * room whose files define REQUEST_OWNER (gate/): nothing else can set who asks.
 */
#ifndef PRAYA_REQUEST_H
#define PRAYA_REQUEST_H

#include <json-c/json.h>
#include <stdint.h>

#include "err.h"
#include "seal.h"

#ifndef REQUEST_OWNER
#define REQUEST_FIXED const
#else
#define REQUEST_FIXED
#endif

enum method { METHOD_GET, METHOD_POST, METHOD_PATCH, METHOD_DELETE, METHOD_OTHER };

struct route;
struct tenant;
struct principal;
struct tx;
struct catalogue;

/* A file of a multipart form, already sealed into the store. */
struct upload {
	const char *param;
	const char *file_name;    /* cleaned (text_file_name) */
	const char *content_type; /* as claimed: never trusted, only shown */
	const char *object;       /* name in the file store */
	struct seal_key key;      /* the object's key */
	int64_t size;
	unsigned char sha256[32];
	struct upload *next;
};

struct request {
	struct arena *a;
	enum method method;
	bool head;              /* HEAD: METHOD_GET without a body in the answer */
	bool api;               /* below /api/: the answer is JSON */
	bool desk;              /* at the operators' own host */
	bool door;              /* at the host where workspaces are asked for */
	const char *host;       /* lower case, no port; "" when absent */
	const char *path;       /* without /api/v1, percent-decoded, valid UTF-8, starts with '/' */
	const char *id;         /* request id, 16 hex digits: in the log, in X-Request-Id */
	const char *remote;     /* address of the client, as nginx saw it */
	const char *next_pool;  /* where nginx asks when this one is of another region, or NULL */
	const char *user_agent; /* family only: "Firefox", "Chrome", "Safari", "Edge", "Opera",
				 * "curl", "python", "other" */
	const char *content_type;
	int64_t content_length; /* -1 when absent */
	const struct route *route;
	const char *path_args[4]; /* values of {..} in the route's path, in order */
	struct json_object *query;
	struct json_object *body; /* both {} from request_begin() on, never NULL */
	struct upload *uploads;
	void *fcgi;
	const char *secret; /* of the session, when this request has renewed it; else NULL */

	struct tenant *REQUEST_FIXED tenant;
	struct principal *REQUEST_FIXED principal;
	struct tx *REQUEST_FIXED tx;
	const struct catalogue *REQUEST_FIXED catalogue;
};

/* A header as it came ("If-Match"), NULL when absent. */
const char *request_header(const struct request *rq, const char *name);
/* NULL when absent. */
const char *request_cookie(const struct request *rq, const char *name);

/* The {id} of the path; the route match has checked it is a positive integer. */
int64_t request_id(const struct request *rq, size_t n);

/* Declared parameters, body first, then query. NULL, fallback: absent or null.
 * The types were checked when the request was read. */
const char *request_text(const struct request *rq, const char *name);
int64_t request_i64(const struct request *rq, const char *name, int64_t fallback);
bool request_bool(const struct request *rq, const char *name, bool fallback);
struct json_object *request_value(const struct request *rq, const char *name);
/* Sent at all, even as null: PATCH distinguishes "clear" from "leave". */
bool request_has(const struct request *rq, const char *name);
const struct upload *request_file(const struct request *rq, const char *name);

/* Reading, in the order the gate does it. Limits are settings. */
struct request_limits {
	size_t body;    /* bytes of a body that is not an upload */
	int64_t upload; /* bytes of a file */
	size_t fields;
	const char *store; /* folder for uploads; the route must declare a file */
};

/* Headers and path; the route is not known yet. *rq is zeroed by the caller. Also
 * on an error everything that an answer needs is set. ERR_BAD_REQUEST: a path or
 * a Content-Length that cannot be read; ERR_NOT_FOUND: "//", "." or ".." in it. */
struct err *request_begin(struct request *rq, struct arena *a, void *fcgi);
/* Parses and checks the query string against the route's parameters: whatever is
 * wrong with it is ERR_BAD_REQUEST, with the parameter's name where it has one. */
struct err *request_read_query(struct request *rq);
/* Reads the body by its content type; 415, 413, 400, 422 as fits. Field values
 * named by the route's `fields` entity pass as they are, record/ checks them. Of a form that
 * is refused (422) rq->body has every value, the refused ones as they were typed. */
struct err *request_read_body(struct request *rq, const struct request_limits *limits,
	bool (*is_field)(void *ctx, const char *entity, const char *name), void *ctx);
/* Removes the files of the request from the store again: for the gate, when the
 * request fails after its body was read. (request_read_body() does so itself
 * when it fails.) */
void request_drop_uploads(struct request *rq, const char *store);

#endif
