/* SPDX-License-Identifier: ISC */
#include "inward.h"

#include <fcgiapp.h>
#include <string.h>

#include "log.h"

#define PARAMS_MAX 16
#define PIECE 16384

/* libfcgi's streams are buffers with two functions behind them. */
struct memory {
	FCGX_Request request;
	FCGX_Stream in, out;
	char *params[PARAMS_MAX + 1];
	size_t nparams;
	inward_take *take;
	void *ctx;
	unsigned char buffer[PIECE];
};

static void
no_more(FCGX_Stream *s)
{
	s->isClosed = 1;
}

static void
flush(FCGX_Stream *s, int closing)
{
	struct memory *m = s->data;

	(void)closing;
	m->take(m->ctx, (const char *)m->buffer, (size_t)(s->wrNext - m->buffer));
	s->wrNext = m->buffer;
}

static void
param(struct memory *m, struct arena *a, const char *name, const char *value)
{
	if (value == NULL)
		return;
	ASSERT(m->nparams < PARAMS_MAX);
	m->params[m->nparams++] = arena_printf(a, "%s=%s", name, value);
}

/* The whole body is there at once; libfcgi only reads from it, but its type says otherwise. */
static void
set_body(struct memory *m, struct arena *a, const struct inward *in)
{
	size_t n = in->content_type != NULL && in->body != NULL ? strlen(in->body) : 0;
	unsigned char *body = arena_memdup(a, n > 0 ? in->body : "", n + 1);

	m->in.isReader = 1;
	m->in.fillBuffProc = no_more;
	m->in.rdNext = m->in.wrNext = m->in.stopUnget = body;
	m->in.stop = body + n;
	m->request.in = &m->in;
	if (in->content_type == NULL)
		return;
	param(m, a, "CONTENT_TYPE", in->content_type);
	param(m, a, "CONTENT_LENGTH", arena_printf(a, "%zu", n));
}

void
inward_serve(struct arena *a, void (*serve)(void *fcgi), const struct inward *in, inward_take *take,
	void *ctx)
{
	struct memory *m = ARENA_NEW(a, struct memory);
	const char *query = strchr(in->uri, '?');

	m->take = take;
	m->ctx = ctx;
	m->in.data = m->out.data = m;
	m->out.emptyBuffProc = flush;
	m->out.wrNext = m->buffer;
	m->out.stop = m->out.rdNext = m->buffer + sizeof(m->buffer);
	m->request.out = &m->out;
	m->request.envp = m->params;
	param(m, a, "REQUEST_METHOD", in->method);
	param(m, a, "REQUEST_URI", in->uri);
	param(m, a, "QUERY_STRING", query != NULL ? query + 1 : NULL);
	param(m, a, "REQUEST_ID", in->id);
	param(m, a, "REMOTE_ADDR", "127.0.0.1");
	param(m, a, "HTTP_HOST", in->host);
	param(m, a, "HTTP_COOKIE", in->cookie);
	param(m, a, "HTTP_X_CSRF_TOKEN", in->csrf);
	if (in->bearer != NULL)
		param(m, a, "HTTP_AUTHORIZATION", arena_printf(a, "Bearer %s", in->bearer));
	set_body(m, a, in);
	serve(&m->request);
	flush(&m->out, 1);
}
