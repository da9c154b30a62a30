/* SPDX-License-Identifier: ISC */
/*
 * praya-web that answers from memory: linked instead of the real one, with
 * gate_serve() and view_page_rows() wrapped. The first page a process shows is made
 * as always, and its model kept; every later request gets that page, rendered
 * anew from the model. What is left is libfcgi, the template and nginx.
 */
#include <fcgiapp.h>
#include <string.h>

#include "log.h"
#include "view.h"

#define PAGE_MAX ((size_t)4 * 1024 * 1024)

void gate_serve(void *fcgi);
void __real_gate_serve(void *fcgi);
void __wrap_gate_serve(void *fcgi);
struct err *__real_view_page_rows(struct arena *a, const char *template, enum lang l,
	struct json_object *data, struct json_object *page, struct json_object *chrome,
	const struct view_rows *rows, struct sb *out);
struct err *__wrap_view_page_rows(struct arena *a, const char *template, enum lang l,
	struct json_object *data, struct json_object *page, struct json_object *chrome,
	const struct view_rows *rows, struct sb *out);

static struct {
	struct arena *a, *own; /* of a request; of what is kept */
	const char *template;  /* NULL: nothing kept yet */
	enum lang lang;
	struct json_object *data, *page, *chrome;
	const struct view_rows *rows;
} kept;

static struct json_object *
copy(struct json_object *o)
{
	struct json_object *to = NULL;

	if (o != NULL && json_object_deep_copy(o, &to, NULL) != 0)
		log_fatal("out of memory");
	return to;
}

static const char *
copy_text(const char *text)
{
	return text != NULL ? arena_strdup(kept.own, text) : NULL;
}

static const struct view_cell *
copy_cells(const struct view_cell *cells, size_t n)
{
	struct view_cell *to = ARENA_ARRAY(kept.own, n, struct view_cell);

	for (size_t i = 0; i < n; i++) {
		const char **tags = ARENA_ARRAY(kept.own, cells[i].ntags, const char *);

		to[i] = cells[i];
		to[i].text = copy_text(cells[i].text);
		to[i].badge = copy_text(cells[i].badge);
		to[i].url = copy_text(cells[i].url);
		to[i].tags = tags;
		for (size_t k = 0; k < cells[i].ntags; k++)
			tags[k] = copy_text(cells[i].tags[k]);
	}
	return to;
}

static const struct view_rows *
copy_rows(const struct view_rows *rows)
{
	struct view_rows *to = ARENA_NEW(kept.own, struct view_rows);
	struct view_row *list;

	if (rows == NULL)
		return NULL;
	list = ARENA_ARRAY(kept.own, rows->n, struct view_row);
	for (size_t i = 0; i < rows->n; i++) {
		list[i] = rows->rows[i];
		list[i].url = copy_text(rows->rows[i].url);
		list[i].cells = copy_cells(rows->rows[i].cells, rows->cells);
	}
	*to = (struct view_rows){rows->n, rows->cells, list};
	return to;
}

struct err *
__wrap_view_page_rows(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, const struct view_rows *rows,
	struct sb *out)
{
	if (kept.template == NULL && strcmp(template, "error") != 0) {
		kept.a = arena_new(4 * PAGE_MAX);
		kept.own = arena_new(PAGE_MAX);
		kept.template = copy_text(template);
		kept.lang = l;
		kept.data = copy(data);
		kept.page = copy(page);
		kept.chrome = copy(chrome);
		kept.rows = copy_rows(rows);
	}
	return __real_view_page_rows(a, template, l, data, page, chrome, rows, out);
}

void
__wrap_gate_serve(void *fcgi)
{
	FCGX_Request *fc = fcgi;
	struct sb out;

	if (kept.template == NULL) {
		__real_gate_serve(fcgi);
		return;
	}
	sb_init(&out, kept.a, PAGE_MAX);
	if (__real_view_page_rows(kept.a, kept.template, kept.lang, kept.data, kept.page,
		    kept.chrome, kept.rows, &out) != NULL)
		log_fatal("the kept page does not render");
	FCGX_FPrintF(fc->out,
		"Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
		"Content-Length: %d\r\nCache-Control: no-store\r\nVary: Cookie\r\n"
		"X-Request-Id: 0000000000000000\r\n\r\n",
		(int)out.n);
	FCGX_PutStr(out.p, (int)out.n, fc->out);
	arena_reset(kept.a);
}
