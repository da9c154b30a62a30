/* SPDX-License-Identifier: ISC */
/* The body of a request: read once, by its content type, within its limits. */
#include <fcgiapp.h>
#include <string.h>
#include <strings.h>

#include "form.h"
#include "header.h"
#include "json_read.h"
#include "log.h"
#include "params.h"
#include "request.h"
#include "response.h"
#include "upload.h"

enum body_kind { BODY_FORM, BODY_MULTIPART, BODY_JSON, BODY_REFUSED };

static bool
takes_file(const struct request *rq)
{
	for (const struct param *p = rq->route->params; p != NULL && p->name != NULL; p++)
		if (p->type == P_FILE)
			return true;
	return false;
}

static bool
is_utf8_type(struct arena *a, const char *type)
{
	const char *charset;

	return header_param(a, type, "charset", &charset) &&
	       (charset == NULL || strcasecmp(charset, "utf-8") == 0);
}

/* Pages send forms, programs send JSON; files only travel in multipart. That
 * a page refuses JSON keeps a script of another site from posting as a form. */
static enum body_kind
body_kind(const struct request *rq)
{
	const char *type = rq->content_type;
	const char *coding = request_header(rq, "Content-Encoding");

	if (coding != NULL && strcasecmp(coding, "identity") != 0)
		return BODY_REFUSED;
	if (header_is_type(type, "multipart/form-data"))
		return !rq->api || takes_file(rq) ? BODY_MULTIPART : BODY_REFUSED;
	if (type == NULL || !is_utf8_type(rq->a, type))
		return BODY_REFUSED;
	if (!rq->api && header_is_type(type, "application/x-www-form-urlencoded"))
		return BODY_FORM;
	if (rq->api && header_is_type(type, "application/json"))
		return BODY_JSON;
	return BODY_REFUSED;
}

static size_t
read_some(struct request *rq, char *buf, size_t n)
{
	FCGX_Request *fc = rq->fcgi;
	int got = FCGX_GetStr(buf, (int)n, fc->in);

	return got > 0 ? (size_t)got : 0;
}

/* The whole body in memory, NUL-terminated. */
static struct err *
read_all(struct request *rq, size_t max, const char **p_r, size_t *n_r)
{
	int64_t length = rq->content_length;
	size_t cap;
	char *buf;

	ASSERT(max < INT32_MAX - 1);
	if (length > (int64_t)max)
		return err_new(rq->a, ERR_TOO_LARGE, NULL);
	cap = length >= 0 ? (size_t)length : max;
	buf = arena_alloc(rq->a, cap + 2);
	*n_r = read_some(rq, buf, cap + 1);
	buf[*n_r] = '\0';
	*p_r = buf;
	if (length >= 0 && *n_r != cap)
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	if (*n_r > max)
		return err_new(rq->a, ERR_TOO_LARGE, NULL);
	return NULL;
}

static struct err *
read_json_body(struct request *rq, const struct request_limits *limits, struct json_object **raw)
{
	const char *p;
	size_t n;

	TRY(read_all(rq, limits->body, &p, &n));
	if (n == 0)
		return NULL;
	TRY(json_read(rq->a, p, n, raw));
	if (!json_object_is_type(*raw, json_type_object))
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	return NULL;
}

/* A large form says so in its row. */
static size_t
fields_max(const struct request *rq, const struct request_limits *limits)
{
	size_t sum = 0;

	for (const struct param *p = rq->route->params; p != NULL && p->name != NULL; p++)
		sum += p->type == P_FILTERS || p->type == P_I64S || p->type == P_TEXTS
			       ? (size_t)p->max
			       : 0;
	return sum > limits->fields ? sum : limits->fields;
}

static struct err *
read_form_body(struct request *rq, const struct request_limits *limits, struct json_object **raw)
{
	const char *p;
	size_t n;

	TRY(read_all(rq, limits->body, &p, &n));
	return form_parse(rq->a, p, n, fields_max(rq, limits), raw);
}

/* Pushes the body through the multipart parser, 16 KiB at a time. */
static struct err *
read_multipart_body(struct request *rq, struct upload_reader *up, const char *type)
{
	struct multipart *m = multipart_new(rq->a, type, &upload_events, up);
	size_t size = 16384, n;
	int64_t total = 0;
	char *buf;

	if (m == NULL)
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	if (rq->content_length > up->total_max)
		return err_new(rq->a, ERR_TOO_LARGE, NULL);
	buf = arena_alloc(rq->a, size);
	while ((n = read_some(rq, buf, size)) > 0) {
		total += (int64_t)n;
		if (total > up->total_max)
			return err_new(rq->a, ERR_TOO_LARGE, NULL);
		TRY(multipart_feed(m, buf, n));
	}
	if (rq->content_length >= 0 && total != rq->content_length)
		return err_new(rq->a, ERR_BAD_REQUEST, NULL);
	return multipart_finish(m);
}

static struct err *
read_raw(struct request *rq, const struct request_limits *limits, struct params_reader *r,
	struct json_object **raw, struct err **fields)
{
	struct upload_reader *up;
	char c;

	switch (body_kind(rq)) {
	case BODY_FORM:
		r->source = FROM_FORM;
		return read_form_body(rq, limits, raw);
	case BODY_JSON:
		r->source = FROM_JSON;
		return read_json_body(rq, limits, raw);
	case BODY_MULTIPART:
		r->source = FROM_FORM;
		up = upload_reader_new(rq, limits, r, *raw, fields);
		return read_multipart_body(rq, up, rq->content_type);
	default:
		/* No body, no type needed. */
		if (rq->content_length > 0 || read_some(rq, &c, 1) > 0)
			return err_new(rq->a, ERR_MEDIA_TYPE, NULL);
		return NULL;
	}
}

static bool
is_given(const struct request *rq, const struct param *p)
{
	struct json_object *v;

	if (p->type == P_FILE)
		return request_file(rq, p->name) != NULL;
	v = request_value(rq, p->name);
	return v != NULL &&
	       !(json_object_is_type(v, json_type_string) && json_object_get_string_len(v) == 0);
}

/* A text where a handler expects a list would not be looked at twice. */
static bool
takes_text(const struct request *rq, const char *name)
{
	for (const struct param *p = rq->route->params; p != NULL && p->name != NULL; p++)
		if (strcmp(p->name, name) == 0)
			return p->type == P_TEXT || p->type == P_LONG || p->type == P_DATE ||
			       p->type == P_I64;
	return true;
}

/* What was refused, as it was typed: for the form that comes back. */
static void
keep_typed(struct request *rq, struct json_object *raw, const struct err *e)
{
	struct json_object *v;

	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		if (json_object_object_get_ex(raw, f->name, &v) &&
			json_object_is_type(v, json_type_string) && takes_text(rq, f->name))
			json_object_object_add(rq->body, f->name, json_object_get(v));
}

struct err *
request_read_body(struct request *rq, const struct request_limits *limits,
	bool (*is_field)(void *ctx, const char *entity, const char *name), void *ctx)
{
	struct params_reader r = {.a = rq->a,
		.source = FROM_JSON,
		.params = rq->route->params,
		.entity = rq->route->fields,
		.is_field = is_field,
		.ctx = ctx};
	struct json_object *raw = model_object(rq->a);
	struct err *e = NULL, *failed = NULL;

	if (rq->method != METHOD_GET)
		failed = read_raw(rq, limits, &r, &raw, &e);
	if (failed == NULL) {
		params_apply(&r, raw, rq->body, &e);
		for (const struct param *p = r.params; p != NULL && p->name != NULL; p++)
			if (p->in != IN_QUERY && p->required && !is_given(rq, p) &&
				!params_reported(e, p->name))
				params_fail(&r, &e, p->name, "error.required", NULL);
		failed = e;
		if (e != NULL && r.source == FROM_FORM)
			keep_typed(rq, raw, e);
	}
	if (failed != NULL)
		request_drop_uploads(rq, limits->store);
	return failed;
}
