/* SPDX-License-Identifier: ISC */
#include "json_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "num.h"
#include "response.h"
#include "sb.h"
#include "utf8.h"

#define NUMBER_MAX 64

struct reader {
	struct arena *a;
	const char *p;
	const char *end;
	size_t values;
	size_t depth;
	bool too_many;
};

/* Every reading function returns false when the text is malformed, and leaves
 * in *value_r an object the caller owns (NULL is null) when it is not. */
static bool read_value(struct reader *r, struct json_object **value_r);

static void
skip_blanks(struct reader *r)
{
	while (r->p < r->end && (*r->p == ' ' || *r->p == '\t' || *r->p == '\n' || *r->p == '\r'))
		r->p++;
}

static bool
take(struct reader *r, char c)
{
	if (r->p == r->end || *r->p != c)
		return false;
	r->p++;
	return true;
}

static bool
take_word(struct reader *r, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(r->end - r->p) < n || memcmp(r->p, word, n) != 0)
		return false;
	r->p += n;
	return true;
}

static bool
read_hex4(struct reader *r, uint32_t *v_r)
{
	uint32_t v = 0;

	if (r->end - r->p < 4)
		return false;
	for (int i = 0; i < 4; i++) {
		char c = *r->p++;

		if (c >= '0' && c <= '9')
			v = v << 4 | (uint32_t)(c - '0');
		else if (c >= 'a' && c <= 'f')
			v = v << 4 | (uint32_t)(c - 'a' + 10);
		else if (c >= 'A' && c <= 'F')
			v = v << 4 | (uint32_t)(c - 'A' + 10);
		else
			return false;
	}
	*v_r = v;
	return true;
}

/* After "\u". A code point outside the basic plane is two of them. */
static bool
read_unicode(struct reader *r, char **out)
{
	uint32_t cp, low;

	if (!read_hex4(r, &cp) || cp == 0 || (cp >= 0xdc00 && cp <= 0xdfff))
		return false;
	if (cp >= 0xd800 && cp <= 0xdbff) {
		if (!take_word(r, "\\u") || !read_hex4(r, &low) || low < 0xdc00 || low > 0xdfff)
			return false;
		cp = 0x10000 + ((cp - 0xd800) << 10) + (low - 0xdc00);
	}
	*out += utf8_put(*out, cp);
	return true;
}

static bool
read_escape(struct reader *r, char **out)
{
	static const char from[] = "\"\\/bfnrt";
	static const char to[] = "\"\\/\b\f\n\r\t";
	const char *at;
	char c;

	if (r->p == r->end)
		return false;
	c = *r->p++;
	if (c == 'u')
		return read_unicode(r, out);
	at = c != '\0' ? strchr(from, c) : NULL;
	if (at == NULL)
		return false;
	*(*out)++ = to[at - from];
	return true;
}

/* The text between quotes, NUL-terminated in the arena; no escape makes it
 * longer than it is written. */
static const char *
read_text(struct reader *r, size_t *n_r)
{
	const char *close;
	char *text, *out;
	uint32_t cp;

	if (!take(r, '"'))
		return NULL;
	for (close = r->p; close < r->end && *close != '"'; close++)
		if (*close == '\\')
			close++;
	if (close >= r->end)
		return NULL;
	out = text = arena_alloc(r->a, (size_t)(close - r->p) + 1);
	while (*r->p != '"') {
		size_t k;

		if (take(r, '\\')) {
			if (!read_escape(r, &out))
				return NULL;
			continue;
		}
		k = utf8_next(r->p, r->end, &cp);
		if (k == 0 || cp < 0x20)
			return NULL;
		memcpy(out, r->p, k);
		out += k;
		r->p += k;
	}
	r->p++;
	*n_r = (size_t)(out - text);
	return text;
}

static bool
read_string(struct reader *r, struct json_object **value_r)
{
	struct arena_mark mark = arena_mark(r->a);
	size_t n;
	const char *text = read_text(r, &n);

	if (text == NULL)
		return false;
	*value_r = json_object_new_string_len(text, (int)n);
	ASSERT(*value_r != NULL);
	arena_release(r->a, mark);
	return true;
}

static size_t
digits(struct reader *r)
{
	const char *start = r->p;

	while (r->p < r->end && *r->p >= '0' && *r->p <= '9')
		r->p++;
	return (size_t)(r->p - start);
}

/* Moves over a number by the grammar; *whole_r when it has no '.' and no 'e'. */
static bool
scan_number(struct reader *r, bool *whole_r)
{
	bool zero;

	*whole_r = true;
	take(r, '-');
	zero = r->p < r->end && *r->p == '0';
	if (zero ? (r->p++, digits(r) > 0) : digits(r) == 0)
		return false;
	if (take(r, '.')) {
		*whole_r = false;
		if (digits(r) == 0)
			return false;
	}
	if (take(r, 'e') || take(r, 'E')) {
		*whole_r = false;
		if (!take(r, '+'))
			take(r, '-');
		if (digits(r) == 0)
			return false;
	}
	return true;
}

static bool
read_number(struct reader *r, struct json_object **value_r)
{
	const char *start = r->p;
	char text[NUMBER_MAX + 1];
	bool whole;
	size_t n;
	int64_t v;
	double d;

	if (!scan_number(r, &whole))
		return false;
	n = (size_t)(r->p - start);
	if (n > NUMBER_MAX)
		return false;
	memcpy(text, start, n);
	text[n] = '\0';
	if (strcmp(text, "-0") == 0)
		*value_r = json_object_new_int64(0);
	else if (whole && num_parse_i64(text, INT64_MIN, INT64_MAX, &v))
		*value_r = json_object_new_int64(v);
	else if (isfinite(d = strtod(text, NULL)))
		*value_r = json_object_new_double_s(d, text);
	else
		return false;
	ASSERT(*value_r != NULL);
	return true;
}

static bool
read_members(struct reader *r, struct json_object *o)
{
	skip_blanks(r);
	if (take(r, '}'))
		return true;
	do {
		struct arena_mark mark = arena_mark(r->a);
		struct json_object *v = NULL;
		const char *name;
		size_t n;

		skip_blanks(r);
		name = read_text(r, &n);
		if (name == NULL || json_object_object_get_ex(o, name, NULL))
			return false;
		skip_blanks(r);
		if (!take(r, ':') || !read_value(r, &v))
			return false;
		if (json_object_object_add(o, name, v) != 0)
			log_fatal("out of memory");
		arena_release(r->a, mark);
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, '}');
}

static bool
read_items(struct reader *r, struct json_object *list)
{
	skip_blanks(r);
	if (take(r, ']'))
		return true;
	do {
		struct json_object *v = NULL;

		if (!read_value(r, &v))
			return false;
		if (json_object_array_add(list, v) != 0)
			log_fatal("out of memory");
		skip_blanks(r);
	} while (take(r, ','));
	return take(r, ']');
}

static bool
read_nested(struct reader *r, struct json_object **value_r)
{
	bool is_object = *r->p++ == '{';
	struct json_object *o;
	bool ok;

	if (++r->depth > JSON_DEPTH)
		return false;
	o = is_object ? json_object_new_object() : json_object_new_array_ext(2);
	ASSERT(o != NULL);
	ok = is_object ? read_members(r, o) : read_items(r, o);
	r->depth--;
	if (!ok) {
		json_object_put(o);
		return false;
	}
	*value_r = o;
	return true;
}

static bool
read_value(struct reader *r, struct json_object **value_r)
{
	*value_r = NULL;
	if (++r->values > JSON_VALUES) {
		r->too_many = true;
		return false;
	}
	skip_blanks(r);
	if (r->p == r->end)
		return false;
	switch (*r->p) {
	case '{':
	case '[':
		return read_nested(r, value_r);
	case '"':
		return read_string(r, value_r);
	case 'n':
		return take_word(r, "null");
	case 't':
	case 'f':
		*value_r = json_object_new_boolean(*r->p == 't');
		ASSERT(*value_r != NULL);
		if (take_word(r, "true") || take_word(r, "false"))
			return true;
		json_object_put(*value_r);
		return false;
	default:
		return read_number(r, value_r);
	}
}

struct err *
json_read(struct arena *a, const char *p, size_t n, struct json_object **value_r)
{
	struct reader r = {.a = a, .p = p, .end = p + n};
	struct json_object *v;

	ASSERT(n <= INT32_MAX);
	if (!read_value(&r, &v))
		return err_new(a, r.too_many ? ERR_TOO_LARGE : ERR_BAD_REQUEST, NULL);
	if (v != NULL)
		model_own(a, v);
	skip_blanks(&r);
	if (r.p != r.end)
		return err_new(a, ERR_BAD_REQUEST, NULL);
	*value_r = v;
	return NULL;
}
