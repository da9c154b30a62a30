/* SPDX-License-Identifier: ISC */
#include "multipart.h"

#include <string.h>
#include <strings.h>

#include "header.h"
#include "log.h"
#include "utf8.h"

#define BOUNDARY_MAX 70
#define DELIMITER_MAX (BOUNDARY_MAX + 4)
#define HEADERS_MAX 4096

enum state {
	PREAMBLE,  /* before the first boundary */
	BOUNDARY,  /* just behind a delimiter: CRLF goes on, "--" ends */
	LINE_END,  /* CR of the boundary line seen */
	LAST_DASH, /* first '-' of the closing "--" seen */
	HEADERS,   /* collecting a part's header block */
	DATA,
	EPILOGUE,
	DEAD,
};

struct multipart {
	struct arena *a;
	const struct multipart_events *events;
	void *ctx;
	enum state state;
	bool padded; /* blanks seen behind the boundary: no closing any more */
	struct err *dead;
	/* CRLF "--" boundary. CR stands in it once, at its start, so a failed
	 * match can only begin anew at its first byte. */
	char delimiter[DELIMITER_MAX + 1];
	size_t delimiter_n;
	size_t matched;
	char headers[HEADERS_MAX + 1];
	size_t headers_n;
};

static bool
is_boundary(const char *s)
{
	size_t n = strlen(s);

	return n >= 1 && n <= BOUNDARY_MAX && s[n - 1] != ' ' &&
	       strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'()+_,-./"
			 ":=? ") == n;
}

struct multipart *
multipart_new(
	struct arena *a, const char *content_type, const struct multipart_events *events, void *ctx)
{
	const char *boundary = NULL;
	struct multipart *m;

	if (!header_is_type(content_type, "multipart/form-data") ||
		!header_param(a, content_type, "boundary", &boundary) || boundary == NULL ||
		!is_boundary(boundary))
		return NULL;
	m = ARENA_NEW(a, struct multipart);
	m->a = a;
	m->events = events;
	m->ctx = ctx;
	memcpy(m->delimiter, "\r\n--", 4);
	m->delimiter_n = 4 + strlen(boundary);
	memcpy(m->delimiter + 4, boundary, strlen(boundary));
	/* The first boundary may stand at the very start, without its CRLF. */
	m->state = PREAMBLE;
	m->matched = 2;
	return m;
}

static struct err *
bad(struct multipart *m)
{
	return err_new(m->a, ERR_BAD_REQUEST, NULL);
}

/* "form-data; name=..." of Content-Disposition, and the content type. A part
 * in a transfer encoding would need decoding; no browser has ever sent one. */
static struct err *
part_header(struct multipart *m, char *line, const char **disposition, const char **type)
{
	char *colon = strchr(line, ':');
	char *value;

	if (colon == NULL || colon == line)
		return bad(m);
	*colon = '\0';
	value = colon + 1;
	value += strspn(value, " \t");
	if (strcasecmp(line, "Content-Disposition") == 0) {
		if (*disposition != NULL)
			return bad(m);
		*disposition = value;
	} else if (strcasecmp(line, "Content-Type") == 0) {
		*type = arena_strdup(m->a, value);
	} else if (strcasecmp(line, "Content-Transfer-Encoding") == 0) {
		if (strcasecmp(value, "7bit") != 0 && strcasecmp(value, "8bit") != 0 &&
			strcasecmp(value, "binary") != 0)
			return bad(m);
	}
	return NULL;
}

/* The header block is complete: every line ends in CRLF, the last is empty. */
static struct err *
begin_part(struct multipart *m)
{
	const char *disposition = NULL, *type = NULL, *name = NULL, *file_name = NULL;
	char *line = m->headers;

	if (!utf8_valid(m->headers, m->headers_n))
		return bad(m);
	for (;;) {
		char *end = strstr(line, "\r\n");

		if (end == NULL)
			return bad(m);
		if (end == line)
			break;
		*end = '\0';
		TRY(part_header(m, line, &disposition, &type));
		line = end + 2;
	}
	if (disposition == NULL || !header_is_type(disposition, "form-data") ||
		!header_param(m->a, disposition, "name", &name) ||
		!header_param(m->a, disposition, "filename", &file_name) || name == NULL ||
		name[0] == '\0')
		return bad(m);
	m->state = DATA;
	m->matched = 0;
	return m->events->begin(m->ctx, name, file_name,
		file_name == NULL ? NULL
		: type != NULL    ? type
				  : "application/octet-stream");
}

/* One byte of a header block. The block may be empty but for its last CRLF. */
static struct err *
feed_header(struct multipart *m, char c)
{
	size_t n;

	if (m->headers_n == HEADERS_MAX)
		return bad(m);
	m->headers[m->headers_n++] = c;
	n = m->headers_n;
	m->headers[n] = '\0';
	if ((n == 2 && memcmp(m->headers, "\r\n", 2) == 0) ||
		(n >= 4 && memcmp(m->headers + n - 4, "\r\n\r\n", 4) == 0))
		return begin_part(m);
	return NULL;
}

static struct err *
emit(struct multipart *m, const char *p, size_t n)
{
	if (n == 0 || m->state != DATA)
		return NULL;
	return m->events->data(m->ctx, p, n);
}

/*
 * Bytes of the preamble or of a part up to the next delimiter. What matched so
 * far is known without being kept: it equals the delimiter's beginning.
 */
static struct err *
feed_data(struct multipart *m, const char **pp, const char *end)
{
	const char *p = *pp;

	while (p < end) {
		if (m->matched == 0) {
			const char *cr = memchr(p, '\r', (size_t)(end - p));
			const char *stop = cr != NULL ? cr : end;

			*pp = stop;
			TRY(emit(m, p, (size_t)(stop - p)));
			if (cr == NULL)
				return NULL;
			m->matched = 1;
			p = cr + 1;
		} else if (*p == m->delimiter[m->matched]) {
			p++;
			if (++m->matched < m->delimiter_n)
				continue;
			*pp = p;
			if (m->state == DATA)
				TRY(m->events->end(m->ctx));
			m->state = BOUNDARY;
			m->padded = false;
			return NULL;
		} else {
			size_t k = m->matched;

			m->matched = 0;
			TRY(emit(m, m->delimiter, k));
		}
	}
	*pp = p;
	return NULL;
}

/* Behind a delimiter. Something else than CRLF or "--" there means that a
 * boundary is the beginning of another text, which no writer may produce. */
static struct err *
feed_boundary(struct multipart *m, char c)
{
	if (m->state == LAST_DASH) {
		if (c != '-')
			return bad(m);
		m->state = EPILOGUE;
	} else if (m->state == LINE_END) {
		if (c != '\n')
			return bad(m);
		m->state = HEADERS;
		m->headers_n = 0;
	} else if (c == '\r') {
		m->state = LINE_END;
	} else if (c == ' ' || c == '\t') {
		m->padded = true;
	} else if (c == '-' && !m->padded) {
		m->state = LAST_DASH;
	} else {
		return bad(m);
	}
	return NULL;
}

static struct err *
feed(struct multipart *m, const char *p, const char *end)
{
	while (p < end) {
		switch (m->state) {
		case PREAMBLE:
		case DATA:
			TRY(feed_data(m, &p, end));
			break;
		case HEADERS:
			TRY(feed_header(m, *p++));
			break;
		case EPILOGUE:
			return NULL;
		default:
			TRY(feed_boundary(m, *p++));
		}
	}
	return NULL;
}

struct err *
multipart_feed(struct multipart *m, const char *p, size_t n)
{
	/* After an error nothing is read any more; the same error comes again. */
	if (m->state != DEAD) {
		m->dead = feed(m, p, p + n);
		if (m->dead != NULL)
			m->state = DEAD;
	}
	return m->dead;
}

struct err *
multipart_finish(struct multipart *m)
{
	if (m->state == DEAD)
		return m->dead;
	return m->state == EPILOGUE ? NULL : bad(m);
}
