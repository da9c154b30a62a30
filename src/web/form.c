/* SPDX-License-Identifier: ISC */
#include "form.h"

#include <string.h>

#include "log.h"
#include "response.h"
#include "sb.h"
#include "utf8.h"

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

const char *
percent_decode(struct arena *a, const char *p, size_t n, bool plus)
{
	char *out = arena_alloc(a, n + 1);
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		char c = p[i];

		if (c == '+' && plus) {
			c = ' ';
		} else if (c == '%') {
			int hi = i + 1 < n ? hex_value(p[i + 1]) : -1;
			int lo = i + 2 < n ? hex_value(p[i + 2]) : -1;

			if (hi < 0 || lo < 0)
				return NULL;
			c = (char)(hi << 4 | lo);
			i += 2;
		}
		out[k++] = c;
	}
	return utf8_valid(out, k) ? out : NULL;
}

const char *
percent_encode(struct arena *a, const char *s)
{
	static const char hex[] = "0123456789ABCDEF";
	char *out = arena_alloc(a, strlen(s) * 3 + 1);
	char *o = out;

	for (; *s != '\0'; s++) {
		unsigned char c = (unsigned char)*s;

		if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
			c == '-' || c == '.' || c == '_' || c == '~') {
			*o++ = (char)c;
			continue;
		}
		*o++ = '%';
		*o++ = hex[c >> 4];
		*o++ = hex[c & 15];
	}
	return out;
}

void
form_add(struct json_object *o, const char *name, const char *value)
{
	struct json_object *old, *list;

	if (!json_object_object_get_ex(o, name, &old)) {
		model_text(o, name, value);
		return;
	}
	if (json_object_is_type(old, json_type_array)) {
		model_push_text(old, value);
		return;
	}
	list = json_object_new_array_ext(4);
	ASSERT(list != NULL);
	json_object_array_add(list, json_object_get(old));
	model_push_text(list, value);
	json_object_object_add(o, name, list);
}

static struct err *
add_pair(struct arena *a, struct json_object *o, const char *p, size_t n)
{
	const char *eq = memchr(p, '=', n);
	size_t name_n = eq != NULL ? (size_t)(eq - p) : n;
	const char *name = percent_decode(a, p, name_n, true);
	const char *value = eq != NULL ? percent_decode(a, eq + 1, n - name_n - 1, true) : "";

	if (name == NULL || value == NULL || name[0] == '\0')
		return err_new(a, ERR_BAD_REQUEST, NULL);
	form_add(o, name, value);
	return NULL;
}

struct err *
form_parse(struct arena *a, const char *p, size_t n, size_t fields, struct json_object **object_r)
{
	struct json_object *o = model_object(a);
	size_t count = 0;

	while (n > 0) {
		const char *amp = memchr(p, '&', n);
		size_t len = amp != NULL ? (size_t)(amp - p) : n;

		if (len > 0) {
			if (++count > fields)
				return err_new(a, ERR_TOO_LARGE, NULL);
			TRY(add_pair(a, o, p, len));
		}
		len += amp != NULL;
		p += len;
		n -= len;
	}
	*object_r = o;
	return NULL;
}

const char *
cookie_find(struct arena *a, const char *header, const char *name)
{
	size_t want = strlen(name);

	while (header != NULL && *header != '\0') {
		const char *end, *stop, *eq;

		header += strspn(header, " \t;");
		end = header + strcspn(header, ";");
		for (stop = end; stop > header && (stop[-1] == ' ' || stop[-1] == '\t'); stop--)
			;
		eq = memchr(header, '=', (size_t)(stop - header));
		if (eq != NULL && (size_t)(eq - header) == want && memcmp(header, name, want) == 0)
			return arena_strndup(a, eq + 1, (size_t)(stop - eq - 1));
		header = end;
	}
	return NULL;
}
