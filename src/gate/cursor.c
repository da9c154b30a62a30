/* SPDX-License-Identifier: ISC */
#include "cursor.h"

#include <string.h>

#include "num.h"
#include "token.h"

struct err *
cursor_refused(struct request *rq)
{
	struct err *e = NULL;

	err_add_field(rq->a, &e, "after", "error.cursor", NULL);
	e->kind = ERR_BAD_REQUEST;
	return e;
}

struct err *
cursor_text(struct request *rq, const char *list, const char **text_r)
{
	const char *after = request_text(rq, "after");
	struct bytes raw, plain;

	*text_r = NULL;
	if (after == NULL)
		return NULL;
	if (!base64url_decode(rq->a, after, &raw) ||
		!unseal_value(rq->a, &rq->tenant->cursor, list, raw, &plain))
		return cursor_refused(rq);
	*text_r = (const char *)plain.p;
	return NULL;
}

const char *
cursor_of_text(struct request *rq, const char *list, const char *text)
{
	struct bytes sealed = seal_value(rq->a, &rq->tenant->cursor, list, text, strlen(text));

	return base64url_encode(rq->a, sealed.p, sealed.n);
}

/* What was sealed and reads otherwise is of another release. */
struct err *
cursor_number(struct request *rq, const char *list, int64_t *number_r)
{
	const char *text;

	*number_r = 0;
	TRY(cursor_text(rq, list, &text));
	if (text != NULL && !num_parse_i64(text, 1, INT64_MAX, number_r))
		return cursor_refused(rq);
	return NULL;
}

const char *
cursor_of_number(struct request *rq, const char *list, int64_t number)
{
	return cursor_of_text(rq, list, arena_printf(rq->a, "%lld", (long long)number));
}

struct err *
cursor_pair(struct request *rq, const char *list, const char **text_r, int64_t *number_r)
{
	const char *text, *bar;

	*text_r = NULL;
	*number_r = 0;
	TRY(cursor_text(rq, list, &text));
	if (text == NULL)
		return NULL;
	bar = strchr(text, '|');
	if (bar == NULL || !num_parse_i64(arena_strndup(rq->a, text, (size_t)(bar - text)), 0,
				   INT64_MAX, number_r))
		return cursor_refused(rq);
	*text_r = bar + 1;
	return NULL;
}

const char *
cursor_of_pair(struct request *rq, const char *list, const char *text, int64_t number)
{
	return cursor_of_text(rq, list, arena_printf(rq->a, "%lld|%s", (long long)number, text));
}

void
cursor_pager(struct request *rq, struct json_object *page, const char *path, const char *next)
{
	struct json_object *o;

	if (next == NULL && request_text(rq, "after") == NULL)
		return;
	o = model_child(page, "pager");
	if (next != NULL)
		model_text(o, "next_url", arena_printf(rq->a, "%s?after=%s", path, next));
	if (request_text(rq, "after") != NULL)
		model_text(o, "first_url", path);
}
