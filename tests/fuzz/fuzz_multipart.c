/* SPDX-License-Identifier: ISC */
/*
 * Multipart: the first byte is the size of the pieces, the first line (without
 * it) the content type, the rest the body. Pieces must not change what is read.
 */
#include "fuzz.h"

#include <string.h>

#include "multipart.h"
#include "sb.h"
#include "utf8.h"

struct seen {
	struct sb sb;
	bool inside;
};

static struct err *
on_begin(void *ctx, const char *name, const char *file_name, const char *content_type)
{
	struct seen *s = ctx;

	CHECK(!s->inside && name[0] != '\0' && utf8_valid(name, strlen(name)));
	CHECK((file_name == NULL) == (content_type == NULL));
	s->inside = true;
	sb_printf(&s->sb, "[%s|%s|%s|", name, file_name != NULL ? file_name : "",
		content_type != NULL ? content_type : "");
	return NULL;
}

static struct err *
on_data(void *ctx, const void *p, size_t n)
{
	struct seen *s = ctx;

	CHECK(s->inside && n > 0);
	sb_add(&s->sb, p, n);
	return NULL;
}

static struct err *
on_end(void *ctx)
{
	struct seen *s = ctx;

	CHECK(s->inside);
	s->inside = false;
	sb_putc(&s->sb, ']');
	return NULL;
}

/* What was seen; NULL when it was refused. */
static struct seen *
read_in(struct arena *a, const char *type, const char *p, size_t n, size_t step)
{
	static const struct multipart_events events = {on_begin, on_data, on_end};
	struct seen *s = ARENA_NEW(a, struct seen);
	struct multipart *m = multipart_new(a, type, &events, s);
	struct err *e = NULL;

	if (m == NULL)
		return NULL;
	sb_init(&s->sb, a, (size_t)16 << 20);
	while (n > 0 && e == NULL) {
		size_t k = n < step ? n : step;

		e = multipart_feed(m, p, k);
		p += k;
		n -= k;
	}
	if (multipart_finish(m) != NULL)
		return NULL;
	CHECK(e == NULL && !s->inside);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *a = fuzz_arena();
	const char *p = (const char *)data, *line;
	struct seen *whole, *pieces;
	const char *type;

	if (size < 2 || (line = memchr(p + 1, '\n', size - 1)) == NULL)
		return 0;
	type = arena_strndup(a, p + 1, (size_t)(line - p - 1));
	size -= (size_t)(line + 1 - p);
	whole = read_in(a, type, line + 1, size, size + 1);
	pieces = read_in(a, type, line + 1, size, (size_t)data[0] + 1);
	CHECK((whole == NULL) == (pieces == NULL));
	if (whole == NULL)
		return 0;
	CHECK(whole->sb.n == pieces->sb.n);
	CHECK(memcmp(whole->sb.p, pieces->sb.p, whole->sb.n) == 0);
	return 0;
}
