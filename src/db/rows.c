/* SPDX-License-Identifier: ISC */
#include "value.h"

#include <limits.h>
#include <string.h>
#include <strings.h>

#include "log.h"
#include "num.h"

/* Types as the server numbers them; they never change. */
#define OID_BOOL 16
#define OID_BYTEA 17
#define OID_TIMESTAMPTZ 1184

struct rows {
	PGresult *res;
	size_t count;
	size_t columns;
};

static void
clear_result(void *arg)
{
	PQclear(arg);
}

struct rows *
rows_wrap(struct arena *a, PGresult *res)
{
	struct rows *r = ARENA_NEW(a, struct rows);

	r->res = res;
	r->count = (size_t)PQntuples(res);
	r->columns = (size_t)PQnfields(res);
	arena_on_reset(a, clear_result, res);
	return r;
}

size_t
rows_count(const struct rows *r)
{
	return r->count;
}

int64_t
rows_affected(const struct rows *r)
{
	int64_t n = 0;
	const char *text = PQcmdTuples(r->res);

	if (*text != '\0')
		ASSERT(num_parse_i64(text, 0, INT64_MAX, &n));
	return n;
}

size_t
rows_columns(const struct rows *r)
{
	return r->columns;
}

const char *
rows_column_name(const struct rows *r, size_t col)
{
	ASSERT(col < r->columns);
	return PQfname(r->res, (int)col);
}

bool
rows_null(const struct rows *r, size_t row, size_t col)
{
	ASSERT(row < r->count && col < r->columns);
	return PQgetisnull(r->res, (int)row, (int)col) == 1;
}

const char *
rows_text(const struct rows *r, size_t row, size_t col)
{
	if (rows_null(r, row, col))
		return NULL;
	return PQgetvalue(r->res, (int)row, (int)col);
}

/* n digits, and what stands behind them. */
static int
digits(const char **s, size_t n, char behind)
{
	int v = 0;

	for (size_t i = 0; i < n; i++) {
		ASSERT(**s >= '0' && **s <= '9');
		v = v * 10 + *(*s)++ - '0';
	}
	ASSERT(*(*s)++ == behind);
	return v;
}

/* Since 1970. Years begin in March here, so that a leap day is a year's last. */
static int64_t
days_of(int year, int month, int day)
{
	int64_t y = month > 2 ? year : year - 1;
	int64_t in_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return 365 * y + y / 4 - y / 100 + y / 400 + in_year - 719468;
}

/* "2026-07-01 09:30:00.25+00", as each session of ours writes it; no infinity. (timegm()
 * takes a lock, and a list has many times.) */
static int64_t
time_usec(const char *s)
{
	int year = digits(&s, 4, '-'), month = digits(&s, 2, '-');
	int64_t t = days_of(year, month, digits(&s, 2, ' ')) * 24;
	int64_t usec = 0, unit = 100000;

	t = (t + digits(&s, 2, ':')) * 60;
	t = (t + digits(&s, 2, ':')) * 60;
	t += digits(&s, 2, s[2] == '.' ? '.' : '+');
	if (s[-1] == '.') {
		for (; *s != '+'; unit /= 10) {
			ASSERT(*s >= '0' && *s <= '9' && unit > 0);
			usec += unit * (*s++ - '0');
		}
		s++;
	}
	ASSERT(strcmp(s, "00") == 0);
	return t * 1000000 + usec;
}

int64_t
rows_i64(const struct rows *r, size_t row, size_t col)
{
	const char *text = rows_text(r, row, col);
	int64_t v = 0;

	if (text != NULL && PQftype(r->res, (int)col) == OID_TIMESTAMPTZ)
		return time_usec(text);
	if (text != NULL)
		ASSERT(num_parse_i64(text, INT64_MIN, INT64_MAX, &v));
	return v;
}

bool
rows_bool(const struct rows *r, size_t row, size_t col)
{
	const char *text = rows_text(r, row, col);

	ASSERT(PQftype(r->res, (int)col) == OID_BOOL);
	return text != NULL && *text == 't';
}

static unsigned char
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned char)(c - '0');
	ASSERT(c >= 'a' && c <= 'f');
	return (unsigned char)(c - 'a' + 10);
}

struct bytes
rows_bytes(struct arena *a, const struct rows *r, size_t row, size_t col)
{
	const char *text = rows_text(r, row, col);
	unsigned char *p;
	size_t n;

	ASSERT(PQftype(r->res, (int)col) == OID_BYTEA);
	if (text == NULL)
		return (struct bytes){NULL, 0};
	n = (size_t)PQgetlength(r->res, (int)row, (int)col);
	ASSERT(n >= 2 && n % 2 == 0 && text[0] == '\\' && text[1] == 'x');
	n = n / 2 - 1;
	p = arena_alloc(a, n + 1);
	for (size_t i = 0; i < n; i++)
		p[i] = (unsigned char)(hex_digit(text[2 + 2 * i]) << 4 |
				       hex_digit(text[3 + 2 * i]));
	return (struct bytes){p, n};
}

/* Elements of an array's text form: commas outside of quotes, plus one. */
static size_t
array_count(const char *s)
{
	size_t n = 1;
	bool quoted = false;

	ASSERT(s[0] == '{');
	if (s[1] == '}')
		return 0;
	for (s++; *s != '\0'; s++) {
		if (*s == '\\' && s[1] != '\0')
			s++;
		else if (*s == '"')
			quoted = !quoted;
		else if (*s == ',' && !quoted)
			n++;
		else
			ASSERT(quoted || *s != '{'); /* one dimension */
	}
	return n;
}

/* Copies one element to out and returns what stands behind it. *null_r: the
 * bare word NULL. */
static const char *
array_element(const char *s, char *out, bool *null_r)
{
	bool quoted = *s == '"';
	char *start = out;

	if (quoted)
		s++;
	while (*s != '\0' && (quoted ? *s != '"' : *s != ',' && *s != '}')) {
		if (*s == '\\')
			s++;
		ASSERT(*s != '\0');
		*out++ = *s++;
	}
	*out = '\0';
	*null_r = !quoted && strcmp(start, "NULL") == 0;
	if (quoted)
		ASSERT(*s++ == '"');
	ASSERT(*s == ',' || *s == '}');
	return s + 1;
}

const char **
rows_texts(struct arena *a, const struct rows *r, size_t row, size_t col, size_t *n_r)
{
	const char *text = rows_text(r, row, col);
	const char **list;
	char *room;

	*n_r = 0;
	if (text == NULL)
		return NULL;
	*n_r = array_count(text);
	list = ARENA_ARRAY(a, *n_r + 1, const char *);
	/* No element is longer than its text form, so all fit into its length. */
	room = arena_alloc(a, strlen(text) + *n_r + 1);
	text++;
	for (size_t i = 0; i < *n_r; i++) {
		bool null;

		text = array_element(text, room, &null);
		list[i] = null ? NULL : room;
		room += strlen(room) + 1;
	}
	return list;
}

int64_t *
rows_i64s(struct arena *a, const struct rows *r, size_t row, size_t col, size_t *n_r)
{
	const char **texts = rows_texts(a, r, row, col, n_r);
	int64_t *list;

	if (texts == NULL)
		return NULL;
	list = ARENA_ARRAY(a, *n_r + 1, int64_t);
	for (size_t i = 0; i < *n_r; i++)
		if (texts[i] != NULL)
			ASSERT(num_parse_i64(texts[i], INT64_MIN, INT64_MAX, &list[i]));
	return list;
}
