/* SPDX-License-Identifier: ISC */
/*
 * praya-web that answers from memory: linked instead of the real one, with
 * gate_serve() and view_page() wrapped. The first page a process shows is made
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
struct err *
__real_view_page(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, struct sb *out);
struct err *
__wrap_view_page(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, struct sb *out);

static struct {
	struct arena *a;
	const char *template; /* NULL: nothing kept yet */
	enum lang lang;
	struct json_object *data, *page, *chrome;
} kept;

static struct json_object *
copy(struct json_object *o)
{
	struct json_object *to = NULL;

	if (o != NULL && json_object_deep_copy(o, &to, NULL) != 0)
		log_fatal("out of memory");
	return to;
}

struct err *
__wrap_view_page(struct arena *a, const char *template, enum lang l, struct json_object *data,
	struct json_object *page, struct json_object *chrome, struct sb *out)
{
	if (kept.template == NULL && strcmp(template, "error") != 0) {
		kept.template = strdup(template);
		kept.lang = l;
		kept.data = copy(data);
		kept.page = copy(page);
		kept.chrome = copy(chrome);
		kept.a = arena_new(4 * PAGE_MAX);
	}
	return __real_view_page(a, template, l, data, page, chrome, out);
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
	if (__real_view_page(kept.a, kept.template, kept.lang, kept.data, kept.page, kept.chrome,
		    &out) != NULL)
		log_fatal("the kept page does not render");
	FCGX_FPrintF(fc->out,
		"Status: 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n"
		"Content-Length: %d\r\nCache-Control: no-store\r\nVary: Cookie\r\n"
		"X-Request-Id: 0000000000000000\r\n\r\n",
		(int)out.n);
	FCGX_PutStr(out.p, (int)out.n, fc->out);
	arena_reset(kept.a);
}
