/* SPDX-License-Identifier: ISC */
/* What handlers ask of a request, and how they fill a response. */
#include "gate.h"

#include <string.h>

#include "num.h"

enum lang
request_lang(const struct request *rq)
{
	const char *cookie;

	if (rq->principal != NULL && *rq->principal->language != '\0')
		return lang_parse(rq->principal->language);
	cookie = request_cookie(rq, "__Host-lang");
	if (cookie != NULL)
		return lang_parse(cookie);
	return lang_negotiate(request_header(rq, "Accept-Language"));
}

struct err *
request_version(const struct request *rq, int64_t *version_r)
{
	const char *h = request_header(rq, "If-Match");
	struct json_object *v;
	size_t n;

	if (h == NULL && !rq->api && json_object_object_get_ex(rq->body, "_version", &v))
		h = json_object_get_string(v);
	if (h == NULL)
		return err_new(rq->a, ERR_VERSION_NEEDED, NULL);
	n = strlen(h);
	if (n >= 2 && h[0] == '"' && h[n - 1] == '"')
		h = arena_strndup(rq->a, h + 1, n - 2);
	/* 0 is for code that does not mind which (record_update()): nobody rests on it. */
	if (!num_parse_i64(h, 1, INT64_MAX, version_r))
		return err_new(rq->a, ERR_BAD_REQUEST, "error.version");
	return NULL;
}

void
response_go(struct response *rp, const struct request *rq, const char *fmt, ...)
{
	const char *path;
	va_list ap;

	va_start(ap, fmt);
	path = arena_vprintf(rp->a, fmt, ap);
	va_end(ap);
	rp->location = rq->api ? arena_printf(rp->a, "/api/v1%s", path) : path;
}

struct json_object *
response_data(struct response *rp)
{
	if (rp->data == NULL)
		rp->data = model_object(rp->a);
	return rp->data;
}

struct json_object *
response_page(struct response *rp)
{
	if (rp->page == NULL)
		rp->page = model_object(rp->a);
	return rp->page;
}

void
response_flash(struct response *rp, const char *key)
{
	rp->flash = key;
}

void
response_errors(struct response *rp, const struct request *rq, const struct err *e)
{
	struct json_object *errors = model_child(response_page(rp), "errors");

	rp->status = err_status(e->kind);
	json_object_object_add(response_page(rp), "typed", json_object_get(rq->body));
	for (const struct err_field *f = e->fields; f != NULL; f = f->next)
		model_text(errors, f->name, view_text(rq->a, request_lang(rq), f->key, f->arg));
	model_text(response_page(rp), "error",
		view_text(rq->a, request_lang(rq),
			e->key != NULL ? e->key
				       : arena_printf(rq->a, "error.%s.text", err_name(e->kind)),
			e->arg));
}
