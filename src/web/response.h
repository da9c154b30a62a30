/* SPDX-License-Identifier: ISC */
/*
 * A response. Handlers fill a model; whether it becomes a page or JSON is
 * decided later by the gate. Nothing is sent before the transaction committed.
 */
#ifndef PRAYA_RESPONSE_H
#define PRAYA_RESPONSE_H

#include <json-c/json.h>

#include "err.h"
#include "request.h"
#include "sb.h"

struct response;
struct view_rows;

struct response_header {
	const char *name;
	const char *value;
	struct response_header *next;
};

struct response;

/* Writes the body of a stream piece by piece; after the headers are out an
 * error can only cut the answer short (and is logged). */
typedef struct err *response_stream_fn(void *ctx, struct response *rp);

struct response {
	struct arena *a;
	int status;                   /* 200 unless set */
	struct json_object *data;     /* the model: the API's body, a page's Data.* */
	struct json_object *page;     /* what only a page needs: Page.* */
	const struct view_rows *rows; /* Page.rows, where they are many */
	const char *template;         /* instead of the route's */
	const char *location;         /* page: 303 to it; API: Location header */
	struct response_header *headers;
	const char *flash;  /* message key for the next page */
	bool again;         /* a form shown again by response_again() */
	bool secret;        /* the body is for this moment: a repeated write does not get it */
	int64_t subject_id; /* contact the answer is about: a kept answer dies with it */
	const char *content_type; /* set for ready bodies and streams */
	const char *ready;        /* a finished body (CSV, openapi.json), with ready_size */
	size_t ready_size;
	const char *file_name; /* Content-Disposition: attachment */
	int64_t stream_size;   /* Content-Length of a stream, -1 unknown */
	response_stream_fn *stream;
	void *stream_ctx;
	void *fcgi;
};

void response_init(struct response *rp, struct arena *a, void *fcgi);
/* value: no CR, LF or NUL (ASSERT). */
void response_header(struct response *rp, const char *name, const char *value);
/* __Host- cookie (the prefix is added when the name lacks it): Secure, HttpOnly,
 * SameSite=Lax, Path=/. max_age 0 deletes. name and value: no blanks, commas,
 * semicolons, quotes or backslashes (ASSERT). */
void response_cookie(struct response *rp, const char *name, const char *value, int max_age);
/* Sends status, headers and the body. `body` may be NULL (no content). The
 * headers are those set, Location and Content-Disposition when the response has
 * them, X-Request-Id, and unless set otherwise Cache-Control: no-store and
 * Vary: Cookie. The front adds the security headers. HEAD gets no body. */
void response_send(struct response *rp, const struct request *rq, const char *content_type,
	const char *body, size_t n);
/* Headers, then the stream (application/octet-stream unless content_type says
 * otherwise). When the stream fails the connection is broken off. */
void response_send_stream(struct response *rp, const struct request *rq);
/* For stream functions. */
struct err *response_write(struct response *rp, const void *p, size_t n);

/* Model building on json-c. Objects made here are released with the arena;
 * those added to another belong to it. NULL text becomes JSON null. */
struct json_object *model_object(struct arena *a);
struct json_object *model_child(struct json_object *o, const char *name); /* {name:{}} */
struct json_object *model_list(struct json_object *o, const char *name);  /* {name:[]} */
struct json_object *model_item(struct json_object *list);                 /* [..., {}] */
void model_text(struct json_object *o, const char *name, const char *v);
void model_i64(struct json_object *o, const char *name, int64_t v);
void model_bool(struct json_object *o, const char *name, bool v);
void model_null(struct json_object *o, const char *name);
void model_push_text(struct json_object *list, const char *v);
void model_push_i64(struct json_object *list, int64_t v);
/* Ties any json-c object to the arena, which will release it; returns it. */
struct json_object *model_own(struct arena *a, struct json_object *o);

#endif
