/* SPDX-License-Identifier: ISC */
#include "err.h"

#include "log.h"

static const struct {
	int status;
	const char *name;
} kinds[ERR_KIND_MAX] = {
	[ERR_INTERNAL] = {500, "internal"},
	[ERR_BAD_REQUEST] = {400, "bad_request"},
	[ERR_UNAUTHENTICATED] = {401, "unauthenticated"},
	[ERR_CODE_NEEDED] = {401, "code_needed"},
	[ERR_DENIED] = {403, "denied"},
	[ERR_ENROL] = {403, "enrol"},
	[ERR_VERIFY] = {403, "verify"},
	[ERR_NOT_FOUND] = {404, "not_found"},
	[ERR_METHOD] = {405, "method"},
	[ERR_CONFLICT] = {409, "conflict"},
	[ERR_GONE] = {410, "gone"},
	[ERR_STALE] = {412, "stale"},
	[ERR_TOO_LARGE] = {413, "too_large"},
	[ERR_MEDIA_TYPE] = {415, "media_type"},
	[ERR_INVALID] = {422, "invalid"},
	[ERR_VERSION_NEEDED] = {428, "version_needed"},
	[ERR_TOO_MANY] = {429, "too_many"},
	[ERR_BUSY] = {503, "busy"},
};

struct err *
err_make(struct arena *a, enum err_kind kind, const char *key, const char *arg, const char *file,
	int line)
{
	struct err *e = ARENA_NEW(a, struct err);

	ASSERT(kind < ERR_KIND_MAX);
	e->kind = kind;
	e->key = key;
	e->arg = arg != NULL ? arena_strdup(a, arg) : NULL;
	e->file = file;
	e->line = line;
	return e;
}

struct err *
err_detail(struct arena *a, enum err_kind kind, const char *file, int line, const char *fmt, ...)
{
	struct err *e = err_make(a, kind, NULL, NULL, file, line);
	va_list ap;

	va_start(ap, fmt);
	e->detail = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return e;
}

struct err *
err_full(struct arena *a, const char *what, const char *file, int line)
{
	struct err *e = err_make(a, ERR_BUSY, "error.no_space", NULL, file, line);

	e->detail = arena_printf(a, "%s: no space", what);
	return e;
}

void
err_put_field(struct arena *a, struct err **e, const char *name, const char *key, const char *arg)
{
	struct err_field *f = ARENA_NEW(a, struct err_field);
	struct err_field **end;

	if (*e == NULL)
		*e = err_new(a, ERR_INVALID, NULL);
	f->name = arena_strdup(a, name);
	f->key = key;
	f->arg = arg != NULL ? arena_strdup(a, arg) : NULL;
	for (end = &(*e)->fields; *end != NULL; end = &(*end)->next)
		;
	*end = f;
}

int
err_status(enum err_kind kind)
{
	return kinds[kind].status;
}

const char *
err_name(enum err_kind kind)
{
	return kinds[kind].name;
}
