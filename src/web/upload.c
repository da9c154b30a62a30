/* SPDX-License-Identifier: ISC */
#include "upload.h"

#include <string.h>

#include "form.h"
#include "log.h"
#include "sb.h"
#include "text.h"
#include "utf8.h"

#define FILES_DEFAULT 1
#define TYPE_SHOWN 100

static int64_t
files_max(const struct param *p)
{
	return p->max != 0 ? p->max : FILES_DEFAULT;
}

struct upload_reader *
upload_reader_new(struct request *rq, const struct request_limits *limits, struct params_reader *r,
	struct json_object *form, struct err **fields)
{
	struct upload_reader *up = ARENA_NEW(rq->a, struct upload_reader);

	up->rq = rq;
	up->limits = limits;
	up->r = r;
	up->form = form;
	up->fields = fields;
	/* Text, boundaries and part headers share the limit of a plain body. */
	up->total_max = (int64_t)limits->body;
	for (const struct param *p = r->params; p != NULL && p->name != NULL; p++)
		if (p->type == P_FILE)
			up->total_max += files_max(p) * limits->upload;
	return up;
}

static int64_t
files_of(const struct request *rq, const char *param)
{
	int64_t n = 0;

	for (const struct upload *u = rq->uploads; u != NULL; u = u->next)
		n += strcmp(u->param, param) == 0;
	return n;
}

/* What a client claims about the type: printable ASCII or nothing. */
static const char *
claimed_type(struct arena *a, const char *type)
{
	size_t n = strcspn(type, "; \t");

	for (size_t i = 0; i < n; i++)
		if (type[i] <= 0x20 || type[i] > 0x7e || strchr("\"<>\\", type[i]) != NULL)
			n = 0;
	if (n == 0 || n > TYPE_SHOWN)
		return "application/octet-stream";
	return arena_strndup(a, type, n);
}

static void
begin_file(struct upload_reader *up, const char *name, const char *file_name, const char *type)
{
	const struct param *p = params_find(up->r, name);

	up->param = NULL;
	up->file_name = file_name;
	up->content_type = claimed_type(up->rq->a, type);
	up->w = NULL;
	up->size = 0;
	if (p == NULL)
		params_fail(up->r, up->fields, name, "error.unknown_field", NULL);
	else if (p->type != P_FILE)
		params_fail(up->r, up->fields, name, "error.type", NULL);
	else if (files_of(up->rq, name) >= files_max(p))
		params_fail(up->r, up->fields, name, "error.too_many_values",
			arena_printf(up->rq->a, "%lld", (long long)files_max(p)));
	else
		up->param = p;
}

static struct err *
part_begin(void *ctx, const char *name, const char *file_name, const char *type)
{
	struct upload_reader *up = ctx;
	struct arena *a = up->rq->a;

	if (++up->parts > up->limits->fields)
		return err_new(a, ERR_TOO_LARGE, NULL);
	up->name = name;
	up->text = NULL;
	if (file_name != NULL) {
		begin_file(up, name, file_name, type);
		return NULL;
	}
	up->text = ARENA_NEW(a, struct sb);
	sb_init(up->text, a, up->limits->body - up->text_bytes);
	return NULL;
}

static struct err *
part_data(void *ctx, const void *p, size_t n)
{
	struct upload_reader *up = ctx;
	struct arena *a = up->rq->a;

	if (up->text != NULL) {
		sb_add(up->text, p, n);
		return sb_ok(up->text) ? NULL : err_new(a, ERR_TOO_LARGE, NULL);
	}
	if (up->param == NULL)
		return NULL;
	if ((int64_t)n > up->limits->upload - up->size)
		return err_new(a, ERR_TOO_LARGE, NULL);
	up->size += (int64_t)n;
	if (up->w == NULL)
		TRY(object_create(a, up->limits->store, &up->w));
	return object_write(up->w, p, n);
}

static struct err *
commit_file(struct upload_reader *up)
{
	struct arena *a = up->rq->a;
	char *object = arena_alloc(a, OBJECT_NAME);
	struct upload *u = ARENA_NEW(a, struct upload), **end;

	if (up->w == NULL)
		TRY(object_create(a, up->limits->store, &up->w));
	TRY(object_commit(up->w, object, &u->key, &u->size, u->sha256));
	u->param = up->param->name;
	u->file_name = text_file_name(a, up->file_name);
	u->content_type = up->content_type;
	u->object = object;
	for (end = &up->rq->uploads; *end != NULL; end = &(*end)->next)
		;
	*end = u;
	return NULL;
}

static struct err *
part_end(void *ctx)
{
	struct upload_reader *up = ctx;

	if (up->text != NULL) {
		if (!utf8_valid(up->text->p, up->text->n))
			return err_new(up->rq->a, ERR_BAD_REQUEST, NULL);
		up->text_bytes += up->text->n;
		form_add(up->form, up->name, up->text->p);
		return NULL;
	}
	/* A file input that was left empty sends no name and no bytes. */
	if (up->param == NULL || (up->file_name[0] == '\0' && up->size == 0))
		return NULL;
	return commit_file(up);
}

const struct multipart_events upload_events = {part_begin, part_data, part_end};

void
request_drop_uploads(struct request *rq, const char *store)
{
	for (; rq->uploads != NULL; rq->uploads = rq->uploads->next) {
		struct err *e = object_destroy(rq->a, store, rq->uploads->object);

		/* What stays behind is sealed under a key nobody has. */
		if (e != NULL)
			log_warn("an upload could not be removed: %s",
				e->detail != NULL ? e->detail : err_name(e->kind));
	}
}
