/* SPDX-License-Identifier: ISC */
#include "value.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "log.h"

/* PostgreSQL takes no value over 1 GB. */
#define VALUE_MAX ((size_t)1 << 30)

/* Room for {-9223372036854775808,...}. */
#define I64_TEXT 21

static char *
encode_i64s(struct arena *a, const int64_t *v, size_t n)
{
	char *out;
	char *p;

	ASSERT(n < VALUE_MAX / I64_TEXT);
	p = out = arena_alloc(a, n * I64_TEXT + 3);
	*p++ = '{';
	for (size_t i = 0; i < n; i++)
		p += snprintf(p, I64_TEXT + 1, i == 0 ? "%lld" : ",%lld", (long long)v[i]);
	*p++ = '}';
	*p = '\0';
	return out;
}

static char *
put_text(char *p, const char *s)
{
	size_t n = strlen(s);

	memcpy(p, s, n + 1);
	return p + n;
}

/* Every element is quoted, so that an empty one, the word NULL, commas and
 * braces mean themselves; only quote and backslash need an escape. */
static char *
put_quoted(char *p, const char *s)
{
	*p++ = '"';
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			*p++ = '\\';
		*p++ = *s;
	}
	*p++ = '"';
	return p;
}

static char *
encode_texts(struct arena *a, const char *const *v, size_t n)
{
	size_t room = 3;
	char *out;
	char *p;

	for (size_t i = 0; i < n; i++) {
		size_t len = v[i] != NULL ? strlen(v[i]) : 4;

		ASSERT(len < VALUE_MAX && room < VALUE_MAX);
		room += 2 * len + 3;
	}
	p = out = arena_alloc(a, room);
	*p++ = '{';
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*p++ = ',';
		if (v[i] == NULL)
			p = put_text(p, "NULL");
		else
			p = put_quoted(p, v[i]);
	}
	*p++ = '}';
	*p = '\0';
	return out;
}

static char *
put_hex(char *p, struct bytes b)
{
	static const char digits[] = "0123456789abcdef";

	/* The backslash of \x is itself escaped inside the array. */
	p = put_text(p, "\"\\\\x");
	for (size_t i = 0; i < b.n; i++) {
		*p++ = digits[b.p[i] >> 4];
		*p++ = digits[b.p[i] & 15];
	}
	*p++ = '"';
	return p;
}

static char *
encode_byteses(struct arena *a, const struct bytes *v, size_t n)
{
	size_t room = 3;
	char *out;
	char *p;

	for (size_t i = 0; i < n; i++) {
		ASSERT(v[i].n < VALUE_MAX && room < VALUE_MAX);
		room += 2 * v[i].n + 8;
	}
	p = out = arena_alloc(a, room);
	*p++ = '{';
	for (size_t i = 0; i < n; i++) {
		if (i > 0)
			*p++ = ',';
		if (v[i].p == NULL)
			p = put_text(p, "NULL");
		else
			p = put_hex(p, v[i]);
	}
	*p++ = '}';
	*p = '\0';
	return out;
}

static const char *
encode(struct arena *a, const struct val *v)
{
	switch (v->kind) {
	case VAL_NULL:
		return NULL;
	case VAL_TEXT:
		ASSERT(v->u.text != NULL);
		return arena_strdup(a, v->u.text);
	case VAL_I64:
		return arena_printf(a, "%lld", (long long)v->u.i64);
	case VAL_BOOL:
		return v->u.yes ? "t" : "f";
	case VAL_BYTES:
		ASSERT(v->u.bytes.n < VALUE_MAX);
		return v->u.bytes.n == 0 ? "" : arena_memdup(a, v->u.bytes.p, v->u.bytes.n);
	case VAL_TEXTS:
		return encode_texts(a, v->u.texts, v->n);
	case VAL_I64S:
		return encode_i64s(a, v->u.i64s, v->n);
	case VAL_BYTESES:
		return encode_byteses(a, v->u.byteses, v->n);
	}
	log_panic(__FILE__, __LINE__, "a kind of value that does not exist");
}

const struct params *
params_encode(struct arena *a, const char *stmt, struct vals vals, int n)
{
	struct params *p = ARENA_NEW(a, struct params);

	ASSERT(n >= 0 && n <= USHRT_MAX);
	if (vals.n != n)
		log_panic(__FILE__, __LINE__,
			arena_printf(a, "%s takes %d values and gets %d", stmt, n, vals.n));
	p->n = n;
	p->values = ARENA_ARRAY(a, (size_t)n, const char *);
	p->lengths = ARENA_ARRAY(a, (size_t)n, int);
	p->formats = ARENA_ARRAY(a, (size_t)n, int);
	for (int i = 0; i < n; i++) {
		p->values[i] = encode(a, &vals.v[i]);
		if (vals.v[i].kind == VAL_BYTES) {
			p->lengths[i] = (int)vals.v[i].u.bytes.n;
			p->formats[i] = 1;
			p->bytes += vals.v[i].u.bytes.n;
		} else if (p->values[i] != NULL) {
			p->bytes += strlen(p->values[i]);
		}
	}
	return p;
}
