/* SPDX-License-Identifier: ISC */
#include "conninfo.h"

#include <ctype.h>
#include <string.h>

static const char *
skip_blanks(const char *p)
{
	while (isspace((unsigned char)*p))
		p++;
	return p;
}

/* Reads a value up to its end; NULL when a quote is open. out has room for it. */
static const char *
read_value(const char *p, char *out)
{
	bool quoted = *p == '\'';

	if (quoted)
		p++;
	while (*p != '\0' && (quoted ? *p != '\'' : !isspace((unsigned char)*p))) {
		if (*p == '\\' && p[1] != '\0')
			p++;
		*out++ = *p++;
	}
	*out = '\0';
	if (!quoted)
		return p;
	return *p == '\'' ? p + 1 : NULL;
}

/* One pair from *pp on. False at the end, or where no pair stands (*bad_r). */
static bool
next_pair(const char **pp, char *name, char *value, bool *bad_r)
{
	const char *p = skip_blanks(*pp);
	size_t n = 0;

	*bad_r = false;
	if (*p == '\0')
		return false;
	*bad_r = true;
	while (isalnum((unsigned char)p[n]) || p[n] == '_')
		n++;
	if (n == 0)
		return false;
	memcpy(name, p, n);
	name[n] = '\0';
	p = skip_blanks(p + n);
	if (*p != '=')
		return false;
	p = read_value(skip_blanks(p + 1), value);
	if (p == NULL || (*p != '\0' && !isspace((unsigned char)*p)))
		return false;
	*bad_r = false;
	*pp = p;
	return true;
}

bool
conninfo_valid(const char *info)
{
	struct arena *a = arena_new((size_t)1 << 20);
	char *name = arena_alloc(a, strlen(info) + 1);
	char *value = arena_alloc(a, strlen(info) + 1);
	bool bad;

	while (next_pair(&info, name, value, &bad))
		;
	arena_free(&a);
	return !bad;
}

const char *
conninfo_get(struct arena *a, const char *info, const char *name)
{
	char *found = arena_alloc(a, strlen(info) + 1);
	char *value = arena_alloc(a, strlen(info) + 1);
	const char *answer = NULL;
	bool bad;

	while (next_pair(&info, found, value, &bad))
		if (strcmp(found, name) == 0)
			answer = arena_strdup(a, value);
	return answer;
}

const char *
conninfo_set(struct arena *a, const char *info, const char *name, const char *value)
{
	char *quoted;
	char *q;

	if (value == NULL)
		return info;
	q = quoted = arena_alloc(a, 2 * strlen(value) + 1);
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '\'' || *p == '\\')
			*q++ = '\\';
		*q++ = *p;
	}
	*q = '\0';
	return arena_printf(a, "%s%s%s='%s'", info, *info != '\0' ? " " : "", name, quoted);
}
