/* SPDX-License-Identifier: ISC */
#include "fcgi_memory.h"

#include <string.h>

#include "log.h"

static void
fill(FCGX_Stream *s)
{
	struct fcgi_memory *f = s->data;
	size_t n = f->left < f->piece ? f->left : f->piece;

	if (n == 0) {
		s->isClosed = 1;
		return;
	}
	/* libfcgi only reads from here, but its type says otherwise. */
	s->rdNext = arena_memdup(f->a, f->body, n);
	s->stop = s->rdNext + n;
	f->body += n;
	f->left -= n;
}

static void
empty(FCGX_Stream *s, int closing)
{
	struct fcgi_memory *f = s->data;

	(void)closing;
	if (f->gone) {
		/* As libfcgi leaves it after a failed write: no room any more. */
		s->isClosed = 1;
		s->wrNext = s->stop;
		return;
	}
	sb_add(&f->answer, f->buffer, (size_t)(s->wrNext - f->buffer));
	s->wrNext = f->buffer;
}

struct fcgi_memory *
fcgi_memory_new(struct arena *a)
{
	struct fcgi_memory *f = ARENA_NEW(a, struct fcgi_memory);

	f->a = a;
	f->in.isReader = 1;
	f->in.data = f->out.data = f;
	f->in.fillBuffProc = fill;
	f->out.emptyBuffProc = empty;
	f->in.rdNext = f->in.wrNext = f->in.stop = f->in.stopUnget = f->buffer;
	f->out.wrNext = f->buffer;
	f->out.stop = f->out.rdNext = f->buffer + sizeof(f->buffer);
	f->request.in = &f->in;
	f->request.out = &f->out;
	f->request.envp = f->params;
	f->piece = 1;
	sb_init(&f->answer, a, (size_t)16 << 20);
	return f;
}

void
fcgi_memory_param(struct fcgi_memory *f, const char *name, const char *value)
{
	char *text = arena_printf(f->a, "%s=%s", name, value);
	size_t n = strlen(name) + 1, i = 0;

	while (f->params[i] != NULL && strncmp(f->params[i], text, n) != 0)
		i++;
	ASSERT(i < FCGI_MEMORY_PARAMS);
	f->params[i] = text;
}

void
fcgi_memory_body(
	struct fcgi_memory *f, const char *body, size_t n, size_t piece, long long content_length)
{
	f->body = body;
	f->left = n;
	f->piece = piece;
	if (content_length >= 0)
		fcgi_memory_param(f, "CONTENT_LENGTH", arena_printf(f->a, "%lld", content_length));
}

const char *
fcgi_memory_answer(struct fcgi_memory *f)
{
	empty(&f->out, 0);
	return f->answer.p;
}
